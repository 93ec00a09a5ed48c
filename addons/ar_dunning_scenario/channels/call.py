from .base import Channel, Problem


class CallChannel(Channel):
    """A collector calls: the reminder is the task, with the script and the items."""

    takes_copies = False

    def prepare(self, reminders):
        for step, of_step in reminders.grouped("step_id").items():
            of_step._fill_texts(step.name, step.text)
            of_step._set_contacts_by(self, step.role or "accounting")
        reminders.state = "draft"
        reminders._schedule_tasks("mail.mail_activity_data_call")

    def get_addresses(self, contacts):
        """Return {contact id: phone number or :class:`Problem`}."""
        text = self.env._("No phone number")
        return {c.id: c.phone or Problem("no_address", text) for c in contacts}
