from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_risk_active = fields.Boolean(
        string="Risk Alerts",
        help="Evaluate the risk rules for this company and its branches every night "
        "and after payments. Switched off, its alerts are closed and what they stopped "
        "is free again.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "ar_risk_active" in vals and not vals["ar_risk_active"]:
            self._close_risk_alerts()
        return result

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + ["ar_risk_active"]

    def _close_risk_alerts(self):
        alerts = self.env["ar.risk.alert"].sudo()
        alerts.search([("company_id", "in", self.ids), ("state", "=", "open")])._close(
            "switched_off"
        )
