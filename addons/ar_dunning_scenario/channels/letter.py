from .base import MessageChannel, Problem

REPORT = "ar_dunning_scenario.ar_dunning_letter_report"


class LetterChannel(MessageChannel):
    """A letter on paper: printed in one pile, and sent once somebody posted it."""

    by_machine = False

    def get_addresses(self, contacts):
        return {contact.id: self._get_address(contact) for contact in contacts}

    def _get_address(self, contact):
        if not (contact.street and contact.city):
            text = self.env._(
                "No letter: %(contact)s has no complete postal address.",
                contact=contact.display_name,
            )
            return Problem("no_address", text)
        town = " ".join(filter(None, [contact.zip, contact.city]))
        country = contact.country_id.name
        return ", ".join(filter(None, [contact.street, town, country]))

    def get_obstacle(self, message):
        if not (message._get_subject() or "").strip():
            return Problem("template", self.env._("The subject is empty."))
        return None

    def compose(self, message):
        """Return the PDF; one document a call, some builds of wkhtmltopdf cannot do
        more."""
        self.write_texts(message)
        reports = message.env["ir.actions.report"]
        content, _kind = reports._render_qweb_pdf(REPORT, message.ids)
        return content


class RegisteredChannel(LetterChannel):
    """A letter with a number, a proof of posting and a date of receipt."""
