from odoo import models

GROUP_OWN = "ar_ledger.ar_ledger_group_own"


class ResUsers(models.Model):
    _inherit = "res.users"

    def _ar_can_answer(self):
        """Return those who still work here and can see what they are asked."""
        return self.filtered(lambda user: user.active and user.has_group(GROUP_OWN))
