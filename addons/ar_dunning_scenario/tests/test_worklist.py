import doctest

from psycopg2.errors import CheckViolation

from odoo.tests import tagged
from odoo.tests.common import BaseCase
from odoo.tools import mute_logger

from odoo.addons.ar_dunning_scenario.tools import priority

from .common import DunningCommon


class TestPriorityFormula(BaseCase):
    def test_examples(self):
        result = doctest.testmod(priority)
        self.assertTrue(result.attempted)
        self.assertFalse(result.failed)


@tagged("post_install", "-at_install")
class TestWorklist(DunningCommon):
    """The most urgent first, and why it is there. Today is 2 March 2026."""

    def in_order(self):
        view = self.env.ref(
            "ar_dunning_scenario.ar_dunning_reminder_view_list_worklist"
        )
        arch = self.env["ar.dunning.reminder"].get_view(view.id, "list")["arch"]
        order = arch.split('default_order="')[1].split('"')[0]
        return self.reminders.search(
            [("company_id", "=", self.company.id)], order=order
        ).commercial_partner_id.mapped("name")

    def owes(self, name, amount, due, risk=None):
        customer = self.new_customer(name)
        if risk:
            customer.ar_risk_class_id = self.env.ref(f"ar_ledger.ar_risk_class_{risk}")
        self.invoice(customer, amount=amount, due=due)

    def test_value_age_and_risk(self):
        self.owes("small and old", 100.0, "2025-12-02")  # 90 days: 9,000
        self.owes("large and fresh", 2000.0, "2026-02-24")  # 6 days: 12,000
        self.owes("risky", 1000.0, "2026-02-24", "high")  # 6 days, 2.5: 15,000
        self.owes("as large, less risky", 1000.0, "2026-02-24", "low")  # 6,000
        self.plan()
        self.assertEqual(
            self.in_order(),
            ["risky", "large and fresh", "small and old", "as large, less risky"],
        )
        self.assertEqual(
            self.reminders.search([], order="priority desc").mapped("priority"),
            [15000.0, 12000.0, 9000.0, 6000.0],
        )

    def test_in_the_currency_of_the_company(self):
        rate = self.env["res.currency"]._get_conversion_rate(
            self.eur, self.company.currency_id, self.company, self.company._ar_today()
        )
        self.invoice(due="2026-02-20", amount=100.0, currency=self.eur)
        reminder = self.plan(self.customer)
        self.assertAlmostEqual(reminder.priority, 100.0 * rate * 10, 2)

    def test_what_is_not_overdue_counts_as_a_day(self):
        self.invoice(due="2026-03-07", amount=100.0)
        self.assertEqual(self.plan(self.customer).priority, 100.0)

    def test_why_it_is_there(self):
        self.invoice(due="2026-02-20")
        reminder = self.prepare(self.customer)
        for state, channel, failure, todo in [
            ("draft", "email", False, "Read and confirm"),
            ("draft", "call", False, "Call the customer"),
            ("ready", "email", False, "Leaves by itself"),
            ("ready", "letter", False, "Print and post"),
            ("ready", "registered", False, "Print and post"),
            ("failed", "email", "No e-mail address", "No e-mail address"),
            ("uncertain", "email", "Timeout", "Find out whether it arrived"),
            ("sent", "email", False, False),
            ("cancelled", "call", False, False),
        ]:
            with self.subTest(state=state, channel=channel):
                reminder.write({"state": state, "channel": channel, "failure": failure})
                self.assertEqual(reminder.todo, todo)

    def test_stale_books_are_the_reason(self):
        self.invoice(due="2026-02-20")
        reminder = self.prepare(self.customer)
        self.company.ar_dunning_stale_days = 1
        self.assertIn("booked", reminder.todo)

    def test_a_weight_is_above_zero(self):
        risk = self.env.ref("ar_ledger.ar_risk_class_high")
        self.assertEqual(risk.ar_dunning_weight, 2.5)
        with self.assertRaises(CheckViolation), mute_logger("odoo.sql_db"):
            risk.ar_dunning_weight = 0.0
            risk.flush_recordset()
