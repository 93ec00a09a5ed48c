from odoo import api, models

CHANGED = "ar_credit_limit_stock.changed_policies"


class ArCreditPolicy(models.Model):
    _inherit = "ar.credit.policy"

    def _after_change(self, companies=None):
        """Mark open transfers anew, once for all that is saved together."""
        super()._after_change(companies)
        precommit = self.env.cr.precommit
        changed = precommit.data.setdefault(CHANGED, set())
        if not changed:
            precommit.add(self.env["ar.credit.policy"]._mark_changed)
        changed.update((companies or self.company_id).ids)

    @api.model
    def _mark_changed(self):
        company_ids = self.env.cr.precommit.data.pop(CHANGED, ())
        self.env["res.company"].browse(company_ids).exists()._mark_deliveries()
