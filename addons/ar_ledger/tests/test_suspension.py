from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestSuspension(ReceivablesCommon):
    def test_whole_item(self):
        move = self.invoice(amount=100)
        self.suspend(move)
        item = self.items(move)
        self.assertEqual(item.amount_suspended, 100)
        self.assertEqual(item.suspension_kind, "pause")
        self.assertEqual(item.amount_residual, 100, "still open, still counted")
        self.assertEqual(self.position(self.customer).total_suspended, 100)

    def test_part_of_a_foreign_item_at_its_own_rate(self):
        move = self.invoice(amount=90, currency=self.eur)
        line = self.receivable_lines(move)
        self.suspend(move, amounts={line.id: 30})
        self.assertEqual(self.items(move).amount_suspended, 60)

    def test_never_more_than_what_is_open(self):
        move = self.invoice(amount=90)
        self.suspend(move, amounts={self.receivable_lines(move).id: 80})
        self.pay(move, 50)
        item = self.items(move)
        self.assertEqual((item.amount_residual, item.amount_suspended), (40, 40))

    def test_from_first_to_last_day(self):
        move = self.invoice()
        suspension = self.suspend(move, date_until=date(2026, 3, 10))
        cases = [
            ("2026-03-01", False, "planned"),
            ("2026-03-02", True, "running"),
            ("2026-03-10", True, "running"),
            ("2026-03-11", False, "ended"),
        ]
        for day, suspended, state in cases:
            with self.subTest(day=day), self.at(day):
                self.assertEqual(bool(self.items(move).suspension_kind), suspended)
                self.assertEqual(suspension.state, state)
                found = self.env["ar.suspension"].search([("state", "=", state)])
                self.assertIn(suspension, found)

    def test_ended_today_counts_no_more_today(self):
        move = self.invoice()
        suspension = self.suspend(move)
        with self.at("2026-03-05"):
            suspension._end("Settled", grace_days=3)
            self.assertFalse(self.items(move).suspension_kind)
        self.assertEqual(suspension.date_until, date(2026, 3, 4))
        self.assertEqual(suspension.grace_days, 3)

    def test_ended_on_its_first_day_was_never_in_force(self):
        move = self.invoice()
        suspension = self.suspend(move)
        suspension._end("Wrong invoice")
        self.assertFalse(self.items(move).suspension_kind)

    def test_each_act_is_an_event_with_its_figures(self):
        move = self.invoice(amount=100)
        suspension = self.suspend(move)
        suspension._end("Settled")
        events = self.env["ar.event"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        self.assertEqual(events.mapped("kind"), ["suspension"] * 2)
        self.assertEqual(events[1].figures["residual"], 100)
        self.assertIn("Agreed by phone", events[1].text)

    def test_ending_twice_changes_nothing(self):
        suspension = self.suspend(self.invoice())
        suspension._end("Settled")
        before = self.env["ar.event"].search_count([])
        suspension._end("Settled again")
        self.assertEqual(self.env["ar.event"].search_count([]), before)

    def test_bad_input(self):
        move = self.invoice()
        line = self.receivable_lines(move)
        with self.assertRaises(ValidationError):
            self.suspend(move, date_until=date(2026, 2, 1))
        for amount in (0, -5):
            with (
                self.subTest(amount=amount),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.suspend(move, amounts={line.id: amount})

    def test_deleting_the_invoice_keeps_the_suspension(self):
        move = self.invoice()
        suspension = self.suspend(move)
        number = move.name
        move.button_draft()
        move.with_context(force_delete=True).unlink()
        self.env.invalidate_all()
        self.assertFalse(suspension.line_id)
        self.assertEqual(suspension.move_name, number)

    def test_collector_pauses_from_the_list(self):
        move = self.invoice()
        wizard = self._new_pause(self.user_collector, move)
        wizard.action_pause()
        self.assertEqual(self.items(move).suspension_kind, "pause")
        with self.assertRaisesRegex(UserError, "Already suspended"):
            self._new_pause(self.user_collector, move).action_pause()

    def test_pause_needs_a_day_to_come(self):
        move = self.invoice()
        wizard = self._new_pause(self.user_collector, move, until="2026-03-01")
        with self.assertRaisesRegex(UserError, "today or later"):
            wizard.action_pause()

    def test_viewer_cannot_pause(self):
        move = self.invoice()
        with self.assertRaises(AccessError):
            self._new_pause(self.user_viewer, move)

    def test_only_pauses_end_by_hand(self):
        suspension = self.suspend(self.invoice())
        suspension.with_user(self.user_collector).action_end()
        self.assertEqual(suspension.state, "ended")
        with self.assertRaises(AccessError):
            suspension.with_user(self.user_viewer).action_end()

    def _new_pause(self, user, move, until="2026-03-20"):
        return (
            self.env["ar.suspension.pause"]
            .with_user(user)
            .with_context(active_model="ar.open.item", active_ids=self.items(move).ids)
            .create({"date_until": until, "reason": "Waits for a credit note"})
        )
