from .base import Channel, Problem


class UnknownChannel(Channel):
    """Stands in for a channel whose addon is no longer installed: nothing leaves by it,
    and whoever reads the reminder is told why."""

    def prepare(self, reminders):
        reminders.outbox_ids._fail_where_channel_is_gone()
        reminders._settle()
        silent = reminders.filtered(lambda r: r.state in ("draft", "ready"))
        silent._set_failed(self.explain())

    def get_addresses(self, contacts):
        return dict.fromkeys(contacts.ids, Problem("other", self.explain()))

    def write_texts(self, messages):
        """There are no words for it."""

    def get_obstacle(self, message):
        return Problem("other", self.explain())

    def explain(self):
        return self.env._("The addon of this channel is no longer installed.")
