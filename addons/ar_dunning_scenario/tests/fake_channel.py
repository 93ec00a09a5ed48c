from odoo import fields, models

from ..channels import MessageChannel, Outcome, Problem

#: What the fake channel does next; "sent" when nothing is left.
OUTCOMES = []
#: What it handed over: (address, content).
SENT = []


class FakeChannel(MessageChannel):
    """All that a new channel needs: one class, one selection value, one entry."""

    words = None

    def get_addresses(self, contacts):
        nowhere = Problem("no_address", "No fake address")
        return {contact.id: contact.ref or nowhere for contact in contacts}

    def compose(self, message):
        return f"Pay {message.reminder_id.amount_net:.2f}"

    def send(self, message, content):
        outcome = OUTCOMES.pop(0) if OUTCOMES else Outcome("sent")
        if outcome.state != "failed":
            SENT.append((message.address, content))
        return outcome

    def keep(self, message, content):
        message.reminder_id._message_log(body=content)


class ArDunningStep(models.Model):
    _inherit = "ar.dunning.step"

    channel = fields.Selection(
        selection_add=[("fake", "Fake")], ondelete={"fake": "cascade"}
    )


class ArDunningReminder(models.Model):
    _inherit = "ar.dunning.reminder"

    def _get_channels(self):
        return {**super()._get_channels(), "fake": FakeChannel(self.env)}
