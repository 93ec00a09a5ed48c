from datetime import timedelta

from odoo import fields, models


class ArRiskAlertClose(models.TransientModel):
    _name = "ar.risk.alert.close"
    _description = "Close Alerts"

    alert_ids = fields.Many2many("ar.risk.alert", required=True)
    note = fields.Char(string="Why", required=True)
    quiet_until = fields.Date(
        string="No New Alert Until",
        default=lambda self: self.env.company._ar_today() + timedelta(days=7),
        help="Empty: the rule opens a new alert in the next night if the cause stands.",
    )

    def action_confirm(self):
        self.alert_ids._close_by_hand(self.note, self.quiet_until)
        return {"type": "ir.actions.act_window_close"}
