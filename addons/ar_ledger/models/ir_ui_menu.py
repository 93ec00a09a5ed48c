from odoo import models


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    def _load_menus_blacklist(self):
        """Accountants work inside the Invoicing app: they do not see the small one."""
        blacklist = super()._load_menus_blacklist()
        user = self.env.user
        if user.has_group("account.group_account_invoice") or user.has_group(
            "account.group_account_readonly"
        ):
            blacklist.append(self.env.ref("ar_ledger.menu_ar_root").id)
        return blacklist
