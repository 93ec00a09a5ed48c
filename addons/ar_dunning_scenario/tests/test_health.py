from datetime import date

from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestDunningHealth(DunningCommon):
    """What keeps customers from being asked. Today is 2 March 2026."""

    def page(self):
        health = self.env["ar.health"].with_user(self.user_collector)
        health = health.with_context(allowed_company_ids=self.company.ids)
        return health.search(health.action_open_page()["domain"])

    def line(self, name):
        found = self.page().filtered(lambda line: name in line.name)
        self.assertEqual(len(found), 1, name)
        return found

    def shown(self, line):
        action = line.action_open()
        records = self.env[action["res_model"]].with_user(self.user_collector)
        return records.with_company(self.company).search(action["domain"])

    def assertFound(self, name, level, records):
        line = self.line(name)
        self.assertEqual((line.count, line.level), (len(records), level))
        self.assertEqual(bool(line.advice), level != "ok")
        self.assertEqual(self.shown(line), records)

    def test_all_is_well(self):
        for line in self.page().filtered(lambda line: line.area != "Nightly run"):
            with self.subTest(line.name):
                self.assertEqual((line.count, line.level), (0, "ok"))
                self.assertFalse(line.action)

    def test_messages(self):
        self.invoice(due="2026-02-25")
        message = self.prepare(self.customer).outbox_ids
        for state, code, name in [
            ("failed", "no_address", "No usable address"),
            ("failed", "connect", "Server not reached"),
            ("uncertain", "broken", "Uncertain"),
        ]:
            with self.subTest(name):
                message._by_code().write({"state": state, "failure_code": code})
                self.assertFound(name, "danger", message)
        message._by_code().write({"state": "sending", "failure_code": False})
        with self.at("2026-03-04"):
            self.assertEqual(self.line("Stuck").count, 0)
        with self.at("2026-03-05"):
            self.assertFound("Stuck", "danger", message)

    def test_coverage(self):
        self.company.ar_dunning_scenario_id = False
        self.invoice(due="2026-02-25")
        self.assertFound("without a scenario", "warning", self.customer)
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("arrived", 3, {"trigger": "sending"}), amicable_days=10
        )
        move = self.invoice(due="2026-01-05")
        self.refresh()
        self.assertFound("to decide", "warning", self.item(move))
        self.assertEqual(self.line("never sent").level, "warning")

    def test_not_today(self):
        move = self.invoice(due="2026-02-20")
        self.invoice(move_type="out_refund", amount=100.0)
        self.plan(self.customer)
        self.assertFound("not asked for today", "ok", self.item(move))

    def test_sending(self):
        self.company.ar_dunning_stale_days = 1
        line = self.line("Payments are booked")
        self.assertEqual(line.level, "danger")
        self.assertIn("booked up to", line.advice)
        self.assertEqual(line.action_open()["res_model"], "ar.dunning.books")
        pauses = self.env["ar.dunning.pause"]
        until = date(2026, 4, 1)
        whole = pauses._pause(self.company, self.company, until, "Migration")
        one = pauses._pause(self.company, self.customer, until, "Wait")
        self.assertFound("whole company is paused", "warning", whole)
        line = self.line("Customers and scenarios")
        self.assertEqual((line.count, line.level), (1, "ok"))
        self.assertIn(one, self.shown(line))

    def test_nobody_looked(self):
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("call", 5, {"channel": "call", "mode": "task", "template_id": False})
        )
        self.invoice(due="2026-02-25")
        reminder = self.prepare(self.customer)
        self.assertEqual(self.line("nobody looked at").count, 0)
        with self.at("2026-03-05"):
            self.assertFound("nobody looked at", "warning", reminder)

    def test_off_adds_no_line(self):
        self.company.ar_dunning_active = False
        self.assertEqual(set(self.page().mapped("area")) - {"Nightly run"}, set())

    def test_queries_do_not_grow_with_what_is_found(self):
        counts = []
        for number in (1, 7):
            for index in range(number):
                customer = self.new_customer(f"Customer {number} {index}")
                self.invoice(customer, due="2026-02-25")
            self.prepare()
            self.page()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.page()
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
