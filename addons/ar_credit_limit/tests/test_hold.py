from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..tools.violation import Violation
from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestHold(CreditCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_held = cls.held(1500.0)
        cls.hold = cls.order_held.ar_credit_hold_id

    def release(self, hold=None, user=None, **kwargs):
        hold = (hold or self.hold).with_user(user or self.user_manager)
        hold._release(kwargs.pop("reason", "Payment announced"), **kwargs)

    def request(self, user=None):
        order = self.order_held.with_user(user or self.salesperson)
        action = order.action_request_credit_release()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(user or self.salesperson)
            .with_context(**action["context"])
        )
        wizard.note = "They pay on Friday"
        wizard.save().action_request()

    def requests(self):
        kind = self.env.ref("ar_credit_limit.mail_activity_type_release_request")
        return self.hold.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    def test_request_goes_to_the_credit_managers(self):
        self.request()
        self.assertRecordValues(
            self.hold,
            [
                {
                    "requester_id": self.salesperson.id,
                    "request_note": "They pay on Friday",
                    "is_requested": True,
                    "state": "held",
                }
            ],
        )
        self.assertLessEqual(
            self.user_manager | self.manager_2, self.requests().user_id
        )
        self.assertNotIn(self.user_collector, self.requests().user_id)
        self.assertTrue(self.order_held.ar_release_requested)

    def test_release_lets_the_order_pass(self):
        self.request()
        self.release()
        self.assertRecordValues(
            self.hold,
            [
                {
                    "state": "released",
                    "decided_by_id": self.user_manager.id,
                    "decision_reason": "Payment announced",
                    "ceiling": 1500.0,
                }
            ],
        )
        self.assertEqual(self.order_held.ar_credit_state, "released")
        self.assertFalse(self.requests(), "the managers' activities are done")
        told = self.order_held.activity_ids
        self.assertEqual(told.user_id, self.salesperson)
        self.assertEqual(told.summary, "Released: you can confirm it")
        event = self.events("credit_release")
        self.assertEqual(event.user_id, self.user_manager)
        self.assertIn("Payment announced", event.text)
        self.assertEqual(event.figures["ceiling"], 1500.0)
        self.assertFalse(self.order_held._get_credit_violations())
        self.order_held.with_user(self.salesperson).action_confirm()
        self.assertEqual(self.order_held.state, "sale")
        self.assertEqual(self.order_held.ar_credit_state, "released")

    def test_release_covers_up_to_its_ceiling(self):
        for ceiling, amount, expected in (
            (None, 1500.01, "held"),
            (1600.0, 1600.0, "sale"),
        ):
            with self.subTest(ceiling=ceiling, amount=amount):
                order = self.held(1500.0)
                self.release(order.ar_credit_hold_id, ceiling=ceiling)
                order.order_line.price_unit = amount
                order.action_confirm()
                outcome = (
                    order.state if order.state == "sale" else order.ar_credit_state
                )
                self.assertEqual(outcome, expected)
                order._action_cancel()

    def test_release_is_good_until_its_last_day(self):
        self.release(valid_until=date(2026, 3, 5))
        with self.at("2026-03-06"):
            self.order_held.action_confirm()
            self.assertEqual(self.order_held.state, "draft")
            self.assertEqual(self.order_held.ar_credit_state, "held")
        self.release(self.order_held.ar_credit_hold_id, valid_until=date(2026, 3, 8))
        with self.at("2026-03-08"):
            self.order_held.action_confirm()
            self.assertEqual(self.order_held.state, "sale")

    def test_night_holds_again_what_ran_out(self):
        self.release(valid_until=date(2026, 3, 5))
        with self.at("2026-03-05"):
            self.run_night()
            self.assertEqual(self.hold.state, "released")
        with self.at("2026-03-06"):
            self.run_night()
            self.assertEqual(self.hold.state, "held")
            self.assertEqual(self.order_held.ar_credit_state, "held")

    def test_release_covers_only_its_own_reasons(self):
        self.release()
        self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )
        self.order_held.action_confirm()
        self.assertEqual(self.order_held.ar_credit_state, "held")
        self.assertIn(
            "manual_stop", self.order_held.ar_credit_hold_id.reason_ids.mapped("code")
        )

    def test_release_does_not_follow_the_order_to_another_payer(self):
        self.grant(self.other_customer, amount=100.0)
        self.release(ceiling=5000.0)
        self.order_held.partner_invoice_id = self.other_customer
        self.order_held.action_confirm()
        self.assertEqual(self.order_held.state, "draft")
        newest = self.order_held.ar_credit_hold_id
        self.assertEqual(newest.commercial_partner_id, self.other_customer)
        self.assertEqual(newest.credit_limit, 100.0)

    def test_another_payer_is_held_anew(self):
        self.grant(self.other_customer, amount=100.0)
        self.request()
        self.order_held.partner_invoice_id = self.other_customer
        self.order_held.with_user(self.salesperson).action_confirm()
        self.assertEqual(self.hold.state, "cancelled")
        self.assertIn("customer changed", self.hold.decision_reason)
        self.assertFalse(self.requests())
        newest = self.order_held.ar_credit_hold_id
        self.assertRecordValues(
            newest,
            [
                {
                    "state": "held",
                    "commercial_partner_id": self.other_customer.id,
                    "credit_limit": 100.0,
                    "requester_id": False,
                }
            ],
        )
        self.assertEqual(self.order_held.ar_credit_state, "held")

    def test_release_ends_where_the_limit_is_lowered(self):
        with self.at("2026-03-02 10:00:00"):
            self.release()
        for day, amount, expected in (
            ("2026-03-03", 1200.0, "none raised"),
            ("2026-03-04", 900.0, "over_limit"),
        ):
            with self.subTest(amount=amount), self.at(day):
                self.grant(amount=amount)
                found = self.order_held._get_credit_violations()
                codes = [violation.code for violation in found]
                self.assertEqual(codes or ["none raised"], [expected])
        with self.at("2026-03-05"):
            self.order_held.action_confirm()
            self.assertEqual(self.order_held.state, "draft")
            self.release(self.order_held.ar_credit_hold_id)
            self.order_held.action_confirm()
            self.assertEqual(self.order_held.state, "sale", "decided on anew")

    def test_only_credit_managers_decide(self):
        for user in (self.salesperson, self.user_viewer, self.user_collector):
            for decide in ("_release", "_refuse"):
                with self.subTest(user=user.login, decide=decide):
                    with self.assertRaises(AccessError):
                        getattr(self.hold.with_user(user), decide)("Please")
            with self.assertRaises(AccessError):
                self.hold.with_user(user).action_release()
        self.assertEqual(self.hold.state, "held")

    def test_who_requests_does_not_decide(self):
        self.salesperson.group_ids += self.env.ref("ar_ledger.ar_ledger_group_manager")
        self.request()
        self.assertNotIn(self.salesperson, self.requests().user_id)
        with self.assertRaisesRegex(UserError, "another credit manager"):
            self.release(user=self.salesperson)
        hold = self.hold.with_user(self.salesperson)
        self.assertFalse(hold.can_decide)
        self.assertIn("another credit manager", hold.cannot_decide_reason)
        self.release(user=self.manager_2)
        self.assertEqual(self.hold.state, "released")

    def test_a_decision_needs_a_reason_and_a_held_order(self):
        with self.assertRaisesRegex(UserError, "needs a reason"):
            self.release(reason=" ")
        self.release()
        with self.assertRaisesRegex(UserError, "not held any more"):
            self.release()
        with self.assertRaisesRegex(UserError, "not held any more"):
            self.hold.with_user(self.salesperson).action_request_release()

    def test_absurd_ceilings(self):
        for ceiling in (-1.0, 1e300, float("inf"), float("nan")):
            for name in ("_release", "_release_or_request"):
                with self.subTest(name, ceiling=ceiling):
                    release = getattr(self.hold.with_user(self.user_manager), name)
                    with self.assertRaisesRegex(UserError, "check the ceiling"):
                        release("Guaranteed", ceiling=ceiling)
        self.assertEqual((self.hold.state, self.hold.is_requested), ("held", False))

    def test_refusal(self):
        self.request()
        self.hold.with_user(self.user_manager)._refuse("Two invoices 90 days late")
        self.assertEqual(self.hold.state, "refused")
        self.assertEqual(self.order_held.ar_credit_state, "held")
        self.assertEqual(self.order_held.activity_ids.summary, "Release refused")
        self.assertFalse(self.requests())
        self.order_held.action_confirm()
        self.assertEqual(self.order_held.state, "draft")
        self.assertEqual(self.order_held.ar_credit_hold_ids, self.hold)
        self.assertEqual(self.hold.state, "refused", "confirming undoes no refusal")
        self.request()
        self.assertEqual(self.hold.state, "held")
        self.hold.with_user(self.user_manager)._refuse("Still not")
        self.order_held.action_cancel()
        self.assertEqual(self.hold.state, "cancelled")

    def test_a_refused_order_is_free_when_the_reason_is_gone(self):
        self.request()
        self.hold.with_user(self.user_manager)._refuse("Two invoices 90 days late")
        self.grant(amount=10000)
        self.env["ar.credit.hold"]._recheck(self.company, self.customer)
        self.assertEqual(self.hold.state, "cleared")
        self.assertEqual(self.order_held.ar_credit_state, "none")

    def test_a_refused_release_of_a_whole_customer_goes_on_holding(self):
        violation = Violation("manual_stop", "In liquidation", {}, None)
        for scope in ("customer_orders", "customer_deliveries"):
            with self.subTest(scope):
                stop = self.env["ar.credit.hold"]._place(
                    self.customer, self.company, scope, [violation]
                )
                stop.with_user(self.user_manager)._refuse("Not before they pay")
                stops = stop._get_customer_stops(self.customer, self.company, scope)
                self.assertTrue(stops)
                stop.with_user(self.user_manager)._release("They paid")
                stops = stop._get_customer_stops(self.customer, self.company, scope)
                self.assertFalse(stops)

    def test_decision_wizard(self):
        self.request()
        hold = self.hold.with_user(self.user_manager)
        action = hold.action_release()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.user_manager)
            .with_context(**action["context"])
        )
        self.assertEqual(wizard.ceiling, 1500.0)
        self.assertIn("over the credit limit", wizard.reasons_text)
        self.assertEqual(wizard.request_note, "They pay on Friday")
        wizard.reason = "Guarantee received"
        for field, value, message in (
            ("ceiling", 1499.0, "would not let it pass"),
            ("valid_until", "2026-03-01", "run out already"),
        ):
            before = wizard[field]
            wizard[field] = value
            with self.subTest(field), self.assertRaisesRegex(UserError, message):
                wizard.save().action_decide()
            wizard[field] = before
        wizard.ceiling = 1700.0
        wizard.save().action_decide()
        self.assertEqual((self.hold.state, self.hold.ceiling), ("released", 1700.0))

    def test_several_at_once(self):
        other = self.held(1800.0).ar_credit_hold_id
        holds = (self.hold | other).with_user(self.user_manager)
        action = holds.action_release()
        wizard = (
            self.env[action["res_model"]]
            .with_user(self.user_manager)
            .with_context(**action["context"])
            .create({"reason": "Quarter end"})
        )
        wizard.action_decide()
        self.assertEqual(holds.mapped("state"), ["released"] * 2)
        self.assertEqual(holds.mapped("ceiling"), [1500.0, 1800.0])

    def test_each_reason_is_cleared_alone(self):
        stop = self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_deliveries",
            [
                Violation("manual_stop", "Asked by the bank", {}),
                Violation("delivery_stop", "120 days overdue", {}),
            ],
        )
        self.assertFalse(stop._clear("Paid", codes={"delivery_stop"}))
        self.assertEqual(stop.state, "held")
        self.assertEqual(stop.reasons_text, "Asked by the bank")
        self.assertEqual(stop._clear("The bank took it back"), stop)
        self.assertEqual(stop.state, "cleared")
        self.assertEqual(
            self.env["ar.credit.hold"]._get_customer_stops(
                self.customer, self.company, "customer_deliveries"
            ),
            {},
        )

    def test_changes_are_told_to_floors_above(self):
        seen = []

        def after_change(holds):
            seen.append((holds.ids, holds.mapped("state")))

        self.patch(self.env.registry["ar.credit.hold"], "_after_change", after_change)
        self.release()
        self.hold._clear("Paid")
        self.assertEqual(
            seen, [(self.hold.ids, ["released"]), (self.hold.ids, ["cleared"])]
        )

    def test_age(self):
        with self.at("2026-03-12"):
            self.assertEqual(self.hold.age_days, 10)
            older = self.env["ar.credit.hold"].search(
                [("state", "=", "held"), ("held_on", "<", "-7d")]
            )
            self.assertIn(self.hold, older)
            self.release()
        with self.at("2026-03-30"):
            self.assertEqual(self.hold.age_days, 10, "it ended")
