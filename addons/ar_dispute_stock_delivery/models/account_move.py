from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _ar_get_carriers(self):
        """Return who carried the goods of these invoices, first deliveries first.

        Returned goods and deliveries that are not done count for nothing. Whoever
        opens a dispute may have no rights in Inventory.

        :return: delivery.carrier with superuser rights
        """
        orders = self.sudo().invoice_line_ids.sale_line_ids.order_id
        delivered = orders.picking_ids.filtered(
            lambda picking: (
                picking.state == "done" and picking.picking_type_code == "outgoing"
            )
        )
        return delivered.sorted("date_done").carrier_id
