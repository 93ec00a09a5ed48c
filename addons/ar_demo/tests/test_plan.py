import doctest
from datetime import date, timedelta

from odoo.tests import BaseCase, tagged

from odoo.addons.ar_demo.tools import habits, plan, tables

TODAY = date(2026, 3, 2)


@tagged("post_install", "-at_install")
class TestPlan(BaseCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = plan.make_plan(TODAY)
        cls.habit_of = {row.key: row.habit for row in tables.customers()}

    def _open_share(self, invoice):
        paid = sum(payment.share for payment in invoice.payments)
        return round(1 - paid - invoice.credited, 6)

    def _days_late(self, invoice):
        """Days between the last due date and the last payment."""
        due = plan.due_dates(invoice.terms, invoice.day)[-1][1]
        return (invoice.payments[-1].day - due).days

    def _paid(self, habit):
        return [
            invoice
            for invoice in self.plan.invoices
            if self.habit_of[invoice.customer] == habit
            and invoice.payments
            and not self._open_share(invoice)
        ]

    def test_doctests(self):
        for module in (habits, plan, tables):
            with self.subTest(module.__name__):
                result = doctest.testmod(module)
                self.assertTrue(result.attempted)
                self.assertFalse(result.failed)

    def test_the_same_day_gives_the_same_plan(self):
        self.assertEqual(plan.make_plan(TODAY), self.plan)
        self.assertNotEqual(plan.make_plan(TODAY, seed=20), self.plan)

    def test_a_later_day_gives_the_same_story_moved(self):
        later = plan.make_plan(TODAY + timedelta(days=100))
        moved = [invoice.day - timedelta(days=100) for invoice in later.invoices]
        self.assertEqual(moved, [invoice.day for invoice in self.plan.invoices])
        self.assertEqual(
            [invoice.lines for invoice in later.invoices],
            [invoice.lines for invoice in self.plan.invoices],
        )

    def test_size_of_the_demo(self):
        notes = sum(bool(invoice.credited) for invoice in self.plan.invoices)
        self.assertLessEqual(len(self.plan.invoices) + notes, 500)
        self.assertGreaterEqual(len(self.plan.invoices), 400)
        ordered = sum(invoice.ordered for invoice in self.plan.invoices)
        self.assertEqual(ordered, plan.INVOICED_ORDERS)
        self.assertLessEqual(ordered + len(self.plan.orders), 150)
        self.assertGreaterEqual(notes, 5)

    def test_nothing_happens_in_the_future_or_before_the_history(self):
        first = TODAY - timedelta(days=plan.HISTORY_DAYS)
        for invoice in self.plan.invoices:
            days = [invoice.day, *(payment.day for payment in invoice.payments)]
            self.assertLessEqual(first, min(days))
            self.assertLessEqual(max(days), TODAY)
            self.assertEqual(min(days), invoice.day, "paid before it was invoiced")

    def test_nothing_is_paid_twice(self):
        for invoice in self.plan.invoices:
            self.assertGreaterEqual(self._open_share(invoice), 0)

    def test_something_is_left_to_collect(self):
        open_invoices = list(filter(self._open_share, self.plan.invoices))
        overdue = [
            invoice
            for invoice in open_invoices
            if plan.due_dates(invoice.terms, invoice.day)[-1][1] < TODAY
        ]
        self.assertGreaterEqual(len(open_invoices), 80)
        self.assertGreaterEqual(len(overdue), 30)
        self.assertTrue(any(invoice.contested for invoice in open_invoices))
        payments = [pay for row in self.plan.invoices for pay in row.payments]
        self.assertTrue(any(payment.on_account for payment in payments))

    def test_customers_keep_their_habits(self):
        for habit, low, high in (
            ("prompt", -5, 2),
            ("late10", 7, 13),
            ("public", 12, 28),
        ):
            with self.subTest(habit):
                late = [self._days_late(invoice) for invoice in self._paid(habit)]
                self.assertGreaterEqual(min(late), low)
                self.assertLessEqual(max(late), high)

    def test_a_sliding_customer_pays_later_and_later(self):
        middle = TODAY - timedelta(days=plan.HISTORY_DAYS // 2)
        before, after = [], []
        for invoice in self._paid("sliding"):
            half = before if invoice.day < middle else after
            half.append(self._days_late(invoice))
        self.assertLess(sum(before) / len(before) + 15, sum(after) / len(after))

    def test_an_insolvent_customer_pays_nothing_any_more(self):
        silent = TODAY - timedelta(days=habits.HABITS["insolvent"].silent_days)
        for invoice in self.plan.invoices:
            if self.habit_of[invoice.customer] == "insolvent":
                self.assertTrue(all(pay.day <= silent for pay in invoice.payments))

    def test_the_featured_customers_have_their_orders(self):
        orders = {
            (order.customer, order.company): order.confirmed
            for order in self.plan.orders
        }
        self.assertEqual(len(orders), plan.OPEN_ORDERS + plan.QUOTATIONS)
        self.assertTrue(all(orders[key] for key in plan.LATE_WITH_DELIVERY))
        self.assertFalse(any(orders[key] for key in plan.OVER_LIMIT))

    def test_foreign_currencies_and_instalments_occur(self):
        currencies = {(row.company, row.currency) for row in self.plan.invoices}
        self.assertLessEqual(
            {("eu", "EUR"), ("eu", "GBP"), ("us", "USD"), ("us", "EUR")}, currencies
        )
        self.assertIn("deposit", {invoice.terms for invoice in self.plan.invoices})

    def test_ordered_invoices_are_in_the_currency_of_the_company(self):
        for invoice in self.plan.invoices:
            if invoice.ordered:
                home = plan.HOME_CURRENCY[invoice.company]
                self.assertEqual(invoice.currency, home)
