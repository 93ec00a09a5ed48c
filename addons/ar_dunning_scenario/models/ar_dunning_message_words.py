from contextlib import contextmanager

from odoo import fields, models


class ArDunningMessageWords(models.Model):
    """Words of a message to another contact than the one the reminder speaks to: each
    contact is greeted by name, in the own language."""

    _inherit = "ar.dunning.message"

    lang = fields.Char(string="Language", readonly=True)
    subject = fields.Char(readonly=True)
    body = fields.Html(
        string="Own Text",
        readonly=True,
        sanitize_style=True,
        help="Empty: the text of the reminder.",
    )

    def _get_lang(self):
        return self.lang or self.reminder_id._get_active_language()

    def _get_subject(self):
        return self.subject or self.reminder_id.subject

    def _get_body(self):
        return self.body or self.reminder_id.body

    def _write_long_texts(self):
        """Write the text of the reminders, and of those of these messages that go to
        somebody else; in a constant number of queries.

        At most one message of each reminder at a time, as those of one channel are.
        """
        self.reminder_id._write_texts()
        own = self.filtered(lambda message: message._needs_own_words())
        (self - own)._forget_own_words()
        for template, messages in own.grouped(
            lambda message: message.reminder_id.step_id.template_id
        ).items():
            messages._write_own_words(template)

    def _needs_own_words(self):
        """Tell whether the text of the reminder was written for somebody else; one that
        a person edited is for all of them."""
        reminder = self.reminder_id
        if reminder.is_text_edited or not reminder.text_partner_id:
            return False
        if not self.partner_id or not reminder.step_id.template_id:
            return False
        said = (reminder.text_partner_id, reminder.text_lang)
        return said != (self.partner_id, reminder._choose_language(self.partner_id))

    def _forget_own_words(self):
        worded = self.filtered(lambda message: message.subject or message.body)
        worded._by_code().write({"lang": False, "subject": False, "body": False})

    def _write_own_words(self, template):
        with self._addressing_contacts() as langs:
            subjects, bodies = self.reminder_id._render_words(template, langs)
        for message in self:
            reminder_id = message.reminder_id.id
            message._by_code().write(
                {
                    "lang": langs[reminder_id],
                    "subject": subjects[reminder_id],
                    "body": bodies[reminder_id],
                }
            )

    @contextmanager
    def _addressing_contacts(self):
        """Let templates see the contact and the language of each message as those of
        its reminder; nothing of that is written.

        :return: {reminder id: language}
        """
        names = ["partner_id", "lang"]
        reminders = self.reminder_id
        langs = {
            message.reminder_id.id: message.reminder_id._choose_language(
                message.partner_id
            )
            for message in self
        }
        reminders.flush_recordset(names)
        for message in self:
            reminder = message.reminder_id
            contact = message.partner_id or reminder.partner_id
            seen = (contact.id or None, langs[reminder.id])
            for name, value in zip(names, seen, strict=True):
                reminder._fields[name]._update_cache(reminder, value)
        try:
            yield langs
        finally:
            reminders.invalidate_recordset(names, flush=False)
