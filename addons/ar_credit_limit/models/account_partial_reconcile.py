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
        if any(company._has_credit_check() for company in self.company_id):
            self.env["ar.recheck"]._add_lines(self.debit_move_id | self.credit_move_id)
