from odoo import models


class StockMove(models.Model):
    _inherit = "stock.move"

    def _action_confirm(self, merge=True, merge_into=False, create_proc=True):
        """New transfers of a stopped customer are marked as they are confirmed: the
        ones that orders launch, by hand, and backorders alike."""
        moves = super()._action_confirm(
            merge=merge, merge_into=merge_into, create_proc=create_proc
        )
        moves.picking_id._mark_new_deliveries()
        return moves
