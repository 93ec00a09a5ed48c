"""The clock against a day-by-day count, and its promises as properties."""

import doctest
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.ar_dunning_scenario.tools import clock
from odoo.addons.ar_dunning_scenario.tools.clock import DAY, Done, Pause, Step, read

BASE = date(2024, 2, 1)  # a leap year: every run crosses 29 February
HORIZON = 400

days = st.integers(0, 90).map(lambda number: BASE + timedelta(days=number))
pauses = st.lists(
    st.builds(
        lambda first, length, grace: Pause(
            first, None if length is None else first + DAY * length, grace
        ),
        days,
        st.one_of(st.none(), st.integers(-1, 30), st.integers(-1, 30)),
        st.integers(0, 5),
    ),
    max_size=4,
)
closed_pauses = pauses.map(lambda many: [pause for pause in many if pause.last])
ladders = st.lists(
    st.tuples(st.sampled_from("abcdefgh"), st.integers(-10, 45)),
    unique_by=lambda pair: pair[0],
    min_size=1,
    max_size=6,
).map(lambda many: [Step(*pair) for pair in many])
# hypothesis draws its own cases; the deadline is off because the machine may be slow
examples = settings(deadline=None, max_examples=200)


def is_open(pauses, day):
    """Whether the clock runs on ``day``, by looking at each pause."""
    return not any(
        pause.first <= day
        and (pause.last is None or day <= pause.last + DAY * pause.grace)
        for pause in pauses
    )


def counted(due, pauses, day):
    """Days counted on ``day``, by counting them."""
    elapsed = (day - due).days
    if elapsed <= 0:
        return elapsed
    return sum(is_open(pauses, due + DAY * n) for n in range(1, elapsed + 1))


def first_open(due, offset, pauses, earliest):
    """First open day that has counted ``offset``, by walking."""
    reached = offset if offset <= 0 else 0
    for number in range(HORIZON):
        day = min(due - DAY * 20, earliest) + DAY * number
        if day <= due:
            reached = (day - due).days
        elif is_open(pauses, day):
            reached += 1
        if day >= earliest and reached >= offset and is_open(pauses, day):
            return day
    return None


def nights(due, steps, pauses, start, number):
    """The nights from ``start``: what is done on which day, as the engine does it."""
    done = []
    for today in (start + DAY * n for n in range(number)):
        step, day, _count = read(due, steps, done, pauses, today)
        if step and day == today:
            done.append(Done(step.key, step.offset, today))
    return done


@tagged("post_install", "-at_install")
class TestClock(BaseCase):
    def test_examples_in_the_code(self):
        outcome = doctest.testmod(clock)
        self.assertGreater(outcome.attempted, 5)
        self.assertFalse(outcome.failed)

    @examples
    @given(days, ladders, pauses, days)
    def test_same_as_counting_day_by_day(self, due, steps, pauses, today):
        reading = read(due, steps, [], pauses, today)
        self.assertEqual(reading.days_counted, counted(due, pauses, today))
        if reading.next_step:
            self.assertEqual(
                reading.next_date,
                first_open(due, reading.next_step.offset, pauses, today),
            )

    @examples
    @given(days, ladders, pauses, days, st.integers(1, 60))
    def test_monotone_in_time(self, due, steps, pauses, today, later):
        early = read(due, steps, [], pauses, today)
        late = read(due, steps, [], pauses, today + DAY * later)
        self.assertLessEqual(early.days_counted, late.days_counted)
        if early.next_step and late.next_step:
            self.assertLessEqual(early.next_step.offset, late.next_step.offset)
        if early.next_date and late.next_date:
            self.assertLessEqual(early.next_date, late.next_date)

    @examples
    @given(days, ladders, pauses, days)
    def test_stable_until_its_day(self, due, steps, pauses, today):
        """Read again on any day before the next date: the same answer."""
        first = read(due, steps, [], pauses, today)
        if not first.next_date:
            return
        for number in range((first.next_date - today).days + 1):
            again = read(due, steps, [], pauses, today + DAY * number)
            self.assertEqual(again[:2], first[:2])

    @examples
    @given(days, ladders, closed_pauses, days)
    def test_one_level_a_day_and_none_skipped(self, due, steps, pauses, start):
        done = nights(due, steps, pauses, start, HORIZON)
        self.assertEqual(len({entry.on for entry in done}), len(done))
        ladder = sorted(steps, key=lambda step: (step.offset, step.key))
        levels = [step.key for step in ladder if step.offset >= 0]
        self.assertEqual(
            [entry.key for entry in done if entry.offset >= 0],
            levels,
            "every level, in order, however late the start",
        )
        for entry in done:
            self.assertTrue(is_open(pauses, entry.on))
            self.assertGreaterEqual(counted(due, pauses, entry.on), entry.offset)
            if entry.offset < 0:
                self.assertLess(entry.on, due)

    @examples
    @given(days, ladders, closed_pauses, st.lists(st.booleans(), min_size=400))
    def test_a_missed_night_only_delays(self, due, steps, pauses, works):
        """Nights that never ran: what was done stays in order, one level a day."""
        done = []
        for number in range(HORIZON):
            today = due + DAY * number
            step, day, _count = read(due, steps, done, pauses, today)
            if works[number] and step and day == today:
                done.append(Done(step.key, step.offset, today))
        offsets = [entry.offset for entry in done]
        self.assertEqual(offsets, sorted(offsets))
        self.assertEqual(len({entry.on for entry in done}), len(done))

    @examples
    @given(days, ladders, st.integers(1, 20), st.integers(1, 30), st.integers(0, 5))
    def test_a_pause_moves_by_its_length(self, due, steps, after, length, grace):
        """Re-entry where it left: later steps come exactly as many days later."""
        pause = Pause(due + DAY * after, due + DAY * (after + length - 1), grace)
        plain = nights(due, steps, [], due, HORIZON)
        paused = nights(due, steps, [pause], due, HORIZON)
        for before, now in zip(plain, paused, strict=True):
            self.assertEqual(before.key, now.key)
            moved = length + grace if before.on >= pause.first else 0
            self.assertEqual(now.on - before.on, DAY * moved)

    def test_cases(self):
        steps = [
            Step("notice", -5),
            Step("mail", 5),
            Step("call", 7),
            Step("tell", 8),
        ]
        due = date(2024, 2, 26)

        def on(month, day):
            return date(2024, month, day)

        mailed = Done("mail", 5, on(3, 2))
        for name, done, pauses, today, expected in [
            ("leap day counts", [], [], on(2, 27), ("mail", on(3, 2), 1)),
            ("courtesy in time", [], [], on(2, 1), ("notice", on(2, 21), -25)),
            ("courtesy late", [], [], on(2, 24), ("notice", on(2, 24), -2)),
            ("courtesy lapsed", [], [], on(2, 26), ("mail", on(3, 2), 0)),
            ("late start", [], [], on(6, 1), ("mail", on(6, 1), 96)),
            ("not twice a day", [mailed], [], on(3, 2), ("call", on(3, 4), 5)),
            (
                "after a late one, the next day",
                [Done("mail", 5, on(6, 1))],
                [],
                on(6, 1),
                ("call", on(6, 2), 96),
            ),
            (
                "paused without end",
                [mailed],
                [Pause(on(3, 3))],
                on(3, 20),
                ("call", None, 5),
            ),
            (
                "courtesy waits under a pause, then lapses",
                [],
                [Pause(on(2, 1))],
                on(2, 25),
                ("notice", None, -1),
            ),
            ("and is gone", [], [Pause(on(2, 1))], on(2, 26), ("mail", None, 0)),
            (
                "grace stands still too",
                [mailed],
                [Pause(on(3, 3), on(3, 9), 3)],
                on(3, 12),
                ("call", on(3, 14), 5),
            ),
            (
                "ended on the day it began, with grace",
                [],
                [Pause(on(2, 28), on(2, 27), 2)],
                on(3, 1),
                ("mail", on(3, 4), 2),
            ),
            (
                "a pause that ended before it began is none",
                [],
                [Pause(on(2, 28), on(2, 27))],
                on(3, 1),
                ("mail", on(3, 2), 4),
            ),
            ("all done", [Done("tell", 8, on(3, 5))], [], on(3, 9), (None, None, 12)),
            (
                "a removed step counts by its offset",
                [Done("gone", 6, on(3, 3))],
                [],
                on(3, 3),
                ("call", on(3, 4), 6),
            ),
            (
                "a moved step is not taken up again",
                [Done("call", 2, on(2, 28))],
                [],
                on(2, 28),
                ("tell", on(3, 5), 2),
            ),
        ]:
            with self.subTest(name):
                step, day, count = read(due, steps, done, pauses, today)
                self.assertEqual((step and step.key, day, count), expected)
