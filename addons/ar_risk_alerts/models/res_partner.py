from odoo import api, fields, models

GROUP_OWN = "ar_ledger.ar_ledger_group_own"


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_risk_active = fields.Boolean(compute="_compute_ar_risk_active", groups=GROUP_OWN)
    ar_risk_alert_ids = fields.One2many(
        "ar.risk.alert",
        string="Open Alerts",
        compute="_compute_ar_risk_alert_ids",
        groups=GROUP_OWN,
        help="Of this customer in the current company.",
    )

    @api.depends_context("company")
    def _compute_ar_risk_active(self):
        self.ar_risk_active = self.env.company.ar_risk_active

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id")
    def _compute_ar_risk_alert_ids(self):
        alerts = self.env["ar.risk.alert"]
        if self.env.company.ar_risk_active:
            alerts = alerts.search(
                [
                    ("commercial_partner_id", "in", self.commercial_partner_id.ids),
                    ("company_id", "=", self.env.company.root_id.id),
                    ("state", "=", "open"),
                ]
            )
        by_customer = alerts.grouped("commercial_partner_id")
        for partner in self:
            customer = partner.commercial_partner_id._origin
            partner.ar_risk_alert_ids = by_customer.get(customer, alerts.browse())
