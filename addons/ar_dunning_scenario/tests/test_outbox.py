from datetime import datetime, timedelta

from psycopg2.errors import UniqueViolation

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from ..channels import Outcome
from .common import DunningCommon
from .fake_channel import OUTCOMES, SENT, ArDunningReminder, ArDunningStep

NOON = datetime(2026, 3, 2, 12)
REFUSED = Outcome("failed", "Refused", "refused")
BUSY = Outcome("failed", "Busy", "connect", again=True)
BROKEN = Outcome("uncertain", "Broken", "broken")


@tagged("post_install", "-at_install")
class TestOutbox(DunningCommon):
    """One row per reminder and channel, sent by a channel made for the tests."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_test_model(ArDunningStep, ArDunningReminder)
        cls.customer.ref = "fake 1"

    def setUp(self):
        super().setUp()
        OUTCOMES.clear()
        SENT.clear()
        self.env["ir.mail_server"].search([]).active = False

    def planned(self, further=(), customer=None, **step):
        """Return a prepared reminder of a step by the fake channel, and further ones.

        :param further: (channel, condition) of the further channels
        """
        customer = customer or self.new_customer(
            "Customer", ref="fake 1", email="c@example.com", street="1 Road", city="A"
        )
        rows = [
            Command.create({"channel": channel, "condition": condition})
            for channel, condition in further
        ]
        values = {"channel": "fake", "channel_ids": rows, **step}
        customer.ar_dunning_scenario_id = self.new_scenario(("fake", 5, values))
        self.move = self.invoice(customer, due="2026-02-01", amount=1250)
        return self.prepare(customer)

    def deliver(self, moment=NOON):
        cron = self.env.ref("ar_dunning_scenario.ir_cron_ar_dunning_deliver")
        with self.at(moment), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def states(self, reminder):
        return {m.channel: m.state for m in reminder.outbox_ids}

    def test_a_new_channel_is_one_class_and_one_value(self):
        reminder = self.planned()
        self.assertEqual((reminder.channel, reminder.state), ("fake", "ready"))
        self.deliver()
        self.assertEqual(SENT, [("fake 1", "Pay 1250.00")])
        self.assertEqual(reminder.state, "sent")
        self.assertEqual(self.states(reminder), {"fake": "sent"})
        self.assertEqual(reminder.line_ids.state, "done")

    def test_one_row_per_channel(self):
        message = self.planned().outbox_ids
        with self.assertRaises(UniqueViolation), mute_logger("odoo.sql_db"):
            message._by_code().copy()

    def test_outcomes(self):
        for outcome, message_state, reminder_state, lines, left in [
            (Outcome("sent"), "sent", "sent", "done", 1),
            (Outcome("delivered"), "delivered", "delivered", "done", 1),
            (BROKEN, "uncertain", "uncertain", "done", 1),
            (REFUSED, "failed", "failed", "planned", 0),
            (BUSY, "failed", "failed", "planned", 0),
        ]:
            with self.subTest(outcome=outcome):
                SENT.clear()
                reminder = self.planned()
                OUTCOMES.append(outcome)
                self.deliver()
                message = reminder.outbox_ids
                self.assertEqual(message.state, message_state)
                self.assertEqual(reminder.state, reminder_state)
                self.assertEqual(reminder.line_ids.state, lines)
                self.assertEqual(len(SENT), left)
                self.assertEqual(message.failure_code or None, outcome.code)
                self.assertEqual(bool(message.sent_on), bool(left))
                self.assertEqual(message.attempts, 1)

    def test_back_off(self):
        """Four attempts at growing distances, then it has failed for good."""
        reminder = self.planned()
        OUTCOMES.extend([BUSY] * 9)
        now = NOON
        for attempt, wait in enumerate([15, 60, 240, None], start=1):
            self.deliver(now)
            message = reminder.outbox_ids
            self.assertEqual((message.state, message.attempts), ("failed", attempt))
            self.assertEqual(reminder.state, "failed")
            if wait:
                again = now + timedelta(minutes=wait)
                self.assertEqual(message.next_attempt, again)
                self.deliver(again - timedelta(minutes=1))
                self.assertEqual(message.attempts, attempt, "not before its time")
                now = again
        self.assertFalse(message.next_attempt)
        self.deliver(datetime(2026, 3, 3, 12))
        self.assertEqual((message.attempts, SENT), (4, []))

    def test_back_off_ends_in_success(self):
        reminder = self.planned()
        OUTCOMES.append(BUSY)
        self.deliver()
        self.deliver(NOON + timedelta(minutes=15))
        self.assertEqual((reminder.state, len(SENT)), ("sent", 1))
        self.assertFalse(reminder.failure)

    def test_uncertain_is_never_repeated_by_itself(self):
        reminder = self.planned()
        OUTCOMES.append(BROKEN)
        for hours in (0, 1, 5, 25):
            self.deliver(NOON + timedelta(hours=hours))
        self.assertEqual((reminder.state, len(SENT)), ("uncertain", 1))
        reminder.with_user(self.user_collector).action_mark_sent()
        self.assertEqual((reminder.state, self.states(reminder)["fake"]), ("sent",) * 2)

    def test_a_late_confirmation_moves_no_clock(self):
        """What was uncertain counts from the day on which it left."""

        def reported(reminder):
            reminder.outbox_ids._on_delivered()

        def found_out(reminder):
            reminder.outbox_ids.with_user(self.user_collector).action_mark_sent()

        for confirm in reported, found_out:
            with self.subTest(confirm.__name__):
                reminder = self.planned()
                OUTCOMES.append(BROKEN)
                self.deliver()
                with self.at("2026-03-09 12:00:00"):
                    confirm(reminder)
                self.assertIn(reminder.state, ("sent", "delivered"))
                self.assertEqual(reminder.sent_on, NOON)
                self.assertEqual(reminder.line_ids.done_on, NOON.date())

    def test_paid_while_it_waits_for_the_next_attempt(self):
        reminder = self.planned()
        OUTCOMES.append(BUSY)
        self.deliver()
        self.pay(self.move)
        self.deliver(NOON + timedelta(minutes=15))
        self.assertEqual((reminder.state, SENT), ("cancelled", []))
        self.assertEqual(self.states(reminder), {"fake": "cancelled"})

    def test_several_channels_at_once(self):
        reminder = self.planned([("letter", "always")])
        self.assertEqual(self.states(reminder), {"fake": "queued", "letter": "queued"})
        self.deliver()
        self.assertEqual(self.states(reminder), {"fake": "sent", "letter": "queued"})
        self.assertEqual(reminder.state, "sent", "the customer was asked")
        self.assertEqual(reminder.line_ids.state, "done")

    def test_state_of_the_reminder(self):
        reminder = self.planned([("letter", "always")])
        one, two = reminder.outbox_ids.sorted("id")
        for states, expected in [
            (("queued", "queued"), "ready"),
            (("sending", "queued"), "sending"),
            (("failed", "queued"), "ready"),
            (("uncertain", "queued"), "uncertain"),
            (("failed", "cancelled"), "failed"),
            (("failed", "failed"), "failed"),
            (("uncertain", "failed"), "uncertain"),
            (("sent", "failed"), "sent"),
            (("sent", "uncertain"), "sent"),
            (("sent", "delivered"), "sent"),
            (("delivered", "delivered"), "delivered"),
            (("delivered", "cancelled"), "delivered"),
            (("cancelled", "cancelled"), None),
        ]:
            with self.subTest(states=states):
                one._by_code().state, two._by_code().state = states
                self.assertEqual(reminder._read_outbox()[0], expected)

    def test_fallback(self):
        """A letter only where the first channel does not reach."""
        further = [("letter", "fallback")]
        nowhere = self.new_customer("No ref", street="1 Road", city="A")
        for customer, outcome, letter, state in [
            (None, Outcome("sent"), None, "sent"),
            (None, BROKEN, None, "uncertain"),
            (None, BUSY, None, "failed"),
            (None, REFUSED, "queued", "ready"),
            (nowhere, None, "queued", "ready"),
        ]:
            with self.subTest(outcome=outcome):
                OUTCOMES[:] = [outcome] if outcome else []
                reminder = self.planned(further, customer)
                self.deliver()
                self.assertEqual(self.states(reminder).get("letter"), letter)
                self.assertEqual(reminder.state, state)

    def test_a_channel_whose_addon_is_gone(self):
        """What waits for it fails with a reason, and another channel stands in."""
        for further, state in [([("letter", "fallback")], "ready"), ((), "failed")]:
            with self.subTest(further=further):
                reminder = self.planned(further)
                self.env.flush_all()
                for table in "ar_dunning_message", "ar_dunning_reminder":
                    self.env.cr.execute(
                        SQL(
                            "UPDATE %s SET channel = 'gone' WHERE channel = 'fake'",
                            SQL.identifier(table),
                        )
                    )
                self.env.invalidate_all()
                message = reminder.outbox_ids
                self.assertIn("gone", message.display_name)
                self.deliver()
                self.assertEqual((message.state, SENT), ("queued", []))
                self.reminders._fail_where_channel_is_gone(self.company)
                self.assertEqual(message.state, "failed")
                self.assertIn("no longer installed", message.failure)
                self.assertEqual(reminder.state, state)
                if further:
                    self.assertEqual(self.states(reminder)["letter"], "queued")
                    continue
                reminder.with_user(self.user_collector).action_retry()
                self.assertEqual(reminder.state, "failed")
                self.assertIn("no longer installed", reminder.failure)

    def test_nothing_could_be_sent(self):
        reminder = self.planned(
            [("letter", "fallback")], self.new_customer("Nowhere at all")
        )
        self.deliver()
        self.assertEqual(self.states(reminder), {"fake": "failed", "letter": "failed"})
        self.assertEqual(reminder.state, "failed")
        self.assertIn("No fake address", reminder.failure)
        self.assertIn("postal address", reminder.failure)

    def test_changed_after_the_first_message(self):
        for pay, code in [(None, False), (50, "changed")]:
            with self.subTest(pay=pay):
                reminder = self.planned([("letter", "always")])
                self.deliver()
                if pay:
                    self.pay(self.move, pay)
                message = reminder.outbox_ids.filtered(lambda m: m.channel == "letter")
                self.assertEqual(reminder._recheck_for(message), not pay)
                self.assertEqual(message.failure_code, code)
                self.assertEqual(reminder.line_ids.state, "done", "sent is sent")
        reminder = self.planned([("letter", "always")])
        self.deliver()
        self.pay(self.move)
        message = reminder.outbox_ids.filtered(lambda m: m.channel == "letter")
        self.assertFalse(reminder._recheck_for(message))
        self.assertEqual((message.state, reminder.state), ("cancelled", "sent"))

    def test_one_channel_is_tried_again_or_left_out(self):
        reminder = self.planned(
            [("letter", "always")], self.new_customer("No street", ref="fake 2")
        )
        self.deliver()
        letter = reminder.outbox_ids.filtered(lambda m: m.channel == "letter")
        self.assertEqual((reminder.state, letter.failure_code), ("sent", "no_address"))
        letter = letter.with_user(self.user_collector)
        letter.commercial_partner_id.sudo().write({"street": "1 Road", "city": "A"})
        letter.action_retry()
        self.assertEqual((letter.state, letter.address), ("queued", "1 Road, A"))
        letter.action_cancel()
        self.assertEqual((letter.state, reminder.state), ("cancelled", "sent"))
        with self.assertRaises(UserError):
            self.planned().outbox_ids.with_user(self.user_collector).action_cancel()

    def test_a_draft_waits_for_its_confirmation(self):
        reminder = self.planned(mode="confirm")
        self.deliver()
        self.assertEqual((reminder.state, SENT), ("draft", []))
        reminder.with_user(self.user_collector).action_confirm()
        self.deliver()
        self.assertEqual((reminder.state, len(SENT)), ("sent", 1))

    def test_cancelled_with_its_reminder(self):
        reminder = self.planned([("letter", "always")])
        reminder.with_user(self.user_collector)._cancel("Agreed")
        self.assertEqual(set(self.states(reminder).values()), {"cancelled"})

    def test_prepared_by_an_older_version(self):
        """A reminder without rows gets them when it leaves."""
        reminder = self.planned()
        reminder.outbox_ids._by_code().unlink()
        self.deliver()
        self.assertEqual(self.states(reminder), {"fake": "sent"})

    def test_steps_say_what_they_need(self):
        for values, allowed in [
            ({"channel": "fake", "template_id": False}, True),
            ({"channel": "email", "template_id": False}, False),
            ({"channel": "letter", "template_id": False}, False),
            ({"channel": "sms"}, False),
            ({"channel": "email", "mode": "task"}, False),
            ({"channel_ids": [Command.create({"channel": "letter"})]}, True),
            ({"channel_ids": [Command.create({"channel": "email"})]}, False),
            ({"channel_ids": [Command.create({"channel": "sms"})]}, False),
            (
                {
                    "channel": "call",
                    "channel_ids": [Command.create({"channel": "letter"})],
                },
                False,
            ),
        ]:
            with self.subTest(values=values):
                if allowed:
                    self.assertTrue(self.new_scenario(("step", 5, values)))
                    continue
                with self.assertRaises(ValidationError), self.env.cr.savepoint():
                    self.new_scenario(("step", 5, values))

    def test_queries_do_not_grow_with_customers(self):
        self.count_queries(2)  # warms the caches
        self.assertEqual(self.count_queries(2), self.count_queries(20))

    def count_queries(self, customers):
        rows = [Command.create({"channel": "letter", "condition": "fallback"})]
        scenario = self.new_scenario(("two", 5, {"channel_ids": rows}))
        for number in range(customers):
            # Every other one is reached only by the channel that stands in.
            customer = self.new_customer(
                f"C{customers} {number}",
                email=number % 2 and "c@example.com",
                street="1 Road",
                city="A",
                ar_dunning_role="accounting",
            )
            customer.ar_dunning_scenario_id = scenario
            self.invoice(customer, due="2026-02-01")
        reminders = self.plan()
        self.assertEqual(len(reminders), customers)
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.user.fetch(["company_id"])  # what any new environment reads
        before = self.env.cr.sql_log_count
        reminders._prepare()
        self.env.flush_all()
        self.assertEqual(set(reminders.mapped("state")), {"ready"})
        return self.env.cr.sql_log_count - before

    def test_who_may_do_what(self):
        message = self.planned(customer=self.customer).outbox_ids
        OUTCOMES.append(REFUSED)
        self.deliver()
        for user, seen in [
            (self.user_own, True),
            (self.user_viewer, True),
            (self.user_collector, True),
            (self.new_user("nobody", "base.group_user"), False),
        ]:
            with self.subTest(user.login):
                self.assertEqual(message.with_user(user).has_access("read"), seen)
        for user in self.user_own, self.user_viewer:
            for method in ("action_retry", "action_mark_sent", "action_cancel"):
                with self.subTest(user=user.login, method=method):
                    with self.assertRaises(AccessError):
                        getattr(message.with_user(user), method)()
        manager = message.with_user(self.user_manager)
        for values in [
            {"state": "sent"},
            {"address": "me@example.com"},
            {"next_attempt": NOON},
            {"reference": "<x@y>"},
        ]:
            with self.subTest(values), self.assertRaises(AccessError):
                manager.write(values)
        with self.assertRaises(AccessError):
            manager.unlink()
        other = self.planned(customer=self.other_customer).outbox_ids
        self.assertFalse(other.with_user(self.user_own).has_access("read"))
        self.assertNotIn(other, other.with_user(self.user_own).search([]))

    def test_an_older_reminder_does_not_speak_again(self):
        """What may have arrived, or came back, is not sent after the next step."""
        for outcome in BROKEN, REFUSED:
            with self.subTest(outcome=outcome.state):
                OUTCOMES.append(outcome)
                reminder = self.planned()
                self.deliver()
                self.assertEqual(reminder.state, outcome.state)
                newer = reminder.copy({"state": "sent"})
                reminder.line_ids.copy({"reminder_id": newer.id, "occurrence": 1})
                for record in reminder, reminder.outbox_ids:
                    with self.assertRaisesRegex(UserError, "later reminder"):
                        record.with_user(self.user_collector).action_retry()
                self.assertEqual(reminder.state, outcome.state)

    def test_uncertain_tried_again_and_paid_meanwhile(self):
        """It may have arrived: the step stays done, and nobody knows more."""
        OUTCOMES.append(BROKEN)
        reminder = self.planned()
        self.deliver()
        reminder.with_user(self.user_collector).action_retry()
        self.assertEqual(reminder.state, "ready")
        self.pay(self.move)
        reminder._recheck()
        self.assertEqual(reminder.line_ids.state, "done")
        done_on = reminder.line_ids.done_on
        self.deliver(datetime(2026, 3, 3, 12))
        self.assertEqual((reminder.state, len(SENT)), ("uncertain", 1))
        self.assertEqual(reminder.line_ids.state, "done")
        self.assertEqual(reminder.line_ids.done_on, done_on)
        self.assertIn("Paid", reminder.failure)

    def test_credits_that_came_after_the_first_message(self):
        for credit, sent in [(0, True), (30, False), (1250, False)]:
            with self.subTest(credit=credit):
                reminder = self.planned([("letter", "always")])
                self.deliver()
                if credit:
                    self.invoice(
                        reminder.commercial_partner_id,
                        move_type="out_refund",
                        amount=credit,
                    )
                message = reminder.outbox_ids.filtered(lambda m: m.channel == "letter")
                self.assertEqual(reminder._recheck_for(message), sent)
                if not sent:
                    self.assertEqual(message.failure_code, "changed")
                    self.assertIn("open credits", message.failure)
