from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    ar_held_deliveries = fields.Text(
        string="Held Deliveries",
        compute="_compute_ar_held_deliveries",
        compute_sudo=True,
        groups="base.group_user",
        help="Transfers of this order that are held for credit, and why.",
    )

    def write(self, vals):
        """Who pays instead may be stopped, or not."""
        result = super().write(vals)
        if "partner_invoice_id" in vals:
            self.sudo().picking_ids._mark_new_deliveries()
        return result

    @api.depends_context("uid", "lang")
    @api.depends("picking_ids.ar_delivery_state", "picking_ids.state")
    def _compute_ar_held_deliveries(self):
        held = self.picking_ids.filtered(lambda picking: picking._is_marked_held())
        violations = held._get_delivery_violations_by_picking()
        for order in self:
            of_order = held & order.picking_ids
            order.ar_held_deliveries = of_order._get_held_text(violations)
