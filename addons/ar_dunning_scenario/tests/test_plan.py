from unittest.mock import patch

from psycopg2 import IntegrityError

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..channels import EmailChannel
from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestPlan(DunningCommon):
    """What becomes one reminder. Today is 2 March 2026."""

    two_companies = True

    def test_one_reminder_at_the_worst_level(self):
        soon = self.invoice(due="2026-03-05", amount=10)
        old = self.invoice(due="2026-02-01", amount=100)
        self.invoice(due="2026-04-30", amount=1000)  # not its day yet
        reminder = self.plan()
        self.assertRecordValues(
            reminder,
            [
                {
                    "commercial_partner_id": self.customer.id,
                    "step_key": "second",
                    "channel": "email",
                    "state": "draft",
                    "amount_total": 110,
                    "amount_net": 110,
                    "item_count": 2,
                    "days_overdue": 29,
                }
            ],
        )
        keys = {line.move_id: line.step_key for line in reminder.line_ids}
        self.assertEqual(keys, {soon: "upcoming", old: "second"})

    def test_second_run_plans_nothing(self):
        self.invoice(due="2026-02-01")
        self.assertEqual(len(self.prepare()), 1)
        self.assertFalse(self.prepare())
        self.dunning_items._rebuild(self.company)
        self.assertFalse(self.prepare())

    def test_same_day_after_sending_plans_nothing(self):
        self.invoice(due="2026-02-01")
        self.done(self.prepare())
        self.assertFalse(self.prepare())

    def test_whole_scenario_one_step_a_day(self):
        self.invoice(due="2026-02-01")
        taken = []
        for day in range(2, 8):
            with self.at(f"2026-03-{day:02}"):
                reminders = self.prepare()
                taken.append(reminders.step_key)
                self.done(reminders)
        self.assertEqual(taken, ["second", "call", "salesperson", False, False, False])

    def test_open_reminder_holds_the_next_step(self):
        self.invoice(due="2026-02-01")
        reminder = self.prepare()
        with self.at("2026-03-10"):
            self.assertFalse(self.prepare())
            reminder._set_sent()
        with self.at("2026-03-11"):
            self.assertEqual(self.prepare().step_key, "call")

    def test_the_index_refuses_a_second_time(self):
        self.invoice(due="2026-02-01")
        line = self.plan().line_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            line.copy()
        line._close("cancelled", "Test")
        self.assertTrue(line.copy(), "a cancelled step may be taken again")

    def test_credits_are_taken_off(self):
        for amount, planned, net in [(40, True, 60), (100, False, 0), (140, False, 0)]:
            with self.subTest(credit=amount):
                customer = self.new_customer(f"Customer {amount}")
                self.invoice(customer, due="2026-02-01", amount=100)
                self.invoice(customer, move_type="out_refund", amount=amount)
                reminder = self.plan(customer)
                self.assertEqual(bool(reminder), planned)
                self.assertEqual(reminder.amount_net, net)

    def test_suspended_part_is_not_asked_for(self):
        move = self.invoice(due="2026-02-01", amount=100)
        self.suspend(move, amounts={self.receivable_lines(move).id: 30.0})
        reminder = self.plan()
        self.assertEqual(reminder.amount_net, 70)
        self.assertEqual(reminder.line_ids.amount, 100)

    def test_suspended_item_is_not_planned(self):
        whole = self.invoice(due="2026-02-01")
        self.suspend(whole)
        in_full = self.invoice(due="2026-02-01", amount=50)
        self.suspend(in_full, amounts={self.receivable_lines(in_full).id: 50.0})
        self.assertFalse(self.plan())

    def test_one_per_currency(self):
        self.invoice(due="2026-02-01", amount=100)
        self.invoice(due="2026-02-01", amount=80, currency=self.eur)
        self.invoice(move_type="out_refund", amount=30, currency=self.eur)
        reminders = self.plan()
        self.assertEqual(
            {reminder.currency_id: reminder.amount_net for reminder in reminders},
            {self.company.currency_id: 100, self.eur: 50},
        )

    def test_per_company_and_with_branches(self):
        branch = self.new_branch()
        self.switch_on(
            self.company_b,
            ar_ledger_active=True,
            ar_dunning_active=True,
            ar_dunning_scenario_id=self.scenario.id,
        )
        self.invoice(due="2026-02-01", amount=100)
        self.invoice(due="2026-02-01", amount=20, company=branch)
        self.invoice(due="2026-02-01", amount=7, company=self.company_b)
        ours = self.plan()
        theirs = self.plan(company=self.company_b)
        self.assertEqual((ours.company_id, ours.amount_net), (self.company, 120))
        self.assertEqual((theirs.company_id, theirs.amount_net), (self.company_b, 7))
        self.assertEqual(ours.line_ids.move_id.company_id, self.company | branch)

    def test_instalments_are_asked_for_one_by_one(self):
        move = self.invoice(
            amount=100, date="2026-02-20", invoice_payment_term_id=self.pay_terms_b.id
        )
        self.assertEqual(len(self.receivable_lines(move)), 2)
        reminder = self.plan()
        self.assertEqual(reminder.line_ids.mapped("amount"), [30])

    def test_notice_never_stands_in_for_a_message(self):
        """The salesperson is told about one item; the customer hears of the other."""
        told = self.invoice(due="2026-02-01", amount=100)
        for day in ["2026-03-02", "2026-03-03"]:
            with self.at(day):
                self.done(self.prepare())
        with self.at("2026-03-04"):
            fresh = self.invoice(due="2026-02-27", amount=10)
            planned = {r.channel: r.line_ids.move_id for r in self.plan()}
            self.assertEqual(planned, {"notice": told, "email": fresh})

    def test_contact_is_the_invoice_address(self):
        invoice_contact = self.env["res.partner"].create(
            {"parent_id": self.customer.id, "type": "invoice", "name": "Accounts"}
        )
        self.invoice(due="2026-02-01")
        other = self.invoice(self.other_customer, due="2026-02-01")
        planned = self.plan(self.customer)
        self.assertEqual(planned.partner_id, self.customer, "the other has no e-mail")
        planned._cancel("Test")
        invoice_contact.email = "accounts@example.com"
        planned._set_contacts_by(EmailChannel(self.env), "accounting")
        self.assertEqual(planned.partner_id, invoice_contact)
        self.assertEqual(self.plan().partner_id, other.partner_id)

    def test_who_is_responsible(self):
        self.customer.ar_collector_id = self.user_collector
        self.invoice(due="2026-02-01", invoice_user_id=self.user_own.id)
        for day, user in [
            ("2026-03-02", self.user_collector),
            ("2026-03-03", self.user_collector),
            ("2026-03-04", self.user_own),
        ]:
            with self.at(day):
                reminder = self.prepare()
                self.assertEqual(reminder.user_id, user, reminder.step_key)
                self.done(reminder)

    def test_who_left_is_not_responsible(self):
        collector, salesperson = self.user_collector, self.user_own
        nobody = self.env["res.users"]
        call = self.new_scenario(("call", 5, {"channel": "call"}))
        tell = self.new_scenario(
            ("tell", 5, {"channel": "notice", "responsible": "salesperson"})
        )
        for scenario, gone, user in [
            (call, salesperson, collector),
            (call, collector, nobody),
            (tell, collector, salesperson),
            (tell, salesperson, collector),
            (tell, collector | salesperson, nobody),
        ]:
            with self.subTest(scenario.step_ids.step_key, gone=gone.mapped("login")):
                customer = self.new_customer(
                    "Customer", ar_collector_id=collector.id, user_id=salesperson.id
                )
                customer.ar_dunning_scenario_id = scenario
                self.invoice(customer, due="2026-02-01", invoice_user_id=salesperson.id)
                gone.active = False
                reminder = self.prepare(customer)
                self.assertEqual(reminder.user_id, user)
                self.assertEqual(reminder.activity_ids.user_id, user)
                gone.active = True

    def count_queries(self, customers):
        for number in range(customers):
            customer = self.new_customer(f"C{customers} {number}")
            self.invoice(customer, due="2026-02-01")
        self.refresh()
        due = self.reminders._get_due_customers(self.company)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        reminders = self.reminders._plan(self.company, due)
        self.env.flush_all()
        self.assertEqual(len(reminders), customers)
        return self.env.cr.sql_log_count - before

    def test_queries_do_not_grow_with_customers(self):
        self.count_queries(2)  # warms the caches
        self.assertEqual(self.count_queries(1), self.count_queries(30))

    def test_the_night_does_it_in_batches(self):
        for number in range(5):
            self.invoice(self.new_customer(f"C{number}"), due="2026-02-01")
        name = "odoo.addons.ar_dunning_scenario.models.ar_dunning_reminder_planning"
        self.startPatcher(patch(f"{name}.CUSTOMERS_PER_BATCH", 2))
        self.run_night()
        run = self.env["ar.run"].search([("stage", "=", "dunning")])
        self.assertEqual(run.state, "done")
        self.assertEqual(run.counts["planned"], 5)
        self.assertEqual(len(self.reminders.search([])), 5)
