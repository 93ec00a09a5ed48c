from datetime import timedelta

from odoo import fields, models


class ArRiskAlertSnooze(models.TransientModel):
    _name = "ar.risk.alert.snooze"
    _description = "Snooze Alerts"

    alert_ids = fields.Many2many("ar.risk.alert", required=True)
    until = fields.Date(
        required=True,
        default=lambda self: self.env.company._ar_today() + timedelta(days=7),
    )

    def action_confirm(self):
        self.alert_ids._snooze(self.until)
        return {"type": "ir.actions.act_window_close"}
