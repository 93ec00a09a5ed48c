"""How the customers of the demo pay: a pure model, no ORM.

A habit says on which days after the due date an invoice is paid, and what is
never paid. Every function takes its source of chance as an argument, so that
the same seed builds the same demo.
"""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple


class Habit(NamedTuple):
    """A way to pay. Days count from the due date; shares are between 0 and 1."""

    late: int = 0
    spread: int = 0
    drift: float = 0.0  # more days late with each month of the history
    silent_days: int = 0  # pays nothing in the last days of the history
    split_share: float = 0.0  # invoices paid in two halves
    contest_share: float = 0.0  # invoices with something wrong in them
    on_account_share: float = 0.0  # payments that do not name their invoice


class Payment(NamedTuple):
    """A share of an invoice, paid on a day."""

    day: date
    share: float
    on_account: bool = False


HABITS = {
    "prompt": Habit(late=-1, spread=2),
    "late10": Habit(late=10, spread=2),
    "sliding": Habit(late=0, spread=3, drift=5.5),
    "splitting": Habit(late=4, spread=3, split_share=0.6),
    "disputing": Habit(late=5, spread=4, contest_share=0.45),
    "insolvent": Habit(late=20, spread=8, silent_days=240),
    "public": Habit(late=20, spread=8),
    "on_account": Habit(late=6, spread=4, on_account_share=0.6),
}

#: A second half follows the first after this many days.
SPLIT_DAYS = 30
#: After this many days even a payment without a reference found its invoice.
APPLIED_AFTER_DAYS = 45


def days_late(habit: Habit, months_passed: float, rng: Random) -> int:
    """Days after the due date on which a customer of this habit pays.

    >>> days_late(HABITS["late10"]._replace(spread=0), 12, Random(1))
    10
    >>> days_late(HABITS["sliding"]._replace(spread=0), 12, Random(1))
    66
    """
    usual = habit.late + habit.drift * months_passed
    return round(usual + rng.uniform(-habit.spread, habit.spread))


def pay(habit, due, share, months_passed, today, rng) -> list[Payment]:
    """The payments a share of an invoice due on a day has had until today.

    >>> pay(Habit(late=10), date(2026, 1, 1), 1.0, 0, date(2026, 3, 1), Random(1))
    [Payment(day=datetime.date(2026, 1, 11), share=1.0, on_account=False)]
    >>> pay(Habit(late=10), date(2026, 2, 25), 1.0, 0, date(2026, 3, 1), Random(1))
    []
    >>> halves = Habit(split_share=1.0)
    >>> [p.share for p in pay(halves, date(2026, 1, 1), 1.0, 0, date(2026, 3, 1),
    ...                       Random(1))]
    [0.5, 0.5]
    """
    first = due + timedelta(days=days_late(habit, months_passed, rng))
    days = [first]
    if rng.random() < habit.split_share:
        days.append(first + timedelta(days=SPLIT_DAYS))
    unnamed = rng.random() < habit.on_account_share
    last = today - timedelta(days=habit.silent_days)
    return [
        Payment(day, share / len(days), unnamed and _still_unapplied(day, today))
        for day in days
        if day <= last
    ]


def _still_unapplied(day, today):
    return (today - day).days < APPLIED_AFTER_DAYS
