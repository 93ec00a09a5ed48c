from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestItem(DunningCommon):
    """Where items stand. Today is 2 March 2026."""

    def on(self, iso):
        return fields.Date.from_string(iso)

    def assertNext(self, move, step, date):
        item = self.item(move)
        self.assertEqual(item.next_step_id.step_key or None, step)
        self.assertEqual(item.next_date or None, self.on(date) if date else None)

    def test_new_items_get_their_next_step(self):
        for due, step, date in [
            ("2026-03-31", "upcoming", "2026-03-26"),
            ("2026-03-04", "upcoming", "2026-03-02"),
            ("2026-03-02", "second", "2026-03-07"),
            ("2026-02-25", "second", "2026-03-02"),
            ("2025-12-01", "second", "2026-03-02"),
        ]:
            with self.subTest(due=due):
                move = self.invoice(due=due)
                self.refresh()
                self.assertNext(move, step, date)

    def test_who_is_not_chased(self):
        draft = self.invoice(due="2026-02-01")
        draft.button_draft()
        paid = self.invoice(due="2026-02-01")
        self.pay(paid)
        excluded = self.invoice(due="2026-02-01")
        excluded.no_followup = True
        credit = self.invoice(due="2026-02-01", move_type="out_refund")
        self.refresh()
        for move in draft, paid, excluded, credit:
            self.assertFalse(self.item(move), move.move_type)

    def test_paid_items_leave(self):
        kept, paid = self.invoice(due="2026-03-31"), self.invoice(due="2026-03-31")
        self.refresh()
        self.pay(paid)
        self.refresh()
        self.assertTrue(self.item(kept))
        self.assertFalse(self.item(paid))

    def test_scenario_of_the_customer_goes_first(self):
        own = self.new_scenario(("firm", 3, {}))
        self.customer.ar_dunning_scenario_id = own
        mine = self.invoice(self.customer, due="2026-03-02")
        other = self.invoice(self.other_customer, due="2026-03-02")
        self.refresh()
        self.assertNext(mine, "firm", "2026-03-05")
        self.assertNext(other, "second", "2026-03-07")

        self.customer.ar_dunning_scenario_id = False
        self.refresh()
        self.assertNext(mine, "second", "2026-03-07")

    def test_without_scenario_nobody_is_chased(self):
        self.company.ar_dunning_scenario_id = False
        move = self.invoice(due="2026-02-01")
        self.refresh()
        self.assertFalse(self.item(move))
        self.company.ar_dunning_scenario_id = self.scenario
        self.refresh()
        self.assertTrue(self.item(move))
        self.scenario.active = False
        self.refresh()
        self.assertFalse(self.item(move))

    def test_suspension_stops_the_clock_at_once(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        self.assertNext(move, "second", "2026-03-06")
        suspension = self.suspend(move)
        self.assertNext(move, "second", None)
        with self.at("2026-03-12"):
            suspension._end("Solved", grace_days=2)
            # One day counted before the pause; ten paused, two of grace, four to go.
            self.assertNext(move, "second", "2026-03-18")
            self.assertEqual(self.item(move).days_counted, 0)

    def test_part_suspended_goes_on(self):
        move = self.invoice(due="2026-03-01", amount=100)
        line = self.receivable_lines(move)
        self.suspend(move, amounts={line.id: 30.0})
        self.refresh()
        self.assertNext(move, "second", "2026-03-06")

    def test_changed_due_date_starts_a_new_cycle(self):
        move = self.invoice(due="2026-02-20")
        self.done(self.prepare())
        self.assertNext(move, "call", "2026-03-03")
        self.receivable_lines(move).date_maturity = "2026-03-20"
        self.refresh()
        self.assertNext(move, "upcoming", "2026-03-15")
        self.assertEqual(self.item(move).cycle, 1)
        with self.at("2026-03-25"):
            again = self.prepare()
            self.assertEqual(again.line_ids.step_key, "second")
            self.assertEqual(again.line_ids.cycle, 1)

    def test_posted_again_starts_a_new_cycle(self):
        move = self.invoice(due="2026-02-20")
        self.done(self.prepare())
        line = self.receivable_lines(move)
        move.button_draft()
        self.refresh()
        self.assertFalse(self.item(move))
        move.action_post()
        self.assertEqual(self.receivable_lines(move), line)
        self.refresh()
        self.assertNext(move, "second", "2026-03-02")
        self.assertEqual(self.item(move).cycle, 1)

    def test_history_never_holds_an_invoice(self):
        cancelled, reset = (
            self.invoice(due="2026-02-20"),
            self.invoice(due="2026-02-20"),
        )
        reminder = self.prepare()
        self.done(reminder)
        cancelled.button_draft()
        cancelled.button_cancel()
        self.assertEqual(cancelled.state, "cancel")
        reset.button_draft()
        reset.with_context(force_delete=True).unlink()
        self.assertEqual(set(reminder.line_ids.mapped("state")), {"done"})
        self.assertEqual(reminder.amount_net, 200)
        self.assertEqual(len(reminder.line_ids.line_id), 1)

    def test_emptied_table_comes_back_the_same(self):
        moves = self.env["account.move"]
        for number, due in enumerate(
            ["2026-02-20", "2026-02-25", "2026-03-04", "2026-03-31", "2025-11-01"]
        ):
            customer = self.new_customer(f"C{number}", email=f"c{number}@example.com")
            moves |= self.invoice(customer, due=due)
        for day in ["2026-03-02", "2026-03-03", "2026-03-05"]:
            with self.at(day):
                reminders = self.prepare()
                self.done(reminders[::2])
                if day == "2026-03-03":
                    self.suspend(moves[0], date_until="2026-03-08")
                    self.receivable_lines(moves[1]).date_maturity = "2026-03-12"
        with self.at("2026-03-06"):
            self.plan()
            items = self.dunning_items.search([])
            before = self.facts_of(items)
            self.dunning_items._rebuild(self.company)
            items = self.dunning_items.search([])
            self.assertEqual(self.facts_of(items), before)
            self.assertEqual(len(before), 5)

    def test_read_in_batches_it_is_the_same(self):
        for number in range(7):
            self.invoice(self.new_customer(f"C{number}"), due=f"2026-02-{number + 10}")
        self.refresh()
        before = self.facts_of(self.dunning_items.search([]))
        name = "odoo.addons.ar_dunning_scenario.models.ar_dunning_item"
        with patch(f"{name}.ITEMS_PER_BATCH", 2):
            self.dunning_items._rebuild(self.company)
        self.assertEqual(self.facts_of(self.dunning_items.search([])), before)

    def test_queries_do_not_grow_with_items(self):
        def count(items):
            for _number in range(items):
                self.invoice(due="2026-02-20")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.refresh()
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(1), count(20))

    def test_shown_on_invoice_customer_and_position(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        self.env.invalidate_all()
        day = self.on("2026-03-06")
        self.assertEqual(move.ar_dunning_step_id.step_key, "second")
        self.assertEqual(move.ar_dunning_date, day)
        self.assertEqual(self.customer.ar_dunning_step_id.step_key, "second")
        self.assertEqual(self.customer.ar_dunning_date, day)
        self.assertEqual(self.position(self.customer).next_reminder_date, day)
