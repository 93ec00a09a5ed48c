from contextlib import contextmanager
from unittest.mock import patch

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
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
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
    def stocked(cls, quantity=10, name="Valve", **values):
        """Return a product that is counted, with a quantity on hand."""
        product = cls.env["product.product"].create(
            {
                "name": name,
                "is_storable": True,
                "invoice_policy": "delivery",
                "taxes_id": [fields.Command.clear()],
                **values,
            }
        )
        if quantity:
            cls.env["stock.quant"]._update_available_quantity(
                product, cls.warehouse.lot_stock_id, quantity
            )
        return product

    @classmethod
    def stop(cls, partner=None, company=None, reason="120 days overdue"):
        return cls.env["ar.credit.hold"]._place(
            partner or cls.customer,
            company or cls.company,
            "customer_deliveries",
            [Violation("delivery_stop", reason, {"overdue": 5000.0})],
        )

    @classmethod
    def stop_order(cls, order, code="delivery_stop"):
        """Hold a confirmed order by hand."""
        return cls.env["ar.credit.hold"]._place(
            order.partner_id,
            order.company_id,
            "order",
            [Violation(code, "Wait for the deposit", {})],
            order=order,
        )

    @contextmanager
    def policy(self, *violations):
        """As if the policy found these violations of the customer at transfers."""
        Picking = type(self.env["stock.picking"])
        get_stops = Picking._get_credit_stops

        def get_more(pickings, customers, company):
            stops = get_stops(pickings, customers, company)
            stops[self.customer] += violations
            return stops

        with (
            patch.object(Picking, "_get_credit_stops", get_more),
            patch.object(type(self.company), "_checks_transfers", lambda company: True),
        ):
            yield

    def validate(self, pickings, user=None):
        return pickings.with_user(user or self.packer).button_validate()
