from odoo import api, models


class ArRecheck(models.Model):
    _inherit = "ar.recheck"

    @api.model
    def _recheck(self, company, partners):
        """Alerts first: what they hold or free decides on the holds of orders."""
        if company.ar_risk_active:
            self.env["ar.risk.rule"]._evaluate_company(company, partners)
        return super()._recheck(company, partners)
