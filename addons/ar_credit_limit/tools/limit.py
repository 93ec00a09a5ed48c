"""What a customer may owe, and what else one query tells about a customer."""

from datetime import date, datetime, timedelta
from typing import NamedTuple

from . import policy as rules


class LimitInForce(NamedTuple):
    """What a customer may owe today.

    ``amount`` is in the root company's currency and 0.0 unless ``state`` is
    ``amount``; ``is_stopped`` where all orders are held; ``decided_on`` is when the
    grant in force was made. ``source`` says where the limit comes from: ``grant``,
    ``class``, ``company`` or ``none``. A grant in another currency keeps its
    ``amount_currency`` in ``currency_id`` and was converted at ``rate`` (units of the
    company's currency for one of it) of ``rate_date``; without any rate ``rate`` is
    None. ``expired_on`` is the last day of a grant that ran out and that no other one
    took the place of.
    """

    state: str
    amount: float
    is_stopped: bool = False
    decided_on: datetime | None = None
    grant_id: int | None = None
    source: str = "none"
    amount_currency: float = 0.0
    currency_id: int | None = None
    rate: float | None = 1.0
    rate_date: date | None = None
    date_until: date | None = None
    review_date: date | None = None
    expired_on: date | None = None

    @property
    def is_checked(self):
        return self.state != "unchecked"

    @property
    def lacks_rate(self):
        """Whether the limit is known, but not what it is worth today."""
        return self.state == "amount" and not self.rate


NO_GRANT = LimitInForce("unchecked", 0.0)


class CreditFacts(NamedTuple):
    """What one query tells about a customer: the limit in force, the policy, the
    payment terms by company id, and what is overdue for more than some days."""

    limit: LimitInForce = NO_GRANT
    policy: rules.Policy = rules.STANDARD
    payment_terms: dict[str, int] = {}
    overdue: dict[int, float] = {}
    days_overdue: int = 0


def get_turning_days(spans, first, last):
    """Return the days from ``first`` to ``last`` on which another limit may be in
    force than on the day before, ``first`` among them.

    :param spans: list of (first day, last day or None) of the grants
    :param date last: None: for ever

    >>> day = date(2026, 3, 2)
    >>> spans = [(day, None), (day, date(2026, 3, 6)), (date(2026, 4, 1), None)]
    >>> [each.day for each in sorted(get_turning_days(spans, day, date(2026, 3, 9)))]
    [2, 7]
    >>> [each.day for each in sorted(get_turning_days(spans, day, None))]
    [2, 7, 1]
    """
    turns = {begin for begin, _end in spans}
    turns |= {end + timedelta(days=1) for _begin, end in spans if end}
    return {first} | {day for day in turns if day > first and (not last or day <= last)}
