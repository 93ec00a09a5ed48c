from odoo.tests import tagged

from .common import RiskCommon


@tagged("post_install", "-at_install")
class TestActing(RiskCommon):
    two_companies = True

    def stopped(self, scope="customer_deliveries", partner=None):
        return self.env["ar.credit.hold"]._get_customer_stops(
            partner or self.customer, self.company, scope
        )[(partner or self.customer).id]

    def test_stops_deliveries_and_says_why(self):
        self.overdue(1200)
        self.evaluate()
        alert = self.open_alert()
        hold = self.hold(alert)
        self.assertRecordValues(
            hold,
            [
                {
                    "scope": "customer_deliveries",
                    "state": "held",
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "source_model": "ar.risk.alert",
                    "source_id": alert.id,
                }
            ],
        )
        violation = self.stopped()[0]
        self.assertEqual(violation.code, "risk_alert")
        self.assertIn("1,200.00", violation.sentence)
        self.assertIn("60 days overdue", violation.sentence)
        self.assertEqual(alert.hold_state, "held")
        self.assertFalse(self.stopped("customer_orders"))

    def test_acts_by_rule(self):
        cases = [
            ("none", []),
            ("stop_deliveries", ["customer_deliveries"]),
            ("hold_orders", ["customer_orders"]),
        ]
        for action, scopes in cases:
            with self.subTest(action):
                customer = self.new_customer("Case")
                self.rule.action = action
                self.overdue(1200, customer)
                self.evaluate()
                alert = self.open_alert(customer)
                self.assertEqual(self.hold(alert).mapped("scope"), scopes)
                self.assertEqual(bool(alert.acted_on), bool(scopes))

    def test_held_orders_wait_for_the_payment(self):
        self.rule.action = "hold_orders"
        self.grant(amount=100000)
        move = self.overdue(1200)
        self.evaluate()
        order = self.order(100)
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual(order.ar_credit_state, "held")
        self.assertIn("More than 30 days overdue", order.ar_credit_hold_id.reasons_text)
        self.pay(move)
        self.recheck()
        self.assertNotEqual(order.ar_credit_state, "held")
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_payment_closes_it_and_frees_deliveries(self):
        move = self.overdue(1200)
        self.evaluate()
        alert = self.open_alert()
        self.pay(move, 600)
        self.recheck()
        self.assertEqual(alert.state, "open", "600 are above the 500")
        self.assertTrue(self.stopped())
        self.pay(move, 100)
        self.recheck()
        self.assertEqual((alert.state, alert.close_reason), ("closed", "resolved"))
        self.assertEqual(self.hold(alert).state, "cleared")
        self.assertFalse(self.stopped())

    def test_payment_reversed_opens_it_again(self):
        move = self.overdue(1200)
        self.evaluate()
        self.pay(move)
        self.recheck()
        self.assertFalse(self.open_alert())
        self.receivable_lines(move).remove_move_reconcile()
        self.env["account.payment"].search(
            [("partner_id", "=", self.customer.id)]
        ).action_draft()
        self.recheck()
        self.assertTrue(self.open_alert())
        self.assertTrue(self.stopped())

    def test_a_rule_given_to_another_company_frees_what_it_stopped(self):
        """Nobody would evaluate its alerts any more: what they stopped ends with it."""
        self.rule.company_id = False
        self.overdue(1200)
        self.evaluate()
        hold = self.hold(self.open_alert())
        self.rule.company_id = self.company
        self.assertEqual(hold.state, "held", "still evaluated here")
        self.rule.company_id = self.company_b
        self.assertEqual(hold.state, "cleared")
        self.assertFalse(self.open_alert())

    def test_recheck_looks_at_its_customers_only(self):
        self.overdue(1200)
        self.overdue(1200, self.other_customer)
        self.env["ar.recheck"]._recheck(self.company, self.customer)
        self.assertTrue(self.open_alert())
        self.assertFalse(self.open_alert(self.other_customer))
        self.evaluate()
        self.env["ar.recheck"]._recheck(self.company, self.other_customer)
        self.assertTrue(self.open_alert(), "nobody else's alert is closed by it")

    def test_what_a_person_decided_stays(self):
        # Who refuses a release lets the alert's stop stand, and it ends with the alert.
        cases = [("_release", "released"), ("_refuse", "cleared")]
        for method, state in cases:
            with self.subTest(state):
                customer = self.new_customer("Case")
                move = self.overdue(1200, customer)
                self.evaluate()
                alert = self.open_alert(customer)
                hold = self.hold(alert).with_user(self.user_manager)
                getattr(hold, method)("Known case")
                self.evaluate()
                self.assertEqual(len(self.hold(alert)), 1, "not stopped again")
                self.pay(move)
                self.evaluate()
                self.assertEqual(alert.state, "closed")
                self.assertEqual(hold.sudo().state, state)
                if state == "released":
                    self.assertEqual(hold.sudo().decided_by_id, self.user_manager)

    def test_a_release_with_an_end_does_not_come_back_without_cause(self):
        move = self.overdue(1200)
        self.evaluate()
        hold = self.hold(self.open_alert())
        hold.with_user(self.user_manager)._release(
            "One truck", valid_until="2026-03-05"
        )
        self.pay(move)
        self.evaluate()
        with self.at("2026-03-06"):
            self.run_night()
            self.assertFalse(self.stopped())

    def test_a_release_that_ran_out_stops_again_while_the_cause_stands(self):
        self.overdue(1200)
        self.evaluate()
        hold = self.hold(self.open_alert())
        hold.with_user(self.user_manager)._release(
            "One truck", valid_until="2026-03-05"
        )
        with self.at("2026-03-06"):
            self.run_night()
            self.assertTrue(self.stopped())

    def test_two_rules_two_stops_each_undone_alone(self):
        second = self.rule.copy(
            {"name": "Second", "open_amount": 2000, "close_amount": 2000}
        )
        small, large = self.overdue(1200), self.overdue(1000)
        self.rule._evaluate_company(self.company)
        self.assertEqual(len(self.stopped()), 2)
        self.pay(large)
        self.recheck()
        self.assertEqual(
            [v.source.source_id for v in self.stopped()],
            self.alerts(state="open", rule_id=self.rule.id).ids,
        )
        self.assertFalse(self.alerts(state="open", rule_id=second.id))
        self.pay(small)
        self.recheck()
        self.assertFalse(self.stopped())

    def test_nothing_is_stopped_unless_the_credit_check_holds(self):
        self.overdue(1200)
        for mode in ("off", "observe"):
            with self.subTest(mode):
                self.company.ar_credit_limit_mode = mode
                self.evaluate()
                alert = self.open_alert()
                self.assertTrue(alert)
                self.assertFalse(self.hold(alert))
        self.company.ar_credit_limit_mode = "hold"
        self.evaluate()
        self.assertEqual(self.hold(alert).state, "held", "open alerts act from now on")

    def test_act_and_undo_over_any_path(self):
        """Whatever happens, deliveries are stopped exactly while an alert is open."""
        for steps in (
            ("overdue", "pay", "overdue", "pay"),
            ("overdue", "archive"),
            ("overdue", "close"),
            ("overdue", "off"),
            ("overdue", "snooze", "pay"),
        ):
            customer = self.new_customer("Path")
            with self.subTest(steps), self.cr.savepoint() as savepoint:
                for step in steps:
                    getattr(self, f"_step_{step}")(customer)
                    self.assertEqual(
                        bool(self.stopped(partner=customer)),
                        bool(self.open_alert(customer)),
                    )
                savepoint.rollback()

    def _step_overdue(self, customer):
        self.overdue(1200, customer)
        self.evaluate()
        self.assertTrue(self.open_alert(customer))

    def _step_pay(self, customer):
        for item in self.env["ar.open.item"].search(
            [("commercial_partner_id", "=", customer.id)]
        ):
            self.pay(item.move_id)
        self.evaluate()
        self.assertFalse(self.open_alert(customer))

    def _step_archive(self, customer):
        self.rule.action_archive()
        self.assertEqual(self.alerts(customer).close_reason, "rule_off")

    def _step_close(self, customer):
        self.open_alert(customer).with_user(self.user_manager)._close_by_hand(
            "Ok", False
        )

    def _step_off(self, customer):
        self.company.ar_risk_active = False
        self.assertEqual(self.alerts(customer).close_reason, "switched_off")

    def _step_snooze(self, customer):
        self.open_alert(customer).with_user(
            self.user_manager
        ).sudo().snoozed_until = "2026-03-09"
