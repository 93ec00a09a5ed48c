"""What alerts changed on a customer, and how to take it back in any order.

Several alerts may set the same value one after the other. Each remembers what it found.
The one on top gives that back; one from the middle hands it up to the next. Who decides
otherwise meanwhile is right: nothing is taken back then.
"""

from typing import NamedTuple


class Act(NamedTuple):
    """``before`` was found, ``after`` was set."""

    key: int
    before: int | None
    after: int | None


class Undoing(NamedTuple):
    """``value`` is to be set where ``is_set``; ``handed_up`` are acts that stand and
    now remember something else."""

    is_set: bool
    value: int | None
    handed_up: tuple


def undo(key, acts, current):
    """Return how to take one act back.

    :param key: of the act
    :param acts: list of :class:`Act` that stand, the oldest first, with this one
    :param current: the value as it is

    The only act, and the upper one of two:

    >>> undo(1, [Act(1, 10, 20)], 20)
    Undoing(is_set=True, value=10, handed_up=())
    >>> undo(2, [Act(1, 10, 20), Act(2, 20, 30)], 30)
    Undoing(is_set=True, value=20, handed_up=())

    The lower one hands up what it found:

    >>> undo(1, [Act(1, 10, 20), Act(2, 20, 30)], 30)
    Undoing(is_set=False, value=None, handed_up=(Act(key=2, before=10, after=30),))

    Somebody decided otherwise:

    >>> undo(1, [Act(1, 10, 20)], 40)
    Undoing(is_set=False, value=None, handed_up=())
    """
    place = next(number for number, act in enumerate(acts) if act.key == key)
    own, above = acts[place], acts[place + 1 :]
    if not above:
        is_set = current == own.after
        return Undoing(is_set, own.before if is_set else None, ())
    if above[0].before == own.after:
        return Undoing(False, None, (above[0]._replace(before=own.before),))
    return Undoing(False, None, ())
