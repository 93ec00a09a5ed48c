"""Expected payment dates: the arithmetic as properties, and SQL against it."""

import doctest
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged
from odoo.tools import SQL

from odoo.addons.ar_risk_alerts.tools import payment_date

from .score_common import ScoreCommon

TODAY = date(2026, 3, 2)
habits = st.lists(st.integers(-60, 400), min_size=9, max_size=9).map(sorted)
examples = settings(deadline=None, max_examples=200)


@tagged("post_install", "-at_install")
class TestPaymentDateArithmetic(BaseCase):
    def test_examples_of_the_docstrings(self):
        self.assertFalse(doctest.testmod(payment_date).failed)

    @examples
    @given(habits, st.integers(-400, 800))
    def test_always_to_come(self, habit, days_late):
        self.assertGreater(payment_date.expected_delay(habit, days_late), days_late)

    @examples
    @given(habits, st.integers(-100, 500))
    def test_a_day_later_is_never_expected_earlier_while_known(self, habit, days_late):
        if days_late + 1 < habit[-1]:
            self.assertLessEqual(
                payment_date.expected_delay(habit, days_late),
                payment_date.expected_delay(habit, days_late + 1),
            )

    @examples
    @given(habits, st.integers(0, 1000), habits)
    def test_a_blend_lies_between_and_stays_in_order(self, own, count, everybodys):
        blended = payment_date.blend(own, count, everybodys)
        self.assertEqual(blended, sorted(blended))
        for mine, mixed, theirs in zip(own, blended, everybodys, strict=True):
            self.assertTrue(min(mine, theirs) <= mixed <= max(mine, theirs))


@tagged("post_install", "-at_install")
class TestPaymentDate(ScoreCommon):
    def learn(self):
        self.env["ar.payment.habit"].sudo()._learn(self.company)
        self.env.invalidate_all()

    def expected(self, move):
        return self.items(move).expected_date

    def test_sql_says_what_python_says(self):
        habits = self.env["ar.payment.habit"]
        for habit in (
            [-2, 0, 1, 3, 5, 8, 12, 20, 40],
            [7] * 9,
            [0, 0, 0, 0, 10, 10, 10, 10, 10],
            [-30, -20, -10, -5, -4, -3, -2, -1, 0],
        ):
            for days_late in (
                -365,
                -31,
                -3,
                -1,
                0,
                1,
                4,
                5,
                7,
                10,
                19,
                39,
                40,
                41,
                333,
            ):
                sql = habits._get_expected_delay_sql(
                    SQL("%s::int[]", habit), SQL("%s", days_late)
                )
                with self.subTest(habit=habit, days_late=days_late):
                    self.assertEqual(
                        self.env.execute_query(SQL("SELECT %s", sql))[0][0],
                        payment_date.expected_delay(habit, days_late),
                    )

    def test_the_own_behaviour(self):
        for _number in range(16):
            self.paid(10)
        for _number in range(4):
            self.paid(0, partner=self.other_customer)
        self.learn()
        move = self.invoice(amount=100, date="2026-03-01", due="2026-03-31")
        punctual = self.invoice(
            self.other_customer, 100, date="2026-03-01", due="2026-03-31"
        )
        self.assertEqual(self.expected(move), date(2026, 4, 10))
        self.assertEqual(
            self.expected(punctual), date(2026, 4, 5), "half its own, half everybody's"
        )

    def test_who_never_paid_is_taken_for_everybody(self):
        for _number in range(5):
            self.paid(10, partner=self.other_customer)
        self.learn()
        move = self.invoice(amount=100, date="2026-03-01", due="2026-03-31")
        self.assertEqual(self.expected(move), date(2026, 4, 10))
        self.assertFalse(self.position(self.customer).usual_delay)
        self.overdue(1, self.other_customer)
        self.assertEqual(self.position(self.other_customer).usual_delay, 10)

    def test_later_than_ever(self):
        for _number in range(5):
            self.paid(10)
        self.learn()
        move = self.invoice(amount=100, date="2025-12-01", due="2026-01-31")
        late = (TODAY - date(2026, 1, 31)).days
        self.assertEqual(self.expected(move), TODAY + timedelta(days=late // 2))
        with self.at("2026-03-10"):
            self.assertGreater(self.expected(move), date(2026, 3, 10))

    def test_nothing_known_and_credits(self):
        move = self.invoice(amount=100, date="2026-03-01", due="2026-03-31")
        self.learn()
        self.assertFalse(self.expected(move))
        self.paid(10)
        self.learn()
        credit = self.invoice(amount=10, move_type="out_refund")
        self.assertFalse(self.expected(credit))
        self.assertTrue(self.expected(move))

    def test_only_the_last_year(self):
        self.paid(100, due="2024-06-01")
        self.paid(10, due="2025-11-01")
        self.learn()
        habit = self.env["ar.payment.habit"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        self.assertEqual((habit.payments, habit.usual_delay), (1, 10))

    def test_the_night_learns(self):
        self.paid(10)
        self.run_night()
        self.run_night()
        habits = self.env["ar.payment.habit"].search(
            [("company_id", "=", self.company.id)]
        )
        self.assertEqual(len(habits), 2, "the customer's and everybody's")

    def test_grouped_by_month(self):
        self.paid(10)
        self.learn()
        self.invoice(amount=100, date="2026-03-01", due="2026-03-31")
        groups = self.env["ar.open.item"]._read_group(
            [("commercial_partner_id", "=", self.customer.id)],
            ["expected_date:month"],
            ["amount_residual:sum"],
        )
        self.assertEqual(groups, [(date(2026, 4, 1), 100.0)])

    def test_who_reads_habits(self):
        self.paid(10)
        self.customer.user_id = self.user_own
        self.paid(10, partner=self.other_customer)
        self.learn()
        for user, count in ((self.user_own, 1), (self.user_viewer, 3)):
            with self.subTest(user.login):
                seen = self.env["ar.payment.habit"].with_user(user).search([])
                self.assertEqual(len(seen), count)
