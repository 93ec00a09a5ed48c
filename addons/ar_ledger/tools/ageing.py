"""Ageing buckets: one table that serves Python, SQL and the selection of the views."""

from odoo.tools import SQL

#: (key, label, last day overdue that still belongs to the bucket; None = no end).
#: Keys are a contract; order is from the youngest to the oldest.
BUCKETS = (
    ("not_due", "Not due", 0),
    ("1_30", "1-30 days", 30),
    ("31_60", "31-60 days", 60),
    ("61_90", "61-90 days", 90),
    ("91_180", "91-180 days", 180),
    ("over_180", "Over 180 days", None),
)


def bucket_of(days_overdue):
    """Return the key of the bucket that an item falls in.

    :param int days_overdue: days since the due date; zero or negative is not due

    >>> [bucket_of(days) for days in (-5, 0, 1, 30, 31, 180, 181)]
    ['not_due', 'not_due', '1_30', '1_30', '31_60', '91_180', 'over_180']
    """
    for key, _label, last_day in BUCKETS:
        if last_day is None or days_overdue <= last_day:
            return key
    raise AssertionError("the last bucket has no end")


def bucket_sql(days_overdue: SQL) -> SQL:
    """Return the SQL expression that does what :func:`bucket_of` does."""
    whens = SQL(" ").join(
        SQL("WHEN %s <= %s THEN %s", days_overdue, last_day, key)
        for key, _label, last_day in BUCKETS
        if last_day is not None
    )
    return SQL("CASE %s ELSE %s END", whens, BUCKETS[-1][0])
