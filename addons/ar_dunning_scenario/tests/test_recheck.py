from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestRecheck(DunningCommon):
    """Between planning and sending the books go on. Today is 2 March 2026."""

    def test_what_takes_an_item_out(self):
        def pay(move):
            self.pay(move)

        def credit(move):
            refund = self.invoice(move.partner_id, move_type="out_refund", amount=100)
            (self.receivable_lines(move) | self.receivable_lines(refund)).reconcile()

        def change_due_date(move):
            self.receivable_lines(move).date_maturity = "2026-03-31"

        def dispute_and_settle(move):
            self.suspend(move)._end("Settled", grace_days=3)

        def post_again(move):
            move.button_draft()
            move.action_post()

        def post_to_another(move):
            move.button_draft()
            move.partner_id = self.other_customer
            move.action_post()

        def delete(move):
            move.button_draft()
            move.with_context(force_delete=True).unlink()

        for act, reason in [
            (pay, "Paid"),
            (credit, "Paid"),
            (self.suspend, "Suspended"),
            (dispute_and_settle, "Suspended"),
            (change_due_date, "Due date changed"),
            (lambda move: move.button_draft(), "No longer posted"),
            (delete, "No longer posted"),
            (post_again, "Posted again"),
            (post_to_another, "Posted again"),
            (lambda move: move.write({"no_followup": True}), "Excluded from follow-up"),
            (lambda move: move.action_toggle_block_payment(), "Payment blocked"),
        ]:
            with self.subTest(reason=reason, act=getattr(act, "__name__", "")):
                customer = self.new_customer("Customer", email="a@example.com")
                kept = self.invoice(customer, due="2026-02-01", amount=5)
                gone = self.invoice(customer, due="2026-02-01", amount=100)
                reminder = self.prepare(customer)
                line = reminder.line_ids.filtered(lambda r, m=gone: r.move_id == m)
                act(gone)
                reminder._recheck()
                self.assertEqual(
                    (line.state, line.cancel_reason), ("cancelled", reason)
                )
                self.assertEqual(reminder.state, "ready")
                self.assertEqual(reminder.amount_net, 5)
                self.pay(kept)
                reminder._recheck()
                self.assertEqual(reminder.state, "cancelled")
                self.assertIn("Paid", reminder.cancel_reason)

    def test_what_ends_a_reminder_for_its_customer(self):
        def archive_own(customer):
            customer.ar_dunning_scenario_id.active = False

        def assign_archived(customer):
            customer.ar_dunning_scenario_id = self.new_scenario(active=False)

        def assign_another(customer):
            customer.ar_dunning_scenario_id = self.new_scenario(("firm", 3, {}))

        def join_a_group(customer):
            group = self.new_customer("Group")
            customer.write({"is_company": False, "parent_id": group.id})

        for act, reason in [
            (archive_own, "No longer chased"),
            (assign_archived, "No longer chased"),
            (assign_another, "Another scenario"),
            (join_a_group, "Another customer"),
        ]:
            with self.subTest(act=act.__name__):
                customer = self.new_customer("Customer", email="a@example.com")
                customer.ar_dunning_scenario_id = self.new_scenario(("own", 3, {}))
                self.invoice(customer, due="2026-02-01")
                other = self.new_customer("Neighbour", email="b@example.com")
                self.invoice(other, due="2026-02-01")
                reminders = self.prepare(customer, other)
                gone = reminders.filtered(lambda r: r.step_key == "own")
                act(customer)
                reminders._recheck()
                self.assertEqual((reminders - gone).state, "ready")
                self.assertEqual(
                    (gone.state, gone.cancel_reason), ("cancelled", reason)
                )

    def test_posted_again_is_asked_for_once(self):
        move = self.invoice(due="2026-02-01")
        first = self.prepare()
        move.button_draft()
        move.action_post()
        again = self.prepare()
        self.assertEqual(first.state, "cancelled")
        self.assertEqual((again.state, again.line_ids.move_id), ("ready", move))

    def test_posted_again_to_another_customer(self):
        move = self.invoice(due="2026-02-01")
        first = self.prepare()
        move.button_draft()
        move.partner_id = self.other_customer
        move.action_post()
        again = self.prepare()
        self.assertEqual(first.state, "cancelled")
        self.assertEqual(again.commercial_partner_id, self.other_customer)

    def test_a_courtesy_lapses_once_the_item_is_due(self):
        for day, state, reason in [
            ("2026-03-04", "ready", False),
            ("2026-03-05", "cancelled", "Due meanwhile"),
            ("2026-03-09", "cancelled", "Due meanwhile"),
        ]:
            with self.subTest(day=day):
                customer = self.new_customer("Customer", email="a@example.com")
                self.invoice(customer, due="2026-03-05")
                reminder = self.prepare(customer)
                self.assertEqual(reminder.step_key, "upcoming")
                with self.at(day):
                    reminder._recheck()
                self.assertEqual(
                    (reminder.state, reminder.cancel_reason), (state, reason)
                )

    def test_part_payment_lowers_the_amount(self):
        move = self.invoice(due="2026-02-01", amount=100)
        reminder = self.prepare()
        self.pay(move, amount=60)
        reminder._recheck()
        self.assertEqual((reminder.state, reminder.amount_net), ("ready", 40))
        self.assertEqual(reminder.line_ids.amount, 100)

    def test_unmatched_payment_covers_it(self):
        self.invoice(due="2026-02-01", amount=100)
        reminder = self.prepare()
        self.invoice(move_type="out_refund", amount=30)
        reminder._recheck()
        self.assertEqual((reminder.state, reminder.amount_net), ("ready", 70))
        self.invoice(move_type="out_refund", amount=70)
        reminder._recheck()
        self.assertEqual(reminder.state, "cancelled")
        self.assertIn("credits", reminder.cancel_reason)

    def test_cancelled_step_is_taken_when_its_time_comes_again(self):
        move = self.invoice(due="2026-02-01", amount=100)
        reminder = self.prepare()
        suspension = self.suspend(move)
        reminder._recheck()
        with self.at("2026-03-20"):
            self.assertFalse(self.prepare())
            suspension._end("Solved")
            again = self.prepare()
            self.assertEqual(again.step_key, "second")

    def test_the_night_clears_what_was_paid(self):
        moves = self.invoice(due="2026-02-01") | self.invoice(
            self.other_customer, due="2026-02-01"
        )
        self.run_night()
        self.pay(moves[0])
        with self.at("2026-03-03"):
            self.run_night()
        reminders = self.reminders.search([])
        states = {r.commercial_partner_id: r.state for r in reminders}
        self.assertEqual(
            states, {self.customer: "cancelled", self.other_customer: "ready"}
        )

    def test_cancelling_by_hand_counts_as_done(self):
        self.invoice(due="2026-02-01")
        reminder = self.prepare()
        wizard = self.env["ar.dunning.reminder.cancel"].with_user(self.user_collector)
        wizard.create(
            {"reminder_ids": reminder.ids, "reason": "Agreed on the phone"}
        ).action_cancel()
        self.assertEqual(reminder.state, "cancelled")
        self.assertEqual(reminder.line_ids.state, "skipped")
        self.assertFalse(self.prepare())
        with self.at("2026-03-03"):
            self.assertEqual(self.prepare().step_key, "call")
        event = self.env["ar.event"].search(
            [("source_model", "=", reminder._name), ("source_id", "=", reminder.id)]
        )
        self.assertIn("Agreed on the phone", event[:1].text)
        self.assertEqual(event[:1].user_id, self.user_collector)

    def test_taking_one_item_out(self):
        self.invoice(due="2026-02-01", amount=100)
        out = self.invoice(due="2026-02-01", amount=5)
        reminder = self.prepare()
        line = reminder.line_ids.filtered(lambda line: line.move_id == out)
        wizard = self.env["ar.dunning.reminder.cancel"].with_user(self.user_collector)
        action = line.with_user(self.user_collector).action_take_out()
        wizard = wizard.with_context(**action["context"])
        wizard.create({"reason": "Small"}).action_cancel()
        self.assertEqual((line.state, reminder.state), ("skipped", "ready"))
        self.assertEqual(reminder.amount_net, 100)

    def test_milder_items_are_not_asked_for_in_harsher_words(self):
        """The item that gave the reminder its step is paid: the night begins anew."""
        harsh = self.invoice(due="2026-01-01", amount=100)
        with self.at("2026-03-01"):
            self.done(self.prepare(self.customer))
        mild = self.invoice(due="2026-02-01", amount=40)
        reminder = self.prepare(self.customer)
        self.assertEqual(reminder.line_ids.move_id, harsh | mild)
        self.pay(harsh, 60)
        reminder._recheck()
        self.assertEqual((reminder.step_key, reminder.state), ("call", "draft"))
        self.pay(harsh, 40)
        again = self.prepare(self.customer)
        self.assertEqual((again.step_key, again.line_ids.move_id), ("second", mild))
        self.assertEqual(reminder.state, "cancelled")
        self.assertIn("settled", reminder.cancel_reason)
        self.assertEqual(set(reminder.line_ids.mapped("state")), {"cancelled"})
