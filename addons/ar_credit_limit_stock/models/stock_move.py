from odoo import fields, models


class StockMove(models.Model):
    _inherit = "stock.move"

    ar_reservation_given_back = fields.Boolean(
        string="Reservation Given Back",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Goods were reserved when the transfer was held, and left to others. They "
        "are reserved again when it is let go, however its operation type reserves.",
    )

    def _action_confirm(self, merge=True, merge_into=False, create_proc=True):
        """New transfers of what is stopped are marked as they are confirmed: the ones
        that orders launch, by hand, and backorders alike."""
        moves = super()._action_confirm(
            merge=merge, merge_into=merge_into, create_proc=create_proc
        )
        moves.picking_id._mark_new_deliveries()
        return moves

    def write(self, vals):
        """Transfers that are split off or joined are marked as they get their moves."""
        result = super().write(vals)
        if vals.get("picking_id"):
            confirmed = self.filtered(lambda move: move.state != "draft")
            confirmed.picking_id._mark_new_deliveries()
        return result

    def _action_assign(self, force_qty=False):
        """Goods of held transfers are left to others where the company wants it so:
        left out, never refused, since the scheduler and other moves come here, too."""
        unreserved = self.filtered(
            lambda move: (
                move.company_id._gives_back_reservation()
                and move.picking_id
                and move.picking_id._leaves_reservation()
            )
        )
        return super(StockMove, self - unreserved)._action_assign(force_qty=force_qty)

    def _leads_to_customer(self):
        """Return whether the goods go on to a customer, without leaving the warehouse
        before."""
        self.ensure_one()
        usages = (self.location_dest_id | self.location_final_id).mapped("usage")
        return "customer" in usages or any(
            following._is_in_warehouse_of(self) and following._leads_to_customer()
            for following in self.move_dest_ids
        )

    def _has_step_before(self):
        """Return whether the goods are moved to this step inside its warehouse; that
        they are bought, made or sent from elsewhere is none."""
        self.ensure_one()
        return any(
            origin.location_id.usage == "internal" and origin._is_in_warehouse_of(self)
            for origin in self.move_orig_ids
        )

    def _is_in_warehouse_of(self, move):
        self.ensure_one()
        warehouse = move.picking_type_id.warehouse_id
        return bool(warehouse) and self.picking_type_id.warehouse_id == warehouse
