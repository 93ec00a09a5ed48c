from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestHealth(ReceivablesCommon):
    """One page tells what ran and what went wrong. Today is 2 March 2026."""

    two_companies = True

    def page(self, user=None):
        health = self.env["ar.health"].with_user(user or self.user_collector)
        health = health.with_context(allowed_company_ids=self.company.ids)
        action = health.action_open_page()
        return health.search(action["domain"])

    def run_of(self, stage):
        return self.env["ar.run"].search(
            [("company_id", "=", self.company.id), ("stage", "=", stage)], limit=1
        )

    def line_of(self, run):
        lines = self.page().filtered("action")
        return lines.filtered(lambda line: line.action.get("res_id") == run.id)

    def test_never_ran(self):
        stages = self.env["ar.run"]._get_sorted_stages()
        wanted = [stage for stage in stages if stage.switch(self.company)]
        self.assertTrue(wanted)
        lines = self.page()[: len(wanted)]
        self.assertEqual(set(lines.mapped("level")), {"danger"})
        self.assertTrue(all(lines.mapped("advice")))

    def test_last_night(self):
        self.env["ar.run"].sudo()._ensure_runs(self.company)
        run = self.env["ar.run"].search([("company_id", "=", self.company.id)], limit=1)
        for values, day, level in [
            ({"state": "done"}, "2026-03-02", "ok"),
            ({"state": "done"}, "2026-03-03", "ok"),
            ({"state": "done"}, "2026-03-04", "danger"),
            ({"state": "done", "error_count": 2}, "2026-03-02", "warning"),
            ({"state": "failed", "error_count": 1}, "2026-03-02", "danger"),
        ]:
            with self.subTest(values, day=day), self.at(day):
                run.sudo().write({"error_count": 0, **values})
                line = self.line_of(run)
                self.assertEqual(line.level, level)
                self.assertEqual(line.count, run.error_count)
                self.assertEqual(bool(line.advice), level != "ok")
                self.assertEqual(line.action_open()["res_model"], "ar.run")

    def test_switched_off_there_is_nothing_to_look_at(self):
        self.company.ar_ledger_active = False
        self.assertFalse(self.page())

    def test_for_collectors(self):
        for user in (self.user_viewer, self.user_own):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.page(user)
        self.assertTrue(self.page(self.user_manager))

    def test_nobody_reads_the_page_of_somebody_else(self):
        page = self.page()
        other = page.with_user(self.user_manager)
        self.assertFalse(other.search([("id", "in", page.ids)]))
        with self.assertRaises(AccessError):
            other.read(["count"])
        with self.assertRaises(AccessError):
            page.write({"action": {"type": "ir.actions.client"}})

    def test_only_the_companies_of_the_user(self):
        self.company_b.ar_ledger_active = True
        self.assertEqual(self.page().company_id, self.company)
