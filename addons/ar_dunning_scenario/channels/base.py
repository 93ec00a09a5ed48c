from typing import NamedTuple


class Outcome(NamedTuple):
    """How sending ended: ``state`` is sent, failed or uncertain, ``text`` says why.

    ``code`` is a failure code of ``ar.dunning.message``. ``again``: it certainly did
    not arrive and may go through later, so it is tried again by itself.
    """

    state: str
    text: str | None = None
    code: str | None = None
    again: bool = False


class Problem(NamedTuple):
    """Why a message cannot be sent: a failure code of ``ar.dunning.message``, and a
    sentence for who has to repair it."""

    code: str
    text: str


class Channel:
    """A way to reach somebody. Plain class: a new channel is one class, one selection
    value on the step, and one entry in ``ar.dunning.reminder._get_channels``.
    """

    #: Whether the channel reaches the customer; an internal one never stands in for it.
    to_customer = True
    #: Whether each reminder has a row in the outbox for it: a :class:`MessageChannel`.
    has_outbox = False
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


class MessageChannel(Channel):
    """A message to the customer: one row of ``ar.dunning.message`` per reminder.

    A step may use several of them at once, or one where another does not reach.
    """

    has_outbox = True
    by_machine = True
    #: The field of the step that holds the words, None if there are none.
    words = "template_id"
    #: Whether contacts with the role Copy get the message as well.
    takes_copies = False

    def prepare(self, reminders):
        reminders._prepare_outbox()

    def get_addresses(self, contacts):
        """Return where each contact is reached, in a constant number of queries.

        :param contacts: res.partner
        :return: {contact id: the address, or a :class:`Problem`}
        """
        raise NotImplementedError

    def write_texts(self, messages):
        """Write the words where there are none: what somebody edited stays."""
        messages._write_long_texts()

    def get_obstacle(self, message):
        """Return what else keeps an addressed message from leaving, a
        :class:`Problem` or None."""
        return None

    def get_reference(self, message):
        """Return by what the other side will know the message, before it leaves."""
        return message.reference

    def compose(self, message):
        """Return the complete message, before anything is committed."""
        raise NotImplementedError

    def send(self, message, content):
        """Hand the message over. Never raises, and writes nothing.

        :param content: what :meth:`compose` returned
        :return: :class:`Outcome`
        """
        raise NotImplementedError

    def keep(self, message, content):
        """Keep what was sent, or may have been, with the reminder."""
        raise NotImplementedError
