from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from .mail_server import LOGGERS, MailServerCommon

ANSWER = """From: Customer <customer@example.com>
To: {to}
Subject: Re: overdue invoices
Message-ID: <answer-1@example.com>
In-Reply-To: {reference}
References: {reference}
Content-Type: text/plain; charset=utf-8

We paid yesterday.
"""

BOUNCE = """From: MAILER-DAEMON@mail.example.com
To: {to}
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce-1@mail.example.com>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="frontier"

--frontier
Content-Type: text/plain

No such user.

--frontier
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.com

Final-Recipient: rfc822; {address}
Action: failed
Status: 5.1.1

--frontier
Content-Type: message/rfc822

From: books@company.example
To: {address}
Message-ID: {reference}
Subject: overdue invoices

Text

--frontier--
"""


@tagged("post_install", "-at_install")
class TestAnswers(MailServerCommon):
    """What comes back by mail lands on the reminder and on its message."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.alias_domain_id = cls.env["mail.alias.domain"].create(
            {
                "name": "in.company.example",
                "bounce_alias": "bounce",
                "catchall_alias": "catchall",
            }
        )

    def sent(self, **values):
        """Return a reminder that left, signed by the collector."""
        customer = self.new_customer(
            "Customer", **{"email": "customer@example.com", **values}
        )
        customer.ar_collector_id = self.user_collector
        self.invoice(customer, due="2026-02-01")
        reminder = self.prepare(customer)
        self.deliver()
        self.assertEqual(reminder.state, "sent", reminder.failure)
        return reminder

    @mute_logger("odoo.addons.mail.models.mail_thread", *LOGGERS)
    def receive(self, mail, **values):
        self.env["mail.thread"].message_process(False, mail.format(**values))
        self.env.invalidate_all()

    def bounce(self, reminder, address="customer@example.com"):
        to = self.company.bounce_email
        self.receive(BOUNCE, to=to, address=address, reference=reminder.smtp_message_id)

    def test_answer(self):
        reminder = self.sent()
        ((_to, mail),) = self.received()
        self.assertIn("catchall@in.company.example", mail["Reply-To"])
        self.assertIn("collector@company.example", mail["From"])
        self.receive(ANSWER, to=mail["Reply-To"], reference=mail["Message-ID"])
        answer = reminder.message_ids[0]
        self.assertIn("We paid yesterday", answer.body)
        self.assertEqual(answer.message_type, "email")
        followers = reminder.message_follower_ids.partner_id
        self.assertIn(self.user_collector.partner_id, followers)
        events = self.env["ar.event"].search([("source_id", "=", reminder.id)])
        self.assertIn("Answered", events[0].text)

    def test_bounce(self):
        reminder = self.sent()
        message = reminder.outbox_ids
        self.bounce(reminder)
        self.assertEqual((message.state, message.failure_code), ("failed", "bounced"))
        self.assertEqual(reminder.state, "failed")
        self.assertIn("came back", reminder.failure)
        self.assertEqual(reminder.line_ids.state, "planned", "nobody was asked")
        self.assertEqual(reminder.activity_ids.user_id, self.user_collector)
        item = self.item(reminder.line_ids.move_id)
        self.assertEqual(item.reminder_id, reminder, "the clock waits")
        self.deliver()
        received = [to for to, _mail in self.received()]
        self.assertEqual(received.count(["customer@example.com"]), 1, "never again")

    def test_after_a_bounce(self):
        """The old address is not written to; a new one, or a decision, is."""
        for repair in (True, False):
            with self.subTest(repair=repair):
                reminder = self.sent()
                self.bounce(reminder)
                customer = reminder.commercial_partner_id
                if repair:
                    customer.email = "new@example.com"
                reminder.with_user(self.user_collector).action_retry()
                self.assertEqual(reminder.state, "ready", reminder.failure)
                self.peer.messages.clear()
                self.deliver()
                self.assertEqual(reminder.state, "sent")
                expected = "new@example.com" if repair else "customer@example.com"
                self.assertEqual(self.received()[0][0], [expected])

    def test_next_reminder_after_a_bounce(self):
        """Only the address that came back is avoided."""
        for email, code in [
            ("customer@example.com", "bounced"),
            ("new@example.com", False),
        ]:
            with self.subTest(email=email):
                reminder = self.sent()
                self.bounce(reminder)
                customer = reminder.commercial_partner_id
                customer.email = email
                self.invoice(customer, due="2026-02-01")
                later = self.prepare(customer)
                self.assertEqual(later.outbox_ids.failure_code, code)

    def test_bounce_calls_for_the_letter(self):
        rows = [Command.create({"channel": "letter", "condition": "fallback"})]
        self.company.ar_dunning_scenario_id = self.new_scenario(
            ("both", 5, {"channel_ids": rows})
        )
        reminder = self.sent(street="1 Road", city="A")
        self.bounce(reminder)
        states = {m.channel: m.state for m in reminder.outbox_ids}
        self.assertEqual(states, {"email": "failed", "letter": "queued"})
        self.assertEqual(reminder.state, "ready")

    def test_bounce_after_the_next_step(self):
        """Items that were asked for since do not wait for a reminder of the past."""
        reminder = self.sent()
        with self.at("2026-03-03"):
            call = self.prepare(reminder.commercial_partner_id)
            self.assertEqual(call.channel, "call")
        self.bounce(reminder)
        self.assertEqual(reminder.outbox_ids.state, "failed")
        self.assertEqual(reminder.line_ids.state, "done")

    def test_bounce_of_one_of_two(self):
        reminder = self.sent(email="customer@example.com, other@example.com")
        self.bounce(reminder)
        self.assertEqual(reminder.state, "sent")
        self.assertTrue(reminder.activity_ids)

    def test_only_the_copy_went_through(self):
        """A copy that arrives does not ask the customer."""
        for refused, state in [
            ("copy@example.com", "sent"),
            ("customer@example.com", "failed"),
        ]:
            with self.subTest(refused=refused):
                customer = self.new_customer("Customer", email="customer@example.com")
                self.env["res.partner"].create(
                    {
                        "name": "Copy",
                        "parent_id": customer.id,
                        "email": "copy@example.com",
                        "ar_dunning_role": "copy",
                    }
                )
                self.invoice(customer, due="2026-02-01")
                reminder = self.prepare(customer)
                self.peer.refuse_recipient = "550 No such user"
                self.peer.refused = {refused}
                self.peer.messages.clear()
                self.deliver()
                self.assertEqual(len(self.peer.messages), 1)
                self.assertEqual(reminder.state, state)
                self.assertFalse(reminder.outbox_ids.next_attempt)

    def test_only_the_gateway_says_that_somebody_answered(self):
        reminder = self.sent()
        events = self.env["ar.event"].search_count([("text", "like", "Answered")])
        forged = {"email_from": "customer@example.com"}
        with self.assertRaises(AccessError):
            reminder.with_user(self.user_viewer).message_update(forged)
        reminder.with_user(self.user_collector).message_update(forged)
        self.assertEqual(
            self.env["ar.event"].search_count([("text", "like", "Answered")]), events
        )
