"""The customer is told what was decided, in the customer's language."""

from odoo import models

TEMPLATES = {
    "accepted": "ar_dispute.mail_template_accepted",
    "partly": "ar_dispute.mail_template_accepted",
    "rejected": "ar_dispute.mail_template_rejected",
}


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    def _get_customer_contact(self):
        """Return whom the customer is answered through: as reminders are, whoever does
        the accounting and can be written to."""
        self.ensure_one()
        customer = self.commercial_partner_id
        reminders = self.env["ar.dunning.reminder"].sudo()
        contacts = reminders._get_contacts(self.company_id.root_id, customer.ids)
        return self.env["res.partner"].browse(contacts[customer.id])

    def _get_amount_text(self, name):
        """Return a sum over the items as the customer reads it: in the currencies of
        the invoices.

        :param str name: ``amount_disputed``, ``amount_accepted`` or ``amount_asked``,
            which is what is still open of the disputed amount
        """
        self.ensure_one()
        lines = self.sudo().line_ids
        return ", ".join(
            currency.format(sum(line._get_amount(name) for line in of_currency))
            for currency, of_currency in lines.grouped("currency_id").items()
        )

    def _tell_customer(self, contact):
        """Write to the customer what was decided and why; it stands in the chatter.

        :param contact: res.partner with an e-mail address
        """
        self.ensure_one()
        template = self.env.ref(TEMPLATES[self.outcome]).sudo()
        dispute = self.with_context(lang=contact.lang or self.env.lang)
        texts = template.with_context(lang=contact.lang or self.env.lang)
        values = {
            name: texts._render_field(
                name, dispute.ids, options={"post_process": name == "body_html"}
            )[self.id]
            for name in ("subject", "body_html")
        }
        dispute.sudo().message_post(
            subject=values["subject"],
            body=values["body_html"],
            partner_ids=contact.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
            email_layout_xmlid="mail.mail_notification_light",
            author_id=self.env.user.partner_id.id,
        )
        self._log(self.env._("Answered to %(contact)s", contact=contact.display_name))
