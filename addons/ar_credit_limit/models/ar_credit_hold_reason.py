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
