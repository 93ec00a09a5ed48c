from odoo import models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    def _inverse_account_default_credit_limit(self):
        """Odoo's default limit and the policy for all customers say the same."""
        partners = self.env["res.partner"]
        # Setting a default empties the cache, this field's new value included.
        values = {
            setting.company_id: setting.account_default_credit_limit for setting in self
        }
        changed = {
            company: value
            for company, value in values.items()
            if company._has_credit_check()
            and partners._get_core_default(company) != value
        }
        result = super()._inverse_account_default_credit_limit()
        for company, value in changed.items():
            self.env["ar.credit.policy"]._adopt_core_default(company, value)
        return result
