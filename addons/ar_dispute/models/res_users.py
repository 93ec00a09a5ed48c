from odoo import models

GROUP_OWN = "ar_ledger.ar_ledger_group_own"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _ar_can_answer(self, company=None):
        """Return those who still work here and can see what they are asked.

        :param company: res.company that it is about; none: any
        """
        return self.filtered(
            lambda user: (
                user.active
                and user.has_group(GROUP_OWN)
                and (not company or company in user.sudo().company_ids)
            )
        )
