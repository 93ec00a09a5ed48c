from odoo import fields, models
from odoo.exceptions import UserError

GROUP_OWN = "ar_ledger.ar_ledger_group_own"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    ar_dispute_available = fields.Boolean(
        compute="_compute_ar_dispute_available", groups=GROUP_OWN
    )
    ar_dispute_count = fields.Integer(
        string="Disputes", compute="_compute_ar_dispute_count", groups=GROUP_OWN
    )

    def _compute_ar_dispute_available(self):
        for order in self:
            order.ar_dispute_available = (
                order.state == "sale"
                and order.company_id.ar_dispute_active
                and bool(order.invoice_ids)
            )

    def _compute_ar_dispute_count(self):
        disputes = self._get_ar_disputes()
        for order in self:
            order.ar_dispute_count = len(disputes.get(order.id, ()))

    def _get_ar_disputes(self):
        """Return {order id: the disputes about its invoices}, in one query where the
        companies use disputes at all."""
        active = self.filtered(lambda order: order.company_id.ar_dispute_active)
        moves = active.sudo().invoice_ids
        if not moves:
            return {}
        lines = (
            self.env["ar.dispute.line"].sudo().search([("move_id", "in", moves.ids)])
        )
        by_move = lines.grouped("move_id")
        return {
            order.id: lines.browse()
            .union(
                *(
                    by_move.get(move, lines.browse())
                    for move in order.sudo().invoice_ids
                )
            )
            .dispute_id
            for order in active
        }

    def action_ar_dispute(self):
        """Open the wizard that disputes what is open of the invoices of this order.

        :raise UserError: when nothing is
        """
        self.ensure_one()
        self.check_access("read")
        return self.env["ar.dispute.open"]._launch(self._get_ar_disputable())

    def _get_ar_disputable(self):
        """Return the open items of these orders' invoices that nobody disputes."""
        items = self.sudo().invoice_ids.line_ids.filtered(
            lambda line: (
                line.account_type == "asset_receivable"
                and line.parent_state == "posted"
                and line.balance > 0
                and not line.reconciled
            )
        )
        disputed = self.env["ar.dispute"]._get_undecided_by_line(items)
        free = items.filtered(lambda line: line.id not in disputed)
        if not free:
            raise UserError(
                self.env._(
                    "Nothing that was invoiced of %(orders)s is open and free to be "
                    "disputed: it is not invoiced yet, paid, or disputed already.",
                    orders=", ".join(self.mapped("name")),
                )
            )
        return free

    def action_open_ar_disputes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dispute.ar_dispute_action"
        )
        disputes = self._get_ar_disputes().get(self.id, self.env["ar.dispute"])
        action["domain"] = [("id", "in", disputes.ids)]
        action["context"] = {}
        return action
