"""What weighs on a customer's credit, by bucket: one table for all."""

from typing import NamedTuple

#: (key, label) in the order in which money goes through them, from the surest on.
#: Keys are a contract.
BUCKETS = (
    ("not_due", "Open, Not Due"),
    ("overdue", "Overdue"),
    ("returned", "Returned Payments"),
    ("unapplied", "Unapplied Payments and Credits"),
    ("draft", "Draft Invoices"),
    ("undelivered", "Ordered, Not Delivered"),
    ("delivered", "Delivered, Not Invoiced"),
    ("uncleared", "Payments Not Cleared"),
    ("quotations", "Sent Quotations"),
)
BUCKET_KEYS = tuple(key for key, _label in BUCKETS)
#: These four tie to the receivable accounts.
OPEN_ITEM_BUCKETS = ("not_due", "overdue", "returned", "unapplied")
ORDERED_BUCKETS = ("undelivered", "delivered")


class Exposure(NamedTuple):
    """What one customer owes or will owe, in the root company's currency.

    ``disputed`` is the part of the open items that is in dispute; it stands in its
    bucket too. Whether it counts for the credit check is the company's choice.

    >>> exposure = Exposure(not_due=70.0, unapplied=-20.0, undelivered=30.0)
    >>> exposure.open_items, exposure.ordered, exposure.total
    (50.0, 30.0, 80.0)
    >>> exposure._replace(disputed=10.0).tested
    80.0
    >>> exposure._replace(disputed=10.0, leaves_out_disputed=True).tested
    70.0
    """

    not_due: float = 0.0
    overdue: float = 0.0
    returned: float = 0.0
    unapplied: float = 0.0
    draft: float = 0.0
    undelivered: float = 0.0
    delivered: float = 0.0
    uncleared: float = 0.0
    quotations: float = 0.0
    disputed: float = 0.0
    leaves_out_disputed: bool = False

    @property
    def open_items(self):
        return self._add(OPEN_ITEM_BUCKETS)

    @property
    def ordered(self):
        return self._add(ORDERED_BUCKETS)

    @property
    def total(self):
        return self._add(BUCKET_KEYS)

    @property
    def tested(self):
        """What is compared with the limit."""
        left_out = self.disputed if self.leaves_out_disputed else 0.0
        return round(self.total - left_out, 6)

    def _add(self, buckets):
        # Figures have at most a few decimals; a sum of them must not grow more.
        return round(sum(getattr(self, bucket) for bucket in buckets), 6)


NO_EXPOSURE = Exposure()
