"""What the manager wants to know of all holds together."""

from odoo import api, fields, models

from .ar_credit_hold import STANDING_STATES


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    held_amount = fields.Monetary(
        string="Held Value",
        compute="_compute_held_amount",
        store=True,
        help="The order amount while it is held; nothing once it is let go.",
    )
    first_decided_on = fields.Datetime(
        string="First Decision",
        readonly=True,
        help="When somebody first released or refused it.",
    )
    decision_hours = fields.Float(
        string="Hours to Decision",
        compute="_compute_decision_hours",
        store=True,
        aggregator="avg",
        help="From the hold to the first release or refusal by a person.",
    )
    is_released_unchanged = fields.Boolean(
        string="Released Unchanged",
        readonly=True,
        help="Released as it was held: the same amount, every reason still standing. "
        "Many of them mean that the check is stricter than the credit manager.",
    )
    unchanged_share = fields.Float(
        string="Released Unchanged (Share)",
        compute="_compute_unchanged_share",
        store=True,
        aggregator="avg",
        help="Among the holds shown, the share that was released unchanged.",
    )

    @api.depends("state", "amount")
    def _compute_held_amount(self):
        for hold in self:
            hold.held_amount = hold.amount if hold.state in STANDING_STATES else 0.0

    @api.depends("held_on", "first_decided_on")
    def _compute_decision_hours(self):
        for hold in self:
            waited = hold.first_decided_on and hold.first_decided_on - hold.held_on
            hold.decision_hours = waited.total_seconds() / 3600 if waited else 0.0

    @api.depends("is_released_unchanged")
    def _compute_unchanged_share(self):
        for hold in self:
            hold.unchanged_share = float(hold.is_released_unchanged)

    def _note_unchanged(self, ceiling):
        """Note whether a release lets pass exactly what was held.

        :param float ceiling: up to which it is released
        """
        for hold in self.sudo():
            order = hold.order_id
            unchanged = (
                bool(order)
                and order._get_credit_customers() == hold.commercial_partner_id
                and not hold.currency_id.compare_amounts(
                    order._get_credit_amount(), hold.amount
                )
                and not hold.currency_id.compare_amounts(ceiling, hold.amount)
                and not hold.is_offered
                and not any(
                    reason.cleared_on and not reason.is_cleared_by_hand
                    for reason in hold.reason_ids
                )
            )
            if hold.is_released_unchanged != unchanged:
                hold._by_code().write({"is_released_unchanged": unchanged})
