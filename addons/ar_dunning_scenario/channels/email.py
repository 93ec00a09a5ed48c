import logging
import smtplib

from odoo.tools.mail import email_normalize_all, email_split_and_format

from odoo.addons.base.models.ir_mail_server import MailDeliveryException

from .base import Channel, Outcome

_logger = logging.getLogger(__name__)

#: The server said no, before or after the text: the message did not go through.
REFUSALS = (
    smtplib.SMTPResponseException,
    smtplib.SMTPRecipientsRefused,
    smtplib.SMTPNotSupportedError,
    UnicodeError,
)


class EmailChannel(Channel):
    """E-mail by our own sending step, so that a message leaves at most once."""

    by_machine = True

    def prepare(self, reminders):
        self._set_languages(reminders)
        blank = reminders.filtered(lambda reminder: not reminder._is_written())
        for template, of_template in blank.grouped(
            lambda reminder: reminder.step_id.template_id
        ).items():
            self._render(template, of_template)
        for reminder in reminders:
            reminder.email_to = reminder.partner_id.email_formatted
            reminder.state = "draft" if reminder.mode == "confirm" else "ready"
        for obstacle, stopped in reminders.grouped(self.get_obstacle).items():
            if obstacle:
                stopped._set_failed(obstacle)

    def get_obstacle(self, reminder):
        if not email_normalize_all(reminder.email_to):
            return self.env._(
                "No e-mail: %(contact)s has no valid address.",
                contact=reminder.partner_id.display_name,
            )
        if not reminder._get_sender():
            return self.env._(
                "No sender: set an e-mail address on the company or the collector."
            )
        if not (reminder.subject or "").strip():
            return self.env._("The subject is empty.")
        return None

    def _set_languages(self, reminders):
        installed = {code for code, _name in self.env["res.lang"].get_installed()}
        for reminder in reminders:
            wanted = [
                reminder.partner_id.lang,
                reminder.commercial_partner_id.lang,
                reminder.company_id.partner_id.lang,
            ]
            lang = next((code for code in wanted if code in installed), "en_US")
            reminder.lang = lang

    def _render(self, template, reminders):
        langs = {reminder.id: reminder.lang for reminder in reminders}
        subjects = template._render_field("subject", reminders.ids, res_ids_lang=langs)
        bodies = template._render_field(
            "body_html",
            reminders.ids,
            res_ids_lang=langs,
            options={"post_process": True},
        )
        for reminder in reminders:
            reminder._fill_texts(subjects[reminder.id], bodies[reminder.id])

    def compose(self, reminder):
        company = reminder.company_id
        sender = reminder._get_sender()
        return self._get_server(reminder)._build_email__(
            email_from=sender,
            email_to=email_split_and_format(reminder.email_to),
            subject=reminder.subject,
            body=str(reminder._render_mail()),
            reply_to=sender,
            attachments=reminder._get_documents(),
            message_id=reminder.smtp_message_id,
            subtype="html",
            headers={
                "Return-Path": company.bounce_email or sender,
                "X-Odoo-Objects": f"{reminder._name}-{reminder.id}",
            },
        )

    def send(self, reminder, message):
        return self._send_by_smtp(self._get_server(reminder), message)

    def keep(self, reminder, message):
        reminder._keep_sent_message(message)

    def _get_server(self, reminder):
        domain = reminder.company_id.alias_domain_id
        return self.env["ir.mail_server"].with_context(
            domain_notifications_email=domain.default_from_email,
            domain_bounce_address=domain.bounce_email,
            send_validated_to=email_normalize_all(reminder.email_to),
        )

    def _send_by_smtp(self, server, message):
        try:
            session = server._connect__(smtp_from=message["From"])
        except Exception as error:  # pylint: disable=broad-except
            # Nothing was said yet, so nothing can have been sent.
            return Outcome("failed", self._explain(error))
        try:
            server.send_email(message, smtp_session=session)
        except Exception as error:  # pylint: disable=broad-except
            return self._get_outcome(error)
        finally:
            self._close(session)
        return Outcome("sent")

    def _get_outcome(self, error):
        """A refusal is a failure; a line that broke may have carried the message."""
        cause = error.__context__ if type(error) is MailDeliveryException else error
        never_left = isinstance(cause, (*REFUSALS, AssertionError))
        return Outcome("failed" if never_left else "uncertain", self._explain(cause))

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
