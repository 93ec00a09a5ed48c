from typing import NamedTuple


class Outcome(NamedTuple):
    """How sending ended: ``state`` is sent, failed or uncertain, ``text`` says why."""

    state: str
    text: str | None = None


class Channel:
    """A way to reach somebody. Plain class: a new channel is one class, one selection
    value on the step, and one entry in ``ar.dunning.reminder._get_channels``.
    """

    #: Whether the channel reaches the customer; an internal one never stands in for it.
    to_customer = True
    #: Whether the message leaves by ``ar.dunning.reminder._deliver``.
    by_machine = False

    def __init__(self, env):
        self.env = env

    def prepare(self, reminders):
        """Make planned reminders of this channel complete, and set their state.

        In a constant number of queries where it can; an exception stands on the
        reminder that caused it, the others go on.
        """
        raise NotImplementedError

    def get_obstacle(self, reminder):
        """Return a sentence that says why the reminder cannot be sent, or None."""
        return None

    def compose(self, reminder):
        """Return the complete message, before anything is committed."""
        raise NotImplementedError

    def send(self, reminder, message):
        """Hand the message over. Never raises, and writes nothing.

        :param message: what :meth:`compose` returned
        :return: :class:`Outcome`
        """
        raise NotImplementedError

    def keep(self, reminder, message):
        """Keep what was sent, or may have been, with the reminder."""
        raise NotImplementedError
