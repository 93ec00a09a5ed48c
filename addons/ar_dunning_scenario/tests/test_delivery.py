import re
import smtplib
from unittest.mock import patch

from psycopg2.errors import SerializationFailure

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .mail_server import MailServerCommon


@tagged("post_install", "-at_install")
class TestDelivery(MailServerCommon):
    """Sending, against a real SMTP server. Today is 2 March 2026, noon."""

    def setUp(self):
        super().setUp()
        self.move = self.invoice(due="2026-02-01", amount=1250)
        self.reminder = self.prepare()

    def test_message(self):
        self.customer.ar_collector_id = self.user_collector
        self.reminder.user_id = self.user_collector
        self.deliver()
        ((addressees, message),) = self.received()
        self.assertEqual(addressees, ["customer@example.com"])
        self.assertIn("customer@example.com", message["To"])
        self.assertIn("collector@company.example", message["From"])
        self.assertIn("collector@company.example", message["Reply-To"])
        self.assertIn("overdue invoices", message["Subject"])
        self.assertEqual(message["Message-ID"], self.reminder.smtp_message_id)
        html = message.get_body(("html",)).get_content()
        self.assertIn("Please ignore this message", html)
        self.assertIn(self.move.name, html)
        self.assertIn("1,250.00", html)
        names = [part.get_filename() for part in message.iter_attachments()]
        self.assertEqual(names, [self.move._get_invoice_report_filename()])
        self.assertEqual(self.reminder.state, "sent")
        self.assertEqual(self.reminder.line_ids.state, "done")

    def test_what_was_sent_is_kept(self):
        self.deliver()
        kept = self.reminder.message_ids.filtered(
            lambda m: m.message_id == self.reminder.smtp_message_id
        )
        self.assertIn("1,250.00", kept.body)
        self.assertIn("customer@example.com", self.reminder.email_to)
        self.assertEqual(str(self.reminder.sent_on), "2026-03-02 12:00:00")
        self.assertEqual(len(kept.attachment_ids), 1)
        queued = self.env["mail.mail"].search([("model", "=", self.reminder._name)])
        self.assertFalse(queued, "core's queue has nothing to do with it")

    def test_what_is_too_large_is_not_attached(self):
        pdf = self.move._get_ar_pdf()
        module = "odoo.addons.ar_dunning_scenario.models.ar_dunning_reminder_delivery"
        moves = type(self.move)
        with (
            patch(f"{module}.DOCUMENTS_SIZE", len(pdf[1]) - 1),
            patch.object(moves, "_get_ar_pdf", lambda _move: pdf),
        ):
            self.deliver()
        ((_to, message),) = self.received()
        self.assertFalse(list(message.iter_attachments()))
        html = message.get_body(("html",)).get_content()
        left_out = html.split("Too large to be attached")[1].split("</p>")[0]
        self.assertIn(self.move.name, left_out)
        kept = self.reminder.message_ids.filtered(
            lambda m: m.message_id == self.reminder.smtp_message_id
        )
        self.assertIn("Too large to be attached", kept.body, "as it left")

    def test_never_twice(self):
        self.deliver()
        self.deliver()
        self.run_night()
        self.deliver()
        self.assertEqual(len(self.peer.messages), 1)
        with self.working(), self.assertRaises(UserError):
            self.reminder.action_send_now()

    def test_only_in_working_hours(self):
        self.deliver("2026-03-02 07:00:00")
        self.assertFalse(self.peer.messages)
        with self.working("2026-03-02 07:00:00"):
            action = self.reminder.with_user(self.user_collector).action_send_now()
        self.assertEqual(len(self.peer.messages), 1, "by hand at any hour")
        self.assertEqual(action["params"]["type"], "success")

    def test_switched_off_meanwhile(self):
        self.company.ar_dunning_active = False
        self.deliver()
        self.assertFalse(self.peer.messages)
        self.assertEqual(self.reminder.state, "cancelled")

    def test_paid_before_sending(self):
        self.pay(self.move)
        self.deliver()
        self.assertFalse(self.peer.messages)
        self.assertEqual(self.reminder.state, "cancelled")

    def test_address_gone_before_sending(self):
        self.customer.email = False
        self.deliver()
        self.assertFalse(self.peer.messages)
        self.assertEqual(self.reminder.state, "failed")

    def test_addresses_of_the_moment(self):
        """It goes to the address that the customer has now; two in it get it both."""
        for email, addressees in [
            ("new@example.com", ["new@example.com"]),
            ("a@example.com, b@example.com", ["a@example.com", "b@example.com"]),
            ("a@example.com; B <b@example.com>", ["a@example.com", "b@example.com"]),
        ]:
            with self.subTest(email=email):
                customer = self.new_customer("Customer", email="old@example.com")
                self.invoice(customer, due="2026-02-01")
                reminder = self.prepare(customer)
                self.peer.messages.clear()
                customer.email = email
                self.deliver()
                self.assertEqual(reminder.state, "sent", reminder.failure)
                received = [to for to, _message in self.received()]
                self.assertIn(addressees, received)
                for address in addressees:
                    self.assertIn(address, reminder.email_to, "it is kept")

    def test_who_signs(self):
        for active, sender in [
            (True, "collector@company.example"),
            (False, "books@company.example"),
        ]:
            with self.subTest(active=active):
                customer = self.new_customer("Customer", email="c@example.com")
                customer.ar_collector_id = self.user_collector
                self.invoice(customer, due="2026-02-01")
                self.user_collector.active = True
                reminder = self.prepare(customer)
                self.assertEqual(reminder.user_id, self.user_collector)
                self.user_collector.active = active
                self.assertIn(sender, reminder._get_sender())
                mail = reminder._render_mail()
                self.assertEqual(self.user_collector.name in mail, active)

    def test_refused(self):
        for name, text in [
            ("refuse_recipient", "550 No such user"),
            ("refuse_recipient", "451 Try later"),
            ("refuse_text", "554 Looks like spam"),
        ]:
            with self.subTest(text):
                setattr(self.peer, name, text)
                self.deliver()
                self.assertEqual(self.reminder.state, "failed")
                self.assertIn(text[4:], self.reminder.failure)
                self.assertFalse(self.peer.messages)
                self.assertEqual(self.reminder.line_ids.state, "planned")
                setattr(self.peer, name, None)
                self.reminder.with_user(self.user_collector).action_retry()
                self.assertEqual(self.reminder.state, "ready")
        self.deliver()
        self.assertEqual(len(self.peer.messages), 1)

    def test_no_server(self):
        self.stop()
        self.deliver()
        self.assertEqual(self.reminder.state, "failed")
        self.assertIn("mail server", self.reminder.failure)

    def test_line_breaks_after_the_text(self):
        """The server has the message, and we never hear so."""
        self.peer.hang_up = True
        self.deliver()
        self.assertEqual(len(self.peer.messages), 1)
        self.assertEqual(self.reminder.state, "uncertain")
        self.peer.hang_up = False
        self.deliver()
        self.run_night()
        self.assertEqual(len(self.peer.messages), 1, "never again by itself")
        with self.at("2026-03-03"):
            self.assertEqual(self.prepare().step_key, "call", "the clock goes on")

    def test_uncertain_is_decided_by_a_person(self):
        self.peer.hang_up = True
        self.deliver()
        self.peer.hang_up = False
        message_id = self.reminder.smtp_message_id
        self.reminder.with_user(self.user_collector).action_retry()
        self.deliver()
        self.assertEqual(self.reminder.state, "sent")
        ids = {message["Message-ID"] for _to, message in self.received()}
        self.assertEqual(ids, {message_id}, "receivers can tell it is the same")

    def test_killed_while_sending(self):
        self.reminder.write({"state": "sending", "smtp_message_id": "<a@b>"})
        self.reminder.outbox_ids._by_code().state = "sending"
        self.deliver()
        self.assertFalse(self.peer.messages)
        self.assertEqual(self.reminder.state, "uncertain")
        self.reminder.with_user(self.user_collector).action_mark_sent()
        self.assertEqual(self.reminder.state, "sent")

    def test_a_broken_invoice_report(self):
        self.env.ref("account.account_invoices").report_name = "account.no_such_report"
        with mute_logger("odoo.addons.base.models.ir_qweb"):
            self.deliver()
        self.assertFalse(self.peer.messages)
        self.assertEqual(self.reminder.state, "failed")

    def test_one_bad_customer_among_others(self):
        self.other_customer.email = "other@example.com"
        self.invoice(self.other_customer, due="2026-02-01")
        bad = self.reminder
        good = self.prepare()
        self.customer.email = "not an address"
        self.deliver()
        self.assertEqual((bad.state, good.state), ("failed", "sent"))

    def test_good_bye_missing(self):
        """The message is through; that the session ends badly changes nothing."""
        quit_badly = smtplib.SMTPServerDisconnected("gone")
        with patch.object(smtplib.SMTP, "quit", side_effect=quit_badly):
            self.deliver()
        self.assertEqual(self.reminder.state, "sent")

    def test_outcome_is_written_in_spite_of_another_worker(self):
        """PostgreSQL refuses the first attempt, as it does when rows collide."""
        refused = [SerializationFailure("collided")]
        model = type(self.reminder)
        set_sent = model._set_sent

        def set_sent_at_second_attempt(reminder):
            if refused:
                raise refused.pop()
            return set_sent(reminder)

        with patch.object(model, "_set_sent", set_sent_at_second_attempt):
            self.deliver()
        self.assertFalse(refused)
        self.assertEqual((self.reminder.state, len(self.peer.messages)), ("sent", 1))
        self.assertEqual(len(self.reminder.message_ids.attachment_ids), 1)

    def test_journal(self):
        self.deliver()
        events = self.env["ar.event"].search([("kind", "=", "reminder")])
        self.assertEqual(events.figures["amount"], 1250)
        self.assertEqual(events.commercial_partner_id, self.customer)

    def test_link_to_the_account_page(self):
        """Each contact gets a link of their own; it is kept nowhere but in the mail."""
        for is_active in True, False:
            with self.subTest(is_active=is_active):
                self.company.ar_account_page_active = is_active
                customer = self.new_customer(
                    "Customer", email=f"c{int(is_active)}@example.com"
                )
                self.invoice(customer, due="2026-02-01")
                reminder = self.prepare(customer)
                self.assertNotIn("/ar/account/", reminder.body)
                self.peer.messages.clear()
                self.deliver()
                self.assertEqual(reminder.state, "sent", reminder.failure)
                (mail,) = [m for to, m in self.received() if to == [customer.email]]
                html = mail.get_body(("html",)).get_content()
                # The page, and the answers in two clicks: one link for all of them.
                found = re.findall(r"/ar/account/([\w-]+)", html)
                self.assertEqual(len(set(found)), int(is_active))
                self.assertEqual("kind=promise&amp;items=" in html, is_active)
                self.assertNotIn("/ar/account/", reminder.message_ids[0].body)
                if is_active:
                    link = self.env["ar.link"]._find("account_page", found[0])
                    self.assertEqual(link._get_record(), customer)
                    self.assertEqual(link.company_id, self.company)
