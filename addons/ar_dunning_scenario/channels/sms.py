from uuid import uuid4

from odoo.tools import html2plaintext
from odoo.tools.urls import urljoin

from .base import MessageChannel, Outcome, Problem
from .provider import read_failure

#: What providers answer when the fault is not ours and may pass.
PASSING = {"insufficient_credit"}
#: After these nobody knows whether the message went out.
UNKNOWN = {"server_error"}
FAILURE_CODES = {
    "insufficient_credit": "credit",
    "wrong_number_format": "no_address",
    "sms_number_missing": "no_address",
}


class SmsChannel(MessageChannel):
    """A short message by the provider that Odoo's own SMS leave by.

    It is not put into Odoo's queue, which sends again after a crash; the identifier is
    committed before the message leaves, and delivery reports find it by that.
    """

    words = "sms_template_id"

    def get_addresses(self, contacts):
        numbers = contacts.filtered("phone_sanitized").mapped("phone_sanitized")
        blacklist = self.env["phone.blacklist"].sudo()
        refused = blacklist.search([("number", "in", numbers)]).mapped("number")
        return {c.id: self._get_address(c, set(refused)) for c in contacts}

    def _get_address(self, contact, refused):
        if not contact.phone_sanitized:
            text = self.env._(
                "No SMS: %(contact)s has no valid phone number.",
                contact=contact.display_name,
            )
            return Problem("no_address", text)
        if contact.phone_sanitized in refused:
            text = self.env._(
                "No SMS: the number of %(contact)s is blacklisted.",
                contact=contact.display_name,
            )
            return Problem("blacklisted", text)
        return contact.phone_sanitized

    def write_texts(self, messages):
        with messages._addressing_contacts():
            messages._write_short_texts()

    def get_obstacle(self, message):
        if not (message.text or "").strip():
            return Problem("template", self.env._("The short message is empty."))
        return None

    def get_reference(self, message):
        return message.reference or uuid4().hex

    def compose(self, message):
        self.write_texts(message)
        return message.text

    def send(self, message, content):
        company = message.company_id
        sms = [
            {
                "content": content,
                "numbers": [{"number": message.address, "uuid": message.reference}],
            }
        ]
        try:
            env = self.env["sms.sms"].with_company(company).env
            provider = company._get_sms_api_class()(env)
            provider._set_company(company)
        except Exception as error:  # pylint: disable=broad-except
            # Nothing was said yet, so nothing can have been sent.
            return Outcome("failed", self._explain(error), "provider")
        url = urljoin(message.get_base_url(), "/sms/status")
        try:
            (result,) = provider._send_sms_batch(sms, delivery_reports_url=url)
        except Exception as error:  # pylint: disable=broad-except
            return read_failure(error, self._explain(error))
        return self._get_outcome(provider, result)

    def _get_outcome(self, provider, result):
        state = result["state"]
        success = self.env["sms.sms"].IAP_TO_SMS_STATE_SUCCESS.get(state)
        if success:
            return Outcome("delivered" if success == "sent" else "sent")
        reasons = provider._get_sms_api_error_messages()
        text = result.get("failure_reason") or reasons.get(state) or state
        text = self._explain(html2plaintext(text, include_references=False))
        if state in UNKNOWN:
            return Outcome("uncertain", text, "broken")
        code = FAILURE_CODES.get(state, "provider")
        return Outcome("failed", text, code, again=state in PASSING)

    def _explain(self, error):
        detail = str(error) or type(error).__name__
        return self.env._("The SMS provider: %(detail)s", detail=detail)

    def keep(self, message, content):
        message._keep_short_text()
