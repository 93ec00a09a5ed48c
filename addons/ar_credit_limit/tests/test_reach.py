"""How far decisions reach: what a release, an exemption or a limit covers, and what
not any more."""

from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_policy import PolicyCommon
from .test_authority import AuthorityCommon


@tagged("post_install", "-at_install")
class TestReach(PolicyCommon):
    def test_what_went_by_itself_was_not_released(self):
        """The reason that a payment took away stands again, release or not."""
        self.policy({"code": "over_limit"}, {"code": "days_overdue", "threshold": 5})
        paid = self.invoice(amount=600.0, date="2026-03-01", due="2026-04-30")
        late = self.invoice(amount=10.0, date="2026-01-01", due="2026-01-31")
        order = self.held(500.0)
        hold = order.ar_credit_hold_id
        self.pay(paid)
        self.recheck()
        self.assertEqual(hold.reasons_text.count("\n"), 0, "only the late one is left")
        hold.with_user(self.user_manager)._release("Known")
        self.assertEqual(self.codes(order), [])
        self.invoice(amount=9999.0, date="2026-03-01", due="2026-04-30")
        self.assertEqual(self.codes(order), ["over_limit"])
        self.assertTrue(late.amount_residual)

    def test_a_later_stop_in_the_same_words(self):
        order = self.order(100.0)
        order._hold_by_hand("Check with the boss")
        with self.at("2026-03-03"):
            hold = order.ar_credit_hold_id
            hold.with_user(self.user_manager)._release("Checked")
            self.assertEqual(self.codes(order), [])
        with self.at("2026-03-04"):
            order._hold_by_hand("Check with the boss")
            self.assertEqual(self.codes(order), ["order_stop"])

    def test_a_stop_released_until_a_day(self):
        """It stops again as the day is over, also before the night says so."""
        stop = self.env["ar.credit.stop"].create(
            {"partner_ids": self.customer.ids, "reason": "Cheque returned"}
        )
        stop.action_stop()
        hold = self.env["ar.credit.hold"].search([("scope", "=", "customer_orders")])
        hold.with_user(self.user_manager)._release("Until Monday", date(2026, 3, 2))
        order = self.order(100.0)
        self.assertEqual(self.codes(order), [])
        with self.at("2026-03-03 00:30:00"):
            self.assertEqual(self.codes(order), ["manual_stop"])

    def test_a_quotation_is_looked_at_with_the_rate_that_it_gets(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euros", "currency_id": self.eur.id}
        )
        order = self.order(600.0, pricelist_id=pricelist.id)
        self.assertEqual(order._get_credit_amount(), 1200.0)
        self.env["res.currency.rate"].create(
            {
                "name": "2026-03-10",
                "rate": 2.0,
                "currency_id": self.eur.id,
                "company_id": self.company.id,
            }
        )
        with self.at("2026-03-10"):
            self.assertEqual(order._get_credit_amount(), 300.0)
            self.assertEqual(self.confirm(order), ("sale", "ok"))
            self.assertEqual(order._get_credit_amount(), 300.0)

    def test_the_ceiling_of_an_exemption_counts_what_is_owed(self):
        """Also where no check of the policy asks for the exposure."""
        self.policy({"code": "days_overdue", "threshold": 5})
        self.invoice(amount=900.0, date="2026-01-01", due="2026-01-31")
        for ceiling, amount, expected in ((1000.0, 100.0, []), (1000.0, 100.01, None)):
            with self.subTest(amount=amount), self.rolled_back():
                self.env["ar.credit.exemption"].with_user(self.user_manager)._grant(
                    self.customer,
                    self.company,
                    "Fair",
                    date(2026, 3, 20),
                    ceiling=ceiling,
                )
                codes = self.codes(self.order(amount))
                self.assertEqual(codes, ["days_overdue"] if expected is None else [])

    def test_confirmed_orders_grow_by_what_they_grow(self):
        """Also where what is not delivered is no exposure."""
        self.company.ar_exposure_undelivered = False
        order = self.confirmed(1.0)
        line = order.order_line
        with self.assertRaises(UserError), self.cr.savepoint():
            line.price_unit = 1001.01
        line.price_unit = 1000.0

    def test_two_sent_quotations_confirmed_together(self):
        self.company.ar_exposure_quotation_weight = 100
        orders = self.order(500.0) | self.order(500.0)
        orders.action_quotation_sent()
        orders.with_user(self.salesperson).action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "sale"])

    def test_a_limit_that_is_worth_nothing(self):
        tiny = self.setup_other_currency("XAF", rates=[("2020-01-01", 100000.0)])
        self.grant(amount=1.0, currency=tiny)
        self.invoice(amount=10.0)
        position = self.position(self.customer)
        self.assertEqual((position.credit_limit, position.utilization), (0.0, 0.0))
        self.assertTrue(position.is_over_limit)

    def test_banner_of_somebody_elses_customer_tells_no_figure(self):
        self.customer.user_id = self.manager_2
        order = self.order(1500.0).with_user(self.salesperson)
        self.assertIn("not one of yours", order.partner_credit_warning)
        self.assertNotRegex(order.partner_credit_warning, r"\d")

    def test_first_limit_in_another_currency_is_read_as_such_at_once(self):
        limits = self.env["ar.credit.limit"].sudo()
        self.assertFalse(limits._has_foreign_grants(self.company.id))
        self.grant(amount=100.0, currency=self.eur)
        self.assertTrue(limits._has_foreign_grants(self.company.id))
        found = limits._get_in_force(self.customer, self.company)
        self.assertEqual(found[self.customer.id].amount, 200.0)


@tagged("post_install", "-at_install")
class TestReachOfAuthority(AuthorityCommon):
    def test_limits_are_given_within_it(self):
        self.authority(self.user_manager, 500.0)
        self.authority(self.boss)
        for state, amount, passes in (
            ("amount", 500.0, True),
            ("amount", 900.0, True),  # less than the 1,000 in force
            ("none", 0.0, True),
            ("amount", 1000.01, False),
            ("unchecked", 0.0, False),
        ):
            with self.subTest(state=state, amount=amount), self.cr.savepoint() as sp:
                if passes:
                    self.grant(state=state, amount=amount)
                else:
                    with self.assertRaisesRegex(UserError, "beyond your authority"):
                        self.grant(state=state, amount=amount)
                    self.grant(state=state, amount=amount, user=self.boss)
                sp.rollback()

    def test_limits_on_the_customer_form_are_given_within_it(self):
        self.authority(self.user_manager, 500.0)
        customer = self.customer.with_user(self.user_manager).sudo(False)
        with self.assertRaisesRegex(UserError, "beyond your authority"):
            self.env["ar.credit.limit"].with_user(self.user_manager)._grant_from_core(
                customer, self.company, 5000.0
            )

    def test_the_excess_counts_where_it_is_all_that_holds(self):
        self.authority(self.user_manager, 100.0, basis="excess")
        order = self.held(1050.0)
        hold = order.ar_credit_hold_id
        self.assertEqual(hold._get_measures()["excess"], 50.0)
        order._hold_by_hand("Wrong address")
        self.assertEqual(hold._get_measures()["excess"], 1050.0)
        self.assertTrue(hold.with_user(self.user_manager)._get_refusal_to_release())
