"""Ways in which goods leave other than one transfer of one order."""

from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestWays(DeliveryCommon):
    def need(self, *models):
        if missing := [name for name in models if name not in self.env]:
            self.skipTest(f"{', '.join(missing)} not installed here")

    def batch(self, pickings):
        batch = self.env["stock.picking.batch"].create(
            {"picking_ids": pickings.ids, "company_id": self.company.id}
        )
        batch.action_confirm()
        return batch

    def test_destination_of_the_goods_counts(self):
        """Whatever the transfer itself says where it goes."""
        picking = self.confirmed(10.0, product=self.stocked()).picking_ids
        door = picking.location_dest_id
        self.stop()
        as_packer = picking.with_user(self.packer)
        as_packer.location_dest_id = self.warehouse.lot_stock_id
        as_packer.move_ids.location_dest_id = door
        as_packer.move_ids.move_line_ids.location_dest_id = door
        for refused in (as_packer.button_validate, picking._action_done):
            with self.assertRaisesRegex(UserError, "stopped|overdue"):
                refused()
        self.assertNotEqual(picking.state, "done")

    def test_destination_of_what_is_picked_counts(self):
        picking = self.confirmed(10.0, product=self.stocked()).picking_ids
        door = picking.location_dest_id
        self.stop()
        as_packer = picking.with_user(self.packer)
        as_packer.location_dest_id = self.warehouse.lot_stock_id
        as_packer.move_ids.move_line_ids.location_dest_id = door
        with self.assertRaisesRegex(UserError, "stopped|overdue"):
            as_packer.button_validate()

    def test_several_of_a_batch_are_set_aside(self):
        self.need("stock.picking.batch")
        held = self.delivery() | self.delivery()
        free = self.delivery(self.other_customer) | self.delivery(self.other_customer)
        batch = self.batch(held | free)
        self.stop()
        action = batch.with_user(self.packer).action_done()
        for picking in held:
            self.assertIn(picking.name, action["params"]["message"])
        self.assertEqual(held.mapped("state"), ["assigned"] * 2)
        self.assertEqual(free.mapped("state"), ["done"] * 2)
        self.assertEqual((batch.picking_ids, batch.state), (free, "done"))
        self.assertIn("not transferred with the batch", held.message_ids[0].body)

    def test_batch_of_nothing_but_held_transfers(self):
        self.need("stock.picking.batch")
        held = self.delivery() | self.delivery()
        batch = self.batch(held)
        self.stop()
        with self.assertRaises(UserError) as refusal:
            batch.with_user(self.packer).action_done()
        for picking in held:
            self.assertIn(picking.name, str(refusal.exception))

    def test_batch_with_a_backorder_question(self):
        self.need("stock.picking.batch")
        held = self.delivery()
        part = self.delivery(self.other_customer, quantity=5)
        part.move_ids.quantity = 2
        part.move_ids.picked = True
        held.move_ids.picked = True
        batch = self.batch(held | part)
        self.stop()
        action = batch.action_done()
        question = action["params"]["next"]
        self.assertEqual(question["res_model"], "stock.backorder.confirmation")
        wizard = (
            self.env[question["res_model"]]
            .with_context(**question["context"])
            .create({"pick_ids": [Command.set(part.ids)]})
        )
        wizard.process()
        self.assertEqual((held.state, part.state), ("assigned", "done"))
        self.assertEqual(part.backorder_ids.move_ids.product_uom_qty, 3)

    def test_wave(self):
        self.need("stock.picking.batch")
        held, free = self.delivery(), self.delivery(self.other_customer)
        (held | free).move_line_ids._add_to_wave()
        wave = held.batch_id
        self.assertTrue(wave.is_wave and free.batch_id == wave)
        wave.action_confirm()
        self.stop()
        action = wave.action_done()
        self.assertIn(held.name, action["params"]["message"])
        self.assertEqual((held.state, free.state), ("assigned", "done"))

    def test_drop_shipment(self):
        self.need("purchase.order")
        route = self.env.ref(
            "stock_dropshipping.route_drop_shipping", raise_if_not_found=False
        )
        if not route:
            self.skipTest("stock_dropshipping is not installed here")
        vendor = self.new_customer("Vendor")
        product = self.stocked(
            quantity=0,
            route_ids=[Command.set(route.ids)],
            seller_ids=[Command.create({"partner_id": vendor.id})],
        )
        order = self.confirmed(10.0, product=product)
        purchase = order._get_purchase_orders()
        purchase.button_confirm()
        picking = purchase.picking_ids
        self.assertEqual(picking.location_id.usage, "supplier")
        for step in ("last", "first"):
            with self.subTest(step):
                self.company.ar_delivery_step = step
                stop = self.stop()
                self.assertEqual(picking.ar_delivery_state, "held")
                picking.move_ids.quantity = 1
                with self.assertRaises(UserError):
                    self.validate(picking)
                stop._clear("Paid")
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_purchase_of_a_stopped_customer_is_received(self):
        self.need("purchase.order")
        purchase = self.env["purchase.order"].create(
            {
                "partner_id": self.customer.id,
                "order_line": [
                    Command.create({"product_id": self.goods.id, "product_qty": 1})
                ],
            }
        )
        purchase.button_confirm()
        self.stop()
        for step in ("last", "first"):
            self.company.ar_delivery_step = step
            self.assertEqual(purchase.picking_ids._get_delivery_violations(), [])
        purchase.picking_ids.move_ids.quantity = 1
        self.validate(purchase.picking_ids)
        self.assertEqual(purchase.picking_ids.state, "done")

    def test_point_of_sale(self):
        """Core makes and does the transfer before it says whose sale it was."""
        self.need("pos.order")
        self.stop()
        self.env.user.group_ids += self.env.ref("point_of_sale.group_pos_manager")
        config = self.env["pos.config"].create({"name": "Counter"})
        config.open_ui()
        order = self.env["pos.order"].create(
            {
                "session_id": config.current_session_id.id,
                "partner_id": self.customer.id,
                "company_id": self.company.id,
                "amount_tax": 0,
                "amount_total": 10,
                "amount_paid": 10,
                "amount_return": 0,
                "lines": [
                    Command.create(
                        {
                            "product_id": self.goods.id,
                            "qty": 1,
                            "price_unit": 10,
                            "price_subtotal": 10,
                            "price_subtotal_incl": 10,
                        }
                    )
                ],
            }
        )
        order._create_order_picking()
        picking = order.picking_ids
        self.assertEqual(picking.partner_id, self.customer)
        self.assertEqual(picking.location_dest_id.usage, "customer")
        self.assertEqual((picking.state, picking.ar_delivery_state), ("done", "none"))

    def test_other_addons_do_not_see_held_transfers(self):
        """Whatever extends the button is not reached, one by one or in a batch."""
        held, free = self.delivery(), self.delivery(self.other_customer)
        self.stop()
        seen = []
        Picking = type(held)
        parent = Picking.__mro__[1]
        original = parent.__dict__.get("button_validate")
        self.assertIsNone(original)

        def button_validate(pickings):
            seen.append(pickings)
            # pylint: disable-next=bad-super-call  # the class is made by the registry
            return super(parent, pickings).button_validate()

        parent.button_validate = button_validate
        self.addCleanup(delattr, parent, "button_validate")
        with self.assertRaises(UserError):
            self.validate(held)
        self.validate(held | free)
        self.assertEqual(seen, [free.with_user(self.packer)])
