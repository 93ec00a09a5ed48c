from odoo import api, fields, models


class ArCreditHoldReason(models.Model):
    """One reason of a hold, cleared alone: what a check found, frozen."""

    _name = "ar.credit.hold.reason"
    _description = "Reason of a Hold"
    _rec_name = "sentence"

    hold_id = fields.Many2one(
        "ar.credit.hold", required=True, readonly=True, index=True, ondelete="cascade"
    )
    code = fields.Selection(
        [
            ("over_limit", "Over the credit limit"),
            ("over_group_limit", "Over the limit of the group"),
            ("utilization", "Too much of the limit used"),
            ("order_amount", "Order too big"),
            ("no_rate", "Limit without exchange rate"),
            ("bucket_ceiling", "Part of the exposure too high"),
            ("overdue_amount", "Too much overdue"),
            ("days_overdue", "Overdue for too long"),
            ("grant_expired", "Credit limit run out"),
            ("review_overdue", "Review of the limit overdue"),
            ("discount", "Discount bigger than agreed"),
            ("payment_terms", "Payment terms longer than agreed"),
            ("manual_stop", "Stopped by hand"),
            ("order_stop", "This order stopped by hand"),
            ("delivery_stop", "Deliveries stopped"),
        ],
        string="Reason",
        required=True,
        readonly=True,
        index=True,
    )
    sentence = fields.Text(string="Explanation", required=True, readonly=True)
    figures = fields.Json(readonly=True)
    cleared_on = fields.Datetime(readonly=True)
    cleared_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    cleared_note = fields.Char(string="Why Cleared", readonly=True)
    is_cleared_by_hand = fields.Boolean(
        readonly=True,
        help="Somebody decided that it holds no longer; otherwise it went by itself.",
    )
    currency_id = fields.Many2one(related="hold_id.currency_id")
    ceiling = fields.Monetary(
        string="Up To",
        readonly=True,
        aggregator=None,
        help="Cleared by hand, it does not hold the order up to this amount.",
    )
    valid_until = fields.Date(
        readonly=True, help="Cleared by hand, it holds again after this day."
    )
    can_clear = fields.Boolean(compute="_compute_can_clear")

    @api.depends_context("uid")
    @api.depends("cleared_on", "hold_id.state", "hold_id.requester_ids")
    def _compute_can_clear(self):
        for reason in self:
            reason.can_clear = not reason.cleared_on and reason.hold_id.can_decide

    def action_clear(self):
        """Ask why this reason holds no longer."""
        self.ensure_one()
        self.hold_id._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Clear Reason"),
            "res_model": "ar.credit.hold.clear",
            "view_mode": "form",
            "target": "new",
            "context": {"default_reason_id": self.id},
        }

    def _answer(self, violation):
        """Return whether one of these reasons is what a check found now. What a person
        or a rule stops is told by its words as well: a later stop is another one."""
        stop = violation.source
        is_stop = getattr(stop, "_name", None) == "ar.credit.hold"
        return any(
            reason.code == violation.code
            and (
                not is_stop
                or reason.sentence == violation.sentence
                and reason._get_decided_on() >= stop.held_on
            )
            for reason in self
        )

    def _get_decided_on(self):
        self.ensure_one()
        return self.cleared_on or self.hold_id.decided_on or self.hold_id.held_on

    def _refresh(self, violation):
        """It stands again, with the words and figures of now."""
        self.write({"sentence": violation.sentence, "figures": violation.figures})
        self.filtered("cleared_on")._reopen()

    def _reopen(self):
        """It holds again: what somebody decided has run out or does not reach."""
        self.write(
            {
                "cleared_on": False,
                "cleared_by_id": False,
                "cleared_note": False,
                "is_cleared_by_hand": False,
                "ceiling": 0.0,
                "valid_until": False,
            }
        )
