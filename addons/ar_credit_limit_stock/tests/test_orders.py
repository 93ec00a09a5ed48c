"""Transfers of orders that are stopped themselves, and what the policy finds."""

from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_credit_limit.tools.violation import Violation

from .common import DeliveryCommon

LATE = Violation("days_overdue", "40 days late", {"days": 40})


@tagged("post_install", "-at_install")
class TestOrders(DeliveryCommon):
    def test_hold_of_a_confirmed_order(self):
        picking, other = self.delivery(), self.delivery()
        hold = self.stop_order(picking.sale_id)
        self.assertEqual(picking.ar_delivery_state, "held")
        self.assertEqual(other.ar_delivery_state, "none", "another order goes on")
        with self.assertRaisesRegex(UserError, "stopped for credit"):
            self.validate(picking)
        self.validate(other)
        hold.with_user(self.user_manager)._release("Deposit received")
        self.assertEqual(picking.ar_delivery_state, "released")
        self.validate(picking)
        self.assertEqual((picking.state, other.state), ("done", "done"))

    def test_hold_of_a_quotation_stops_no_transfer(self):
        order = self.order(10.0, product=self.goods)
        hold = self.stop_order(order)
        self.assertFalse(hold._is_delivery_stop())
        self.assertFalse(
            self.env["ar.credit.hold"]._has_delivery_stops(self.company.id)
        )

    def test_new_transfers_of_a_held_order(self):
        picking = self.delivery(quantity=5)
        picking.move_ids.quantity = 2
        picking.move_ids.picked = True
        self.validate(picking.with_context(skip_backorder=True))
        self.stop_order(picking.sale_id)
        backorder = picking.sale_id.picking_ids - picking
        self.assertEqual(backorder.ar_delivery_state, "held")
        picking.sale_id.order_line.product_uom_qty = 9
        open_ones = picking.sale_id.picking_ids - picking
        self.assertEqual(set(open_ones.mapped("ar_delivery_state")), {"held"})

    def test_parts_of_a_held_transfer_are_held(self):
        picking = self.delivery(quantity=5)
        self.stop()
        picking.move_ids.quantity = 2
        picking.action_split_transfer()
        part = picking.sale_id.picking_ids - picking
        self.assertEqual(part.ar_delivery_state, "held")

    def test_who_pays_changes(self):
        picking = self.delivery()
        self.stop()
        for partner, state in (
            (self.other_customer, "released"),
            (self.customer, "held"),
        ):
            with self.subTest(partner.name):
                picking.sale_id.partner_invoice_id = partner
                self.assertEqual(picking.ar_delivery_state, state)

    def test_order_says_which_transfers_are_held(self):
        picking = self.delivery()
        order = picking.sale_id.with_user(self.salesperson)
        self.assertFalse(order.ar_held_deliveries)
        stop = self.stop()
        self.assertEqual(order.ar_held_deliveries, f"{picking.name}: 120 days overdue")
        told = picking.sale_id.with_user(self.packer).ar_held_deliveries
        self.assertIn("ask the credit manager", told)
        stop._clear("Paid")
        self.assertFalse(order.ar_held_deliveries)

    def test_reasons_are_for_whose_customer_it_is(self):
        picking = self.delivery()
        self.stop()
        inventory = "stock.group_stock_user"
        for login, role, knows in (
            ("seller_2", "sales_team.group_sale_salesman_all_leads", False),
            ("viewer_2", "ar_ledger.ar_ledger_group_viewer", True),
        ):
            user = self.new_user(login, f"{inventory},{role}")
            told = picking.with_user(user).ar_delivery_warning
            with self.subTest(login):
                self.assertEqual("120 days" in told, knows)

    def test_several_orders_in_one_transfer(self):
        picking = self.delivery(self.other_customer)
        order = self.delivery().sale_id
        picking.move_ids.copy(
            {"sale_line_id": order.order_line.id, "picking_id": picking.id}
        )._action_confirm(merge=False)
        self.assertEqual(
            picking._get_delivery_customers(), self.other_customer | self.customer
        )
        hold = self.stop_order(order)
        self.assertEqual(picking.ar_delivery_state, "held")
        hold._clear("Paid")
        self.stop()
        self.assertEqual(picking.ar_delivery_state, "held")

    def test_delivered_goods_stay_invoiceable(self):
        for stopped in ("customer", "order"):
            with self.subTest(stopped):
                product = self.stocked()
                order = self.confirmed(50.0, product=product, quantity=5)
                picking = order.picking_ids
                picking.move_ids.quantity = 3
                picking.move_ids.picked = True
                self.validate(picking.with_context(skip_backorder=True))
                hold = self.stop() if stopped == "customer" else self.stop_order(order)
                invoice = order._create_invoices()
                invoice.action_post()
                self.assertEqual(invoice.state, "posted")
                self.assertEqual(invoice.amount_total, 30.0)
                hold._clear("Paid")

    def test_policy_holds_and_is_rechecked(self):
        picking = self.delivery()
        with self.policy(LATE):
            with self.assertRaisesRegex(UserError, "stopped for credit"):
                self.validate(picking)
            self.assertEqual(picking.ar_delivery_state, "none", "not by a refusal")
            self.env["ar.recheck"]._recheck(self.company, self.customer)
            self.assertEqual(picking.ar_delivery_state, "held")
            self.assertEqual(self.delivery().ar_delivery_state, "held", "a new one")
        with self.policy():
            self.env["ar.recheck"]._recheck(self.company, self.customer)
        self.assertEqual(picking.ar_delivery_state, "released")
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_policy_is_looked_at_every_night(self):
        picking = self.delivery()
        run = self.env["ar.run"].sudo().new({"company_id": self.company.id})
        with (
            self.policy(LATE),
            patch.object(type(run), "_count", lambda run, **counts: None),
        ):
            self.env["ar.credit.hold"]._run_nightly(run)
        self.assertEqual(picking.ar_delivery_state, "held")

    def test_policy_warns_without_holding(self):
        picking = self.delivery()
        with self.policy(LATE._replace(action="warn")):
            self.assertEqual(picking._get_delivery_violations(), [])
            self.assertEqual(picking.ar_delivery_advice, "40 days late")
            self.assertFalse(picking.ar_delivery_warning)
            self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_what_is_released_with_the_order_goes(self):
        order = self.held(1500.0, product=self.goods)
        order.ar_credit_hold_id.with_user(self.user_manager)._release("Guarantee")
        order.action_confirm()
        picking = order.picking_ids
        over = Violation("over_limit", "Over the limit", {})
        with self.policy(over):
            self.assertEqual(picking._get_delivery_violations(), [])
        with self.policy(over, LATE):
            (violation,) = picking._get_delivery_violations()
            self.assertEqual(violation.code, "days_overdue")
        self.stop()
        self.assertTrue(picking._get_delivery_violations(), "a stop is newer")

    def test_observing_is_recorded_once_done(self):
        picking = self.delivery()
        self.stop()
        self.company.ar_credit_limit_mode = "observe"
        self.validate(picking)
        (event,) = self.events("credit_observed")
        self.assertEqual(event.text, f"{picking.name}: 120 days overdue")
