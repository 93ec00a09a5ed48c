from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        self.env["ar.promise"]._on_lines_matched(partials.sudo().debit_move_id)
        return partials

    def unlink(self):
        # The items are gone with the records: they are read before.
        lines = self.sudo().debit_move_id
        result = super().unlink()
        self.env["ar.promise"]._on_lines_matched(lines.exists())
        return result
