"""Indexes that the exposure needs on core's tables. What they cost is measured."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    # Every exposure asks for the few drafts among all entries. An invoice is in it from
    # its creation to its posting.
    _ar_draft_idx = models.Index(
        "(partner_id) WHERE state = 'draft'"
        " AND move_type IN ('out_invoice', 'out_refund', 'out_receipt')"
    )


class AccountPayment(models.Model):
    _inherit = "account.payment"

    # Rejected payments are few: the index costs other payments nothing.
    _ar_rejected_idx = models.Index("(id) WHERE state = 'rejected'")


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    # As few as there are down payments; other lines cost nothing.
    _ar_downpayment_idx = models.Index("(order_id) WHERE is_downpayment")
