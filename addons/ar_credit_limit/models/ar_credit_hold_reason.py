from odoo import fields, models


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
            ("no_rate", "Limit without exchange rate"),
            ("bucket_ceiling", "Part of the exposure too high"),
            ("overdue_amount", "Too much overdue"),
            ("days_overdue", "Overdue for too long"),
            ("grant_expired", "Credit limit run out"),
            ("review_overdue", "Review of the limit overdue"),
            ("discount", "Discount bigger than agreed"),
            ("payment_terms", "Payment terms longer than agreed"),
            ("manual_stop", "Stopped by hand"),
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
