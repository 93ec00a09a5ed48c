from odoo import models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _reconcile_post_hook(self, data):
        """Close the disputes of which this reconciliation settles the last item."""
        result = super()._reconcile_post_hook(data)
        settled = self.filtered(
            lambda line: (
                line.company_id.ar_dispute_active
                and line.account_type == "asset_receivable"
                and line.reconciled
            )
        )
        if settled:
            about_them = Domain("line_ids.line_id", "in", settled.ids)
            self.env["ar.dispute"]._settle(about_them)
        return result

    def _ar_get_undisputable_reasons(self):
        """Return the sentences that tell why this item cannot be disputed."""
        self.ensure_one()
        move = self.move_id
        if self.account_type != "asset_receivable" or move.is_purchase_document(True):
            return [
                self.env._(
                    "%(item)s is not a customer invoice: only what a customer owes can "
                    "be disputed.",
                    item=move.display_name,
                )
            ]
        if self.parent_state == "draft":
            return [
                self.env._(
                    "%(item)s is a draft: confirm it before it can be disputed.",
                    item=move.display_name,
                )
            ]
        if self.parent_state == "cancel":
            return [
                self.env._(
                    "%(item)s is cancelled: there is nothing to dispute.",
                    item=move.display_name,
                )
            ]
        return self._ar_get_not_owed_reasons()

    def _ar_get_not_owed_reasons(self):
        move = self.move_id
        if self.balance < 0 or move.move_type == "out_refund":
            return [
                self.env._(
                    "%(item)s is a credit of the customer, not a claim: dispute the "
                    "invoice it belongs to.",
                    item=move.display_name,
                )
            ]
        if self.reconciled or self.currency_id.is_zero(self.amount_residual_currency):
            return [
                self.env._(
                    "%(item)s is paid: there is nothing open to dispute.",
                    item=move.display_name,
                )
            ]
        if not self.partner_id:
            return [
                self.env._(
                    "%(item)s has no customer: enter the customer first.",
                    item=move.display_name,
                )
            ]
        return []
