from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import RiskCommon


@tagged("post_install", "-at_install")
class TestAlert(RiskCommon):
    def test_opens_with_the_figures_of_the_moment(self):
        self.overdue(1200)
        self.overdue(300, due="2026-02-20")
        opened, closed = self.evaluate()
        self.assertFalse(closed)
        self.assertRecordValues(
            opened,
            [
                {
                    "rule_id": self.rule.id,
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "severity": "3",
                    "action": "stop_deliveries",
                    "amount": 1200,
                    "days_overdue": 60,
                    "oldest_due_date": date(2026, 1, 1),
                    "state": "open",
                    "opened_on": date(2026, 3, 2),
                }
            ],
        )

    def test_what_opens_and_what_does_not(self):
        cases = [
            # (amount, due, opens): more than 1,000 more than 30 days overdue
            (1000, "2026-01-01", False),
            (1000.01, "2026-01-01", True),
            (1200, "2026-01-31", False),
            (1200, "2026-01-30", True),
            (1200, "2026-04-01", False),
        ]
        for amount, due, opens in cases:
            with self.subTest(amount=amount, due=due):
                customer = self.new_customer("Case")
                self.overdue(amount, customer, due=due)
                self.evaluate()
                self.assertEqual(bool(self.open_alert(customer)), opens)

    def test_no_second_one_on_another_run(self):
        self.overdue()
        self.evaluate()
        alert = self.open_alert()
        for day in ("2026-03-02", "2026-03-03", "2026-03-20"):
            with self.at(day):
                opened, closed = self.evaluate()
            self.assertFalse(opened | closed)
        self.assertEqual(self.alerts(), alert)

    def test_one_open_per_rule_and_customer_by_schema(self):
        self.overdue()
        self.evaluate()
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                self.open_alert().sudo().copy()

    def test_credits_not_applied_yet_count(self):
        self.overdue(1200)
        self.invoice(amount=250, move_type="out_refund")
        self.evaluate()
        self.assertFalse(self.open_alert(), "950 remain")

    def test_disputed_amounts_are_left_out_by_choice(self):
        move = self.overdue(1200)
        self.switch_on(ar_dispute_active=True)
        reason = self.env["ar.dispute.reason"].search([], limit=1)
        lines = self.receivable_lines(move)
        self.env["ar.dispute"]._open(lines, reason, amounts={lines.id: 300})
        self.evaluate()
        self.assertFalse(self.open_alert(), "900 remain undisputed")
        self.rule.ignore_suspended = False
        self.evaluate()
        self.assertEqual(self.open_alert().amount, 1200)

    def test_in_the_currency_of_the_company(self):
        self.overdue(501, currency=self.eur)
        self.evaluate()
        self.assertEqual(self.open_alert().amount, 1002)

    def test_a_branch_counts_for_its_root(self):
        branch = self.new_branch()
        self.overdue(600)
        self.overdue(600, company=branch)
        self.evaluate()
        self.assertEqual(self.open_alert().amount, 1200)
        self.assertEqual(self.open_alert().company_id, self.company)

    def test_owners(self):
        self.customer.user_id = self.user_own
        self.customer.ar_collector_id = self.user_collector
        cases = [
            ("salesperson", self.user_own),
            ("collector", self.user_collector),
            ("user", self.user_manager),
        ]
        self.rule.user_id = self.user_manager
        self.overdue()
        for owner_kind, owner in cases:
            with self.subTest(owner_kind):
                self.rule.owner_kind = owner_kind
                self.evaluate()
                self.assertEqual(self.open_alert().user_id, owner)
                self.open_alert().sudo()._close("rule_off")

    def test_without_collector_the_fixed_user(self):
        self.rule.write({"owner_kind": "collector", "user_id": self.user_manager.id})
        self.overdue()
        self.evaluate()
        self.assertEqual(self.open_alert().user_id, self.user_manager)

    def test_opening_and_closing_are_events(self):
        move = self.overdue()
        self.evaluate()
        self.pay(move)
        self.evaluate()
        events = self.events("risk_alert").sorted("id")
        self.assertEqual(len(events), 2)
        self.assertEqual(events[0].figures["amount"], 1200)
        self.assertIn("Cause gone", events[1].text)

    def test_night(self):
        self.overdue()
        self.run_night()
        self.assertTrue(self.open_alert())
        run = self.env["ar.run"].search([("stage", "=", "alerts")])
        self.assertEqual((run.state, run.counts), ("done", {"opened": 1, "closed": 0}))

    def test_night_does_one_rule_after_the_other(self):
        second = self.rule.copy({"name": "Second", "action": "none"})
        self.overdue()
        self.run_night()
        self.assertEqual(self.open_alert().rule_id, self.rule | second)

    def test_snooze_hides_and_frees_nothing(self):
        self.overdue()
        self.evaluate()
        alert = self.open_alert().with_user(self.user_collector)
        wizard = self.env["ar.risk.alert.snooze"].with_user(self.user_collector)
        wizard.with_context(**alert.action_snooze()["context"]).create(
            {"until": "2026-03-10"}
        ).action_confirm()
        awake = [("is_snoozed", "=", False), ("id", "=", alert.id)]
        for day, snoozed in (("2026-03-10", True), ("2026-03-11", False)):
            with self.subTest(day=day), self.at(day):
                self.assertEqual(alert.is_snoozed, snoozed)
                self.assertEqual(bool(alert.search(awake)), not snoozed)
        self.assertEqual(self.hold(alert).state, "held")
        alert.action_wake()
        self.assertFalse(alert.is_snoozed)

    def test_snooze_only_until_a_day_to_come(self):
        self.overdue()
        self.evaluate()
        with self.assertRaisesRegex(UserError, "after today"):
            self.open_alert()._snooze(date(2026, 3, 2))

    def test_closed_by_hand_stays_quiet_as_long_as_asked(self):
        self.overdue()
        self.evaluate()
        alert = self.open_alert().with_user(self.user_manager)
        wizard = self.env["ar.risk.alert.close"].with_user(self.user_manager)
        wizard = wizard.with_context(**alert.action_close()["context"])
        wizard.create(
            {"note": "Paid in cash", "quiet_until": "2026-03-08"}
        ).action_confirm()
        self.assertRecordValues(
            alert,
            [
                {
                    "state": "closed",
                    "close_reason": "manual",
                    "close_note": "Paid in cash",
                    "closed_by_id": self.user_manager.id,
                    "closed_on": date(2026, 3, 2),
                }
            ],
        )
        for day, opens in (("2026-03-08", False), ("2026-03-09", True)):
            with self.subTest(day=day), self.at(day):
                self.evaluate()
                self.assertEqual(bool(self.open_alert()), opens)

    def test_closing_needs_a_word(self):
        self.overdue()
        self.evaluate()
        with self.assertRaisesRegex(UserError, "needs a reason"):
            self.open_alert()._close_by_hand("  ", False)

    def test_on_the_customer(self):
        self.overdue()
        self.evaluate()
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.customer.id}
        )
        self.assertEqual(self.customer.ar_risk_alert_ids, self.open_alert())
        self.assertEqual(contact.ar_risk_alert_ids, self.open_alert())

    def test_queries_do_not_grow_with_customers(self):
        counts = []
        for number in (1, 1, 20):
            for _customer in range(number):
                self.overdue(900, self.new_customer("Almost"))
            self.env.flush_all()
            before = self.cr.sql_log_count
            self.evaluate()
            counts.append(self.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2])
