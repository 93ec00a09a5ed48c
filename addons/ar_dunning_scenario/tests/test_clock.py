"""The clock against a day-by-day count, and its promises as properties."""

import doctest
from datetime import date, timedelta
from itertools import dropwhile

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.ar_dunning_scenario.tools import clock
from odoo.addons.ar_dunning_scenario.tools.clock import (
    Bounded,
    Done,
    Pause,
    Start,
    Step,
    Workdays,
    arrange,
    for_amount,
    read,
)

DAY = timedelta(days=1)

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
fewer_examples = settings(deadline=None, max_examples=60)


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


def take(reading, today):
    """What is on record once the step that the clock shows was done."""
    step = reading.next_step
    return Done(step.key, step.offset, today, step.trigger, reading.occurrence)


def nights(due, steps, pauses, first, number, **facts):
    """The nights from ``first``: what is done on which day, as the engine does it."""
    done = []
    for today in (first + DAY * n for n in range(number)):
        reading = read(due, steps, done, pauses, today, **facts)
        if reading.next_step and reading.next_date == today:
            done.append(take(reading, today))
    return done


#: Steps of every kind, as somebody may write them.
every_kind = (
    st.lists(
        st.tuples(
            st.sampled_from("abcdefgh"),
            st.integers(0, 30),
            st.sampled_from(["sending", "discount_date", "due_date", "previous_step"]),
            st.integers(0, 6),
            st.integers(0, 3),
            st.booleans(),
        ),
        unique_by=lambda values: values[0],
        min_size=1,
        max_size=6,
    )
    .map(
        lambda many: [
            Step(
                key,
                # Steps of the discount, and courtesies, come before their date.
                -offset if trigger == "discount_date" or courtesy else offset,
                trigger,
                every,
                times,
            )
            for key, offset, trigger, every, times, courtesy in many
            if not (courtesy and trigger in ("sending", "previous_step"))
        ]
    )
    .map(lambda steps: list(dropwhile(lambda s: s.trigger == "previous_step", steps)))
)
facts = st.fixed_dictionaries(
    {
        "discount": st.one_of(st.none(), days),
        "sent": st.one_of(st.none(), days),
        "workdays": st.builds(
            Workdays,
            st.frozensets(st.integers(0, 6), min_size=1),
            st.frozensets(days, max_size=10),
        ),
    }
)


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
            reading = read(due, steps, done, pauses, today)
            if works[number] and reading.next_step and reading.next_date == today:
                done.append(take(reading, today))
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
                step, day, count = read(due, steps, done, pauses, today)[:3]
                self.assertEqual((step and step.key, day, count), expected)

    def test_cases_of_every_trigger(self):
        due, today = date(2024, 3, 10), date(2024, 3, 1)

        def on(month, day):
            return date(2024, month, day)

        arrived = Step("arrived", 3, "sending")
        discount = Step("discount", -3, "discount_date")
        mail = Step("mail", 5)
        call = Step("call", 4, "previous_step")
        again = Step("mail", 5, "due_date", 3, 2)
        firm = Step("firm", 20)
        mailed = Done("mail", 5, on(3, 15))
        twice = Done("mail", 5, on(3, 18), "due_date", 1)
        thrice = Done("mail", 5, on(3, 21), "due_date", 2)
        for name, steps, done, known, day, expected in [
            ("not sent", [arrived], [], {}, today, ("arrived", None, 0, True)),
            (
                "not sent does not hold up the others",
                [arrived, mail],
                [],
                {},
                today,
                ("mail", on(3, 15), 0, True),
            ),
            (
                "sent",
                [arrived, mail],
                [],
                {"sent": on(2, 28)},
                today,
                ("arrived", on(3, 2), 0, False),
            ),
            ("no discount", [discount], [], {}, today, (None, None, 0, False)),
            (
                "discount",
                [discount, mail],
                [],
                {"discount": on(3, 8)},
                today,
                ("discount", on(3, 5), 0, False),
            ),
            (
                "discount on its last day",
                [discount, mail],
                [],
                {"discount": on(3, 8)},
                on(3, 8),
                ("discount", on(3, 8), 0, False),
            ),
            (
                "discount lapsed",
                [discount, mail],
                [],
                {"discount": on(3, 8)},
                on(3, 9),
                ("mail", on(3, 15), 0, False),
            ),
            (
                "days after the step before",
                [mail, call],
                [Done("mail", 5, on(4, 1))],
                {},
                on(4, 1),
                ("call", on(4, 5), 0, False),
            ),
            (
                "after a courtesy that lapsed, from the due date",
                [Step("notice", -2), call],
                [],
                {},
                on(3, 12),
                ("call", on(3, 14), 0, False),
            ),
            ("repeat", [again], [mailed], {}, on(3, 15), ("mail", on(3, 18), 1, False)),
            (
                "repeated up to its cap",
                [again],
                [mailed, twice, thrice],
                {},
                on(3, 30),
                (None, None, 0, False),
            ),
            (
                "the next step ends the repeats",
                [again, firm],
                [mailed, twice],
                {},
                on(4, 2),
                ("firm", on(4, 2), 0, False),
            ),
            (
                "working day",
                [mail],
                [],
                {"workdays": Workdays(frozenset(range(5)), frozenset([on(3, 18)]))},
                on(3, 16),
                ("mail", on(3, 19), 0, False),
            ),
            (
                "put forward by decision",
                [arrived, mail, firm],
                [],
                {
                    "start": Start("firm", 20, "due_date", on(3, 1), on(3, 8)),
                    "sent": on(2, 1),
                },
                on(4, 10),
                ("firm", on(4, 10), 0, False),
            ),
            (
                "put back by decision",
                [mail, firm],
                [mailed],
                {
                    "start": Start("mail", 5, "due_date", on(3, 16), on(3, 20), 1),
                },
                on(3, 16),
                ("mail", on(3, 20), 1, False),
            ),
            (
                "decision for a step that is gone",
                [mail, firm],
                [],
                {"start": Start("gone", 12, "due_date", on(3, 1), on(3, 1))},
                on(3, 20),
                ("firm", on(3, 30), 0, False),
            ),
        ]:
            with self.subTest(name):
                reading = read(due, steps, done, [], day, **known)
                shown = (
                    reading.next_step and reading.next_step.key,
                    reading.next_date,
                    reading.occurrence,
                    reading.is_unsent,
                )
                self.assertEqual(shown, expected)

    @examples
    @given(
        days,
        ladders,
        st.lists(st.sampled_from([0, 0, 100, 500, 1000]), min_size=6, max_size=6),
        st.lists(st.integers(0, 1200), min_size=60, max_size=60),
    )
    def test_steps_for_amounts(self, due, steps, bounds, opens):
        """Whatever is open from day to day: only steps that are for the amount, each
        once, one a day, and never one that stands before what was done."""
        bounded = [
            Bounded(step, least, least and least + 300)
            for step, least in zip(steps, bounds, strict=False)
        ]
        done = []
        for number, amount in enumerate(opens):
            today = due + DAY * (number - 10)
            mine = for_amount(bounded, amount)
            shown = read(due, mine, done, [], today)
            if shown.next_step and shown.next_date == today:
                self.assertIn(shown.next_step, mine)
                done.append(take(shown, today))
        keys = [entry.key for entry in done]
        self.assertEqual(len(keys), len(set(keys)))
        offsets = [entry.offset for entry in done]
        self.assertEqual(offsets, sorted(offsets))

    def test_order_of_the_steps(self):
        steps = [
            Step("late", 20),
            Step("after late", 3, "previous_step"),
            Step("early", 5),
            Step("discount", -3, "discount_date"),
            Step("arrived", 3, "sending"),
        ]
        keys = [step.key for step in arrange(steps)]
        self.assertEqual(keys, ["arrived", "discount", "early", "late", "after late"])
        self.assertEqual(arrange(arrange(steps)), arrange(steps))

    @fewer_examples
    @given(days, every_kind, closed_pauses, facts, days)
    def test_every_kind_in_order_once_a_day(self, due, steps, pauses, facts, start):
        done = nights(due, steps, pauses, start, 250, **facts)
        self.assertEqual(len({entry.on for entry in done}), len(done))
        taken = [(entry.key, entry.occurrence) for entry in done]
        self.assertEqual(len(set(taken)), len(taken), "each occurrence once")
        by_key = {step.key: step for step in steps}
        track, last = {}, None
        for step in arrange(steps):
            following = step.trigger == "previous_step"
            track[step.key] = track[last] if following else step.trigger
            last = step.key
        for entry in done:
            self.assertTrue(is_open(pauses, entry.on))
            self.assertIn(entry.on, facts["workdays"])
            self.assertLessEqual(entry.occurrence, by_key[entry.key].times)
            if track[entry.key] == "discount_date":
                self.assertLessEqual(entry.on, facts["discount"])
            if track[entry.key] == "sending":
                self.assertTrue(facts["sent"])
            if entry.trigger == "due_date" and entry.offset < 0:
                self.assertLess(entry.on, due)
        keys = [entry.key for entry in done if not entry.occurrence]
        for step in steps:
            mandatory = track[step.key] == "due_date" and (
                step.trigger == "previous_step" or step.offset >= 0
            )
            if mandatory or (track[step.key] == "sending" and facts["sent"]):
                self.assertIn(step.key, keys, "never skipped")
        for trigger in set(track.values()):
            order = [step.key for step in arrange(steps) if track[step.key] == trigger]
            mine = [order.index(key) for key in keys if track[key] == trigger]
            self.assertEqual(mine, sorted(mine))

    @fewer_examples
    @given(days, every_kind, closed_pauses, facts, days)
    def test_followers_and_repeats_keep_their_distance(
        self, due, steps, pauses, facts, start
    ):
        done = nights(due, steps, pauses, start, 250, **facts)
        by_key = {step.key: step for step in steps}
        order = arrange(steps)
        previous = dict(zip((step.key for step in order[1:]), order, strict=False))
        for entry in done:
            step = by_key[entry.key]
            before = [other for other in done if other.on < entry.on]
            if entry.occurrence:
                base = max(other.on for other in before if other.key == entry.key)
                distance = step.every
            elif step.trigger == "previous_step" and entry.key in previous:
                predecessor = previous[entry.key].key
                dates = [other.on for other in before if other.key == predecessor]
                if not dates:
                    continue  # what it follows has lapsed
                base, distance = max(dates), step.offset
            else:
                continue
            self.assertGreaterEqual(counted(base, pauses, entry.on), distance)

    @fewer_examples
    @given(days, every_kind, pauses, facts, days, st.integers(1, 60))
    def test_every_kind_is_monotone(self, due, steps, pauses, facts, today, later):
        early = read(due, steps, [], pauses, today, **facts)
        late = read(due, steps, [], pauses, today + DAY * later, **facts)
        if early.next_date and late.next_date:
            self.assertLessEqual(early.next_date, late.next_date)

    @fewer_examples
    @given(days, every_kind, pauses, facts, days)
    def test_every_kind_is_stable_until_its_day(self, due, steps, pauses, facts, today):
        first = read(due, steps, [], pauses, today, **facts)
        if not first.next_date:
            return
        for number in range((first.next_date - today).days + 1):
            again = read(due, steps, [], pauses, today + DAY * number, **facts)
            self.assertEqual(again[:2], first[:2])

    @fewer_examples
    @given(days, every_kind, facts, days, days, st.integers(0, 10))
    def test_a_decision_moves_once(self, due, steps, facts, today, day, grace):
        """From the chosen step on, in order; nothing before it in its track."""
        order = arrange(steps)
        if not order:
            return
        chosen = order[len(order) // 2]
        start = Start(chosen.key, chosen.offset, chosen.trigger, day, day + DAY * grace)
        done = nights(due, steps, [], today, 250, start=start, **facts)
        passed = {step.key for step in order[: order.index(chosen)]}
        self.assertFalse(passed & {entry.key for entry in done})
        for entry in done:
            self.assertGreaterEqual(entry.on, start.earliest)

    @fewer_examples
    @given(days, ladders, facts, closed_pauses, st.randoms())
    def test_the_order_of_writing_does_not_matter(
        self, due, steps, facts, pauses, random
    ):
        shuffled = random.sample(steps, len(steps))
        self.assertEqual(
            nights(due, steps, pauses, due, 120, **facts),
            nights(due, shuffled, pauses, due, 120, **facts),
        )

    @examples
    @given(
        st.dates(),
        st.integers(-4_000_000, 4_000_000),
        st.sampled_from(["sending", "discount_date", "due_date"]),
        st.lists(
            st.builds(Pause, st.dates(), st.one_of(st.none(), st.dates())), max_size=3
        ),
        st.dates(),
        st.dates(),
    )
    def test_where_the_calendar_ends(self, due, offset, trigger, stops, on, today):
        """No date that somebody can write stops a night."""
        steps = [Step("far", offset, trigger, 4_000_000, 3), Step("near", 5)]
        for done in [], [Done("far", offset, on, trigger)]:
            reading = read(due, steps, done, stops, today, discount=on, sent=on)
            if reading.next_date:
                self.assertGreaterEqual(reading.next_date, today)
                self.assertLess(reading.next_date, date.max)
        end = clock.phase_end(due, abs(offset), stops)
        self.assertTrue(end is None or due <= end < date.max)

    def test_no_workday_before_the_calendar_ends(self):
        closed = frozenset(date.max - DAY * number for number in range(20))
        eve = date.max - DAY * 8
        reading = read(
            eve, [Step("a", 1)], [], [], eve, workdays=Workdays(closed=closed)
        )
        self.assertEqual((reading.next_step.key, reading.next_date), ("a", None))
