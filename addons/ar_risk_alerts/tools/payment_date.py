"""When an item will be paid, by how the customer paid before: plain arithmetic.

A customer's habit is nine numbers: the deciles of the days between due date and
payment. Before the due date the middle one counts. The later an item is already, the
fewer of the customer's payments were as late: of those that were later still, again the
middle one counts. So the expected day is always to come.
"""

from datetime import timedelta

#: Shares of the payments that were no later than each number of a habit.
DECILES = tuple(number / 10 for number in range(1, 10))
#: Everybody's payments weigh in a customer's habit as so many of the own ones.
EVERYBODYS_WEIGHT = 4
#: The least wait for an item that is later than the customer ever was, in days.
LEAST_WAIT = 7


def blend(own, count, everybodys):
    """Return the habit of a customer with few payments: partly the own, partly all
    customers' one, the less of the latter the more is known.

    :param own: deciles of the customer, ascending
    :param int count: how many payments they were made of
    :param everybodys: deciles of all customers together, ascending

    >>> blend([10] * 9, 4, [20] * 9)
    [15, 15, 15, 15, 15, 15, 15, 15, 15]
    >>> blend([10] * 9, 396, [20] * 9)[0]
    10
    """
    total = count + EVERYBODYS_WEIGHT
    return [
        round((mine * count + theirs * EVERYBODYS_WEIGHT) / total)
        for mine, theirs in zip(own, everybodys, strict=True)
    ]


def expected_delay(habit, days_late):
    """Return the days from due date to payment that are to be expected of an item.

    :param habit: ascending deciles
    :param int days_late: since the due date; negative before it
    :return: more than ``days_late``

    >>> habit = [-2, 0, 1, 3, 5, 8, 12, 20, 40]
    >>> [expected_delay(habit, late) for late in (-30, 0, 4, 12, 39, 40, 100)]
    [5, 8, 12, 40, 40, 60, 150]
    """
    later = [delay for delay in habit if delay > days_late]
    if later:
        return later[len(later) // 2]
    return days_late + max(LEAST_WAIT, days_late // 2)


def expected_date(due, habit, today):
    """Return the day on which an item will be paid, always after today.

    >>> from datetime import date
    >>> expected_date(date(2026, 3, 1), [4] * 9, date(2026, 2, 1)).isoformat()
    '2026-03-05'
    >>> expected_date(date(2026, 3, 1), [4] * 9, date(2026, 3, 5)).isoformat()
    '2026-03-12'
    """
    return due + timedelta(days=expected_delay(habit, (today - due).days))
