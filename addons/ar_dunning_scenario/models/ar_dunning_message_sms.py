from odoo import fields, models


class ArDunningMessageSms(models.Model):
    """What is particular to short messages: words of their own."""

    _inherit = "ar.dunning.message"

    is_text_edited = fields.Boolean(readonly=True)

    def write(self, vals):
        if "text" in vals and not self.env.su:
            self._by_code().is_text_edited = True
        return super().write(vals)

    def _write_short_texts(self):
        """Render the words in the languages of the customers, with the amounts of now;
        what somebody edited stays."""
        blank = self.filtered(lambda message: not message.is_text_edited)
        for template, messages in blank.grouped(
            lambda message: message.reminder_id.step_id.sms_template_id
        ).items():
            reminders = messages.reminder_id
            langs = {reminder.id: reminder.lang for reminder in reminders}
            texts = {}
            if template:
                texts = template._render_field(
                    "body", reminders.ids, res_ids_lang=langs
                )
            for message in messages:
                text = str(texts.get(message.reminder_id.id, "")) or False
                if message.text != text:
                    message._by_code().text = text

    def _set_sending(self, reference):
        super()._set_sending(reference)
        if self.channel == "sms":
            self._track_short_text()

    def _track_short_text(self):
        """Let delivery reports find the message, however early they come."""
        trackers = self.env["sms.tracker"].sudo()
        known = trackers.search([("sms_uuid", "=", self.reference)])
        if not known:
            trackers.create(
                {"sms_uuid": self.reference, "ar_dunning_message_id": self.id}
            )

    def _keep_short_text(self):
        self.reminder_id._message_log(
            body=self.env._(
                "SMS to %(number)s: %(text)s", number=self.address, text=self.text
            )
        )
