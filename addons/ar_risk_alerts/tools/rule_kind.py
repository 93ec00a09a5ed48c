"""The kinds of risk rules, as plain data."""

from typing import NamedTuple

UNITS = [
    ("amount", "Amount"),
    ("days", "Days"),
    ("days_left", "Days left"),
    ("percent", "Percent"),
    ("points", "Points"),
    ("count", "Number"),
]


#: How much of no credit at all is used by who owes something: beyond any percentage.
NO_CREDIT_PERCENT = 10**9


class Kind(NamedTuple):
    """``method`` of the rule returns the select; ``is_aged``: only items count that are
    more than so many days old; ``is_live``: looked at after payments too."""

    label: str
    unit: str
    method: str
    is_aged: bool = False
    is_live: bool = False


KINDS = {
    "overdue": Kind(
        "Overdue for too long", "amount", "_get_overdue_sql", is_aged=True, is_live=True
    ),
    "utilization": Kind(
        "Over or near the limit", "percent", "_get_utilization_sql", is_live=True
    ),
    "worsening": Kind("Risk points rising", "points", "_get_worsening_sql"),
    "points": Kind("Many risk points", "points", "_get_points_sql"),
    "reminders": Kind("Reminders without effect", "count", "_get_reminders_sql"),
    "promise_broken": Kind(
        "Promise broken, not paid yet",
        "amount",
        "_get_promise_broken_sql",
        is_live=True,
    ),
    "dispute_late": Kind("Dispute decided too late", "days", "_get_dispute_late_sql"),
    "expiring": Kind("Limit or review running out", "days_left", "_get_expiring_sql"),
    "not_invoiced": Kind(
        "Delivered, not invoiced", "amount", "_get_not_invoiced_sql", is_aged=True
    ),
    "never_sent": Kind(
        "Invoice never sent", "amount", "_get_never_sent_sql", is_aged=True
    ),
    "bounced": Kind("Invoice came back", "amount", "_get_bounced_sql"),
    "no_email": Kind("No e-mail address", "amount", "_get_no_email_sql"),
    "no_scenario": Kind("No dunning scenario", "amount", "_get_no_scenario_sql"),
    "no_limit": Kind("No credit limit decided", "amount", "_get_no_limit_sql"),
    "no_collector": Kind("No collector", "amount", "_get_no_collector_sql"),
    "terms": Kind("Other terms than agreed", "amount", "_get_terms_sql"),
    "concentration": Kind(
        "Large share of all exposure", "percent", "_get_concentration_sql"
    ),
    "stale_ledger": Kind("Bank not booked", "days", "_get_stale_ledger_sql"),
}
