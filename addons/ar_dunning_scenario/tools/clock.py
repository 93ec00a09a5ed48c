"""The dunning clock: when is an item asked for next, and at which step?

A pure function of facts: the due date, the steps of the scenario, the steps already
done, the pauses and today. Nothing else in the suite computes a next step.

Rules
-----
* Steps go one by one, in the order of their offset, at most one a day. An item that
  starts late takes up every step on a day of its own.
* A step before the due date is a courtesy: once the item is due it has lapsed, because
  "will be due soon" is no longer true. It is the only step that is ever passed over.
* Days inside a pause do not count, neither do its days of grace. What is counted before
  the pause stays counted: the item goes on where it stood.
* What was done stays done. A step that was moved, added or removed before the furthest
  one done is not taken up again.
"""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

DAY = timedelta(days=1)


class Step(NamedTuple):
    """A step of a scenario: ``offset`` is in days from the due date."""

    key: str
    offset: int


class Done(NamedTuple):
    """A step that was done on ``on``; ``offset`` is what it was at that time."""

    key: str
    offset: int
    on: date


class Pause(NamedTuple):
    """Days on which the clock stands still: ``first`` to ``last``, both included,
    then ``grace`` days more. ``last`` is None while the end is not known."""

    first: date
    last: date | None = None
    grace: int = 0


class Reading(NamedTuple):
    """What the clock shows.

    ``next_step`` and ``next_date`` are None when all is done; only ``next_date`` is
    None while a pause has no end. ``days_counted`` is negative before the due date.
    """

    next_step: Step | None
    next_date: date | None
    days_counted: int


def read(
    due: date,
    steps: Iterable[Step],
    done: Iterable[Done],
    pauses: Iterable[Pause],
    today: date,
) -> Reading:
    """Read the clock of one item.

    :param due: due date of the item
    :param steps: steps of its scenario, in any order
    :param done: steps done in the present cycle, in any order
    :param pauses: pauses, in any order; they may overlap
    :param today: the company's date
    :return: a next date that is never in the past, and never inside a pause

    >>> from datetime import date
    >>> steps = [Step("notice", -5), Step("mail", 5), Step("call", 7)]
    >>> due = date(2026, 3, 10)
    >>> read(due, steps, [], [], date(2026, 3, 1))
    Reading(next_step=Step(key='notice', offset=-5), \
next_date=datetime.date(2026, 3, 5), days_counted=-9)

    A pause of ten days moves the step by ten days:

    >>> pause = Pause(date(2026, 3, 11), date(2026, 3, 20))
    >>> read(due, steps, [], [pause], date(2026, 3, 12)).next_date
    datetime.date(2026, 3, 25)

    A late start takes up one step a day:

    >>> late = date(2026, 5, 1)
    >>> read(due, steps, [], [], late)[:2]
    (Step(key='mail', offset=5), datetime.date(2026, 5, 1))
    >>> read(due, steps, [Done("mail", 5, late)], [], late)[:2]
    (Step(key='call', offset=7), datetime.date(2026, 5, 2))
    """
    calendar = _Calendar(due, pauses)
    ladder = sorted(steps, key=lambda step: (step.offset, step.key))
    done = list(done)
    earliest = max([today, *(entry.on + DAY for entry in done)])
    for step in ladder[_position(ladder, done) :]:
        day = calendar.first_day(step.offset, earliest)
        if step.offset < 0 and (day or earliest) >= due:
            continue  # a courtesy that lapsed
        return Reading(step, day, calendar.days_counted(today))
    return Reading(None, None, calendar.days_counted(today))


def stands_still(pauses: Iterable[Pause], day: date) -> bool:
    """Tell whether ``day`` is inside a pause or its grace.

    >>> stands_still([Pause(date(2026, 1, 1), date(2026, 1, 3), 2)], date(2026, 1, 5))
    True
    """
    return any(
        first <= day and (last is None or day <= last) for first, last in _union(pauses)
    )


def _position(ladder: Sequence[Step], done: Sequence[Done]) -> int:
    """Index of the first step after the furthest one done.

    A done step that the scenario no longer has counts by its offset at that time.

    >>> ladder = [Step("a", 1), Step("b", 5), Step("c", 9)]
    >>> _position(ladder, [Done("b", 5, date(2026, 1, 1))])
    2
    >>> _position(ladder, [Done("gone", 4, date(2026, 1, 1))])
    1
    """
    index = {step.key: number for number, step in enumerate(ladder, start=1)}
    offsets = [step.offset for step in ladder]
    return max(
        (index.get(entry.key, bisect_right(offsets, entry.offset)) for entry in done),
        default=0,
    )


class _Calendar:
    """Days that count, as days since the due date, for one item."""

    def __init__(self, due: date, pauses: Iterable[Pause]):
        self.due = due
        self.closed = _union(pauses)

    def days_counted(self, day: date) -> int:
        """Days from the due date to ``day``, without those that stood still.

        Days before the due date all count: a pause cannot move the due date.
        """
        elapsed = (day - self.due).days
        if elapsed <= 0:
            return elapsed
        return elapsed - sum(
            max(0, (min(last or day, day) - max(first, self.due + DAY)).days + 1)
            for first, last in self.closed
        )

    def first_day(self, offset: int, earliest: date) -> date | None:
        """First open day, not before ``earliest``, that has counted ``offset`` days.

        None when a pause without end comes first.
        """
        day = self.due + DAY * offset
        for first, last in self.closed:
            if first > max(day, earliest):
                break
            if last is None:
                return None
            if offset > 0 and first <= day:
                # Only days after the due date count, so only they can be lost.
                day += DAY * max(0, (last - max(first, self.due + DAY)).days + 1)
            if max(day, earliest) <= last:
                earliest = last + DAY
        return max(day, earliest)


def _union(pauses: Iterable[Pause]) -> list[tuple[date, date | None]]:
    """Join pauses, with their grace, into intervals that neither overlap nor touch.

    >>> d = lambda day: date(2026, 1, day)
    >>> _union([Pause(d(8), d(9)), Pause(d(1), d(3), 2), Pause(d(6), d(6))])
    [(datetime.date(2026, 1, 1), datetime.date(2026, 1, 6)), \
(datetime.date(2026, 1, 8), datetime.date(2026, 1, 9))]
    """
    joined: list[tuple[date, date | None]] = []
    for first, last in sorted(map(_interval, pauses), key=lambda pair: pair[0]):
        if last is not None and last < first:
            continue
        if joined and (joined[-1][1] is None or first <= joined[-1][1] + DAY):
            first, previous = joined.pop()
            last = None if None in (last, previous) else max(last, previous)
        joined.append((first, last))
    return joined


def _interval(pause: Pause) -> tuple[date, date | None]:
    """First and last day on which the clock stands still."""
    if pause.last is None:
        return pause.first, None
    return pause.first, pause.last + DAY * pause.grace
