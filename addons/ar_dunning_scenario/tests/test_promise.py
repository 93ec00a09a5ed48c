from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromise(PromiseCommon):
    """What is promised is not chased. Today is 2 March 2026."""

    two_companies = True

    def test_promise_suspends_until_date_and_tolerance(self):
        move = self.invoice(due="2026-02-20")
        self.refresh()
        contact = self.new_customer("Ms Payer", is_company=False)
        contact.parent_id = self.customer
        promise = self.promise(
            move, "2026-03-10", partner_id=contact.id, channel="email", note="By cheque"
        )
        self.assertEqual(promise.state, "open")
        self.assertEqual(promise.commercial_partner_id, self.customer)
        self.assertEqual(promise.company_id, self.company)
        self.assertEqual(promise.amount, 100)
        self.assertEqual(promise.deadline, self.on("2026-03-13"))
        self.assertEqual(promise.user_id, self.user_collector)
        line = promise.line_ids
        self.assertEqual((line.amount, line.amount_open), (100, 100))
        self.assertEqual((line.number, line.move_id), (move.name, move))
        suspension = self.running(move)
        self.assertEqual(suspension.coverage, "all")
        self.assertEqual(suspension.date_until, promise.deadline)
        source = (suspension.source_model, suspension.source_id)
        self.assertEqual(source, ("ar.promise", promise.id))
        item = self.items(move)
        self.assertEqual(item.suspension_kind, "promise")
        self.assertEqual(item.promised_date, promise.date)
        self.assertNext(move, "second", "2026-03-14")
        event = self.events(promise)[:1]
        self.assertEqual(event.kind, "promise")
        self.assertEqual(event.figures["promised"], 100)

    def test_part_is_suspended_in_part(self):
        move = self.invoice(due="2026-02-20")
        self.promise(move, "2026-03-10", amount=40)
        suspension = self.running(move)
        self.assertEqual((suspension.coverage, suspension.amount), ("part", 40))
        self.assertEqual(self.items(move).amount_to_ask, 60)
        self.refresh()
        self.assertNext(move, "second", "2026-03-02")

    def test_suspended_part_follows_what_is_paid(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-03-10", amount=40)
        self.pay(move, 30, on="2026-03-03")
        self.assertEqual(self.running(move).amount, 10)
        self.assertEqual(self.items(move).amount_to_ask, 60)
        self.unmatch(move)
        self.assertEqual(self.running(move).amount, 40)
        self.assertEqual(self.items(move).amount_to_ask, 60)
        self.credit(move, 50, "2026-03-03")
        # The credit takes what nobody promised: the word is still for 40 of 50.
        self.assertEqual(self.items(move).amount_to_ask, 10)
        before = self.suspensions.search_count([])
        promise._evaluate()
        self.assertEqual(self.suspensions.search_count([]), before)

    def test_in_the_currency_of_the_items(self):
        move = self.invoice(due="2026-02-20", currency=self.eur)
        promise = self.promise(move, "2026-03-10")
        self.assertEqual(promise.currency_id, self.eur)
        self.assertEqual(promise.amount, 100)
        self.assertEqual(promise.amount_company, 200)

    def test_waiting_reminder_does_not_ask_for_it(self):
        kept = self.invoice(due="2026-02-20")
        promised = self.invoice(due="2026-02-20")
        reminder = self.prepare()
        self.promise(promised, "2026-03-10")
        lines = reminder._get_active_lines()
        self.assertEqual(lines.move_id, kept)
        self.assertEqual(reminder.amount_net, 100)
        self.promise(kept, "2026-03-10")
        self.assertEqual(reminder.state, "cancelled")

    def test_what_cannot_be_promised(self):
        move = self.invoice(due="2026-02-20")
        paid = self.invoice(due="2026-02-20")
        self.pay(paid)
        other = self.invoice(self.other_customer, due="2026-02-20")
        euro = self.invoice(due="2026-02-20", currency=self.eur)
        foreign = self.invoice(company=self.company_b, due="2026-02-20")
        credit = self.invoice(move_type="out_refund")
        for name, moves, date, amount in [
            ("nothing", move.browse(), "2026-03-10", None),
            ("paid", paid, "2026-03-10", None),
            ("credit", credit, "2026-03-10", None),
            ("two customers", move | other, "2026-03-10", None),
            ("two currencies", move | euro, "2026-03-10", None),
            ("two companies", move | foreign, "2026-03-10", None),
            ("company that is off", foreign, "2026-03-10", None),
            ("yesterday", move, "2026-03-01", None),
            ("nothing of it", move, "2026-03-10", 0),
            ("more than it", move, "2026-03-10", 100.01),
        ]:
            with self.subTest(name), self.assertRaises(UserError):
                self.promise(moves, date, amount=amount)
        self.promise(move, "2026-03-10", amount=40)
        with self.assertRaisesRegex(UserError, "Cancel that first"):
            self.promise(move, "2026-03-12", amount=40)

    def test_only_collectors_record(self):
        move = self.invoice(due="2026-02-20")
        for user in self.user_own, self.user_viewer:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.promise(move, "2026-03-10", user=user)

    def test_cancelled_by_decision(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        promise = self.promise(move, "2026-03-10")
        with self.at("2026-03-04"):
            with self.assertRaises(UserError):
                promise.with_user(self.user_collector)._cancel(" ")
            with self.assertRaises(AccessError):
                promise.with_user(self.user_viewer)._cancel("No")
            promise.with_user(self.user_collector)._cancel("Wrong number on the phone")
            self.assertEqual(promise.state, "cancelled")
            self.assertFalse(self.running(move))
            # One day counted, two stood still.
            self.assertNext(move, "second", "2026-03-08")
            with self.assertRaises(UserError):
                promise.with_user(self.user_collector)._cancel("Again")
            self.promise(move, "2026-03-12")

    # -- Four eyes ---------------------------------------------------------------------

    def test_what_goes_beyond_the_policy_waits(self):
        self.company.ar_promise_approval_amount = 500
        for name, date, amount, waits in [
            ("within", "2026-04-01", 500, False),
            ("too far", "2026-04-02", 500, True),
            ("too much", "2026-04-01", 500.01, True),
        ]:
            with self.subTest(name):
                move = self.invoice(amount=amount, due="2026-02-20")
                promise = self.promise(move, date)
                self.assertEqual(promise.state == "waiting", waits)
                self.assertEqual(bool(self.running(move)), not waits)
                self.assertEqual(bool(promise.approval_reasons), waits)

    def test_too_many_promises_wait(self):
        move = self.invoice(due="2026-01-20")
        for day, state in [
            ("2026-03-02", "open"),
            ("2026-03-12", "open"),
            ("2026-03-22", "waiting"),
        ]:
            with self.at(day):
                promise = self.promise(move, day)
                self.assertEqual(promise.state, state)
            with self.at("2026-03-30"):
                promise._evaluate()
        self.company.ar_promise_max_per_item = 0
        with self.at("2026-03-30"):
            promise.with_user(self.user_collector)._cancel("To try again")
            self.assertEqual(self.promise(move, "2026-03-31").state, "open")

    def test_another_manager_approves(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-05-01", user=self.user_manager)
        told = promise.activity_ids.user_id
        self.assertIn(self.user_manager_2, told)
        self.assertNotIn(self.user_manager, told)
        for user, error in [
            (self.user_viewer, AccessError),
            (self.user_collector, AccessError),
            (self.user_manager, UserError),
        ]:
            with self.subTest(user.login), self.assertRaises(error):
                promise.with_user(user)._approve("Fine")
            self.assertTrue(promise.with_user(user).cannot_decide_reason)
        with self.assertRaises(UserError):
            promise.with_user(self.user_manager_2)._approve("")
        promise.with_user(self.user_manager_2)._approve("They get a loan")
        self.assertEqual(promise.state, "open")
        self.assertEqual(promise.decided_by_id, self.user_manager_2)
        self.assertEqual(promise.decision_reason, "They get a loan")
        self.assertEqual(self.running(move).date_until, self.on("2026-05-04"))
        self.assertEqual(promise.activity_ids.user_id, self.user_manager)
        with self.assertRaises(UserError):
            promise.with_user(self.user_manager_2)._refuse("Changed my mind")

    def test_refused_promise_is_chased(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-05-01")
        promise.with_user(self.user_manager)._refuse("Too long")
        self.assertEqual(promise.state, "cancelled")
        self.assertFalse(self.running(move))
        self.assertIn("Too long", self.events(promise)[-1].text)

    def test_nobody_approved_in_time(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-05-01")
        with self.at("2026-05-05"):
            with self.assertRaises(UserError):
                promise.with_user(self.user_manager)._approve("Late")
            self.run_night()
            self.assertEqual(promise.state, "cancelled")

    # -- What became of it -------------------------------------------------------------

    def test_verdicts_by_booked_payments(self):
        for name, received, day, state, paid, credited in [
            ("all, early", [("pay", 100, "2026-03-04")], "2026-03-05", "kept", 100, 0),
            ("last day", [("pay", 100, "2026-03-13")], "2026-03-14", "kept", 100, 0),
            ("too late", [("pay", 100, "2026-03-14")], "2026-03-14", "broken", 0, 0),
            ("half", [("pay", 60, "2026-03-09")], "2026-03-14", "partly", 60, 0),
            (
                "half, time left",
                [("pay", 60, "2026-03-09")],
                "2026-03-13",
                "open",
                60,
                0,
            ),
            ("nothing", [], "2026-03-14", "broken", 0, 0),
            (
                "credited",
                [("credit", 100, "2026-03-09")],
                "2026-03-14",
                "credited",
                0,
                100,
            ),
            (
                "rest credited",
                [("pay", 70, "2026-03-09"), ("credit", 30, "2026-03-10")],
                "2026-03-14",
                "kept",
                70,
                30,
            ),
        ]:
            with self.subTest(name):
                move = self.invoice(due="2026-02-20")
                promise = self.promise(move, "2026-03-10")
                with self.at(day):
                    for how, amount, on in received:
                        if how == "pay":
                            self.pay(move, amount, on=on)
                        else:
                            self.credit(move, amount, on)
                    promise._evaluate()
                    self.assertEqual(promise.state, state)
                    self.assertEqual(promise.amount_paid, paid)
                    self.assertEqual(promise.amount_credited, credited)
                    self.assertEqual(bool(self.running(move)), state == "open")

    def test_matching_is_enough_without_a_night(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-03-10")
        self.pay(move, 40)
        self.assertEqual((promise.state, promise.amount_paid), ("open", 40))
        self.pay(move, 60)
        self.assertEqual((promise.state, promise.amount_paid), ("kept", 100))
        self.assertFalse(self.running(move))
        self.assertEqual(promise.closed_on, self.on("2026-03-02"))

    def test_payments_matched_before_do_not_count(self):
        move = self.invoice(due="2026-02-20")
        self.pay(move, 30)
        promise = self.promise(move, "2026-03-10")
        self.assertEqual(promise.amount, 70)
        self.pay(move, 50)
        self.assertEqual(promise.amount_paid, 50)
        # Matched anew, the old payment is still no new one.
        self.unmatch(move)
        self.assertEqual(promise.amount_paid, 0)

    def test_reversed_payment_breaks_and_mends(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-03-10")
        payment = self.pay(move, on="2026-03-09")
        self.assertEqual(promise.state, "kept")
        with self.at("2026-03-11"):
            # Still in time: the word stands again, and so does the suspension.
            self.unmatch(move)
            self.assertEqual(promise.state, "open")
            self.assertEqual(self.running(move).date_until, self.on("2026-03-13"))
        with self.at("2026-03-20"):
            self.run_night()
            self.assertEqual(promise.state, "broken")
            line = payment.move_id.line_ids.filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            (line | self.receivable_lines(move)).reconcile()
            self.assertEqual(promise.state, "kept", "matched late, dated in time")
            self.unmatch(move)
            self.assertEqual(promise.state, "broken")
        texts = self.events(promise).mapped("text")
        changes = [text.split(": ")[-1] for text in texts if "→" in text]
        self.assertEqual(
            changes,
            [
                "Open → Kept",
                "Kept → Open",
                "Open → Broken",
                "Broken → Kept",
                "Kept → Broken",
            ],
        )

    def test_only_booked_payments_count(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-03-10")
        payment = self.pay(move, on="2026-03-09")
        self.assertEqual(promise.state, "kept")
        with self.at("2026-03-20"):
            payment.action_draft()
            self.assertEqual(promise.state, "broken")
            payment.action_post()
            self.assertEqual(promise.state, "kept")

    def test_judging_again_changes_nothing(self):
        moves = [self.invoice(due="2026-02-20") for _number in range(3)]
        promises = [self.promise(move, "2026-03-10") for move in moves]
        self.pay(moves[0], 50)
        with self.at("2026-03-14"):
            for _night in range(2):
                self.promises.search([])._evaluate()
            count = self.env["ar.event"].sudo().search_count([])
            self.assertFalse(self.promises.search([])._evaluate())
            self.assertEqual(self.env["ar.event"].sudo().search_count([]), count)
        self.assertEqual([p.state for p in promises], ["partly", "broken", "broken"])

    def test_cancelled_invoice_is_no_breach(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-03-10")
        move.button_draft()
        with self.at("2026-03-14"):
            self.run_night()
            self.assertEqual(promise.state, "credited")
        with self.at("2026-03-15"):
            move.action_post()
            self.run_night()
            self.assertEqual(promise.state, "broken")

    def test_today_is_the_companys(self):
        move = self.invoice(due="2026-02-20")
        promise = self.promise(move, "2026-03-10")
        for tz, moment, state in [
            ("America/New_York", "2026-03-14 03:00:00", "open"),
            ("Asia/Tokyo", "2026-03-13 16:00:00", "broken"),
        ]:
            with self.subTest(tz), self.at(moment):
                self.company.partner_id.tz = tz
                promise._evaluate()
                self.assertEqual(promise.state, state)

    def test_several_currencies(self):
        gbp = self.setup_other_currency("GBP", rates=[("2020-01-01", 0.25)])
        for currency in self.company.currency_id, self.eur, gbp:
            with self.subTest(currency.name):
                move = self.invoice(due="2026-02-20", amount=99.99, currency=currency)
                promise = self.promise(move, "2026-03-10", amount=33.33)
                self.pay(move, 33.32)
                self.assertEqual(promise.state, "open")
                self.pay(move, 0.01)
                self.assertEqual(promise.state, "kept")
                self.assertEqual(promise.amount_missing, 0)

    # -- One level up ------------------------------------------------------------------

    def test_broken_promise_goes_on_at_the_next_step_at_once(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        self.promise(move, "2026-03-10")
        with self.at("2026-03-14"):
            self.promises.search([])._evaluate()
            # By the clock alone: four days to go.
            self.assertNext(move, "second", "2026-03-14")
            self.done(self.prepare())
            # The other steps come in their own time: only one level.
            self.assertNext(move, "call", "2026-03-20")

    def test_partly_kept_goes_on_where_it_stood(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        promise = self.promise(move, "2026-03-10")
        self.pay(move, 30)
        with self.at("2026-03-14"):
            promise._evaluate()
            self.assertEqual(promise.state, "partly")
            self.assertNext(move, "second", "2026-03-18")

    def test_not_yet_due_is_not_asked_for_at_once(self):
        move = self.invoice(due="2026-03-20")
        self.refresh()
        promise = self.promise(move, "2026-03-10")
        with self.at("2026-03-14"):
            promise._evaluate()
            self.assertEqual(promise.state, "broken")
            self.assertGreaterEqual(self.item(move).next_date, self.on("2026-03-15"))

    def test_broken_promise_waits_for_a_working_day(self):
        self.company.ar_dunning_calendar_id = self.company.resource_calendar_id
        move = self.invoice(due="2026-03-01")
        self.refresh()
        self.promise(move, "2026-03-10")
        with self.at("2026-03-14"):  # a Saturday
            self.promises.search([])._evaluate()
            self.assertNext(move, "second", "2026-03-16")

    def test_decision_after_the_broken_promise_stands(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        self.promise(move, "2026-03-10")
        wizard = self.env["ar.dunning.item.move"].with_user(self.user_collector)
        with self.at("2026-03-14"):
            self.promises.search([])._evaluate()
            item = self.item(move)
            wizard = wizard.with_context(active_model=item._name, active_ids=item.ids)
            call = self.scenario.step_ids.filtered(lambda s: s.step_key == "call")
            wizard.create(
                {"reason": "Agreed", "step_id": call.id, "date": "2026-03-25"}
            ).action_move()
            self.assertNext(move, "call", "2026-03-25")

    def test_never_two_levels_in_one_day(self):
        move = self.invoice(due="2026-02-20")
        self.promise(move, "2026-03-10", amount=40)
        with self.at("2026-03-14"):
            self.done(self.prepare())
            self.promises.search([])._evaluate()
            self.refresh()
            self.assertFalse(self.prepare())
            self.assertGreater(self.item(move).next_date, self.on("2026-03-14"))

    def test_rebuilt_table_is_the_same(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        self.promise(move, "2026-03-10")
        with self.at("2026-03-14"):
            self.promises.search([])._evaluate()
            before = self.facts_of(self.dunning_items.search([]))
            self.dunning_items._rebuild(self.company)
            self.assertEqual(self.facts_of(self.dunning_items.search([])), before)

    def test_new_due_date_forgets_the_broken_promise(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        self.promise(move, "2026-03-10")
        with self.at("2026-03-14"):
            self.promises.search([])._evaluate()
            self.receivable_lines(move).date_maturity = "2026-03-12"
            self.refresh()
            self.assertNext(move, "second", "2026-03-18")

    def test_mended_promise_takes_the_level_back(self):
        move = self.invoice(due="2026-03-12")
        self.refresh()
        promise = self.promise(move, "2026-03-10", amount=50)
        with self.at("2026-03-14"):
            promise._evaluate()
            self.assertNext(move, "second", "2026-03-14")
            self.assertTrue(promise.activity_ids)
            self.pay(move, 50, on="2026-03-09")
            self.assertEqual(promise.state, "kept")
            self.assertFalse(promise.activity_ids)
            self.assertNext(move, "second", "2026-03-17")

    def test_night_breaks_before_it_plans(self):
        move = self.invoice(due="2026-03-01")
        self.refresh()
        promise = self.promise(move, "2026-03-10")
        with self.at("2026-03-14"):
            self.run_night()
            self.assertEqual(promise.state, "broken")
            self.assertEqual(promise.activity_ids.user_id, self.user_collector)
            reminder = self.reminders.search([])
            self.assertEqual(reminder.line_ids.move_id, move)
            self.assertEqual(reminder.step_key, "second")
            runs = self.env["ar.run"].search([("date", "=", "2026-03-14")], order="id")
            stages = runs.mapped("stage")
            self.assertLess(stages.index("promises"), stages.index("dunning"))
            run = runs.filtered(lambda run: run.stage == "promises")
            self.assertEqual(run.counts["changed"], 1)

    def test_hook_for_other_floors(self):
        moves = self.invoice(due="2026-02-20") | self.invoice(due="2026-02-20")
        promise = self.promise(moves[0], "2026-03-10")
        kept = self.promise(moves[1], "2026-03-10")
        self.pay(moves[1])
        seen = []

        def on_broken(model, promises):
            seen.append(promises)

        hook = "_on_promise_broken"
        with patch.object(type(self.promises), hook, on_broken), self.at("2026-03-14"):
            (promise | kept)._evaluate()
            (promise | kept)._evaluate()
        self.assertEqual([record.ids for record in seen], [promise.ids])

    # -- Speed -------------------------------------------------------------------------

    def test_as_many_queries_for_many(self):
        def count(number):
            moves = [self.invoice(due="2026-02-20") for _move in range(number)]
            promises = self.promises.browse(
                self.promise(move, "2026-03-10").id for move in moves
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            promises._evaluate()
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        with self.at("2026-03-02"):
            count(1)
            self.assertEqual(count(8), count(2))

    def test_matching_asks_nothing_where_nobody_promised(self):
        paid = self.invoice(due="2026-02-20")
        self.pay(paid)
        partial = self.receivable_lines(paid).matched_credit_ids
        self.env.registry.clear_cache()
        partial._get_promisable_lines()
        with self.assertQueryCount(0):
            self.assertFalse(partial._get_promisable_lines())
        self.promise(self.invoice(due="2026-02-20"), "2026-03-10")
        self.env.flush_all()
        lines = partial._get_promisable_lines()
        self.assertTrue(lines)
        self.promises._on_lines_matched(lines)
        with self.assertQueryCount(1):
            self.promises._on_lines_matched(lines)
        self.company.ar_dunning_active = False
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.assertFalse(partial._get_promisable_lines())
