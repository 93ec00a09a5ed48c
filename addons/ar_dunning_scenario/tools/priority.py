"""In which order a collector works: value × age × risk.

What is large, old and owed by a risky customer comes first; each of the three can
outweigh the others, none hides them.
"""

from collections.abc import Iterable


def priority(items: Iterable[tuple[float, int]], weight: float = 1.0) -> float:
    """Return the priority of a reminder: the sum of open amount × days, × weight.

    :param items: (open amount in the company's currency, days overdue) of each item;
        one that is not overdue counts as one day
    :param weight: of the customer's risk class; 1 without a class

    >>> priority([(1000.0, 10), (500.0, -5)])
    10500.0
    >>> priority([(1000.0, 10)], 2.0)
    20000.0
    """
    return weight * sum(amount * max(days, 1) for amount, days in items)
