from datetime import date

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestExemption(CreditCommon):
    two_companies = True

    def exempt(self, partner=None, order=None, user=None, **values):
        return (
            self.env["ar.credit.exemption"]
            .with_user(user or self.user_manager)
            ._grant(
                partner or self.customer,
                values.pop("company", self.company),
                values.pop("reason", "Trade fair"),
                values.pop("date_until", date(2026, 3, 31)),
                order=order,
                **values,
            )
        )

    def outcome(self, order):
        order.action_confirm()
        return order.state if order.state == "sale" else order.ar_credit_state

    def test_by_date_and_amount(self):
        """What an exemption lets pass, of a customer and of an order."""
        self.invoice(amount=800.0)
        for name, amount, values, expected in (
            ("in force", 5000.0, {}, "exempt"),
            ("within the limit anyway", 100.0, {}, "ok"),
            ("begins tomorrow", 5000.0, {"date_from": date(2026, 3, 3)}, "held"),
            ("last day", 5000.0, {"date_until": date(2026, 3, 2)}, "exempt"),
            ("owed and ordered up to it", 1200.0, {"ceiling": 2000.0}, "exempt"),
            ("a cent above", 1200.01, {"ceiling": 2000.0}, "held"),
        ):
            with self.subTest(name):
                exemption = self.exempt(**values)
                order = self.order(amount)
                order.action_confirm()
                self.assertEqual(order.ar_credit_state, expected)
                self.assertEqual(order.state == "sale", expected != "held")
                order._action_cancel()
                exemption._end("Next case")

    def test_of_one_order(self):
        order, other = self.order(5000.0), self.order(5000.0)
        self.exempt(order=order, ceiling=5000.0)
        other.action_confirm()
        self.assertEqual(other.ar_credit_state, "held")
        order.order_line.price_unit = 5000.01
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held", "it grew beyond the ceiling")
        order.order_line.price_unit = 5000.0
        order.action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "exempt"))

    def test_night_and_last_day(self):
        exemption = self.exempt(date_until=date(2026, 3, 5))
        planned = self.exempt(date_from=date(2026, 3, 10), date_until=date(2026, 3, 12))
        with self.at("2026-03-06"):
            order = self.order(5000.0)
            order.action_confirm()
            self.assertEqual(order.ar_credit_state, "held", "without the night")
            self.run_night()
            self.assertEqual(exemption.state, "expired")
            self.assertEqual(planned.state, "granted")
            self.assertIn("run out", self.events("credit_exemption")[0].text)
        with self.at("2026-03-10"):
            hold = order.ar_credit_hold_id
            self.run_night()
            self.recheck()
            self.assertEqual(hold.state, "cleared")
            order.action_confirm()
            self.assertEqual(order.ar_credit_state, "exempt")

    def test_a_held_order_is_let_go(self):
        order = self.held(5000.0)
        hold = order.ar_credit_hold_id
        self.exempt(order=order)
        self.recheck()
        self.assertEqual(hold.state, "cleared")
        self.assertEqual(order.ar_credit_state, "none")
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "exempt"))

    def test_what_a_person_stopped_stays_stopped(self):
        order = self.order(5000.0)
        self.exempt()
        order._hold_by_hand("Wrong address")
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held")
        self.assertEqual(order.ar_credit_hold_id.reasons_text, "Wrong address")

    def test_many_orders_are_measured_in_one_go(self):
        """What their customers owe is read once for all ceilings together."""
        orders = self.env["sale.order"]
        for number in range(4):
            partner = self.new_customer(f"Customer {number}")
            self.grant(partner, amount=10.0)
            self.exempt(partner, ceiling=600.0 + number)
            orders |= self.order(602.0, partner)
        counts = []
        for some in (orders[:1], orders[:1], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            assessments = some._assess_credit()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], counts)
        self.assertEqual(
            [assessments[order.id].is_exempt for order in orders],
            [False, False, True, True],
        )

    def test_contract_for_other_rooms(self):
        Exemption = self.env["ar.credit.exemption"]
        both = self.customer | self.other_customer
        self.assertEqual(Exemption._get_exemptions(both, self.company), {})
        self.exempt(ceiling=100.0)
        widest = self.exempt()
        self.exempt(ceiling=5000.0)
        self.exempt(self.other_customer, order=self.order(1.0, self.other_customer))
        with self.assertQueryCount(1):
            found = Exemption._get_exemptions(both, self.company)
        self.assertEqual(found, {self.customer.id: widest})
        self.assertEqual(Exemption._get_exemptions(both, self.company_b), {})

    def test_who_may(self):
        for user, allowed in (
            (self.user_manager, True),
            (self.user_collector, False),
            (self.user_viewer, False),
            (self.salesperson, False),
        ):
            with self.subTest(user.login):
                if allowed:
                    self.assertTrue(self.exempt(user=user))
                    continue
                with self.assertRaises(AccessError):
                    self.exempt(user=user)
                with self.assertRaises(AccessError):
                    self.env["ar.credit.exemption.grant"].with_user(user).create(
                        {
                            "partner_id": self.customer.id,
                            "date_until": "2026-03-31",
                            "reason": "Mine",
                        }
                    )
        with self.assertRaisesRegex(AccessError, "work in"):
            self.exempt(company=self.company_b)

    def test_within_authority(self):
        self.env["ar.credit.authority"].sudo().create(
            {
                "company_id": self.company.id,
                "user_id": self.user_manager.id,
                "amount": 2000.0,
            }
        )
        self.assertTrue(self.exempt(ceiling=2000.0))
        for ceiling in (2000.01, 0.0):
            with self.subTest(ceiling=ceiling):
                with self.assertRaisesRegex(UserError, "beyond your authority"):
                    self.exempt(ceiling=ceiling)

    def test_absurd_values(self):
        archived = self.new_customer("Archived", active=False)
        for name, partner, values, error in (
            ("no reason", None, {"reason": " "}, UserError),
            ("run out", None, {"date_until": date(2026, 3, 1)}, UserError),
            ("archived", archived, {}, UserError),
            ("negative", None, {"ceiling": -1.0}, UserError),
            ("absurd", None, {"ceiling": 1e300}, UserError),
            ("endless", None, {"ceiling": float("inf")}, UserError),
            ("no number", None, {"ceiling": float("nan")}, UserError),
            (
                "ends before it begins",
                None,
                {"date_from": date(2026, 4, 1)},
                ValidationError,
            ),
        ):
            with self.subTest(name), self.assertRaises(error):
                self.exempt(partner, **values)

    def test_a_decision_is_neither_changed_nor_deleted(self):
        exemption = self.exempt()
        for user in (self.user_manager, self.env.user):
            record = exemption.with_user(user)
            for forged in (record, record.sudo()):
                forged = forged.with_context(ar_credit_exemption_by_code=True)
                with self.subTest(user.login, su=forged.env.su):
                    with self.assertRaises(AccessError):
                        forged.write({"date_until": "2030-01-01"})
                    with self.assertRaises(AccessError):
                        forged.unlink()
                    with self.assertRaises(AccessError):
                        forged.create({"reason": "Mine"})

    def test_ended_by_hand(self):
        exemption = self.exempt()
        action = exemption.with_user(self.user_manager).action_end()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.user_manager)
            .with_context(**action["context"])
        )
        wizard.reason = "Behaves badly"
        wizard.save().action_end()
        self.assertRecordValues(
            exemption,
            [
                {
                    "state": "ended",
                    "ended_by_id": self.user_manager.id,
                    "end_reason": "Behaves badly",
                }
            ],
        )
        order = self.order(5000.0)
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held")
        with self.assertRaisesRegex(UserError, "not in force"):
            exemption.with_user(self.user_manager)._end("Again")

    def test_wizards(self):
        order = self.held(5000.0)
        for record, scope, ceiling in (
            (order, "order", 5000.0),
            (self.customer, "customer", 0.0),
        ):
            with self.subTest(scope):
                action = record.action_exempt_from_credit_checks()
                wizard = Form(
                    self.env[action["res_model"]].with_context(**action["context"])
                )
                wizard.date_until = "2026-03-09"
                wizard.reason = "New contract"
                wizard.save().action_grant()
                newest = self.env["ar.credit.exemption"].search([], limit=1)
                self.assertRecordValues(
                    newest,
                    [
                        {
                            "scope": scope,
                            "ceiling": ceiling,
                            "date_from": date(2026, 3, 2),
                            "date_until": date(2026, 3, 9),
                            "decided_by_id": self.env.uid,
                        }
                    ],
                )

    def test_order_of_somebody_else_is_refused(self):
        foreign = self.order(10.0, self.other_customer)
        with self.assertRaisesRegex(UserError, "another customer"):
            self.env["ar.credit.exemption.grant"].create(
                {
                    "partner_id": self.customer.id,
                    "order_id": foreign.id,
                    "date_until": "2026-03-31",
                    "reason": "Forged",
                }
            )

    def test_who_sees_what(self):
        own, other = self.exempt(), self.exempt(self.other_customer)
        for user, expected in (
            (self.salesperson, own),
            (self.user_viewer, own | other),
            (self.user_manager, own | other),
        ):
            with self.subTest(user.login):
                found = self.env["ar.credit.exemption"].with_user(user).search([])
                self.assertEqual(found, expected)
