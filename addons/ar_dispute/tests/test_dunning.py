from datetime import date

from odoo.tests import tagged

from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestDisputeInDunning(DisputeCommon, DunningCommon):
    """A disputed item leaves the plan and comes back where it was.

    The scenario: D-5 and D+5 e-mail, D+7 call, D+8 notice. Today, D+5 of the items,
    is 2 March 2026.
    """

    switches = {**DunningCommon.switches, **DisputeCommon.switches}

    def chased(self, amount=100):
        return self.invoice(amount=amount, due="2026-02-25")

    def chase(self):
        self.done(self.prepare())

    def test_leaves_the_plan_and_comes_back_where_it_was(self):
        move = self.chased()
        self.chase()
        self.assertEqual(self.item(move).next_step_id.step_key, "call")
        self.assertEqual(self.item(move).next_date, date(2026, 3, 4))
        with self.at("2026-03-03"):
            dispute = self.dispute(move)
            self.assertFalse(self.item(move).next_date, "at once, not in the night")
        with self.at("2026-03-23"):
            self.assertFalse(self.prepare(), "20 days later nothing is due")
            dispute.answer = "The price is the agreed one"
            dispute.action_reject()
            item = self.item(move)
            # Due for the call one day after the dispute; 20 disputed days and 3 days
            # of grace stand still.
            self.assertEqual(item.next_step_id.step_key, "call")
            self.assertEqual(item.next_date, date(2026, 3, 27))
        with self.at("2026-03-26"):
            self.assertFalse(self.prepare(), "days of grace")
        with self.at("2026-03-27"):
            reminder = self.prepare()
            self.assertEqual(reminder.step_key, "call", "and not the step after it")
            self.assertEqual(reminder.line_ids.move_id, move)

    def test_dispute_before_a_step_jumps_none(self):
        """Due for the second notice on 6 March, four days after the dispute."""
        move = self.invoice(due="2026-03-01")
        self.refresh()
        self.assertEqual(self.item(move).next_date, date(2026, 3, 6))
        dispute = self.dispute(move)
        with self.at("2026-04-10"):
            dispute.action_accept()
            self.assertFalse(self.prepare())
            item = self.item(move)
            self.assertEqual(item.next_step_id.step_key, "second")
            # 39 disputed days and 3 of grace.
            self.assertEqual(item.next_date, date(2026, 4, 17))

    def test_raised_from_a_reminder(self):
        self.chased()
        reminder = self.prepare()
        line = reminder.line_ids.with_user(self.accountant)
        action = line.action_ar_dispute()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        wizard = wizard.with_user(self.accountant)
        wizard.reason_id = self.reason
        wizard.action_confirm()
        self.assertEqual(reminder.state, "cancelled")
        self.assertEqual(line.action_open_invoice()["res_id"], line.move_id.id)

    def test_the_other_items_go_on(self):
        disputed, other = self.chased(), self.chased(amount=50)
        self.dispute(disputed)
        reminder = self.prepare()
        self.assertEqual(reminder.line_ids.move_id, other)
        self.assertEqual(reminder.amount_net, 50)

    def test_taken_out_of_a_reminder_that_waits(self):
        disputed, other = self.chased(), self.chased(amount=50)
        reminder = self.prepare()
        self.dispute(disputed)
        states = {line.move_id: line.state for line in reminder.line_ids}
        self.assertEqual(states[disputed], "cancelled")
        self.assertNotEqual(states[other], "cancelled")
        self.assertEqual(reminder.amount_net, 50)
        self.dispute(other)
        self.assertEqual(reminder.state, "cancelled")

    def test_a_disputed_part_leaves_the_rest_chased(self):
        move = self.chased(amount=100)
        self.dispute(move, amount=30)
        reminder = self.prepare()
        self.assertEqual(reminder.line_ids.move_id, move)
        self.assertEqual(reminder.amount_net, 70)
        self.assertIn("30.00", reminder.items_html, "the disputed part is named")
        self.assertIn("in dispute", reminder.items_html)

    def test_nothing_is_said_of_disputes_where_there_is_none(self):
        self.chased()
        self.assertNotIn("in dispute", self.prepare().items_html)

    def test_night_after_night(self):
        move = self.chased()
        self.dispute(move)
        for day in ("2026-03-05", "2026-03-15", "2026-03-25"):
            with self.subTest(day=day), self.at(day):
                self.run_night()
                chased = self.env["ar.dunning.reminder.line"].sudo()
                self.assertFalse(chased.search([("move_id", "=", move.id)]))
                self.assertEqual(self.items(move).amount_residual, 100, "still open")

    def test_disputes_settle_before_dunning_plans(self):
        stages = [stage.key for stage in self.env["ar.run"]._get_sorted_stages()]
        self.assertLess(stages.index("disputes"), stages.index("dunning"))
