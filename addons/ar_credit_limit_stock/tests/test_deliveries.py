from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestDeliveries(DeliveryCommon):
    two_companies = True

    def test_stop_and_clearance(self):
        picking = self.delivery()
        self.assertEqual(picking.ar_delivery_state, "none")
        stop = self.stop()
        self.assertEqual(picking.ar_delivery_state, "held")
        self.assertIn("120 days overdue", picking.ar_delivery_warning)
        with self.assertRaisesRegex(UserError, "stopped for credit"):
            self.validate(picking)
        self.assertNotEqual(picking.state, "done")
        stop._clear("Paid")
        self.assertEqual(picking.ar_delivery_state, "released")
        self.assertFalse(picking.ar_delivery_warning)
        self.assertIs(self.validate(picking), True)
        self.assertEqual(picking.state, "done")

    def test_release_by_a_credit_manager(self):
        picking = self.delivery()
        stop = self.stop()
        stop.with_user(self.user_manager)._release("Guarantee received")
        self.assertEqual(picking.ar_delivery_state, "released")
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_refused_stop_stays(self):
        picking = self.delivery()
        self.stop().with_user(self.user_manager)._refuse("Not again")
        self.assertEqual(picking.state, "assigned")

    def test_new_transfers_of_a_stopped_customer(self):
        self.stop()
        self.assertEqual(self.delivery().ar_delivery_state, "held")
        by_hand = self.transfer("out")
        by_hand.action_confirm()
        self.assertEqual(by_hand.ar_delivery_state, "held")
        self.assertEqual(self.delivery(self.other_customer).ar_delivery_state, "none")

    def test_several_set_the_held_ones_aside(self):
        held, other = self.delivery(), self.delivery(self.other_customer)
        self.stop()
        action = self.validate(held | other)
        self.assertEqual((held.state, other.state), ("assigned", "done"))
        self.assertIn(held.name, action["params"]["message"])
        self.assertNotIn(other.name, action["params"]["message"])

    def test_batch_transfer(self):
        if "stock.picking.batch" not in self.env:
            self.skipTest("stock_picking_batch is not installed here")
        held, other = self.delivery(), self.delivery(self.other_customer)
        batch = self.env["stock.picking.batch"].create(
            {"picking_ids": (held | other).ids, "company_id": self.company.id}
        )
        batch.action_confirm()
        self.stop()
        batch.action_done()
        self.assertEqual((held.state, other.state), ("assigned", "done"))
        self.assertEqual(batch.picking_ids, other, "done without the held one")
        self.assertEqual(batch.state, "done")

    def test_backorder_of_a_stopped_customer(self):
        picking = self.delivery(quantity=5)
        picking.move_ids.quantity = 2
        picking.move_ids.picked = True
        action = self.validate(picking)
        wizard = Form.from_action(self.env, action).save()
        self.stop()
        with self.assertRaisesRegex(UserError, "120 days overdue"):
            wizard.process()

    def test_guard_of_every_other_path(self):
        picking = self.delivery()
        self.stop()
        with self.assertRaisesRegex(UserError, "120 days overdue"):
            picking._action_done()

    def test_only_what_leaves_to_the_customer(self):
        done = self.delivery()
        self.validate(done)
        self.stop()
        back = self.env["stock.return.picking"].create({"picking_id": done.id})
        back.product_return_moves.quantity = 1
        returned = back._create_return()
        for name, picking in {
            "return": returned,
            "receipt": self.transfer("in"),
            "internal": self.transfer("int"),
        }.items():
            with self.subTest(name):
                picking.action_confirm()
                self.assertEqual(picking.ar_delivery_state, "none")
                self.assertEqual(picking._get_delivery_violations(), [])
                picking.move_ids.quantity = 1
                self.validate(picking, self.env.user)
                self.assertEqual(picking.state, "done")

    def test_who_owes_is_stopped_wherever_goods_go(self):
        address = self.env["res.partner"].create({"name": "Building site"})
        picking = self.delivery(self.customer, partner_shipping_id=address.id)
        self.assertEqual(picking.partner_id, address)
        self.stop()
        self.assertEqual(picking.ar_delivery_state, "held")

    def test_stop_of_the_root_reaches_branches_not_others(self):
        picking = self.delivery()
        elsewhere = self.delivery(company=self.company_b)
        self.stop()
        self.assertEqual(picking.ar_delivery_state, "held")
        self.assertEqual(elsewhere.ar_delivery_state, "none")
        self.assertEqual(elsewhere._get_delivery_violations(), [])

    def test_off_and_observe_stop_nothing(self):
        picking = self.delivery()
        self.stop()
        for mode in ("off", "observe"):
            with self.subTest(mode):
                self.company.ar_credit_limit_mode = mode
                self.assertEqual(picking._get_delivery_violations(), [])
                self.assertEqual(picking.ar_delivery_state, "released")
                self.company.ar_credit_limit_mode = "hold"
                self.assertEqual(picking.ar_delivery_state, "held")
        self.company.ar_credit_limit_mode = "observe"
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_packer_is_told_whom_to_ask_and_nothing_else(self):
        picking = self.delivery().with_user(self.packer)
        self.stop()
        (shown,) = picking.web_read(
            {"ar_delivery_warning": {}, "ar_delivery_state": {}}
        )
        self.assertEqual(
            shown["ar_delivery_warning"],
            "Deliveries of this customer are stopped for credit: ask the credit "
            "manager.",
        )
        (violation,) = picking._get_delivery_violations()
        self.assertEqual(violation.figures, {}, "figures are not for everybody")
        self.assertFalse(self.packer.has_group("ar_ledger.ar_ledger_group_own"))
        with self.assertRaises(AccessError):
            self.env["ar.credit.hold"].with_user(self.packer).search_read([])
        full = picking.with_user(self.env.user).ar_delivery_warning
        self.assertIn("120 days overdue", full)
        portal = new_test_user(self.env, "ar_portal", groups="base.group_portal")
        for name in ("ar_delivery_state", "ar_delivery_warning"):
            with self.subTest(name), self.assertRaises(AccessError):
                picking.with_user(portal).read([name])

    def test_state_cannot_be_written(self):
        picking = self.delivery()
        self.stop()
        for user in (self.packer, self.user_manager):
            with self.subTest(user.login), self.assertRaises(AccessError):
                picking.with_user(user).sudo().write({"ar_delivery_state": "released"})
        with self.assertRaises(AccessError):
            picking.with_user(self.packer).write({"ar_delivery_state": "none"})
        Picking = self.env["stock.picking"]
        self.env = self.env(
            context={**self.env.context, "default_ar_delivery_state": "released"}
        )
        self.assertEqual(self.transfer("out").ar_delivery_state, "none")
        self.env = Picking.env
        for key in ("skip_sanity_check", "skip_backorder", "ar_released"):
            with self.subTest(key), self.assertRaises(UserError):
                self.validate(picking.with_context(**{key: True}))

    def test_queries_over_plain_odoo(self):
        """Nobody being stopped, or somebody else, or with ten transfers at once."""
        somebody_else = self.new_customer("Somebody Else")
        cases = [
            (act, most, stopped, count)
            for act, most in (("confirm", 4), ("validate", 2))
            for stopped in (False, True)
            for count in (1, 10)
        ]
        for act, most, stopped, count in cases:
            with self.subTest(act=act, stopped=stopped, count=count):
                stop = self.stop(somebody_else) if stopped else None
                self.company.ar_credit_limit_mode = "off"
                for _warming in range(2):
                    self.measured(act, count)()
                measured = self.measured(act, count)
                before = self.env.cr.sql_log_count
                measured()
                self.env.flush_all()
                plain = self.env.cr.sql_log_count - before
                self.company.ar_credit_limit_mode = "hold"
                for _warming in range(2):
                    self.measured(act, count)()
                measured = self.measured(act, count)
                # Each transfer launched while somebody is stopped asks once.
                marks = count - 1 if stopped and act == "confirm" else 0
                with self.assertQueryCount(plain + most + marks):
                    measured()
                if stop:
                    stop._clear("Paid")

    def measured(self, act, count):
        """Return what is to be measured, on new orders of one new customer."""
        partner = self.new_customer("Measured")
        if self.company.ar_credit_limit_mode == "hold":
            self.grant(partner, amount=1000.0)
        orders = self.env["sale.order"].concat(
            *(self.order(10.0, partner, product=self.goods) for _each in range(count))
        )
        if act == "validate":
            orders.action_confirm()
        done = orders.picking_ids.button_validate if act == "validate" else None
        self.env.flush_all()
        self.env.invalidate_all()
        return done or orders.action_confirm

    def transfer(self, kind):
        """Return a draft transfer by hand of the kind ``in``, ``out`` or ``int``."""
        warehouse = self.warehouse
        picking_type = warehouse[f"{kind}_type_id"]
        customers = self.env.ref("stock.stock_location_customers")
        suppliers = self.env.ref("stock.stock_location_suppliers")
        stock = warehouse.lot_stock_id
        source, target = {
            "in": (suppliers, stock),
            "out": (stock, customers),
            "int": (stock, stock),
        }[kind]
        return self.env["stock.picking"].create(
            {
                "picking_type_id": picking_type.id,
                "partner_id": self.customer.id,
                "location_id": source.id,
                "location_dest_id": target.id,
                "move_ids": [
                    (
                        0,
                        0,
                        {
                            "product_id": self.goods.id,
                            "product_uom_qty": 1,
                            "location_id": source.id,
                            "location_dest_id": target.id,
                        },
                    )
                ],
            }
        )
