from psycopg2 import IntegrityError

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestLimits(DunningCommon):
    """Floors and quiet days. Today is 2 March 2026."""

    def floors(self, *floors, steps=(("second", 5, {}),)):
        return self.new_scenario(
            *steps,
            floor_ids=[
                fields.Command.create(
                    {
                        "currency_id": currency.id,
                        "item_amount": item,
                        "customer_amount": customer,
                    }
                )
                for currency, item, customer in floors
            ],
        )

    def test_floors_per_currency(self):
        usd, eur = self.company.currency_id, self.eur
        scenario = self.floors((usd, 10, 50), (eur, 0, 20))
        for amounts, asked in [
            ([(usd, 9)], {}),
            ([(usd, 49)], {}),
            ([(usd, 50)], {usd: 50}),
            ([(usd, 30), (usd, 20)], {usd: 50}),
            ([(usd, 60), (usd, 9.99)], {usd: 60}),
            ([(eur, 19), (usd, 100)], {usd: 100}),
            ([(eur, 20)], {eur: 20}),
        ]:
            with self.subTest(amounts=amounts):
                customer = self.new_customer("Customer")
                customer.ar_dunning_scenario_id = scenario
                for currency, amount in amounts:
                    self.invoice(
                        customer, due="2026-02-01", amount=amount, currency=currency
                    )
                planned = {r.currency_id: r.amount_net for r in self.plan(customer)}
                self.assertEqual(planned, asked)

    def test_currency_without_a_floor(self):
        scenario = self.floors((self.eur, 100, 100))
        self.customer.ar_dunning_scenario_id = scenario
        self.invoice(due="2026-02-01", amount=1)
        self.assertEqual(self.plan(self.customer).amount_net, 1)

    def test_an_internal_notice_has_no_floor_per_customer(self):
        scenario = self.floors(
            (self.company.currency_id, 0, 100),
            steps=(("tell", 5, {"channel": "notice"}),),
        )
        self.customer.ar_dunning_scenario_id = scenario
        self.invoice(due="2026-02-01", amount=1)
        self.assertTrue(self.plan(self.customer))

    def test_what_was_left_out_waits(self):
        self.customer.ar_dunning_scenario_id = self.floors(
            (self.company.currency_id, 0, 50)
        )
        small = self.invoice(due="2026-02-01", amount=30)
        self.assertFalse(self.plan(self.customer))
        more = self.invoice(due="2026-02-25", amount=30)
        reminder = self.plan(self.customer)
        self.assertEqual(reminder.line_ids.move_id, small | more)

    def test_too_little_is_left_when_it_would_leave(self):
        self.customer.ar_dunning_scenario_id = self.floors(
            (self.company.currency_id, 10, 50)
        )
        for paid, state in [(30, "ready"), (55, "cancelled"), (95, "cancelled")]:
            with self.subTest(paid=paid):
                customer = self.new_customer("Customer", email="a@example.com")
                customer.ar_dunning_scenario_id = self.customer.ar_dunning_scenario_id
                move = self.invoice(customer, due="2026-02-01", amount=100)
                reminder = self.prepare(customer)
                self.pay(move, amount=paid)
                reminder._recheck()
                self.assertEqual(reminder.state, state)

    def test_one_floor_per_currency(self):
        usd = self.company.currency_id
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            self.floors((usd, 1, 1), (usd, 2, 2))
            self.env.flush_all()

    def contacts(self, last=31):
        """Live through March with a step a day; return the days of contacts."""
        steps = [(f"s{number:02}", number, {}) for number in range(1, 20)]
        customer = self.new_customer("Customer", email="a@example.com")
        customer.ar_dunning_scenario_id = self.new_scenario(*steps)
        self.invoice(customer, due="2026-02-01")
        days = []
        for day in range(2, last):
            with self.at(f"2026-03-{day:02}"):
                reminder = self.prepare(customer)
                if reminder:
                    days.append(day)
                self.done(reminder)
        return days

    def test_quiet_days(self):
        for most, between, expected in [
            (0, 0, list(range(2, 12))),
            (0, 1, list(range(2, 12))),
            (0, 3, [2, 5, 8, 11]),
            (2, 0, [2, 3, 9, 10]),
            (2, 3, [2, 5, 9]),
        ]:
            with self.subTest(most=most, between=between):
                self.company.ar_dunning_max_contacts = most
                self.company.ar_dunning_min_days = between
                self.assertEqual(self.contacts(last=12), expected)

    def test_two_currencies_on_one_day_are_one_contact(self):
        self.company.ar_dunning_min_days = 5
        self.company.ar_dunning_max_contacts = 1
        self.invoice(due="2026-02-01", amount=100)
        self.invoice(due="2026-02-01", amount=80, currency=self.eur)
        self.assertEqual(len(self.plan(self.customer)), 2)

    def test_what_never_reached_the_customer_does_not_count(self):
        self.company.ar_dunning_min_days = 30
        self.invoice(due="2026-02-01")
        self.plan(self.customer)._set_failed("No address")
        self.invoice(due="2026-02-02")
        with self.at("2026-03-03"):
            self.assertTrue(self.plan(self.customer))

    def test_a_notice_is_no_contact(self):
        self.company.ar_dunning_min_days = 30
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("tell", 1, {"channel": "notice"}), ("second", 2, {})
        )
        self.invoice(due="2026-02-01", invoice_user_id=self.user_own.id)
        self.assertEqual(self.prepare(self.customer).state, "sent")
        with self.at("2026-03-03"):
            self.assertEqual(self.prepare(self.customer).step_key, "second")

    def test_queries_do_not_grow_with_customers(self):
        self.company.ar_dunning_min_days = 3
        self.company.ar_dunning_scenario_id = self.floors(
            (self.company.currency_id, 1, 1)
        )

        def count(customers):
            for number in range(customers):
                self.invoice(self.new_customer(f"C{number}"), due="2026-02-01")
            self.refresh()
            due = self.reminders._get_due_customers(self.company)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertEqual(len(self.reminders._plan(self.company, due)), customers)
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(2)
        self.assertEqual(count(1), count(20))

    def test_quiet_days_when_it_would_leave(self):
        """Planned on Monday, confirmed on Wednesday; on Tuesday somebody called."""
        self.company.ar_dunning_hour_from, self.company.ar_dunning_hour_to = 0, 24
        for between, most, heard_on, waits in [
            (0, 0, "2026-03-03", False),
            (0, 0, "2026-03-04", True),
            (2, 0, "2026-03-03", True),
            (2, 0, "2026-03-02", False),
            (0, 1, "2026-03-02", True),
            (0, 2, "2026-03-02", False),
        ]:
            with self.subTest(between=between, most=most, heard_on=heard_on):
                self.company.write(
                    {"ar_dunning_min_days": 0, "ar_dunning_max_contacts": 0}
                )
                customer = self.new_customer("Customer", email="a@example.com")
                self.invoice(customer, due="2026-02-01")
                draft = self.prepare(customer)
                later = self.invoice(customer, due="2026-02-02")
                with self.at(heard_on):
                    self.done(self.plan(customer) - draft)
                self.assertEqual(self.item(later).step_done, "second")
                self.company.write(
                    {"ar_dunning_min_days": between, "ar_dunning_max_contacts": most}
                )
                with self.at("2026-03-04 12:00:00"):
                    self.assertEqual(bool(draft._filter_waiting()), waits)
                    self.assertEqual(draft in draft._get_deliverable(), not waits)
                    self.assertEqual(draft._may_leave(("ready",)), not waits)
                    self.assertTrue(draft._may_leave(("draft", "ready")), "by hand")
                    draft.invalidate_recordset(["waiting_reason"])
                    self.assertEqual(bool(draft.waiting_reason), waits)
                draft._set_cancelled("Next")

    def test_limits_of_limits(self):
        for values in {"ar_dunning_min_days": 367}, {"ar_dunning_min_days": -1}:
            with (
                self.subTest(values),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.env.cr.savepoint(),
            ):
                self.company.write(values)
                self.env.flush_all()
