"""Instalments and verdicts against a count of single coins, and as properties."""

import doctest
from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.ar_dunning_scenario.tools import promise
from odoo.addons.ar_dunning_scenario.tools.clock import Pause, stands_still
from odoo.addons.ar_dunning_scenario.tools.promise import (
    Part,
    Receipt,
    bring_forward,
    get_dates,
    is_plan_broken,
    judge,
    split,
    spread,
)

DAY = timedelta(days=1)
BASE = date(2024, 2, 20)  # a leap year: dates cross 29 February

days = st.integers(0, 40).map(lambda number: BASE + timedelta(days=number))
#: Smallest units per currency unit, and the smallest payable amount in those units:
#: yen, dollar, Swiss franc, dinar.
currencies = st.sampled_from([(1, 1), (100, 1), (100, 5), (1000, 1)])
parts = st.lists(
    st.builds(
        lambda amount, due, tolerance: Part(amount, due, due + DAY * tolerance),
        st.integers(1, 12),
        days,
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=4,
)
receipts = st.lists(
    st.builds(Receipt, st.integers(1, 15), days, st.booleans()), max_size=6
)
# hypothesis draws its own cases; the deadline is off because the machine may be slow
examples = settings(deadline=None, max_examples=300)


def judge_by_coins(parts, owed, receipts, today):
    """The verdicts, by laying every promised coin on a table.

    Before each deadline: credit notes take coins away, what nobody promised first, then
    the last ones; payments cover the coins that are left, the first ones first.
    """
    order = sorted(range(len(parts)), key=lambda n: (parts[n].deadline, n))
    coins = [number for number in order for _coin in range(parts[number].amount)]
    found = {}
    for number in order:
        part = parts[number]
        table = list(coins)
        unpromised = owed - len(table)
        for receipt in receipts:
            if receipt.is_credit and receipt.on <= part.deadline:
                for _coin in range(receipt.amount):
                    if unpromised > 0:
                        unpromised -= 1
                    elif table:
                        table.pop()
        paid = sum(
            r.amount for r in receipts if not r.is_credit and r.on <= part.deadline
        )
        mine, covered = table.count(number), table[:paid].count(number)
        if not mine:
            state = "credited"
        elif covered == mine:
            state = "kept"
        elif today <= part.deadline:
            state = "open"
        else:
            state = "partly" if covered else "broken"
        found[number] = (state, covered, part.amount - mine)
    return [found[number] for number in range(len(parts))]


@tagged("post_install", "-at_install")
class TestPromiseArithmetic(BaseCase):
    def test_examples_in_the_documentation(self):
        self.assertEqual(doctest.testmod(promise).failed, 0)

    @examples
    @given(parts, st.integers(0, 20), receipts, days)
    def test_verdicts_are_those_of_the_coins(self, parts, more, receipts, today):
        owed = sum(part.amount for part in parts) + more
        verdicts = judge(parts, owed, receipts, today)
        self.assertEqual(
            [(v.state, v.paid, v.credited) for v in verdicts],
            judge_by_coins(parts, owed, receipts, today),
        )

    @examples
    @given(parts, receipts, days, st.randoms(use_true_random=False))
    def test_order_does_not_count(self, parts, receipts, today, random):
        owed = sum(part.amount for part in parts)
        expected = judge(parts, owed, receipts, today)
        shuffled = list(receipts)
        random.shuffle(shuffled)
        self.assertEqual(judge(parts, owed, shuffled, today), expected)

    @examples
    @given(parts, receipts, receipts, days)
    def test_reversed_payments(self, parts, kept, reversed_, today):
        """A payment that is taken off again never leaves more paid than it found."""
        owed = sum(part.amount for part in parts)
        reversed_ = [receipt._replace(is_credit=False) for receipt in reversed_]
        with_them = judge(parts, owed, [*kept, *reversed_], today)
        without = judge(parts, owed, kept, today)
        for more, less in zip(with_them, without, strict=True):
            self.assertLessEqual(less.paid, more.paid)
            self.assertEqual(less.credited, more.credited)
            if less.state in ("kept", "credited"):
                self.assertEqual(more.state, less.state)

    @examples
    @given(parts, receipts, currencies, days)
    def test_same_in_every_currency(self, parts, receipts, currency, today):
        """Amounts in other units give the same verdicts: nothing is rounded."""
        factor, _step = currency
        owed = sum(part.amount for part in parts)
        verdicts = judge(parts, owed, receipts, today)
        scaled = judge(
            [part._replace(amount=part.amount * factor) for part in parts],
            owed * factor,
            [r._replace(amount=r.amount * factor) for r in receipts],
            today,
        )
        expected = [
            v._replace(paid=v.paid * factor, credited=v.credited * factor)
            for v in verdicts
        ]
        self.assertEqual(scaled, expected)

    @examples
    @given(parts, receipts, days, st.integers(1, 40))
    def test_final_once_the_deadline_is_over(self, parts, receipts, today, later):
        """Time alone never changes a verdict that was not open."""
        owed = sum(part.amount for part in parts)
        now = judge(parts, owed, receipts, today)
        then = judge(parts, owed, receipts, today + DAY * later)
        for before, after in zip(now, then, strict=True):
            if before.state != "open":
                self.assertEqual(before.state, after.state)
            self.assertGreaterEqual(after.days_late, before.days_late)

    @examples
    @given(parts, receipts, days, st.integers(1, 40))
    def test_a_broken_plan_stays_broken(self, parts, receipts, today, later):
        owed = sum(part.amount for part in parts)
        for limits in (1, 0), (2, 0), (0, 3), (2, 3):
            now = judge(parts, owed, receipts, today)
            then = judge(parts, owed, receipts, today + DAY * later)
            if is_plan_broken(now, *limits):
                self.assertTrue(is_plan_broken(then, *limits))

    def test_table_of_verdicts(self):
        day = lambda number: date(2026, 3, number)  # noqa: E731
        part = Part(100, day(10), day(13))
        paid, credit = Receipt, lambda amount, on: Receipt(amount, on, True)
        for name, received, today, state in [
            ("nothing yet", [], 13, "open"),
            ("nothing", [], 14, "broken"),
            ("on the last day", [paid(100, day(13))], 20, "kept"),
            ("a day too late", [paid(100, day(14))], 20, "broken"),
            ("half", [paid(50, day(10))], 20, "partly"),
            ("half, time left", [paid(50, day(10))], 12, "open"),
            ("all, time left", [paid(100, day(2))], 3, "kept"),
            ("more than all", [paid(300, day(2))], 20, "kept"),
            ("two halves", [paid(50, day(9)), paid(50, day(12))], 20, "kept"),
            ("credited", [credit(100, day(9))], 20, "credited"),
            ("rest credited", [paid(70, day(9)), credit(30, day(9))], 20, "kept"),
            ("part credited, rest not paid", [credit(30, day(9))], 20, "broken"),
            ("credited too late", [credit(100, day(14))], 20, "broken"),
        ]:
            with self.subTest(name):
                verdict = judge([part], 100, received, day(today))[0]
                self.assertEqual(verdict.state, state)

    def test_credit_takes_what_nobody_promised_first(self):
        day = date(2026, 3, 10)
        part = Part(60, day, day)
        credit = Receipt(40, day, is_credit=True)
        later = day + DAY
        self.assertEqual(judge([part], 100, [credit], later)[0].state, "broken")
        paid = Receipt(60, day)
        self.assertEqual(judge([part], 100, [credit, paid], later)[0].state, "kept")


@tagged("post_install", "-at_install")
class TestInstalments(BaseCase):
    @examples
    @given(st.integers(1, 10**9), st.integers(1, 60), currencies)
    def test_instalments_add_up(self, total, count, currency):
        _factor, step = currency
        try:
            amounts = split(total, count, step)
        except ValueError:
            self.assertLess(total // count, step)
            return
        self.assertEqual(sum(amounts), total)
        self.assertEqual(len(amounts), count)
        self.assertEqual(len(set(amounts[:-1])), min(1, count - 1))
        self.assertFalse(any(amount % step for amount in amounts[:-1]))
        # As even as the steps allow: the last is the larger by less than one each.
        self.assertTrue(0 <= amounts[-1] - amounts[0] < count * step)

    @examples
    @given(st.dates(date(2023, 1, 1), date(2028, 12, 31)), st.integers(1, 48))
    def test_months(self, first, count):
        dates = get_dates(first, count, months=1)
        self.assertEqual(dates[0], first)
        was_last = (first + DAY).month != first.month
        for number, day in enumerate(dates):
            months = (day.year - first.year) * 12 + day.month - first.month
            self.assertEqual(months, number)
            is_last = (day + DAY).month != day.month
            if number and was_last:
                self.assertTrue(is_last)
            elif number:
                self.assertTrue(day.day == first.day or is_last and day.day < first.day)

    @examples
    @given(
        st.lists(st.integers(1, 50), min_size=1, max_size=6),
        st.lists(st.integers(1, 50), min_size=1, max_size=6),
    )
    def test_spread_in_order(self, amounts, items):
        shares = spread(amounts, list(enumerate(items)))
        coins = [key for key, amount in enumerate(items) for _coin in range(amount)]
        for amount, share in zip(amounts, shares, strict=True):
            taken, coins = coins[:amount], coins[amount:]
            self.assertEqual(share, {key: taken.count(key) for key in set(taken)})


@tagged("post_install", "-at_install")
class TestBringForward(BaseCase):
    pauses = st.lists(
        st.builds(
            lambda first, length: Pause(
                first, None if length is None else first + DAY * length
            ),
            days,
            st.one_of(st.none(), st.integers(0, 20)),
        ),
        max_size=3,
    )

    @examples
    @given(
        days,
        days,
        days,
        st.lists(days, max_size=3),
        pauses,
        days,
        st.one_of(st.none(), st.sets(days)),
    )
    def test_one_step_at_once_and_no_more(
        self, next_date, due, broken_on, done_on, pauses, today, workdays
    ):
        brought = bring_forward(
            next_date, due, broken_on, done_on, pauses, today, workdays
        )
        self.assertLessEqual(brought, next_date)
        if any(day >= broken_on for day in done_on):
            self.assertEqual(brought, next_date, "one step was done since")
        if brought != next_date:
            self.assertGreaterEqual(brought, today)
            self.assertGreater(brought, due)
            self.assertNotIn(brought, done_on)
            self.assertFalse(stands_still(pauses, brought))
            self.assertTrue(workdays is None or brought in workdays)
            return
        # Nothing earlier was possible.
        earliest = max([today, due + DAY, *(day + DAY for day in done_on)])
        if not any(day >= broken_on for day in done_on):
            for number in range((next_date - earliest).days):
                day = earliest + DAY * number
                open_day = workdays is None or day in workdays
                self.assertTrue(stands_still(pauses, day) or not open_day)

    def test_without_a_next_day_there_is_none(self):
        self.assertIsNone(bring_forward(None, BASE, BASE, [], [], BASE))
