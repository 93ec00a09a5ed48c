from odoo import models
from odoo.exceptions import AccessError
from odoo.tests import tagged

from ..models.ar_run import Stage
from .common import ReceivablesCommon

#: What the fake stages did, in the order in which they did it.
WORK = []


class ArRun(models.Model):
    _inherit = "ar.run"

    def _get_stages(self):
        def active(company):
            return company.ar_ledger_active

        return [
            Stage("late", 90, "Late stage", "ar.run", "_work_late", active),
            Stage("early", 1, "Early stage", "ar.run", "_work_early", active),
            Stage("never", 50, "Never", "ar.run", "_work_late", lambda company: False),
        ]

    def _work_early(self, run):
        """Three batches, unless ``WORK`` says that the second one breaks."""
        if "break" in WORK and run.cursor == 1:
            run._count(lost=1)
            raise ValueError("the second batch broke")
        run.cursor += 1
        run._count(worked=2)
        WORK.append(f"early {run.cursor}")
        return 3 - run.cursor

    def _work_late(self, run):
        WORK.append("late")
        return 5 if "stuck" in WORK else 0


@tagged("post_install", "-at_install")
class TestRun(ReceivablesCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_test_model(ArRun)

    def setUp(self):
        super().setUp()
        WORK.clear()
        self.env["res.company"].search([("id", "!=", self.company.id)]).write(
            {"ar_ledger_active": False}
        )

    def runs(self):
        return (
            self.env["ar.run"]
            .search([("company_id", "=", self.company.id)], order="id")
            .sudo()
        )

    def test_stages_in_their_order_each_to_its_end(self):
        self.run_night()
        self.assertEqual(WORK, ["early 1", "early 2", "early 3", "late"])
        self.assertRecordValues(
            self.runs(),
            [
                {"stage": "early", "state": "done", "counts": {"worked": 6}},
                {"stage": "late", "state": "done", "counts": None},
            ],
        )
        self.assertEqual(self.runs()[0].counts_text, "worked: 6")

    def test_twice_the_same_day_does_nothing_more(self):
        self.run_night()
        done = list(WORK)
        self.run_night()
        self.assertEqual(WORK, done)
        self.assertEqual(len(self.runs()), 2)

    def test_a_new_day_is_a_new_run(self):
        self.run_night()
        with self.at("2026-03-03"):
            self.run_night()
        self.assertEqual(len(self.runs()), 4)

    def test_a_broken_batch_is_shown_and_resumed_where_it_stood(self):
        WORK.append("break")
        self.run_night()
        early, late = self.runs()
        self.assertEqual((early.state, early.cursor), ("failed", 1))
        self.assertEqual(early.counts, {"worked": 2}, "the broken batch left no trace")
        self.assertIn("the second batch broke", early.errors_text)
        self.assertEqual(late.state, "pending", "the next stage waits")
        WORK.remove("break")
        self.run_night()
        self.assertEqual(WORK, ["early 1", "early 2", "early 3", "late"])
        self.assertEqual(set(self.runs().mapped("state")), {"done"})

    def test_a_stage_that_is_very_late_no_longer_blocks_the_next(self):
        WORK.append("break")
        self.run_night()
        early = self.runs()[0]
        early.started_on = "2026-03-01 20:00:00"
        self.run_night()
        self.assertEqual(self.runs().mapped("state"), ["failed", "done"])

    def test_a_stage_without_progress_stops(self):
        WORK.append("stuck")
        self.run_night()
        late = self.runs()[1]
        self.assertEqual(late.state, "failed")
        self.assertIn("no progress", late.errors_text)
        self.assertLess(WORK.count("late"), 4)

    def test_switched_off_company_does_nothing(self):
        self.company.ar_ledger_active = False
        self.run_night()
        self.assertFalse(WORK)
        self.assertFalse(self.runs())

    def test_before_two_in_the_morning_nothing_begins(self):
        self.company.partner_id.tz = "America/Sao_Paulo"
        self.run_night()  # four o'clock UTC is one o'clock there
        self.assertFalse(WORK)

    def test_who_starts_it(self):
        for user in (self.user_own, self.user_viewer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["ar.run"].with_user(user).action_run_now()
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = self.env(cr=cr, user=self.user_collector.id)
            env["ar.run"].action_run_now()
        self.assertIn("late", WORK)

    def test_errors_name_their_record(self):
        self.run_night()
        run = self.runs()[0]
        run._add_error("no e-mail", self.customer)
        self.assertEqual(run.errors_text, "Customer: no e-mail")
        self.assertEqual(run.error_count, 1)
