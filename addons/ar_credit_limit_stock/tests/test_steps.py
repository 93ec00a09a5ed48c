"""Deliveries in several steps, and what becomes of reserved goods."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestSteps(DeliveryCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.valve = cls.stocked()

    def steps(self, quantity=1, partner=None):
        return self.confirmed(10.0, partner, product=self.valve, quantity=quantity)

    def test_every_step_of_every_route(self):
        """Who waits where, a stop being there before anything is picked."""
        for route, first_steps in {
            "ship_only": 0,
            "pick_ship": 1,
            "pick_pack_ship": 2,
        }.items():
            for held_step in ("first", "last"):
                with self.subTest(route=route, held_step=held_step):
                    self.warehouse.delivery_steps = route
                    self.company.ar_delivery_step = held_step
                    order = self.steps()
                    stop = self.stop()
                    start = order.picking_ids
                    waits = held_step == "first" or not first_steps
                    self.assertEqual(start.ar_delivery_state == "held", waits)
                    if waits:
                        with self.assertRaises(UserError):
                            self.validate(start)
                        stop._clear("Paid")
                    for _step in range(first_steps):
                        ready = order.picking_ids.filtered(lambda p: p.state != "done")
                        self.assertNotEqual(ready.location_dest_id.usage, "customer")
                        self.validate(ready)
                    last = order.picking_ids.filtered(lambda p: p.state != "done")
                    self.assertEqual(last.location_dest_id.usage, "customer")
                    if not waits:
                        self.assertEqual(last.ar_delivery_state, "held")
                        with self.assertRaises(UserError):
                            self.validate(last)
                        stop._clear("Paid")
                    self.validate(last)
                    self.assertEqual(last.state, "done")

    def test_what_is_picked_already_does_not_leave(self):
        self.warehouse.delivery_steps = "pick_pack_ship"
        self.company.ar_delivery_step = "first"
        order = self.steps()
        self.validate(order.picking_ids)
        pack = order.picking_ids.filtered(lambda p: p.state != "done")
        self.stop()
        self.assertEqual(pack.ar_delivery_state, "none", "neither first nor last")
        self.validate(pack)
        ship = order.picking_ids.filtered(lambda p: p.state != "done")
        self.assertEqual(ship.ar_delivery_state, "held")

    def test_change_of_the_step_marks_anew(self):
        self.warehouse.delivery_steps = "pick_ship"
        pick = self.steps().picking_ids
        self.stop()
        for held_step, state in (
            ("first", "held"),
            ("last", "released"),
            ("first", "held"),
        ):
            with self.subTest(held_step):
                self.company.ar_delivery_step = held_step
                self.assertEqual(pick.ar_delivery_state, state)

    def test_other_internal_transfers_and_returns_go_on(self):
        self.warehouse.delivery_steps = "pick_ship"
        self.company.ar_delivery_step = "first"
        order = self.steps()
        self.validate(order.picking_ids)
        self.validate(order.picking_ids.filtered(lambda p: p.state != "done"))
        done = order.picking_ids.filtered(
            lambda picking: picking.location_dest_id.usage == "customer"
        )
        self.stop()
        back = self.env["stock.return.picking"].create({"picking_id": done.id})
        back.product_return_moves.quantity = 1
        returned = back._create_return()
        shelf = self.env["stock.location"].create(
            {"name": "Shelf", "location_id": self.warehouse.lot_stock_id.id}
        )
        moved = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.int_type_id.id,
                "partner_id": self.customer.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": shelf.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.valve.id,
                            "product_uom_qty": 1,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": shelf.id,
                        },
                    )
                ],
            }
        )
        moved.action_confirm()
        for name, picking in {"return": returned, "internal": moved}.items():
            with self.subTest(name):
                picking.move_ids.quantity = 1
                self.assertEqual(picking._get_delivery_violations(), [])
                self.validate(picking)
                self.assertEqual(picking.state, "done")

    def test_goods_that_are_bought_or_sent_for_the_order(self):
        """What comes in for an order is no step of its delivery."""
        self.company.ar_delivery_step = "first"
        order = self.steps()
        move = order.picking_ids.move_ids
        receipt = self.env["stock.move"].create(
            {
                "product_id": self.valve.id,
                "product_uom_qty": 1,
                "picking_type_id": self.warehouse.in_type_id.id,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "location_final_id": move.location_dest_id.id,
                "move_dest_ids": move.ids,
            }
        )
        receipt._action_confirm()
        self.stop()
        self.assertFalse(receipt.picking_id._is_open_delivery())
        self.assertTrue(order.picking_ids._is_open_delivery())

    def reserved(self, picking):
        return sum(picking.move_ids.mapped("quantity"))

    def test_reservation_is_kept_or_given_back(self):
        for policy, while_held in (("keep", 4), ("give_back", 0)):
            with self.subTest(policy):
                self.company.ar_delivery_reservation = policy
                picking = self.steps(quantity=4).picking_ids
                self.assertEqual(self.reserved(picking), 4)
                stop = self.stop()
                self.assertEqual(self.reserved(picking), while_held)
                self.assertEqual(
                    "not reserved" in picking.ar_delivery_warning, not while_held
                )
                picking.action_assign()
                picking.move_ids._action_assign()
                self.assertEqual(self.reserved(picking), while_held)
                stop._clear("Paid")
                self.assertEqual(self.reserved(picking), 4)
                picking.action_cancel()

    def test_given_back_goods_go_to_others(self):
        self.company.ar_delivery_reservation = "give_back"
        picking = self.steps(quantity=8).picking_ids
        stop = self.stop()
        other = self.steps(quantity=8, partner=self.other_customer).picking_ids
        self.assertEqual(self.reserved(other), 8)
        fresh = self.steps(quantity=1).picking_ids
        self.assertEqual(self.reserved(fresh), 0)
        self.env["stock.rule"]._run_scheduler_tasks(company_id=self.company.id)
        self.assertEqual(self.reserved(picking), 0, "nor by the scheduler")
        stop._clear("Paid")
        self.assertEqual(self.reserved(picking | fresh), 2, "what is left")

    def test_goods_reserved_by_hand_are_reserved_again(self):
        self.company.ar_delivery_reservation = "give_back"
        self.warehouse.out_type_id.reservation_method = "manual"
        picking = self.steps(quantity=4).picking_ids
        untouched = self.steps(quantity=1).picking_ids
        picking.action_assign()
        stop = self.stop()
        self.assertEqual(self.reserved(picking), 0)
        stop._clear("Paid")
        self.assertEqual(self.reserved(picking), 4)
        self.assertEqual(self.reserved(untouched), 0, "nobody reserved it")
        picking.do_unreserve()
        self.stop()._clear("Paid again")
        self.assertEqual(self.reserved(picking), 0, "given back by hand meanwhile")

    def test_what_is_picked_stays_picked(self):
        self.company.ar_delivery_reservation = "give_back"
        picking = self.steps(quantity=4).picking_ids
        picking.move_ids.picked = True
        self.stop()
        self.assertEqual(self.reserved(picking), 4)

    def test_change_of_the_reservation_reaches_held_transfers(self):
        picking = self.steps(quantity=4).picking_ids
        other = self.steps(quantity=2, partner=self.other_customer).picking_ids
        self.stop()
        for policy, reserved in (("give_back", 0), ("keep", 4)):
            with self.subTest(policy):
                self.company.ar_delivery_reservation = policy
                self.assertEqual(self.reserved(picking), reserved)
                self.assertEqual(self.reserved(other), 2)
