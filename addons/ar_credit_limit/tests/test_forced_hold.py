from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..tools.violation import Violation
from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestForcedHold(CreditCommon):
    two_companies = True

    def wizard(self, action, user=None):
        return Form(
            self.env[action["res_model"]]
            .with_user(user or self.user_collector)
            .with_context(**action["context"])
        )

    def hold_order(self, order, reason="Wrong address"):
        """By somebody who sees orders, too."""
        wizard = self.wizard(order.action_hold_by_hand(), self.env.user)
        wizard.reason = reason
        wizard.save().action_stop()
        return order.ar_credit_hold_id

    def stop(self, customers=None, user=None, **values):
        wizard = self.env["ar.credit.stop"].with_user(user or self.user_collector)
        wizard = wizard.create(
            {
                "partner_ids": (customers or self.customer).ids,
                "reason": "Cheque returned",
                **values,
            }
        )
        wizard.action_stop()
        return self.env["ar.credit.hold"].search([("scope", "!=", "order")])

    def test_order_within_its_limit(self):
        order = self.order(100.0)
        hold = self.hold_order(order)
        self.assertRecordValues(
            hold,
            [{"state": "held", "amount": 100.0, "reasons_text": "Wrong address"}],
        )
        self.assertEqual(order.ar_credit_state, "held")
        self.assertEqual(order.activity_ids.user_id, self.salesperson)
        self.assertIn("Wrong address", order.activity_ids.note)
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual((order.state, order.ar_credit_hold_ids), ("draft", hold))
        self.grant(amount=99999.0)
        self.recheck()
        self.assertEqual(hold.state, "held", "nothing but a decision lifts it")
        hold.with_user(self.user_manager)._release("Address corrected")
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "released"))

    def test_customer_without_a_limit(self):
        order = self.order(100.0, self.other_customer)
        self.hold_order(order)
        order.action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("draft", "held"))

    def test_beside_the_reasons_of_the_check(self):
        order = self.held(1500.0)
        hold = self.hold_order(order)
        self.assertEqual(
            set(hold.reason_ids.mapped("code")), {"over_limit", "order_stop"}
        )
        self.grant(amount=5000.0)
        self.recheck()
        self.assertEqual(hold.reasons_text, "Wrong address", "the limit is no reason")
        self.assertEqual(hold.state, "held")

    def test_a_release_that_ran_out(self):
        """Not even between midnight and the nightly run."""
        order = self.order(100.0)
        hold = self.hold_order(order)
        hold.with_user(self.user_manager)._release("Fine", valid_until=date(2026, 3, 5))
        with self.at("2026-03-06"):
            order.action_confirm()
            self.assertEqual((order.state, order.ar_credit_state), ("draft", "held"))
            newest = order.ar_credit_hold_id
            self.assertEqual(newest.reason_ids.code, "order_stop")
            self.run_night()
            self.assertEqual((hold.state, newest.state), ("cancelled", "held"))

    def test_after_a_release(self):
        order = self.held(1500.0)
        order.ar_credit_hold_id.with_user(self.user_manager)._release("Fine")
        second = self.hold_order(order)
        self.assertEqual(len(order.ar_credit_hold_ids), 2)
        self.assertEqual(second.reason_ids.mapped("code"), ["order_stop"])
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held")
        self.assertEqual(second.reason_ids.mapped("code"), ["order_stop"])
        second.with_user(self.user_manager)._release("Fine, too")
        order.action_confirm()
        self.assertEqual(order.state, "sale", "both decisions count")

    def test_no_quotation_any_more(self):
        order = self.confirmed(100.0)
        with self.assertRaisesRegex(UserError, "no quotation any more"):
            self.hold_order(order)

    def test_customer_by_scope(self):
        for orders, deliveries, expected in (
            (True, False, {"customer_orders"}),
            (False, True, {"customer_deliveries"}),
            (True, True, {"customer_orders", "customer_deliveries"}),
        ):
            with self.subTest(orders=orders, deliveries=deliveries):
                customer = self.new_customer("Stopped")
                wizard = self.wizard(
                    customer.with_user(self.user_collector).action_stop_credit()
                )
                wizard.stops_orders, wizard.stops_deliveries = orders, deliveries
                wizard.reason = "Cheque returned"
                wizard.save().action_stop()
                holds = self.env["ar.credit.hold"].search(
                    [("commercial_partner_id", "=", customer.id)]
                )
                self.assertEqual(set(holds.mapped("scope")), expected)
                self.assertEqual(set(holds.mapped("state")), {"held"})
                order = self.order(1.0, customer)
                order.action_confirm()
                self.assertEqual(order.state == "sale", not orders)
        with self.assertRaisesRegex(UserError, "Choose what"):
            self.stop(stops_orders=False)

    def test_from_the_list_of_positions(self):
        self.invoice(amount=10.0)
        self.invoice(self.other_customer, amount=10.0)
        positions = self.position(self.customer) | self.position(self.other_customer)
        wizard = self.wizard(
            positions.with_user(self.user_collector).action_stop_credit()
        )
        wizard.reason = "Strike"
        wizard.save().action_stop()
        holds = self.env["ar.credit.hold"].search([("scope", "=", "customer_orders")])
        self.assertEqual(
            holds.commercial_partner_id, self.customer | self.other_customer
        )
        self.assertEqual(holds[0].with_user(self.user_viewer).state, "held")

    def test_the_same_stop_twice(self):
        self.stop()
        with self.assertRaisesRegex(UserError, "stopped already"):
            self.stop()
        holds = self.stop(self.customer | self.other_customer)
        self.assertEqual(len(holds), 2, "only who is not stopped yet")
        self.assertEqual(len(self.stop(reason="Another one")), 3)

    def test_who_may(self):
        order = self.order(100.0)
        for user, allowed in (
            (self.user_manager, True),
            (self.user_collector, True),
            (self.user_viewer, False),
            (self.salesperson, False),
        ):
            with self.subTest(user.login):
                if allowed:
                    self.assertTrue(self.stop(user=user, reason=user.login))
                    continue
                with self.assertRaises(AccessError):
                    self.stop(user=user)
                with self.assertRaises(AccessError):
                    self.env["ar.credit.stop"].with_user(user).create(
                        {"order_ids": order.ids, "reason": "Mine"}
                    )
        with self.assertRaisesRegex(AccessError, "work in"):
            self.stop(company_id=self.company_b.id)

    def test_where_nothing_is_checked(self):
        self.company.ar_credit_limit_mode = "off"
        with self.assertRaisesRegex(UserError, "not checked in"):
            self.stop()

    def test_lifted_by_a_decision(self):
        hold = self.stop()
        order = self.order(1.0)
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held")
        of_order = order.ar_credit_hold_id
        with self.assertRaises(AccessError):
            hold.with_user(self.user_collector)._release("Paid")
        hold.with_user(self.user_manager)._release("Paid")
        self.env["ar.recheck"]._add(self.customer.ids, self.company)
        self.recheck()
        self.assertEqual((of_order.state, order.ar_credit_state), ("cleared", "none"))


@tagged("post_install", "-at_install")
class TestReason(CreditCommon):
    """Each reason is cleared alone, by a person."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stop = cls.env["ar.credit.hold"]._place(
            cls.customer,
            cls.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )
        cls.waiting = cls.held(1500.0)
        cls.hold = cls.waiting.ar_credit_hold_id

    def reason(self, code):
        return self.hold.reason_ids.filtered(lambda reason: reason.code == code)

    def clear(self, code, user=None, **values):
        user = user or self.user_manager
        reason = self.reason(code).with_user(user)
        action = reason.action_clear()
        wizard = (
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
            .create({"note": "Talked to them", **values})
        )
        wizard.action_clear()

    def test_one_after_the_other(self):
        self.clear("over_limit")
        self.assertRecordValues(
            self.reason("over_limit"),
            [
                {
                    "cleared_by_id": self.user_manager.id,
                    "cleared_note": "Talked to them",
                    "is_cleared_by_hand": True,
                    "ceiling": 1500.0,
                }
            ],
        )
        self.assertEqual(self.hold.reasons_text, "Cheque returned")
        self.assertEqual(self.hold.state, "held")
        self.waiting.action_confirm()
        self.assertEqual(self.waiting.state, "draft")
        self.assertEqual(self.hold.reasons_text, "Cheque returned", "still cleared")
        self.assertIn("Talked to them", self.events("credit_release")[0].text)
        self.clear("manual_stop")
        self.assertEqual(self.hold.state, "released")
        self.waiting.action_confirm()
        self.assertEqual(self.waiting.state, "sale")

    def test_a_later_stop_is_another_one(self):
        """Neither a cleared reason nor a release answers what is stopped afterwards."""
        self.clear("over_limit")
        self.clear("manual_stop")
        self.assertEqual(self.hold.state, "released")
        self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "In liquidation", {})],
        )
        self.waiting.action_confirm()
        self.assertEqual(self.waiting.ar_credit_state, "held")
        newest = self.waiting.ar_credit_hold_id
        self.assertEqual(newest.reasons_text, "In liquidation")
        self.assertEqual(newest.amount, 1500.0, "a stop has no amount of its own")

    def test_the_other_one_goes_by_itself(self):
        self.clear("over_limit")
        self.stop.with_user(self.user_manager)._release("Cleared with the bank")
        self.env["ar.recheck"]._add(self.customer.ids, self.company)
        self.recheck()
        self.assertRecordValues(
            self.hold,
            [{"state": "released", "decided_by_id": self.user_manager.id}],
        )
        self.assertEqual(self.waiting.ar_credit_state, "released")
        self.waiting.action_confirm()
        self.assertEqual(self.waiting.state, "sale", "the decision is not lost")

    def test_up_to_the_amount_and_until_the_day(self):
        self.clear("over_limit", valid_until="2026-03-05")
        self.stop.with_user(self.user_manager)._release("Cleared with the bank")
        for day, amount, expected in (
            ("2026-03-05", 1500.0, []),
            ("2026-03-05", 1500.01, ["over_limit"]),
            ("2026-03-06", 1500.0, ["over_limit"]),
        ):
            with self.subTest(day=day, amount=amount), self.at(day):
                self.waiting.order_line.price_unit = amount
                found = self.waiting._get_credit_violations()
                self.assertEqual([violation.code for violation in found], expected)

    def test_the_night_opens_it_again(self):
        self.clear("over_limit", valid_until="2026-03-05")
        with self.at("2026-03-06"):
            self.run_night()
            self.assertFalse(self.reason("over_limit").cleared_on)
            self.assertIn("over the credit limit", self.hold.reasons_text)

    def test_who_may(self):
        self.env["ar.credit.authority"].sudo().create(
            [
                {
                    "company_id": self.company.id,
                    "user_id": user.id,
                    "amount": amount,
                    "basis": "excess",
                }
                for user, amount in (
                    (self.user_manager, 500.0),
                    (self.manager_2, 499.99),
                )
            ]
        )
        for user in (self.manager_2, self.user_collector, self.salesperson):
            with self.subTest(user.login), self.assertRaises(UserError):
                self.clear("over_limit", user=user)
        self.hold.with_user(self.user_manager)._request("Mine")
        with self.assertRaisesRegex(UserError, "another credit manager"):
            self.clear("over_limit")

    def test_bad_input(self):
        with self.assertRaisesRegex(UserError, "run out already"):
            self.clear("over_limit", valid_until="2026-03-01")
        with self.assertRaisesRegex(UserError, "needs a reason"):
            self.clear("over_limit", note=" ")
        self.clear("over_limit")
        with self.assertRaisesRegex(UserError, "cleared already"):
            self.clear("over_limit")
        with self.assertRaisesRegex(UserError, "cleared already"):
            self.hold.with_user(self.user_manager)._clear_by_hand(
                self.stop.reason_ids, "Of another hold"
            )

    def test_of_a_whole_customer(self):
        violation = Violation("delivery_stop", "120 days overdue", {})
        both = self.env["ar.credit.hold"]._place(
            self.other_customer,
            self.company,
            "customer_deliveries",
            [Violation("manual_stop", "Asked by the bank", {}), violation],
        )
        hold = both.with_user(self.user_manager)
        hold._clear_by_hand(both.reason_ids[0], "The bank took it back")
        stops = both._get_customer_stops(
            self.other_customer, self.company, "customer_deliveries"
        )
        (left,) = stops[self.other_customer.id]
        self.assertEqual(left.code, "delivery_stop")
        hold._clear_by_hand(both.reason_ids[1], "Paid")
        self.assertEqual(both.state, "released")
