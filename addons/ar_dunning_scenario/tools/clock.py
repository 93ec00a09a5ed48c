"""The dunning clock: when is an item asked for next, and at which step?

A pure function of facts: the dates of the item, the steps of the scenario, the steps
already done, the pauses, the working days and today. Nothing else in the suite computes
a next step.

Rules
-----
* Steps counted from the sending, from the discount date and from the due date are three
  tracks. In each of them steps go one by one, in the order of their offset; a step
  counted from the previous one stays behind it. Of all tracks together at most one step
  a day is taken. An item that starts late takes up every step on a day of its own.
* A step before the due date is a courtesy: once the item is due it has lapsed, because
  "will be due soon" is no longer true. So has a step of the discount after its date. No
  other step is ever passed over, except by decision.
* A step counted from the sending waits until the item was sent; the others go on. An
  item without a discount has no steps of the discount.
* A step is repeated until its cap is reached or the day of the next step has come.
* Days inside a pause do not count, neither do its days of grace. What is counted before
  the pause stays counted: the item goes on where it stood.
* All days count, but a step is taken on a working day: on the next one, if need be.
* What was done stays done. A step that was moved, added or removed before the furthest
  one done is not taken up again.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple

#: A number of days that a person may choose, at most: ten years.
MOST_DAYS = 3660
#: What a track is counted from, in the order in which the tracks usually begin.
TRACKS = ("sending", "discount_date", "due_date")


class Step(NamedTuple):
    """A step of a scenario: ``offset`` is in days from ``trigger``, one of
    :data:`TRACKS` or "previous_step". It is repeated every ``every`` days, ``times``
    times at most."""

    key: str
    offset: int
    trigger: str = "due_date"
    every: int = 0
    times: int = 0


class Bounded(NamedTuple):
    """A step for items of which at least ``least`` is open and, unless it is 0, less
    than ``below``."""

    step: Step
    least: float = 0.0
    below: float = 0.0


class Done(NamedTuple):
    """A step that was done on ``on``; ``offset`` and ``trigger`` are what they were at
    that time. ``occurrence`` is 0 for the first time, then counts the repeats."""

    key: str
    offset: int
    on: date
    trigger: str = "due_date"
    occurrence: int = 0


class Start(NamedTuple):
    """A decision of ``on``: the item goes on with the step ``key``, on ``earliest`` at
    the soonest. ``after`` is how many steps were done before; they no longer count."""

    key: str
    offset: int
    trigger: str
    on: date
    earliest: date
    after: int = 0


class Pause(NamedTuple):
    """Days on which the clock stands still: ``first`` to ``last``, both included,
    then ``grace`` days more. ``last`` is None while the end is not known."""

    first: date
    last: date | None = None
    grace: int = 0


class Workdays(NamedTuple):
    """Days on which steps are taken: ``weekdays`` (Monday is 0) without ``closed``.

    >>> from datetime import date
    >>> date(2026, 3, 7) in Workdays(frozenset(range(5)))
    False
    """

    weekdays: frozenset = frozenset(range(7))
    closed: frozenset = frozenset()

    def __contains__(self, day):
        if not self.weekdays:
            return True  # never is no answer to "when"
        return day.weekday() in self.weekdays and day not in self.closed


EVERY_DAY = Workdays()


class Reading(NamedTuple):
    """What the clock shows.

    ``next_step`` and ``next_date`` are None when all is done; only ``next_date`` is
    None while a pause has no end, or the only step left waits for the sending.
    ``days_counted`` is negative before the due date. ``occurrence`` is that of the next
    step. ``is_unsent``: a step waits for the sending. ``phase_end`` and ``must_decide``
    are filled by those who limit how long an item is asked for.
    """

    next_step: Step | None
    next_date: date | None
    days_counted: int
    occurrence: int = 0
    is_unsent: bool = False
    phase_end: date | None = None
    must_decide: bool = False


def plus(day: date, days: int) -> date:
    """Return the day so many days later; where the calendar ends, its last day, or its
    first.

    >>> plus(date.max, 1) == date.max, plus(date(2024, 2, 28), 1)
    (True, datetime.date(2024, 2, 29))
    """
    try:
        return day + timedelta(days)
    except OverflowError:
        return date.max if days > 0 else date.min


def read(
    due: date,
    steps: Iterable[Step],
    done: Iterable[Done],
    pauses: Iterable[Pause],
    today: date,
    *,
    discount: date | None = None,
    sent: date | None = None,
    workdays: Workdays = EVERY_DAY,
    start: Start | None = None,
) -> Reading:
    """Read the clock of one item.

    :param due: due date of the item
    :param steps: steps of its scenario, see :func:`arrange`
    :param done: steps done in the present cycle; oldest first where there is a start
    :param pauses: pauses, in any order; they may overlap
    :param today: the company's date
    :param discount: last day of the early-payment discount, if there is one
    :param sent: when the invoice was sent, if it was
    :param start: where the item was put by decision, the last one
    :return: a next date that is never in the past, and never inside a pause

    >>> from datetime import date
    >>> steps = [Step("notice", -5), Step("mail", 5), Step("call", 7)]
    >>> due = date(2026, 3, 10)
    >>> read(due, steps, [], [], date(2026, 3, 1))[:3]
    (Step(key='notice', offset=-5, trigger='due_date', every=0, times=0), \
datetime.date(2026, 3, 5), -9)

    A pause of ten days moves the step by ten days:

    >>> pause = Pause(date(2026, 3, 11), date(2026, 3, 20))
    >>> read(due, steps, [], [pause], date(2026, 3, 12)).next_date
    datetime.date(2026, 3, 25)

    A late start takes up one step a day:

    >>> late = date(2026, 5, 1)
    >>> shown = read(due, steps, [], [], late)
    >>> shown.next_step.key, shown.next_date
    ('mail', datetime.date(2026, 5, 1))
    >>> shown = read(due, steps, [Done("mail", 5, late)], [], late)
    >>> shown.next_step.key, shown.next_date
    ('call', datetime.date(2026, 5, 2))

    What counts from the sending waits for it:

    >>> read(due, [Step("arrived", 3, "sending")], [], [], due)[1:5]
    (None, 0, 0, True)
    >>> read(due, [Step("arrived", 3, "sending")], [], [], due, sent=due).next_date
    datetime.date(2026, 3, 13)
    """
    return _read(
        due,
        tuple(steps),
        tuple(done),
        tuple(pauses),
        today,
        discount,
        sent,
        workdays,
        start,
    )


# Of the items of one night most have nothing behind them but their due date.
@lru_cache(maxsize=16_384)
def _read(due, steps, done, pauses, today, discount, sent, workdays, start):
    item = _Item(
        _Calendar(_union(pauses), workdays),
        _ladder(steps),
        {"due_date": due, "discount_date": discount, "sending": sent},
        done,
        start,
        today,
    )
    counted = item.calendar.days_counted(due, today)
    candidates = [found for track in item.ladder.tracks for found in item.coming(track)]
    if not candidates:
        return Reading(None, None, counted)
    first = min(candidates, key=_Candidate.urgency)
    return Reading(
        first.step,
        first.day,
        counted,
        item.occurrence(first.step),
        any(candidate.is_unsent for candidate in candidates),
    )


def stands_still(pauses: Iterable[Pause], day: date) -> bool:
    """Tell whether ``day`` is inside a pause or its grace.

    >>> stands_still([Pause(date(2026, 1, 1), date(2026, 1, 3), 2)], date(2026, 1, 5))
    True
    """
    return any(
        first <= day and (last is None or day <= last) for first, last in _union(pauses)
    )


def phase_end(due: date, days: int, pauses: Sequence[Pause]) -> date | None:
    """First day after ``days`` days since the due date on which the clock ran.

    >>> pause = Pause(date(2026, 1, 5), date(2026, 1, 9))
    >>> phase_end(date(2026, 1, 1), 10, [pause])
    datetime.date(2026, 1, 16)
    """
    if not pauses:
        return _unless_last(plus(due, days))
    return _Calendar(_union(pauses), EVERY_DAY).first_day(due, days, due)


def arrange(steps: Iterable[Step]) -> list[Step]:
    """Return steps in the order in which they are taken, track by track.

    A step counted from the previous one stays behind the one it stands behind; the
    others are sorted by their days.

    >>> steps = [Step("b", 9), Step("again", 3, "previous_step"), Step("a", 5)]
    >>> [step.key for step in arrange([*steps, Step("arrived", 30, "sending")])]
    ['arrived', 'a', 'b', 'again']
    """
    return [step for track in _ladder(tuple(steps)).tracks for step in track.steps]


def for_amount(steps: Iterable[Bounded], amount: float) -> tuple[Step, ...]:
    """Return the steps that there are for an item: the others do not exist for it, so
    none of them is passed over.

    >>> steps = [Bounded(Step("mail", 5)), Bounded(Step("call", 7), 1000.0)]
    >>> [step.key for step in for_amount(steps, 999.99)]
    ['mail']
    >>> [step.key for step in for_amount(steps, 1000.0)]
    ['mail', 'call']
    """
    return tuple(
        step
        for step, least, below in steps
        if least <= amount and (not below or amount < below)
    )


class _Candidate(NamedTuple):
    """What may come next: a step and its first possible day."""

    step: Step
    day: date | None
    is_unsent: bool = False

    def urgency(self):
        """The first day wins; a step without one comes last, an unsent one very last.
        At a tie, ``min`` takes the first in the order of the tracks."""
        return (self.day is None, self.is_unsent, self.day or date.min)


class _Track(NamedTuple):
    """Steps that go one by one. ``offsets`` are those of the steps themselves, or of
    what they follow; ``first`` counts the steps of the tracks before."""

    trigger: str
    steps: tuple[Step, ...]
    offsets: tuple[int, ...]
    first: int


class _Ladder(NamedTuple):
    tracks: tuple[_Track, ...]
    ranks: dict[str, int]


# A company has a handful of scenarios and many thousands of items.
@lru_cache(maxsize=256)
def _ladder(steps: tuple[Step, ...]) -> _Ladder:
    groups: list[list[Step]] = []
    for step in steps:
        if step.trigger == "previous_step" and groups:
            groups[-1].append(step)
        else:
            groups.append([step])
    tracks: list[_Track] = []
    ranks: dict[str, int] = {}
    for trigger in TRACKS:
        mine = sorted(
            (group for group in groups if _trigger_of(group[0]) == trigger),
            key=lambda group: (group[0].offset, group[0].key),
        )
        first = len(ranks)
        members = tuple(step for group in mine for step in group)
        ranks.update({step.key: first + n for n, step in enumerate(members)})
        offsets = tuple(group[0].offset for group in mine for _step in group)
        tracks.append(_Track(trigger, members, offsets, first))
    return _Ladder(tuple(tracks), ranks)


def _trigger_of(head: Step) -> str:
    """The track of a step that stands alone or first."""
    return head.trigger if head.trigger in TRACKS else "due_date"


class _Item:
    """One item, to be asked what comes next in each track."""

    def __init__(self, calendar, ladder, dates, done, start, today):
        self.calendar = calendar
        self.ladder = ladder
        self.dates = dates
        self.done = done
        self.start = start
        self.start_rank = start and self._rank(start)
        self.recent = done if self.start_rank is None else done[start.after :]
        self.earliest = max([today, *(plus(entry.on, 1) for entry in done)])
        if start:
            self.earliest = max(self.earliest, start.earliest)

    def occurrence(self, step: Step) -> int:
        """How often the step was done in this cycle, also before a decision."""
        return max(
            (entry.occurrence + 1 for entry in self.done if entry.key == step.key),
            default=0,
        )

    def coming(self, track: _Track) -> Iterator[_Candidate]:
        """Yield the next step of a track, and before it the repeat of the last one, if
        that comes earlier."""
        position = self._position(track)
        following = self._next(track, position)
        if following:
            yield following
        repeated = self._repeated(track, position)
        if repeated:
            yield repeated

    def _next(self, track: _Track, position: int) -> _Candidate | None:
        if track.trigger == "discount_date" and not self.dates[track.trigger]:
            return None
        for index in range(position, len(track.steps)):
            step = track.steps[index]
            base = self._base(track, index, position)
            if not base:
                return _Candidate(step, None, is_unsent=True)
            day = self.calendar.first_day(base, step.offset, self.earliest)
            if not self._lapsed(track, step, day):
                return _Candidate(step, day)
        return None

    def _repeated(self, track: _Track, position: int) -> _Candidate | None:
        step = track.steps[position - 1] if position else None
        if not step or not step.every:
            return None
        times = [entry.on for entry in self.recent if entry.key == step.key]
        if not times or len(times) > step.times:
            return None
        day = self.calendar.first_day(max(times), step.every, self.earliest)
        return None if self._lapsed(track, step, day) else _Candidate(step, day)

    def _base(self, track: _Track, index: int, position: int) -> date | None:
        """The day from which a step is counted."""
        if track.steps[index].trigger != "previous_step" or not index:
            return self.dates[track.trigger]
        if index > position:
            # What it follows has lapsed: the day on which that could be said.
            return self.dates[track.trigger]
        before = [entry.on for entry in self.recent if self._mark(track, entry)]
        return max(before, default=self.start and self.start.on)

    def _lapsed(self, track: _Track, step: Step, day: date | None) -> bool:
        day = day or self.earliest
        if track.trigger == "discount_date":
            return day > self.dates["discount_date"]
        courtesy = step.trigger == "due_date" and step.offset < 0
        return courtesy and day >= self.dates["due_date"]

    def _position(self, track: _Track) -> int:
        """Index of the first step of a track after the furthest one done.

        A done step that the scenario no longer has counts by its offset at that time.
        """
        marks = [0, *(self._mark(track, entry) for entry in self.recent)]
        if self.start_rank is not None:
            marks.append(min(self.start_rank - track.first, len(track.steps)))
        return max(marks)

    def _mark(self, track: _Track, entry: Done) -> int:
        rank = self.ladder.ranks.get(entry.key)
        if rank is None:
            mine = entry.trigger == track.trigger
            return bisect_right(track.offsets, entry.offset) if mine else 0
        mine = 0 <= rank - track.first < len(track.steps)
        return rank - track.first + 1 if mine else 0

    def _rank(self, start: Start) -> int | None:
        """Rank of the step that was decided for; where it was, if it is gone."""
        if start.key in self.ladder.ranks:
            return self.ladder.ranks[start.key]
        for track in self.ladder.tracks:
            if track.trigger == start.trigger:
                return track.first + bisect_left(track.offsets, start.offset)
        return None


class _Calendar:
    """Which days count, and on which of them a step can be taken."""

    def __init__(self, closed: Sequence[tuple], workdays: Workdays):
        self.closed = closed
        self.workdays = workdays

    def days_counted(self, base: date, day: date) -> int:
        """Days from ``base`` to ``day``, without those that stood still.

        Days before ``base`` all count: a pause cannot move it.
        """
        elapsed = (day - base).days
        if elapsed <= 0:
            return elapsed
        return elapsed - sum(
            max(0, (min(last or day, day) - max(first, plus(base, 1))).days + 1)
            for first, last in self.closed
        )

    def first_day(self, base: date, offset: int, earliest: date) -> date | None:
        """First working day, not before ``earliest`` nor inside a pause, that has
        counted ``offset`` days from ``base``. None when a pause without end comes
        first."""
        day = self._first_open_day(base, offset, earliest)
        while day and day not in self.workdays:
            day = self._first_open_day(base, offset, plus(day, 1))
        return day

    def _first_open_day(self, base: date, offset: int, earliest: date) -> date | None:
        day = plus(base, offset)
        for first, last in self.closed:
            if first > max(day, earliest):
                break
            if last is None:
                return None
            if offset > 0 and first <= day:
                # Only days after the base count, so only they can be lost.
                lost = (last - max(first, plus(base, 1))).days + 1
                day = plus(day, max(0, lost))
            if max(day, earliest) <= last:
                earliest = plus(last, 1)
        return _unless_last(max(day, earliest))


def _unless_last(day: date) -> date | None:
    """The last day of the calendar is no day to wait for."""
    return None if day == date.max else day


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
        if joined and (joined[-1][1] is None or first <= plus(joined[-1][1], 1)):
            first, previous = joined.pop()
            last = None if None in (last, previous) else max(last, previous)
        joined.append((first, last))
    return joined


def _interval(pause: Pause) -> tuple[date, date | None]:
    """First and last day on which the clock stands still."""
    if pause.last is None:
        return pause.first, None
    return pause.first, _unless_last(plus(pause.last, pause.grace))
