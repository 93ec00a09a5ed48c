"""What people decided: limits, disputes, pauses, held orders; then the night.

Each decision is taken by the colleague whose decision it is, with their own rights.
"""

import math
from datetime import timedelta

from odoo.fields import Command

from odoo.addons.ar_dunning_scenario.tools.promise import get_dates, split

from ..tools import plan
from .history import receivable
from .settings import CLASSES, customers_of

#: Credit given on top of what is owed and ordered, as a share of it.
HEADROOM = {"low": 0.8, "medium": 0.4, "high": 0.1}
LIMIT_STEP = 500
#: Share of a featured quotation that still fits under the limit.
FITTING_SHARE = 0.3

#: Customers who dispute without making a habit of it, before the habitual ones.
ALSO_DISPUTING = ("stadtwerke_brunnfeld", "bluestone_facilities_llc")
DISPUTES = [
    (
        "missing_reference",
        "They cannot book the invoice without their order number.",
        "rejected",
        "The order number stands on the invoice, below the delivery address.",
    ),
    ("damage", "Two cartons arrived crushed; photos were sent to the driver.", "new"),
    ("price", "Our offer of last month says 8% less.", "investigating"),
    ("partial_delivery", "Only half of the pallets were delivered.", "waiting"),
    ("billing_error", "The invoice must name our new head office.", "new"),
    ("quality", "The gloves of this batch tear on first use.", "investigating"),
]
#: Its claims are filed; nobody writes to it any more.
IN_LIQUIDATION = "serrurerie_kerleo"
#: The salesperson asks the credit manager to let this one pass.
RELEASE_REQUESTED_FOR = "ateliers_bonnard"
RELEASE_NOTE = "The 30% deposit leaves on Friday; they need the goods for a new site."


#: What customers said on the phone: (customer, days until the first payment,
#: instalments, what was noted).
PROMISES = (
    ("talleres_ibarra_s_a", 6, 1, "Pays both invoices with the next payment run."),
    ("dunmore_plumbing_supply_inc", 4, 1, "The cheque leaves on Monday."),
    ("mobelhaus_tiedemann_kg", 10, 3, "The new shop took longer; one part a month."),
)


def build_decisions(demo):
    for key in demo.companies:
        _set_policies(demo, key)
        _grant_limits(demo, key)
    _open_disputes(demo)
    _plan_corrective_action(demo)
    _record_promises(demo)
    _pause_chasing(demo)
    _hold_orders(demo)
    _run_night(demo)


def _set_policies(demo, key):
    """The usual check for most, a closer look at the riskiest class."""
    policies = demo.model("ar.credit.policy", key).with_user(demo.users["manager"])
    company = {"company_id": demo.companies[key].id}
    policies.create(company)
    policies.create(
        {
            **company,
            "risk_class_id": demo.env.ref("ar_ledger.ar_risk_class_high").id,
            "check_ids": [
                Command.create({"code": "over_limit"}),
                Command.create(
                    {"code": "days_overdue", "threshold": 45, "at_confirm": "warn"}
                ),
                Command.create({"code": "review_overdue", "at_confirm": "warn"}),
                Command.create({"code": "discount", "threshold": 10}),
            ],
        }
    )


def _grant_limits(demo, key):
    company = demo.companies[key]
    demo.env.flush_all()
    customers = customers_of(demo, key)
    exposures = (
        demo.env["res.partner"]
        .union(*(partner for _row, partner in customers))
        ._get_exposure(company)
    )
    quoted = _get_quoted(demo, key)
    grants = demo.model("ar.credit.limit", key).with_user(demo.users["manager"])
    for row, partner in customers:
        exposure = exposures[partner.id].total if partner.id in exposures else 0.0
        state, amount, reason = _decide(row, exposure, quoted.get(partner.id, 0.0))
        grants._grant(partner, company, state, amount=amount, reason=reason)


def _decide(row, exposure, quoted):
    """State, amount and reason of a customer's limit; ``quoted``: see OVER_LIMIT."""
    if row.habit == "public":
        return "unchecked", 0.0, "Public sector"
    if row.habit == "insolvent":
        return "none", 0.0, "Insolvency proceedings: only against payment in advance"
    if quoted:
        wanted = exposure + quoted * FITTING_SHARE
        return "amount", math.ceil(wanted / 100) * 100, "Yearly review"
    wanted = max(exposure, 0.0) * (1 + HEADROOM[CLASSES[row.habit]])
    return "amount", (math.floor(wanted / LIMIT_STEP) + 2) * LIMIT_STEP, "Yearly review"


def _get_over_limit(demo, key):
    """The quotations that shall not fit into their customer's limit."""
    partners = [
        demo.customers[customer].id
        for customer, company in sorted(plan.OVER_LIMIT)
        if company == key
    ]
    return demo.model("sale.order", key).search(
        [
            ("partner_id", "in", partners),
            ("company_id", "=", demo.companies[key].id),
            ("state", "=", "draft"),
        ]
    )


def _get_quoted(demo, key):
    return {
        order.partner_id.id: order.amount_total for order in _get_over_limit(demo, key)
    }


def _open_disputes(demo):
    """The contested invoices are in dispute, and one each of some other customers."""
    contested = [move for row, move in demo.invoices if row.contested]
    others = [
        next(
            move
            for row, move in demo.invoices
            if row.customer == customer and move.payment_state == "not_paid"
        )
        for customer in ALSO_DISPUTING
    ]
    for facts, move in zip(DISPUTES, [*others, *contested], strict=False):
        _open_dispute(demo, move, *facts)


def _open_dispute(demo, move, reason, text, state, answer=""):
    accountant = demo.users["accountant"]
    disputes = demo.env["ar.dispute"].with_user(accountant)
    dispute = disputes.with_context(allowed_company_ids=move.company_id.ids)._open(
        receivable(move).filtered(lambda line: not line.reconciled),
        demo.env.ref(f"ar_dispute.ar_dispute_reason_{reason}"),
        details={"description": text, "user_id": accountant.id},
    )
    if answer:
        dispute.answer = answer
        dispute.action_reject()
    elif state == "investigating":
        dispute.action_investigate()
    elif state == "waiting":
        dispute.action_wait_for_customer()


def _plan_corrective_action(demo):
    """What is done about the cause that half of the disputes have."""
    cause = demo.env.ref("ar_dispute.ar_dispute_cause_picking")
    company = demo.companies["eu"]
    disputes = demo.env["ar.dispute"].search(
        [("company_id", "=", company.id), ("state", "in", ("waiting", "investigating"))]
    )
    disputes.cause_id = cause
    demo.env["ar.corrective.action"].create(
        {
            "name": "Scan every carton as it is packed",
            "cause_id": cause.id,
            "company_id": company.id,
            "user_id": demo.users["accountant"].id,
            "date_planned": demo.today + timedelta(days=14),
            "expected_effect": "Half of the missing pallets within a quarter.",
        }
    )


def _record_promises(demo):
    """Each for the items that are overdue, by the accountant of the company."""
    for customer, days, parts, note in PROMISES:
        lines = _get_overdue(demo, customer)
        agreements = demo.env["ar.payment.plan" if parts > 1 else "ar.promise"]
        agreements.with_user(demo.users["accountant"]).with_context(
            allowed_company_ids=lines.company_id.ids
        )._record(
            lines,
            _get_promised(lines, demo.today + timedelta(days=days), parts),
            details={"channel": "call", "note": note},
        )


def _get_overdue(demo, customer):
    moves = demo.env["account.move"].union(
        *(move for row, move in demo.invoices if row.customer == customer)
    )
    return receivable(moves).filtered(
        lambda line: not line.reconciled and line.date_maturity < demo.today
    )


def _get_promised(lines, first, parts):
    """The day of a promise, or (day, amount) of the instalments of a plan, a month
    apart."""
    if parts == 1:
        return first
    unit = lines.currency_id.rounding
    units = round(sum(lines.mapped("amount_residual_currency")) / unit)
    amounts = [amount * unit for amount in split(units, parts)]
    return list(zip(get_dates(first, parts, months=1), amounts, strict=True))


def _pause_chasing(demo):
    """The liquidator has the claim: reminding would be in vain."""
    items = receivable(
        demo.model("account.move").union(
            *(move for row, move in demo.invoices if row.customer == IN_LIQUIDATION)
        )
    ).filtered(lambda line: not line.reconciled)
    suspensions = demo.model("ar.suspension").with_user(demo.users["accountant"])
    suspensions.sudo()._suspend(
        items, "pause", "Liquidation: claim filed with the liquidator", items.partner_id
    )


def _hold_orders(demo):
    """The salespeople confirm what is over the limit; one asks for the release.

    The wrapper around ``action_confirm`` that sets held orders aside is put in place
    when the registry is loaded, after this build: call what it calls.
    """
    for key in demo.companies:
        for order in _get_over_limit(demo, key):
            held = order.with_user(order.user_id)._set_aside()
            if order.partner_id == demo.customers[RELEASE_REQUESTED_FOR]:
                held.ar_credit_hold_id.with_user(order.user_id)._request(RELEASE_NOTE)


def _run_night(demo):
    demo.env["ar.run"]._run_night()
