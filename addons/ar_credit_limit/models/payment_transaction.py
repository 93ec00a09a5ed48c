from odoo import models
from odoo.tools import str2bool


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        """A held order is not confirmed: its customer is told that the payment came,
        not that the order is confirmed."""
        orders = super()._check_amount_and_confirm_order()
        return orders.filtered(lambda order: order.state == "sale")

    def _invoice_confirmed_later(self):
        """Do what core does when a payment arrives for a confirmed order, for payments
        that arrived while their order was held: invoice it, match and send the invoice,
        where the administrator wants invoices made by themselves."""
        parameters = self.env["ir.config_parameter"].sudo()
        if not str2bool(parameters.get_param("sale.automatic_invoice")):
            return
        paid = self.filtered(lambda tx: tx.state == "done" and not tx.invoice_ids)
        paid._invoice_sale_orders()
        paid.invoice_ids.filtered(lambda move: move.state == "draft").action_post()
        for transaction in paid:
            transaction._match_invoices()
        paid._send_invoice()

    def _match_invoices(self):
        """Match the payment that was made before its invoices were."""
        self.ensure_one()
        payment, invoices = self.payment_id, self.invoice_ids
        if not payment or not invoices:
            return
        payment.invoice_ids = invoices
        (payment.move_id.line_ids + invoices.line_ids).filtered(
            lambda line: (
                line.account_id == payment.destination_account_id
                and not line.reconciled
            )
        ).reconcile()
