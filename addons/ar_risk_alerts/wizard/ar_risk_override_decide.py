from datetime import timedelta

from odoo import fields, models


class ArRiskOverrideDecide(models.TransientModel):
    _name = "ar.risk.override.decide"
    _description = "Decide on the Class of a Customer"

    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True
    )
    risk_class_id = fields.Many2one("ar.risk.class", required=True)
    reason = fields.Char(string="Why", required=True)
    date_until = fields.Date(
        string="Until",
        required=True,
        default=lambda self: self.env.company._ar_today() + timedelta(days=180),
        help="The last day. After it the score speaks again.",
    )

    def action_confirm(self):
        self.commercial_partner_id.check_access("read")
        self.env["ar.risk.override"]._decide(
            self.commercial_partner_id.commercial_partner_id,
            self.env.company,
            self.risk_class_id,
            self.reason,
            self.date_until,
        )
        return {"type": "ir.actions.act_window_close"}
