from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.ar_dispute_sale_stock.tests.common import SoldCommon


@tagged("post_install", "-at_install")
class TestCarrier(SoldCommon):
    """Disputes know who carried the goods."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.van, cls.ship = cls.env["delivery.carrier"].create(
            [
                {
                    "name": name,
                    "product_id": cls.env["product.product"]
                    .create({"name": name, "type": "service"})
                    .id,
                }
                for name in ("Van", "Ship")
            ]
        )

    def picking(self, order=None):
        return (order or self.order).picking_ids

    def test_frozen_at_opening(self):
        self.picking().carrier_id = self.van
        dispute = self.dispute(self.move)
        self.assertEqual(dispute.carrier_id, self.van)
        self.picking().carrier_id = self.ship
        self.assertEqual(dispute.carrier_id, self.van)

    def test_not_written_by_hand(self):
        dispute = self.dispute(self.move)
        for field, value in {"carrier_id": self.van.id, "team_id": False}.items():
            with (
                self.subTest(field),
                self.assertRaisesRegex(AccessError, "never by hand"),
            ):
                dispute.write({field: value})

    def test_nobody_carried_it(self):
        cases = {
            "picked up": self.move,
            "no order": self.invoice(),
        }
        for case, move in cases.items():
            with self.subTest(case):
                self.assertFalse(self.dispute(move).carrier_id)

    def test_what_is_not_done_was_not_carried(self):
        order = self.new_order()
        delivery = self.picking(order)
        later = delivery.copy({"carrier_id": self.ship.id})
        self.assertIn(later, order.picking_ids)
        self.assertFalse(order.invoice_ids._ar_get_carriers())
        delivery.carrier_id = self.van
        self.assertEqual(order.invoice_ids._ar_get_carriers(), self.van)

    def test_returns_were_carried_back(self):
        delivery = self.picking()
        delivery.carrier_id = self.van
        back = delivery.copy(
            {
                "carrier_id": self.ship.id,
                "picking_type_id": delivery.picking_type_id.return_picking_type_id.id
                or self.env["stock.picking.type"]
                .search(
                    [("code", "=", "incoming"), ("company_id", "=", self.company.id)],
                    limit=1,
                )
                .id,
            }
        )
        back.move_ids.write({"quantity": 10, "picked": True})
        back.button_validate()
        self.assertEqual(back.state, "done")
        self.assertEqual(self.move._ar_get_carriers(), self.van)

    def test_the_first_of_several(self):
        second = self.new_order(invoiced=False)
        self.picking().carrier_id = self.ship
        self.picking(second).carrier_id = self.van
        self.picking().date_done = "2026-02-20 10:00:00"
        self.picking(second).date_done = "2026-02-10 10:00:00"
        both = self.move | second._create_invoices()
        self.assertEqual(both._ar_get_carriers(), self.van | self.ship)
        self.assertEqual(both._ar_get_carriers()[0], self.van)

    def test_opened_without_rights_in_inventory(self):
        self.picking().carrier_id = self.van
        dispute = self.dispute(self.move, user=self.user_own)
        self.assertEqual(dispute.carrier_id, self.van)
        [values] = dispute.web_read({"carrier_id": {"fields": {"display_name": {}}}})
        self.assertEqual(values["carrier_id"]["display_name"], "Van")

    def test_routed_by_carrier(self):
        quality = self.new_user("quality", "ar_ledger.ar_ledger_group_own")
        self.env["ar.dispute.route"].create(
            {"user_id": quality.id, "carrier_ids": self.ship.ids}
        )
        self.assertEqual(self.dispute(self.move).user_id, self.accountant)
        order = self.new_order()
        self.picking(order).carrier_id = self.ship
        self.assertEqual(self.dispute(order.invoice_ids).user_id, quality)

    def test_analysed_by_carrier(self):
        self.picking().carrier_id = self.van
        dispute = self.dispute(self.move)
        for user in (self.accountant, self.user_viewer):
            with self.subTest(user.login):
                analysis = self.env["ar.dispute.analysis"].with_user(user)
                [group] = analysis.formatted_read_group(
                    [("dispute_id", "=", dispute.id)],
                    ["carrier_id"],
                    ["amount_disputed:sum"],
                )
                self.assertEqual(group["carrier_id"], (self.van.id, "Van"))
                self.assertEqual(group["amount_disputed:sum"], 1000)
