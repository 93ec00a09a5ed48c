"""When an alert opens, stays and closes: the rule's memory as a pure function.

SQL does the same for all customers at once; the tests compare the two.
"""

from datetime import date, timedelta
from typing import NamedTuple


class Thresholds(NamedTuple):
    """Opens above ``opens``, closes at ``closes`` or less; ``closes <= opens``."""

    opens: float
    closes: float
    cooldown_days: int = 0


class State(NamedTuple):
    is_open: bool = False
    quiet_until: date | None = None


def step(state, measure, today, thresholds):
    """Return the state after a run that measured so much.

    >>> limits = Thresholds(opens=100, closes=50, cooldown_days=2)
    >>> day, state, seen = date(2026, 3, 2), State(), []
    >>> for measure in (100, 101, 60, 50, 200, 200, 200):
    ...     state = step(state, measure, day, limits)
    ...     seen.append(state.is_open)
    ...     day += timedelta(days=1)
    >>> seen
    [False, True, True, False, False, False, True]
    """
    if state.is_open:
        if measure > thresholds.closes:
            return state
        return State(False, _quiet_until(today, thresholds.cooldown_days))
    is_quiet = state.quiet_until is not None and today <= state.quiet_until
    if measure > thresholds.opens and not is_quiet:
        return State(True)
    return state


def _quiet_until(today, cooldown_days):
    return today + timedelta(days=cooldown_days) if cooldown_days else None
