"""What an alert says, in words: the same in banner, hold, transfer and list."""

from odoo import models
from odoo.tools import format_date

from ..tools.rule_kind import NO_CREDIT_PERCENT


class ArRiskRule(models.Model):
    _inherit = "ar.risk.rule"

    def _get_sentence(self, alert):
        """Return one sentence with the figures of an alert.

        Hook: an addon with a kind of its own adds its sentence in
        :meth:`_get_sentences`.
        """
        figures = {
            "rule": self.name,
            "amount": alert.currency_id.format(alert.amount),
            "days": alert.days_overdue,
            "measure": f"{abs(alert.measure):.0f}",
            "date": format_date(self.env, alert.oldest_due_date),
        }
        has_none = self.kind == "utilization" and alert.measure >= NO_CREDIT_PERCENT
        return self._get_sentences()["no_credit" if has_none else self.kind] % figures

    def _get_sentences(self):
        """Return {kind: sentence with rule, amount, days, measure and date}."""
        return {
            "overdue": self.env._(
                "%(rule)s: %(amount)s open, the oldest item %(days)s days overdue."
            ),
            "utilization": self.env._(
                "%(rule)s: %(amount)s owed and ordered, %(measure)s %% of the limit."
            ),
            "no_credit": self.env._(
                "%(rule)s: %(amount)s owed and ordered, and no credit is given."
            ),
            "worsening": self.env._(
                "%(rule)s: %(measure)s risk points more than three months ago."
            ),
            "points": self.env._("%(rule)s: %(measure)s risk points."),
            "reminders": self.env._(
                "%(rule)s: asked %(measure)s times for an item, %(amount)s still open."
            ),
            "promise_broken": self.env._(
                "%(rule)s: %(amount)s was promised and is still not paid."
            ),
            "dispute_late": self.env._(
                "%(rule)s: a dispute should have been decided %(measure)s days ago; "
                "%(amount)s waits for it."
            ),
            "expiring": self.env._("%(rule)s: on %(date)s."),
            "not_invoiced": self.env._(
                "%(rule)s: %(amount)s delivered and not invoiced, ordered up to "
                "%(days)s days ago."
            ),
            "never_sent": self.env._("%(rule)s: invoices of %(amount)s never left."),
            "bounced": self.env._("%(rule)s: invoices of %(amount)s came back."),
            "no_email": self.env._(
                "%(rule)s: %(amount)s open and nowhere to write to."
            ),
            "no_scenario": self.env._("%(rule)s: %(amount)s open that nobody chases."),
            "no_limit": self.env._(
                "%(rule)s: %(amount)s open without a decision on credit."
            ),
            "no_collector": self.env._(
                "%(rule)s: %(amount)s open that nobody looks after."
            ),
            "terms": self.env._(
                "%(rule)s: %(amount)s invoiced on other terms than agreed."
            ),
            "concentration": self.env._(
                "%(rule)s: %(amount)s, which is %(measure)s %% of what all customers "
                "owe and ordered."
            ),
            "stale_ledger": self.env._(
                "%(rule)s: nothing was booked on bank or cash for %(measure)s days, "
                "the "
                "last time on %(date)s."
            ),
        }
