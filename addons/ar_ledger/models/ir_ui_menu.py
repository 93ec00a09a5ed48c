from odoo import api, models


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

    @api.model
    def get_user_roots(self):
        """Pages of a website look every app up among the menus of the user: an app that
        is kept from the menus must be kept from the apps, too."""
        roots = super().get_user_roots()
        blacklist = self._load_menus_blacklist()
        return roots.filtered(lambda menu: menu.id not in blacklist)
