"""What is in the ledger: documents, payments and their matching, as plain numbers.

The same size always gives the same ledger. Amounts are integers, in hundredths of the
document's currency; prices and rates are such that taxes, halves and the company's
currency never need rounding, so that every total can be checked to the cent.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random

#: A database is filled anew when one of these has changed.
SOURCES = ("plan.py", "fill_rows.py", "fill.py")
SEED = 19
LAST_DAY = date(2026, 11, 20)
HISTORY_DAYS = 3 * 365
#: Units of the currency for the company's own: (code, numerator, denominator, share).
CURRENCIES = (("USD", 1, 1, 80), ("EUR", 4, 5, 12), ("GBP", 1, 2, 8))
TAX_PERCENT = 15
PRICE_STEP = 800
PRODUCTS = 20
#: Days until an invoice without instalments is due; with two, now and in 30 days.
TERMS = (0, 15, 30, 30, 30, 60)
#: Chance of (paid, partly paid) by age in days; the rest is open.
SETTLED = ((30, 0.30, 0.03), (90, 0.75, 0.05), (10_000, 0.93, 0.02))
KINDS = (("invoice", 94), ("refund", 4), ("draft", 2))


@dataclass(frozen=True)
class Size:
    name: str
    customers: int
    invoices: int
    #: Confirmed orders and quotations without any invoice.
    orders: int


SIZES = {
    size.name: size
    for size in (
        Size("XS", 40, 400, 60),
        Size("S", 2_000, 40_000, 3_000),
        Size("2S", 4_000, 80_000, 6_000),
        Size("M", 20_000, 400_000, 30_000),
    )
}


@dataclass(slots=True)
class Item:
    """A receivable journal item; credits are negative."""

    owner: Document | Payment
    amount: int
    due: int
    residual: int
    group: Group | None = None
    number: int = 0


@dataclass(slots=True)
class Line:
    """A product line of an invoice or order."""

    product: int
    quantity: int
    price: int
    number: int = 0

    @property
    def untaxed(self):
        return self.quantity * self.price


@dataclass(slots=True)
class Document:
    """An invoice, a credit note or a draft invoice; days count from the last day."""

    kind: str
    customer: int
    day: int
    lines: list[Line]
    items: list[Item] = field(default_factory=list)
    order: Order | None = None
    term: int = 0
    #: Whether nothing but credit notes settled it.
    is_reversed: bool = False
    number: int = 0

    @property
    def untaxed(self):
        return sum(line.untaxed for line in self.lines)

    @property
    def tax(self):
        return self.untaxed * TAX_PERCENT // 100

    @property
    def total(self):
        return self.untaxed + self.tax


@dataclass(slots=True)
class Payment:
    customer: int
    day: int
    amount: int
    items: list[Item] = field(default_factory=list)
    number: int = 0


@dataclass(slots=True)
class Order:
    """``invoiced`` and ``delivered`` are quantities, line by line."""

    state: str
    customer: int
    day: int
    lines: list[Line]
    delivered: list[int]
    invoiced: list[int]
    is_posted: bool = True
    number: int = 0

    @property
    def untaxed(self):
        return sum(line.untaxed for line in self.lines)


@dataclass(slots=True)
class Group:
    """Items matched with each other."""

    is_full: bool
    number: int = 0
    first_match: int = 0


@dataclass(slots=True)
class Match:
    debit: Item
    credit: Item
    amount: int
    group: Group
    number: int = 0


class Ledger:
    """All that a database of a size holds."""

    def __init__(self, size):
        self.size = size
        self.random = Random(f"{SEED} {size.name}")
        self.documents = []
        self.payments = []
        self.orders = []
        self.matches = []
        self.groups = []
        self._waiting = {}
        self._build()

    def _build(self):
        choose = self._choose_customers()
        for number, customer in enumerate(choose(self.size.invoices)):
            day = -HISTORY_DAYS + number * HISTORY_DAYS // self.size.invoices
            self._add_document(customer, day)
        for customer in choose(self.size.orders):
            self._add_open_order(customer)
        self.orders.sort(key=lambda order: order.day)
        self._find_reversed()

    def _find_reversed(self):
        for match in self.matches:
            match.debit.owner.is_reversed = True
        for match in self.matches:
            if isinstance(match.credit.owner, Payment):
                match.debit.owner.is_reversed = False

    def _choose_customers(self):
        """Return a function that draws customers: a few buy most, all buy something."""
        customers = range(self.size.customers)
        weights = [min(self.random.paretovariate(1.2), 60) for _customer in customers]
        weights = list(accumulate(weights))

        def choose(count):
            everybody = list(customers)[:count]
            drawn = self.random.choices(
                customers, cum_weights=weights, k=count - len(everybody)
            )
            drawn += everybody
            self.random.shuffle(drawn)
            return drawn

        return choose

    def _add_document(self, customer, day):
        draw = self.random
        (kind,) = draw.choices(*zip(*KINDS, strict=True))
        if kind == "draft" and day < -60:
            kind = "invoice"
        instalments = 2 if kind == "invoice" and draw.random() < 0.2 else 1
        lines = self._draw_lines(3 if instalments == 1 else 2)
        document = Document(kind, customer, day, lines)
        sign = -1 if kind == "refund" else 1
        document.term = 0
        if kind != "refund" and instalments == 1:
            document.term = draw.choice(TERMS)
        for position in range(instalments):
            amount = sign * document.total // instalments
            document.items.append(
                Item(document, amount, day + document.term + 30 * position, amount)
            )
        self.documents.append(document)
        if kind != "refund" and draw.random() < 0.15:
            self._add_order_of(document)
        if kind != "draft":
            self._settle(document)

    def _draw_lines(self, count):
        draw = self.random
        return [
            Line(
                draw.randrange(PRODUCTS),
                draw.randint(1, 6),
                PRICE_STEP * draw.randint(1, 60),
            )
            for _line in range(count)
        ]

    def _add_order_of(self, document):
        """The order behind an invoice: invoiced as a whole, or half of it."""
        times = self.random.choice((1, 1, 1, 2))
        lines = [
            Line(line.product, line.quantity * times, line.price)
            for line in document.lines
        ]
        invoiced = [line.quantity for line in document.lines]
        document.order = Order(
            "sale",
            document.customer,
            document.day,
            lines,
            invoiced,
            invoiced,
            is_posted=document.kind == "invoice",
        )
        self.orders.append(document.order)

    def _add_open_order(self, customer):
        """An order without invoice: confirmed and partly delivered, or a quotation."""
        draw = self.random
        lines = self._draw_lines(3)
        (state,) = draw.choices(("sale", "draft", "sent"), (70, 15, 15))
        delivered = [
            draw.randint(0, line.quantity) if state == "sale" else 0 for line in lines
        ]
        day = -draw.randrange(90)
        self.orders.append(
            Order(state, customer, day, lines, delivered, [0] * len(lines))
        )

    def _settle(self, document):
        """Pay what is to be paid: several documents at once, a part on its own."""
        draw = self.random
        outcome = self._draw_outcome(document)
        if outcome == "part":
            item = document.items[0]
            whole = len(document.items) > 1
            part = item.amount if whole else item.amount // 2
            self._match([item], [self._pay(document, part)], [part])
        elif outcome == "paid":
            waiting = self._waiting.setdefault(document.customer, [])
            waiting.extend(document.items)
            if sum(item.amount for item in waiting) > 0 and draw.random() < 0.6:
                self._pay_waiting(document, waiting)
                waiting.clear()
        if document.kind == "invoice" and draw.random() < 0.005:
            self._pay(document, document.total // 2)  # on account, never matched

    def _draw_outcome(self, document):
        age, chance = -document.day, self.random.random()
        paid, part = next(chances for days, *chances in SETTLED if age <= days)
        if document.kind == "refund":
            return "paid" if chance < 0.6 else "open"
        if chance < paid:
            return "paid"
        return "part" if chance < paid + part else "open"

    def _pay(self, document, amount):
        """Return the journal item of a new payment by the document's customer."""
        day = min(document.day + self.random.randrange(60), 0)
        payment = Payment(document.customer, day, amount)
        payment.items.append(Item(payment, -amount, day, -amount))
        self.payments.append(payment)
        return payment.items[0]

    def _pay_waiting(self, document, waiting):
        debits = [item for item in waiting if item.amount > 0]
        credits_ = [item for item in waiting if item.amount < 0]
        credits_.append(self._pay(document, sum(item.amount for item in waiting)))
        self._match(debits, credits_, [item.amount for item in debits])

    def _match(self, debits, credits_, amounts):
        """Match items one after the other; a group ends where both sides are used up.

        :param amounts: what is to be settled of each debit
        """
        remaining, group, credit_no = list(amounts), None, 0
        for position, debit in enumerate(debits):
            while remaining[position]:
                credit = credits_[credit_no]
                if not group:
                    group = Group(True)
                    self.groups.append(group)
                amount = min(remaining[position], -credit.residual)
                self._add_match(debit, credit, amount, group)
                remaining[position] -= amount
                if not credit.residual:
                    credit_no += 1
                    if not remaining[position]:
                        group = None
        for debit in debits:
            if debit.residual:
                debit.group.is_full = False

    def _add_match(self, debit, credit, amount, group):
        debit.residual -= amount
        credit.residual += amount
        debit.group = credit.group = group
        self.matches.append(Match(debit, credit, amount, group))


def currency_of(customer):
    """The position in CURRENCIES of the one currency that a customer buys in."""
    share = customer * 37 % 100
    for position, (*_rate, percent) in enumerate(CURRENCIES):
        if share < percent:
            return position
        share -= percent
    raise AssertionError("the shares add up to 100")


def in_company_currency(amount, customer):
    """An amount of a customer's document, converted."""
    _code, numerator, denominator, _share = CURRENCIES[currency_of(customer)]
    converted, rest = divmod(amount * denominator, numerator)
    if rest:
        raise AssertionError(f"{amount} needs rounding in the company's currency")
    return converted


def calendar_day(day):
    return LAST_DAY + timedelta(days=day)


def limit_of(customer):
    """The credit limit on a customer, in units of the company's currency; 0 = none."""
    return (0, 2_000, 5_000, 20_000, 50_000)[customer % 5]


def fingerprint(size):
    """A digest of all that decides what a filled database holds."""
    hashed = hashlib.sha256(size.name.encode())
    for name in SOURCES:
        hashed.update(Path(__file__).with_name(name).read_bytes())
    return hashed.hexdigest()[:12]
