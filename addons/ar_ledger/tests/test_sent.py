from odoo.exceptions import AccessError, UserError
from odoo.fields import Date
from odoo.tests import tagged

from odoo.addons.base.models.ir_mail_server import MailDeliveryException
from odoo.addons.mail.tests.common import MailCase

from .common import TODAY, ReceivablesCommon


@tagged("post_install", "-at_install")
class TestSent(ReceivablesCommon, MailCase):
    """When an invoice really went to the customer. Today is 2 March 2026."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.email = "customer@example.com"

    def send(self, move, *methods, refused=False):
        """Send as the wizard does."""
        with self.mock_mail_gateway(mail_unlink_sent=False):
            if refused:
                self.send_email_mocked.side_effect = MailDeliveryException("Refused")
            self.env["account.move.send"]._generate_and_send_invoices(
                move, sending_methods=list(methods)
            )

    def assertSent(self, move, state, on=TODAY):
        expected = Date.from_string(on) if state == "sent" else False
        self.assertEqual((move.ar_sent_state, move.ar_sent_date), (state, expected))

    def test_by_mail_and_by_hand(self):
        for methods, state in [(["email"], "sent"), (["manual"], "sent"), ([], "none")]:
            with self.subTest(methods):
                move = self.invoice()
                self.send(move, *methods)
                self.assertSent(move, state)
                self.assertEqual(self.items(move).sent_state, state)

    def test_a_mail_that_fails_is_not_sent(self):
        move = self.invoice()
        self.send(move, "email", refused=True)
        self.assertTrue(move.is_move_sent, "core says so already")
        self.assertSent(move, "failed")
        self.send(move, "email")
        self.assertSent(move, "sent")

    def test_the_first_time_counts(self):
        move = self.invoice()
        self.send(move, "manual")
        with self.at("2026-03-09"):
            self.send(move, "email")
            self.assertSent(move, "sent")

    def test_other_messages_do_not_count(self):
        move = self.invoice()
        with self.mock_mail_gateway():
            move.message_post(
                body="Hello",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                partner_ids=self.customer.ids,
            )
            move.with_context(ar_invoice_mail=True).message_post(
                body="Forged", partner_ids=self.customer.ids
            )
        self.assertSent(move, "none")

    def bounce(self, message, email):
        """As the mail gateway does with the report of a mail server."""
        partner = self.env["res.partner"].search([("email_normalized", "=", email)])
        self.env["mail.thread"]._routing_handle_bounce(
            None,
            {
                "bounced_email": email,
                "bounced_partner": partner,
                "bounced_msg_ids": [message.message_id],
                "bounced_message": message.sudo(),
                "body": "No such user",
                "email_from": "mailer-daemon@example.com",
                "to": "bounce@example.com",
                "message_id": "<report@example.com>",
            },
        )

    def test_what_came_back_was_not_received(self):
        move = self.invoice()
        self.send(move, "email")
        self.bounce(move.ar_sent_message_id, self.customer.email)
        self.assertSent(move, "bounced")

    def test_what_else_comes_back_says_nothing(self):
        """A follower of the invoice, or another message on its thread."""
        move = self.invoice()
        self.send(move, "email")
        other = move.message_post(body="Hello", partner_ids=self.customer.ids)
        colleague = self.new_customer("Colleague", email="colleague@example.com")
        self.bounce(other, self.customer.email)
        self.assertSent(move, "sent")
        self.bounce(move.ar_sent_message_id, colleague.email)
        self.assertSent(move, "sent")

    def test_posted_again_is_another_document(self):
        move = self.invoice()
        self.send(move, "manual")
        move.button_draft()
        self.assertSent(move, "none")

    def test_marked_by_hand(self):
        move = self.invoice()
        with self.assertRaises(AccessError):
            move.with_user(self.user_viewer).action_ar_mark_sent()
        accountant = self.new_user("clerk", "account.group_account_invoice")
        move.with_user(accountant).action_ar_mark_sent()
        self.assertSent(move, "sent")
        event = self.env["ar.event"].search([("kind", "=", "sending")])
        self.assertEqual((event.user_id, event.source_id), (accountant, move.id))
        with self.assertRaises(UserError):
            move.with_user(accountant).action_ar_mark_sent()

    def test_not_written_over_rpc(self):
        move = self.invoice()
        clerk = self.new_user("clerk", "account.group_account_invoice")
        moves = self.env["account.move"].with_user(clerk)
        for values in ({"ar_sent_date": "2026-01-01"}, {"ar_sent_state": "sent"}):
            with self.subTest(values):
                with self.assertRaises(AccessError):
                    moves.browse(move.id).write(values)
                with self.assertRaises(AccessError):
                    moves.create({"move_type": "out_invoice", **values})
                defaults = {f"default_{name}": v for name, v in values.items()}
                with self.assertRaises(AccessError):
                    moves.with_context(**defaults).create({"move_type": "out_invoice"})
        self.assertSent(move, "none")

    def test_switched_off_nothing_is_noted(self):
        move = self.invoice(company=self.company_b)
        self.send(move, "manual")
        self.assertSent(move, "none")
