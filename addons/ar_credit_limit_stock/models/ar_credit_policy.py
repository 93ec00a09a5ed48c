from odoo import api, models


class ArCreditPolicy(models.Model):
    _inherit = "ar.credit.policy"

    @api.model
    def _recheck_held(self, companies):
        """Mark open transfers anew: another policy may stop them or let them go."""
        super()._recheck_held(companies)
        companies._mark_deliveries()
