from odoo import models

from ..tools.violation import join_sentences


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        """Payments and credit notes lessen what is owed before they are matched."""
        posted = super()._post(soft)
        lessening = posted.filtered(
            lambda move: (
                move.move_type != "out_invoice"
                and move.company_id._get_counting_roots()
            )
        )
        self.env["ar.recheck"]._add_lines(
            lessening.line_ids.filtered(lambda line: line.amount_residual < 0)
        )
        return posted

    def write(self, vals):
        left = self._get_leaving_exposure(vals.get("state"))
        result = super().write(vals)
        left._add_credit_recheck()
        return result

    def unlink(self):
        # Core deletes the items first: they are read before.
        self._get_leaving_exposure("cancel")._add_credit_recheck()
        return super().unlink()

    def _get_leaving_exposure(self, state):
        """Return the entries that weigh on credit and do so no longer in a state."""
        if state not in ("draft", "cancel"):
            return self.browse()
        return self.filtered(
            lambda move: (
                move.company_id._get_counting_roots()
                and (
                    move.state == "posted"
                    or (move.state == "draft" and move.company_id._counts_drafts())
                )
            )
        )

    def _add_credit_recheck(self):
        self.env["ar.recheck"]._add_lines(self.line_ids)

    def _build_credit_warning_message(
        self, record, current_amount=0.0, exclude_current=False, exclude_amount=0.0
    ):
        """Speak our text where orders are held, about the company of the document;
        elsewhere everybody sees what Odoo shows without us."""
        if not record.company_id._holds_orders():
            return super()._build_credit_warning_message(
                record, current_amount, exclude_current, exclude_amount
            )
        if record._name == "sale.order":
            return join_sentences(record._get_credit_violations("quotation"))
        return self._get_limit_advice(record, current_amount - exclude_amount)

    def _get_limit_advice(self, record, amount):
        """Return the sentences for a document that is no order and weighs ``amount``
        more, in the company's currency; empty where nothing is to be said."""
        customer = record.sudo().partner_id.commercial_partner_id._origin
        if not customer:
            return ""
        found = customer._get_customer_violations(
            record.company_id, "quotation", amount
        )
        return join_sentences(found[customer.id])
