from datetime import date

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestLearning(DisputeCommon):
    """Flags, analysis and corrective actions."""

    def on(self, day, outcome=None, cause=None, partner=None, amount=100):
        with self.at(day):
            dispute = self.dispute(self.invoice(partner, amount=amount, date=day))
            dispute.cause_id = cause or False
            if outcome:
                dispute.write({"answer": "So", "amount_accepted": amount / 4})
                getattr(dispute, f"action_{outcome}")()
        return dispute

    def test_raised_late(self):
        for due, late in (("2026-03-01", True), ("2026-03-02", False)):
            with self.subTest(due):
                dispute = self.dispute(self.invoice(due=due, date="2026-02-01"))
                self.assertEqual(dispute.is_raised_late, late)

    def test_rejected_before(self):
        first = self.on("2025-02-01", "reject")
        second = self.on("2025-06-01", "accept")
        third = self.on("2026-01-15")
        fourth = self.on("2026-02-15", partner=self.other_customer)
        disputes = first | second | third | fourth
        self.assertEqual(disputes.filtered("is_repeated"), second | third)
        found = self.env["ar.dispute"].search([("is_repeated", "=", True)])
        self.assertEqual(found & disputes, second | third)
        others = self.env["ar.dispute"].search([("is_repeated", "=", False)])
        self.assertEqual(others & disputes, first | fourth)

    def test_rejected_too_long_ago(self):
        self.on("2025-01-01", "reject")
        self.assertTrue(self.on("2026-01-01").is_repeated)
        self.assertFalse(self.on("2026-01-02").is_repeated)

    def test_same_cause_as_last_month(self):
        cases = [
            ("2026-01-31", True),
            ("2026-01-01", False),
            ("2025-12-31", False),
        ]
        other = self.env.ref("ar_dispute.ar_dispute_cause_transport")
        for day, again in (("2026-02-01", True), *cases[1:]):
            with self.subTest(day), self.rolled_back():
                self.on(day, cause=self.cause)
                dispute = self.on("2026-03-02", cause=self.cause)
                self.assertEqual(dispute.is_cause_again, again)
                self.assertFalse(self.on("2026-03-02", cause=other).is_cause_again)

    def test_analysis(self):
        accepted = self.on("2026-02-01", "accept", self.cause)
        with self.at("2026-02-11"):
            part = self.dispute(self.invoice(amount=200, date="2026-02-11"))
        with self.at("2026-02-21"):
            part.write({"answer": "So", "amount_accepted": 50, "cause_id": self.cause})
            part.action_partly()
        waiting = self.on("2026-02-20")
        rows = self.env["ar.dispute.analysis"].search(
            [("dispute_id", "in", (accepted | part | waiting).ids)]
        )
        by_dispute = {row.dispute_id: row for row in rows}
        self.assertEqual(by_dispute[accepted].resolve_days, 0)
        self.assertEqual(by_dispute[part].resolve_days, 10)
        self.assertEqual(by_dispute[waiting].age_days, 10)
        self.assertEqual(by_dispute[waiting].age, "8_30")
        self.assertTrue(by_dispute[waiting].is_late)
        self.assertFalse(by_dispute[accepted].is_late)
        [(cause, disputed, share, days)] = self.env["ar.dispute.analysis"]._read_group(
            [("id", "in", rows.ids), ("cause_id", "!=", False)],
            ["cause_id"],
            ["amount_disputed:sum", "share_accepted:avg", "resolve_days:avg"],
        )
        self.assertEqual(cause, self.cause)
        self.assertEqual((disputed, share, days), (300, 0.625, 5))

    def test_effect_of_an_action(self):
        action = self.env["ar.corrective.action"].create(
            {"name": "Scan when packing", "cause_id": self.cause.id}
        )
        for day, amount in (("2026-02-01", 10), ("2026-02-09", 20), ("2026-02-19", 40)):
            self.on(day, cause=self.cause, amount=amount)
        self.on("2026-02-25", cause=self.cause, amount=80)
        action.date_done = date(2026, 2, 20)
        action.action_done()
        self.assertEqual(action.period_days, 11)
        self.assertEqual((action.count_before, action.amount_before), (2, 60))
        self.assertEqual((action.count_after, action.amount_after), (1, 80))

    def test_effect_of_many_actions_needs_no_more_queries(self):
        actions = self.env["ar.corrective.action"].create(
            [{"name": str(number), "cause_id": self.cause.id} for number in range(10)]
        )
        actions.action_done()
        self.count(actions)
        self.assertEqual(self.count(actions[:1]), self.count(actions))

    def count(self, actions):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        actions.browse(actions.ids).mapped("count_before")
        return self.cr.sql_log_count - before

    def test_states_of_an_action(self):
        action = self.env["ar.corrective.action"].create(
            {"name": "Scan", "cause_id": self.cause.id}
        )
        self.assertEqual(action.count_before, 0)
        action.action_drop()
        with self.assertRaisesRegex(UserError, "only what is planned"):
            action.action_done()
        action.action_plan_again()
        action.action_done()
        self.assertEqual(action.date_done, date(2026, 3, 2))

    def test_disputes_of_branches_count(self):
        branch = self.new_branch()
        lines = self.receivable_lines(self.invoice(company=branch))
        both = self.env["ar.dispute"].with_context(
            allowed_company_ids=(self.company | branch).ids
        )
        both._open(lines, self.reason).cause_id = self.cause
        action = self.env["ar.corrective.action"].create(
            {"name": "Train", "cause_id": self.cause.id, "company_id": self.company.id}
        )
        action.action_done()
        self.assertEqual((action.count_before, action.count_after), (0, 1))
