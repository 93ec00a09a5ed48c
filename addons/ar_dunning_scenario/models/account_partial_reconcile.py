from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        if lines := partials._get_promisable_lines():
            self.env["ar.promise"]._on_lines_matched(lines)
        return partials

    def unlink(self):
        # The items are gone with the records: they are read before.
        lines = self._get_promisable_lines()
        result = super().unlink()
        if lines:
            self.env["ar.promise"]._on_lines_matched(lines.exists())
        return result

    def _get_promisable_lines(self):
        """Return the items in companies where anything was ever promised."""
        lines = self.sudo().debit_move_id
        return lines if lines.company_id._has_ar_promises() else lines.browse()
