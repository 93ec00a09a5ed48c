from odoo import models
from odoo.fields import Domain


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _reconcile_post_hook(self, data):
        """Close the disputes of which this reconciliation settles the last item, and
        look at what was paid in part."""
        result = super()._reconcile_post_hook(data)
        claims = self.filtered(
            lambda line: (
                line.company_id.ar_dispute_active
                and line.account_type == "asset_receivable"
            )
        )
        settled = claims.filtered("reconciled")
        if settled:
            about_them = Domain("line_ids.line_id", "in", settled.ids)
            self.env["ar.dispute"]._settle(about_them)
        short = claims._ar_get_paid_short()
        if short:
            self.env["ar.dispute"].sudo()._after_short_payment(short)
        return result

    def _ar_get_paid_short(self):
        """Return the claims that are paid in part by what was reconciled just now."""
        paid = self.filtered(lambda line: line.balance < 0)
        if not paid or all(line.move_id.move_type == "out_refund" for line in paid):
            return self.browse()
        return self.filtered(
            lambda line: (
                line.balance > 0
                and not line.reconciled
                and line.amount_residual_currency < line.amount_currency
            )
        )

    def _ar_is_short_payment(self):
        """Return whether what is missing looks like a deduction: the item is due and
        no more is missing than the company's percentage of it."""
        self.ensure_one()
        company = self.company_id
        share = company.ar_dispute_short_payment_percent
        due = self.date_maturity or self.date
        return (
            share > 0
            and due <= company._ar_today()
            and not self._ar_get_undisputable_reasons()
            and self.amount_residual_currency <= self.amount_currency * share / 100
        )

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
