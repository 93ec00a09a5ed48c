from odoo import models
from odoo.tools.mail import email_normalize, email_normalize_all

from ..channels import Problem
from .ar_dunning_message import ARRIVED


class ArDunningReminderAnswers(models.Model):
    """What comes back: answers of the customer, and mail that did not arrive."""

    _inherit = "ar.dunning.reminder"

    def message_update(self, msg_dict, update_vals=None):
        """An answer is posted on the reminder; the journal of the customer tells.

        Only the mail gateway, which is the system, has read such an answer.
        """
        self.check_access("write")
        if self.env.su:
            sender = msg_dict.get("email_from") or ""
            self._log_events(self.env._("Answered by %(who)s", who=sender))
        return super().message_update(msg_dict, update_vals=update_vals)

    def _message_receive_bounce(self, email, partner):
        super()._message_receive_bounce(email, partner)
        bounced = email_normalize(email)
        text = self.env._("The e-mail to %(address)s came back.", address=email)
        for message in self.sudo().outbox_ids:
            addresses = set(email_normalize_all(message.address))
            if message.channel == "email" and bounced in addresses:
                # Where there is another addressee, it did not come back as a whole.
                if addresses == {bounced}:
                    message._on_came_back(Problem("bounced", text))
                else:
                    message.reminder_id._tell_collector(text)

    def _on_came_back(self, problem):
        """Messages did not arrive: the step is open again, unless others did."""
        for reminder in self:
            arrived = reminder.outbox_ids.filtered(
                lambda m: m.state in (*ARRIVED, "uncertain")
            )
            if not arrived:
                reminder._reopen()
            reminder._settle()
            reminder._tell_collector(problem.text)

    def _tell_collector(self, text):
        self._log_decision(text)
        user = self._get_signer() or self.commercial_partner_id.user_id
        if user.active:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=self.company_id._ar_today(),
                summary=text,
                user_id=user.id,
            )

    def _keep_sent_message(self, message):
        """Whoever signs is told of the answer."""
        result = super()._keep_sent_message(message)
        self.message_subscribe(partner_ids=self._get_signer().partner_id.ids)
        return result
