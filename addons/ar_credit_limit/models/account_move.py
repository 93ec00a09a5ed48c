from odoo import models

from ..tools.violation import join_sentences
from .ar_credit_limit import NO_GRANT
from .res_partner import NO_EXPOSURE


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """Payments and credit notes lessen what is owed before they are matched."""
        posted = super()._post(soft)
        lessening = posted.filtered(
            lambda move: (
                move.move_type != "out_invoice" and move.company_id._has_credit_check()
            )
        )
        self.env["ar.recheck"]._add_lines(
            lessening.line_ids.filtered(lambda line: line.amount_residual < 0)
        )
        return posted

    def _build_credit_warning_message(
        self, record, current_amount=0.0, exclude_current=False, exclude_amount=0.0
    ):
        """Speak our text where our check is on, about the company of the document."""
        if not record.company_id._has_credit_check():
            return super()._build_credit_warning_message(
                record, current_amount, exclude_current, exclude_amount
            )
        if record._name == "sale.order":
            return join_sentences(record._get_credit_violations())
        return self._get_limit_advice(record, current_amount - exclude_amount)

    def _get_limit_advice(self, record, amount):
        """Return the sentence for a document that is no order yet weighs ``amount``
        more, in the company's currency; empty within the limit."""
        company = record.company_id.root_id
        currency = company.currency_id
        customer = record.sudo().partner_id.commercial_partner_id._origin
        limits = self.env["ar.credit.limit"].sudo()._get_in_force(customer, company)
        limit = limits.get(customer.id, NO_GRANT)
        if not limit.is_checked:
            return ""
        exposure = customer._get_exposure(company).get(customer.id, NO_EXPOSURE)
        total = exposure.total + amount
        if currency.compare_amounts(total, limit.amount) <= 0:
            return ""
        return self.env._(
            "%(customer)s would owe %(total)s, which is %(excess)s over the credit "
            "limit of %(limit)s.",
            customer=customer.display_name,
            total=currency.format(total),
            excess=currency.format(total - limit.amount),
            limit=currency.format(limit.amount),
        )
