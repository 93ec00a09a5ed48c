from odoo import api, models
from odoo.tools import SQL


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

    @api.model
    def _get_ar_sources_sql(self) -> SQL:
        """Return the FROM clause of what items are matched with: ``partial``, its
        counterpart ``source``, of the entry ``source_move`` in ``journal``."""
        return SQL(
            """account_partial_reconcile partial
               JOIN account_move_line source ON source.id = partial.credit_move_id
               JOIN account_move source_move ON source_move.id = source.move_id
               JOIN account_journal journal ON journal.id = source_move.journal_id"""
        )

    @api.model
    def _get_ar_is_credit_sql(self) -> SQL:
        """Return whether a source (see :meth:`_get_ar_sources_sql`) is no payment.

        A payment is what passed through a bank, cash or card journal; credit notes,
        write-offs and other entries are none.
        """
        return SQL(
            """(source_move.move_type = 'out_refund' OR NOT (
                source_move.origin_payment_id IS NOT NULL
                OR source_move.statement_line_id IS NOT NULL
                OR journal.type IN ('bank', 'cash', 'credit')))"""
        )

    def _get_promisable_lines(self):
        """Return the items in companies where anything was ever promised."""
        lines = self.sudo().debit_move_id
        return lines if lines.company_id._has_ar_promises() else lines.browse()
