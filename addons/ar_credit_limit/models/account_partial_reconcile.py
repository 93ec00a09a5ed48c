from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        partials._add_credit_recheck()
        return partials

    def unlink(self):
        # The items are gone with the records: they are read before.
        self._add_credit_recheck()
        return super().unlink()

    def _add_credit_recheck(self):
        checked = self.filtered(lambda partial: partial.company_id._has_credit_check())
        lines = checked.debit_move_id | checked.credit_move_id
        cleared = lines._get_clearing_payments().move_id.line_ids
        self.env["ar.recheck"]._add_lines(lines | cleared)
