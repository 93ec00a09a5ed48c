from odoo.tools import html2plaintext

from odoo.addons.ar_dunning_scenario.channels import (
    LetterChannel,
    Outcome,
    Problem,
    read_failure,
)

#: What the service answers when the fault may pass.
PASSING = {"CREDIT_ERROR", "TRIAL_ERROR"}
CODES = {
    "CREDIT_ERROR": "credit",
    "TRIAL_ERROR": "credit",
    "MISSING_REQUIRED_FIELDS": "no_address",
    "FORMAT_ERROR": "document",
    "ATTACHMENT_ERROR": "document",
}


class Refused(Exception):
    """The service said no; what was written about the letter is taken back."""


class SnailmailChannel(LetterChannel):
    """A letter that Odoo's postal service prints and posts.

    The letter is not left to the service's own scheduled action, which tries again
    what it thinks has failed: it exists only once it was handed over.
    """

    by_machine = True

    def _get_address(self, contact):
        if not (contact.zip and contact.country_id):
            text = self.env._(
                "No letter: %(contact)s needs a zip code and a country.",
                contact=contact.display_name,
            )
            return Problem("no_address", text)
        return super()._get_address(contact)

    def compose(self, message):
        cover = message.company_id.snailmail_cover
        return super().compose(message.with_context(snailmail_layout=not cover))

    def send(self, message, content):
        try:
            with self.env.cr.savepoint():
                letter = self._make_letter(message, content)
                letter._snailmail_print_valid_address()
                if letter.state != "sent":
                    raise Refused(letter.error_code, letter.info_msg)
        except Refused as refusal:
            return self._get_refusal(*refusal.args)
        except Exception as error:  # pylint: disable=broad-except
            return read_failure(error, self._explain(str(error)))
        return Outcome("sent")

    def _make_letter(self, message, content):
        letters = self.env["snailmail.letter"].with_company(message.company_id)
        letter = letters.create(
            {
                "user_id": self.env.uid,
                "model": message.reminder_id._name,
                "res_id": message.reminder_id.id,
                "partner_id": message.partner_id.id,
                "company_id": message.company_id.id,
            }
        )
        content = letter._overwrite_margins(content)
        if letter.cover:
            content = letter._append_cover_page(content)
        letter.attachment_id = self.env["ir.attachment"].create(
            {
                "name": f"{message.reminder_id.step_name}.pdf",
                "raw": content,
                "res_model": letter._name,
                "res_id": letter.id,
            }
        )
        return letter

    def _get_refusal(self, error, text):
        text = html2plaintext(text or error, include_references=False)
        code = CODES.get(error, "provider")
        return Outcome("failed", self._explain(text), code, again=error in PASSING)

    def _explain(self, detail):
        return self.env._("The postal service: %(detail)s", detail=detail)

    def keep(self, message, content):
        message._store_print(content)
        message._keep_printed()
