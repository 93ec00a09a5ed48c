from odoo import models
from odoo.tools.mail import email_normalize


class MailThread(models.AbstractModel):
    _inherit = "mail.thread"

    def _routing_handle_bounce(self, email_message, message_dict):
        """Only here it is known which message came back: what else bounces on the
        thread of an invoice does not say that the invoice did."""
        result = super()._routing_handle_bounce(email_message, message_dict)
        message = message_dict["bounced_message"]
        if message.model == "account.move":
            addressees = message.sudo().partner_ids
            email = email_normalize(message_dict["bounced_email"])
            if email in addressees.mapped("email_normalized"):
                self.env["account.move"]._on_ar_invoice_bounce(message.sudo())
        return result
