import logging
import smtplib

from odoo.tools.mail import email_normalize_all, email_split_and_format

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .base import MessageChannel, Outcome, Problem

_logger = logging.getLogger(__name__)

#: The server said no, before or after the text: the message did not go through.
REFUSALS = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    UnicodeError,
)


class EmailChannel(MessageChannel):
    """E-mail by our own sending step, so that a message leaves at most once."""

    takes_copies = True

    def get_addresses(self, contacts):
        emails = {c.id: email_normalize_all(c.email) for c in contacts}
        blacklist = self.env["mail.blacklist"].sudo()
        blacklisted = blacklist.search(
            [("email", "in", [email for of_one in emails.values() for email in of_one])]
        )
        refused = set(blacklisted.mapped("email"))
        bounced = self._get_bounced(contacts, emails)
        return {
            contact.id: self._get_problem(
                contact, emails[contact.id], refused, contact in bounced
            )
            or contact.email_formatted
            for contact in contacts
        }

    def _get_bounced(self, contacts, emails):
        """Return the contacts whose present address came back. Odoo goes on counting
        when the address changes; where ours came back, we know which one it was."""
        counted = contacts.filtered("message_bounce")
        if not counted:
            return counted
        messages = self.env["ar.dunning.message"].sudo()
        messages = messages.search(
            [("partner_id", "in", counted.ids), ("failure_code", "=", "bounced")]
        )
        tried = {
            contact: set(email_normalize_all(", ".join(of_one.mapped("address"))))
            for contact, of_one in messages.grouped("partner_id").items()
        }
        return counted.filtered(
            lambda c: c not in tried or tried[c].intersection(emails[c.id])
        )

    def _get_problem(self, contact, emails, refused, bounced):
        name = contact.display_name
        if not emails:
            text = self.env._(
                "No e-mail: %(contact)s has no valid address.", contact=name
            )
            return Problem("no_address", text)
        if refused.intersection(emails):
            text = self.env._(
                "No e-mail: the address of %(contact)s is blacklisted.", contact=name
            )
            return Problem("blacklisted", text)
        if bounced:
            text = self.env._(
                "No e-mail: an earlier message to %(contact)s came back.", contact=name
            )
            return Problem("bounced", text)
        return None

    def get_obstacle(self, message):
        if not message.reminder_id._get_sender():
            text = self.env._(
                "No sender: set an e-mail address on the company or the collector."
            )
            return Problem("sender", text)
        if not (message._get_subject() or "").strip():
            return Problem("template", self.env._("The subject is empty."))
        return None

    def get_reference(self, message):
        return message.reminder_id.smtp_message_id

    def compose(self, message):
        # The contact may be another one than when it was prepared.
        self.write_texts(message)
        reminder = message.reminder_id
        company = reminder.company_id
        documents, too_large = reminder._get_documents()
        sender = reminder._get_sender()
        account_url = message.partner_id.sudo()._issue_ar_account_url(company)
        return self._get_server(message)._build_email__(
            email_from=sender,
            email_to=email_split_and_format(message.address),
            email_cc=email_split_and_format(message.address_cc or ""),
            subject=message._get_subject(),
            body=str(reminder._render_mail(message, too_large, account_url)),
            reply_to=reminder._get_reply_to(),
            attachments=documents,
            message_id=reminder.smtp_message_id,
            subtype="html",
            headers={
                "Return-Path": company.bounce_email or sender,
                "X-Odoo-Objects": f"{reminder._name}-{reminder.id}",
            },
        )

    def send(self, message, content):
        return self._send_by_smtp(self._get_server(message), content)

    def keep(self, message, content):
        message.reminder_id._keep_sent_message(content)

    def _get_server(self, message):
        domain = message.reminder_id.company_id.alias_domain_id
        addressees = f"{message.address}, {message.address_cc or ''}"
        return self.env["ir.mail_server"].with_context(
            domain_notifications_email=domain.default_from_email,
            domain_bounce_address=domain.bounce_email,
            send_validated_to=email_normalize_all(addressees),
        )

    def _send_by_smtp(self, server, message):
        try:
            session = server._connect__(smtp_from=message["From"])
        except Exception as error:  # pylint: disable=broad-except
            # Nothing was said yet, so nothing can have been sent.
            return Outcome("failed", self._explain(error), "connect", again=True)
        refused = self._watch_refusals(session)
        try:
            server.send_email(message, smtp_session=session)
        except Exception as error:  # pylint: disable=broad-except
            return self._get_outcome(error)
        finally:
            self._close(session)
        addressees = set(email_normalize_all(message["To"]))
        if refused and addressees <= set(refused):
            # Only copies went through: once more, and they would have it twice.
            error = smtplib.SMTPRecipientsRefused(refused)
            return Outcome("failed", self._explain(error), "refused")
        return Outcome("sent")

    def _watch_refusals(self, session):
        """Return a dict that sending fills with who was refused beside others that were
        not; Odoo does not tell."""
        refused = {}
        if session:
            send_message = session.send_message

            def send_and_note(*args, **kwargs):
                refused.update(send_message(*args, **kwargs))

            session.send_message = send_and_note
        return refused

    def _get_outcome(self, error):
        """A refusal is a failure; a line that broke may have carried the message."""
        cause = error.__context__ if type(error) is MailDeliveryException else error
        text = self._explain(cause)
        if isinstance(cause, (*REFUSALS, AssertionError)):
            return Outcome("failed", text, "refused", again=self._is_passing(cause))
        return Outcome("uncertain", text, "broken")

    def _is_passing(self, error):
        """Tell whether the server invites to try later (4xx), for every addressee."""
        codes = [getattr(error, "smtp_code", 0)]
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            codes = [code for code, _text in error.recipients.values()]
        return all(400 <= code < 500 for code in codes)

    def _explain(self, error):
        detail = str(error) or type(error).__name__
        return self.env._("The mail server: %(detail)s", detail=detail)

    def _close(self, session):
        if not session:
            return
        try:
            session.quit()
        except (OSError, smtplib.SMTPException):
            # The message is through or refused already; only the good-bye is missing.
            _logger.debug("SMTP session did not close properly", exc_info=True)
