"""How well yesterday's judgement foresaw today: measures, without the database."""

from typing import NamedTuple


class Outcome(NamedTuple):
    """A customer at the end of the period: ``points`` and ``risk_class`` as they were
    at its beginning, and what became of the amount that fell due in it."""

    points: float
    risk_class: int | None
    due: float
    late: float


class ClassRow(NamedTuple):
    """What became of the customers of one class."""

    risk_class: int | None
    customers: int
    due: float
    late: float


class DateErrors(NamedTuple):
    """By how many days three ways to foresee a payment were wrong, on the mean."""

    payments: int
    habit: float
    due_date: float
    own_average: float


def auc(pairs):
    """Return how often a late customer had more points than one who paid in time; equal
    points count half. 1 is perfect, 0.5 is chance; None where all were alike.

    :param pairs: list of (points, whether late)

    >>> auc([(10, False), (20, False), (30, True)])
    1.0
    >>> auc([(10, True), (10, False)])
    0.5
    >>> auc([(30, False), (10, True)])
    0.0
    >>> auc([(10, True)]) is None
    True
    """
    late = sum(1 for _points, is_late in pairs if is_late)
    in_time = len(pairs) - late
    if not late or not in_time:
        return None
    ranks = _sum_of_late_ranks(sorted(pairs))
    return (ranks - late * (late + 1) / 2) / (late * in_time)


def _sum_of_late_ranks(ordered):
    total, place = 0.0, 0
    while place < len(ordered):
        end = place
        while end < len(ordered) and ordered[end][0] == ordered[place][0]:
            end += 1
        # Customers with the same points share the mean of their ranks.
        mean = (place + 1 + end) / 2
        total += mean * sum(1 for _points, is_late in ordered[place:end] if is_late)
        place = end
    return total


def is_late(outcome, share):
    """Return whether more than this share of what fell due was paid late.

    >>> is_late(Outcome(50, 1, due=100, late=30), 0.25)
    True
    """
    return outcome.late > outcome.due * share


def by_class(outcomes, classes):
    """Return a :class:`ClassRow` per class, in the order of ``classes``.

    >>> rows = by_class([Outcome(80, 3, 100, 60), Outcome(5, 1, 300, 20)], [1, 2, 3])
    >>> [(row.risk_class, row.customers, row.late) for row in rows]
    [(1, 1, 20), (2, 0, 0), (3, 1, 60)]
    """
    rows = []
    for key in classes:
        own = [outcome for outcome in outcomes if outcome.risk_class == key]
        due, late = sum(o.due for o in own), sum(o.late for o in own)
        rows.append(ClassRow(key, len(own), due, late))
    return rows


def late_share(rows):
    """Return which part of all late value was in the last, worst class.

    >>> late_share([ClassRow(1, 1, 300, 20), ClassRow(3, 1, 100, 60)])
    0.75
    >>> late_share([ClassRow(1, 1, 300, 0)]) is None
    True
    """
    total = sum(row.late for row in rows)
    return rows[-1].late / total if total else None


def date_errors(payments):
    """Return the :class:`DateErrors` of payments.

    :param payments: list of (days expected by habit, by the own average, really), all
        from the due date

    >>> date_errors([(5, 4, 6), (5, 4, 2)])
    DateErrors(payments=2, habit=2.0, due_date=4.0, own_average=2.0)
    """
    count = len(payments)
    if not count:
        return DateErrors(0, 0.0, 0.0, 0.0)
    return DateErrors(
        count,
        sum(abs(habit - real) for habit, _average, real in payments) / count,
        sum(abs(real) for _habit, _average, real in payments) / count,
        sum(abs(average - real) for _habit, average, real in payments) / count,
    )
