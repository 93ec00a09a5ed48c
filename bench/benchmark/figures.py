"""Median and spread of what was measured."""

from statistics import median, quantiles


def summary(values):
    """The median of numbers and the middle half that they lie in.

    >>> summary([3, 1, 2, 5, 4])
    {'median': 3, 'low': 1.5, 'high': 4.5, 'count': 5}
    """
    low, high = values[0], values[0]
    if len(values) > 1:
        low, _middle, high = quantiles(values, n=4)
    return {"median": median(values), "low": low, "high": high, "count": len(values)}
