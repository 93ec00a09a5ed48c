from odoo import fields

from odoo.addons.ar_credit_limit.tests.common import CreditCommon
from odoo.addons.ar_credit_limit.tools.violation import Violation


class DeliveryCommon(CreditCommon):
    """A customer with deliveries to make, and somebody who makes them."""

    @classmethod
    def get_default_groups(cls):
        return super().get_default_groups() | cls.quick_ref("stock.group_stock_manager")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packer = cls.new_user("packer", "stock.group_stock_user")
        cls.goods = cls.env["product.product"].create(
            {
                "name": "Pump",
                "type": "consu",
                "invoice_policy": "order",
                "taxes_id": [fields.Command.clear()],
            }
        )

    @classmethod
    def delivery(cls, partner=None, quantity=1, **values):
        """Return the transfer of a confirmed order, ready to validate."""
        order = cls.confirmed(
            10.0, partner, product=cls.goods, quantity=quantity, **values
        )
        return order.picking_ids

    @classmethod
    def stop(cls, partner=None, company=None, reason="120 days overdue"):
        return cls.env["ar.credit.hold"]._place(
            partner or cls.customer,
            company or cls.company,
            "customer_deliveries",
            [Violation("delivery_stop", reason, {"overdue": 5000.0})],
        )
