from odoo import Command

from odoo.addons.ar_dispute.tests.common import DisputeCommon


class SoldCommon(DisputeCommon):
    """An order that was delivered and invoiced, due already."""

    @classmethod
    def get_default_groups(cls):
        return (
            super().get_default_groups()
            | cls.env.ref("sales_team.group_sale_manager")
            | cls.env.ref("stock.group_stock_manager")
        )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.team = cls.env["crm.team"].create({"name": "North"})
        cls.goods = cls.env["product.product"].create(
            {"name": "Pallet", "is_storable": True, "taxes_id": False}
        )
        cls.env["stock.quant"]._update_available_quantity(
            cls.goods,
            cls.env["stock.warehouse"]
            .search([("company_id", "=", cls.company.id)], limit=1)
            .lot_stock_id,
            100,
        )
        cls.order = cls.new_order()
        cls.move = cls.order.invoice_ids

    @classmethod
    def new_order(cls, partner=None, invoiced=True):
        order = cls.env["sale.order"].create(
            {
                "partner_id": (partner or cls.customer).id,
                "team_id": cls.team.id,
                "user_id": cls.user_own.id,
                "order_line": [
                    Command.create(
                        {
                            "product_id": cls.goods.id,
                            "product_uom_qty": 10,
                            "price_unit": 100,
                        }
                    )
                ],
            }
        )
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 10, "picked": True})
        picking.button_validate()
        if invoiced:
            order._create_invoices().action_post()
        return order
