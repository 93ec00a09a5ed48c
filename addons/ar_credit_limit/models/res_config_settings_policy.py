from odoo import models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    def _inverse_account_default_credit_limit(self):
        """Odoo's default limit and the policy for all customers say the same."""
        partners = self.env["res.partner"]
        changed = self.filtered(
            lambda setting: (
                setting.company_id._has_credit_check()
                and partners._get_core_default(setting.company_id)
                != setting.account_default_credit_limit
            )
        )
        result = super()._inverse_account_default_credit_limit()
        for setting in changed:
            self.env["ar.credit.policy"]._adopt_core_default(
                setting.company_id, setting.account_default_credit_limit
            )
        return result
