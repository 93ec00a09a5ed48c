from odoo import models


class MailMail(models.Model):
    _inherit = "mail.mail"

    def _postprocess_sent_message(
        self, success_pids, success_emails, failure_reason=False, failure_type=None
    ):
        # Read before: mails that left are deleted.
        messages = self.filtered(lambda m: m.model == "account.move").mail_message_id
        result = super()._postprocess_sent_message(
            success_pids, success_emails, failure_reason, failure_type
        )
        if messages:
            is_delivered = bool(success_pids or success_emails) or not failure_type
            self.env["account.move"]._on_ar_invoice_mails(messages, is_delivered)
        return result
