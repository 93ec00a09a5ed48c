"""Promises to pay, as plain arithmetic: how an amount is cut into instalments, and what
became of what was promised.

Amounts are whole numbers of the smallest unit of their currency, so nothing is rounded.

Rules
-----
* A promise is kept when its amount was paid by its deadline, whatever came later.
* A payment goes to the oldest instalment first.
* A credit note is no payment, and no breach either: it makes what is owed smaller,
  first what was not promised, then the last instalments. An instalment of which nothing
  is left to pay is neither kept nor broken.
* The day on which a payment was matched does not count, only the day it is booked on:
  the same payments give the same verdict, in whatever order they became known.
"""

from calendar import monthrange
from collections.abc import Container, Iterable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from .clock import Pause, plus, stands_still


class Part(NamedTuple):
    """What was promised by one day: ``deadline`` is ``due`` with the tolerance."""

    amount: int
    due: date
    deadline: date


class Receipt(NamedTuple):
    """What came in for the promised items, or was credited."""

    amount: int
    on: date
    is_credit: bool = False


class Verdict(NamedTuple):
    """``state`` is open, kept, partly, broken or credited. ``days_late`` counts from
    the promised day to the day it was paid, or to today; ``is_settled`` tells whether
    it is paid by now, be it late."""

    state: str
    paid: int
    credited: int
    days_late: int = 0
    is_settled: bool = False


def judge(
    parts: Sequence[Part], owed: int, receipts: Iterable[Receipt], today: date
) -> list[Verdict]:
    """Tell what became of a promise, or of the instalments of a plan.

    :param parts: what was promised; one part is a single promise
    :param owed: what the promised items came to when it was promised
    :param receipts: what came in since, in any order
    :param today: the company's date
    :return: the verdicts, in the order of the parts

    >>> from datetime import date
    >>> day = lambda number: date(2026, 3, number)
    >>> part = Part(100, day(10), day(13))
    >>> judge([part], 100, [Receipt(100, day(13))], day(20))[0].state
    'kept'
    >>> judge([part], 100, [Receipt(60, day(9))], day(20))[0]
    Verdict(state='partly', paid=60, credited=0, days_late=10, is_settled=False)
    >>> judge([part], 100, [Receipt(100, day(9), is_credit=True)], day(20))[0].state
    'credited'
    >>> judge([part], 100, [], day(13))[0].state
    'open'
    """
    receipts = sorted(receipts, key=lambda receipt: receipt.on)
    total = sum(part.amount for part in parts)
    verdicts: dict[int, Verdict] = {}
    before = 0
    for number in sorted(range(len(parts)), key=lambda n: (parts[n].deadline, n)):
        part = parts[number]
        payable = _get_payable(part, receipts, owed, total)
        first, last = min(before, payable), min(before + part.amount, payable)
        verdicts[number] = _judge_part(part, first, last, receipts, today)
        before += part.amount
    return [verdicts[number] for number in range(len(parts))]


def _get_payable(part, receipts, owed, total):
    """What of all that was promised is left to pay after the credits of that time."""
    credited = sum(r.amount for r in receipts if r.is_credit and r.on <= part.deadline)
    return min(total, max(0, owed - credited))


def _judge_part(part, first, last, receipts, today):
    """Judge the part that asks for the money from ``first`` to ``last``."""
    payments = [receipt for receipt in receipts if not receipt.is_credit]
    timely = sum(r.amount for r in payments if r.on <= part.deadline)
    paid = min(max(timely - first, 0), last - first)
    credited = part.amount - (last - first)
    if paid == last - first:
        return Verdict("kept" if paid else "credited", paid, credited, 0, True)
    settled_on = _get_day_of(last, payments)
    is_settled = bool(settled_on and settled_on <= today)
    late = ((settled_on if is_settled else today) - part.due).days
    state = "open"
    if today > part.deadline:
        state = "partly" if paid else "broken"
    return Verdict(state, paid, credited, max(0, late), is_settled)


def _get_day_of(amount, payments):
    """The day on which the payments, oldest first, reached an amount."""
    for payment in payments:
        amount -= payment.amount
        if amount <= 0:
            return payment.on
    return None


def is_plan_broken(verdicts: Iterable[Verdict], missed_max: int, late_max: int) -> bool:
    """Tell whether so many instalments were missed, or one so late, that the whole plan
    is off; a limit of 0 is none.

    >>> missed = Verdict("partly", 60, 0, days_late=10)
    >>> is_plan_broken([missed], 2, 0), is_plan_broken([missed, missed], 2, 0)
    (False, True)
    >>> is_plan_broken([missed], 0, 9), is_plan_broken([missed], 0, 10)
    (True, False)
    """
    verdicts = list(verdicts)
    missed = sum(verdict.state in ("partly", "broken") for verdict in verdicts)
    latest = max((verdict.days_late for verdict in verdicts), default=0)
    return bool(missed_max and missed >= missed_max) or bool(
        late_max and latest > late_max
    )


def split(total: int, count: int, step: int = 1) -> list[int]:
    """Cut an amount into equal instalments, the remainder on the last one.

    :param step: the smallest amount that can be paid
    :raise ValueError: there is not enough for so many

    >>> split(10000, 3)
    [3333, 3333, 3334]
    >>> split(1000, 3, step=5)
    [330, 330, 340]
    """
    each = total // count // step * step if count > 0 else 0
    if each <= 0:
        raise ValueError("The amount is too small for so many instalments.")
    return [each] * (count - 1) + [total - each * (count - 1)]


def get_dates(first: date, count: int, *, months: int = 0, days: int = 0) -> list[date]:
    """Return the days of instalments that follow each other by months or by days.

    The last day of a month stays the last day; the 30th becomes the last day of
    February and is the 30th again in March.

    >>> [day.isoformat() for day in get_dates(date(2026, 1, 30), 3, months=1)]
    ['2026-01-30', '2026-02-28', '2026-03-30']
    >>> [day.isoformat() for day in get_dates(date(2026, 2, 28), 3, months=1)]
    ['2026-02-28', '2026-03-31', '2026-04-30']
    >>> [day.isoformat() for day in get_dates(date(2026, 2, 27), 2, days=14)]
    ['2026-02-27', '2026-03-13']
    """
    return [
        _add_months(first, months * number) + timedelta(days=days * number)
        for number in range(count)
    ]


def _add_months(day, months):
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    is_month_end = day.day == monthrange(day.year, day.month)[1]
    return date(
        year, month + 1, last if is_month_end and months else min(day.day, last)
    )


def spread(amounts: Iterable[int], items: Sequence[tuple[int, int]]) -> list[dict]:
    """Spread amounts over items, the first amount over the first items.

    :param items: (key, amount) of the items; what exceeds them is lost
    :return: one ``{key: amount}`` per amount, without zeros

    >>> spread([70, 50], [(1, 60), (2, 60)])
    [{1: 60, 2: 10}, {2: 50}]
    """
    left = [list(item) for item in items]
    shares = []
    for amount in amounts:
        share = {}
        while amount and left:
            key, available = left[0]
            taken = min(amount, available)
            if taken:
                share[key] = taken
            amount -= taken
            left[0][1] -= taken
            if not left[0][1]:
                left.pop(0)
        shares.append(share)
    return shares


def bring_forward(
    next_date: date | None,
    due: date,
    broken_on: date,
    done_on: Iterable[date],
    pauses: Iterable[Pause],
    today: date,
    workdays: Container[date] | None = None,
) -> date | None:
    """Return when the next step comes after a broken promise: at once.

    One step only, and only if none was done since; never before the item is overdue, on
    the day of another step, or inside a pause.

    :param next_date: when the clock would let it come
    :param done_on: days on which steps were done, or decided about
    :param workdays: days on which steps are taken; none: all

    >>> later, today = date(2026, 3, 30), date(2026, 3, 14)
    >>> due, earlier = date(2026, 3, 1), date(2026, 3, 6)
    >>> bring_forward(later, due, today, [earlier], [], today)
    datetime.date(2026, 3, 14)
    >>> bring_forward(later, due, today, [earlier, today], [], today)
    datetime.date(2026, 3, 30)
    """
    done_on = list(done_on)
    if not next_date or any(day >= broken_on for day in done_on):
        return next_date
    earliest = max([today, plus(due, 1), *(plus(day, 1) for day in done_on)])
    pauses = list(pauses)
    free = _first_free_day(pauses, earliest, next_date, workdays)
    return free or next_date


def _first_free_day(pauses, day, before, workdays):
    """First workday outside of all pauses from ``day`` on and before ``before``."""
    while day < before:
        if not stands_still(pauses, day) and (workdays is None or day in workdays):
            return day
        day = plus(day, 1)
    return None
