"""The demo's history as a plan: what is ordered, invoiced and paid, and when.

Pure: the same day and seed give the same plan; a later day gives the same
story, moved. The builder turns the plan into Odoo documents.
"""

from datetime import date, timedelta
from random import Random
from typing import NamedTuple

from . import tables
from .habits import HABITS, pay

SEED = 19
HISTORY_DAYS = 548
#: 1 spreads the invoices evenly over the history, less puts more of them lately.
GROWTH = 0.5
#: Invoices in the whole history, by size of the customer.
INVOICES = {"small": 6, "medium": 9, "large": 14}
#: Quantities on a line against the product's usual pack, by size.
SCALE = {"small": 0.3, "medium": 1.0, "large": 3.0}
#: Parts of the amount and days until they are due.
TERMS = {
    "net14": ((1.0, 14),),
    "net30": ((1.0, 30),),
    "net45": ((1.0, 45),),
    "net60": ((1.0, 60),),
    "deposit": ((0.3, 0), (0.7, 60)),
}
HOME_CURRENCY = {"eu": "EUR", "us": "USD"}
#: Price of one euro's worth of goods.
PRICE_LEVEL = {"EUR": 1.0, "USD": 1.1, "GBP": 0.86}
#: Share of a contested invoice that the customer leaves unpaid.
CONTESTED_SHARE = 0.2
#: A contested invoice this old was settled by a credit note.
SETTLED_AFTER_DAYS = 90
#: An insolvent customer is not supplied any more for so many days.
STOPPED_DAYS = 45
INVOICED_ORDERS = 112
OPEN_ORDERS = 16
QUOTATIONS = 10
#: Late customers whose goods are ready to leave.
LATE_WITH_DELIVERY = {
    ("transports_marchetti", "eu"),
    ("garage_perrin", "eu"),
    ("dunmore_plumbing_supply_inc", "us"),
}
#: Customers whose quotation will not fit into their credit limit.
OVER_LIMIT = {
    ("ateliers_bonnard", "eu"),
    ("hotel_du_lac_bleu", "eu"),
    ("harborview_inns_inc", "us"),
}


class Line(NamedTuple):
    """Goods on an order or invoice; price in the document's currency, untaxed."""

    product: str
    quantity: int
    price: float


class Invoice(NamedTuple):
    """An invoice, how it came about and what has been paid of it."""

    customer: str
    company: str
    day: date
    terms: str
    currency: str
    lines: tuple
    payments: tuple = ()
    ordered: bool = False
    credited: float = 0.0  # share settled by a credit note
    contested: bool = False  # still in dispute


class Order(NamedTuple):
    """A confirmed order to deliver, or a quotation."""

    customer: str
    company: str
    day: date
    lines: tuple
    confirmed: bool


class Plan(NamedTuple):
    invoices: list
    orders: list


def due_dates(terms, day):
    """The parts of an invoice and the days they are due.

    >>> due_dates("deposit", date(2026, 1, 1))
    [(0.3, datetime.date(2026, 1, 1)), (0.7, datetime.date(2026, 3, 2))]
    """
    return [(share, day + timedelta(days=days)) for share, days in TERMS[terms]]


def make_plan(today, seed=SEED):
    """The whole history that ends today."""
    rng = Random(seed)
    customers = tables.customers()
    products = tables.products()
    invoices = [
        invoice
        for customer in customers
        for company in customer.companies
        for invoice in _history(customer, company, products, today, rng)
    ]
    invoices.sort(key=lambda invoice: (invoice.day, invoice.customer))
    return Plan(_mark_ordered(invoices), _open_orders(customers, products, today, rng))


def _history(customer, company, products, today, rng):
    """A customer's invoices, oldest first; the business grows, so denser lately."""
    count = INVOICES[customer.size]
    for number in range(count):
        passed = ((number + rng.uniform(0.1, 0.9)) / count) ** GROWTH
        ago = round(HISTORY_DAYS * (1 - passed))
        if HABITS[customer.habit].silent_days and ago < STOPPED_DAYS:
            return
        yield _invoice(customer, company, ago, products, today, rng)


def _invoice(customer, company, ago, products, today, rng):
    habit = HABITS[customer.habit]
    day = today - timedelta(days=ago)
    months_passed = (HISTORY_DAYS - ago) / 30
    currency = customer.currency or HOME_CURRENCY[company]
    contested = rng.random() < habit.contest_share
    settled = contested and ago > SETTLED_AFTER_DAYS
    paid_share = 1 - CONTESTED_SHARE if contested else 1.0
    payments = [
        payment._replace(day=max(day, payment.day), share=payment.share * paid_share)
        for share, due in due_dates(customer.terms, day)
        for payment in pay(habit, due, share, months_passed, today, rng)
    ]
    return Invoice(
        customer=customer.key,
        company=company,
        day=day,
        terms=customer.terms,
        currency=currency,
        lines=_lines(products, SCALE[customer.size], currency, rng),
        payments=tuple(payments),
        credited=CONTESTED_SHARE if settled else 0.0,
        contested=contested and not settled,
    )


def _lines(products, scale, currency, rng):
    level = PRICE_LEVEL[currency]
    return tuple(
        Line(
            product.code,
            max(1, round(product.pack * scale * rng.uniform(0.4, 1.6))),
            round(product.price * level, 2),
        )
        for product in rng.sample(products, rng.randint(1, 3))
    )


def _mark_ordered(invoices):
    """Let some invoices, over the whole history, come from delivered orders."""
    eligible = [
        index
        for index, invoice in enumerate(invoices)
        if invoice.currency == HOME_CURRENCY[invoice.company]
    ]
    chosen = {
        eligible[number * len(eligible) // INVOICED_ORDERS]
        for number in range(INVOICED_ORDERS)
    }
    return [
        invoice._replace(ordered=index in chosen)
        for index, invoice in enumerate(invoices)
    ]


def _open_orders(customers, products, today, rng):
    """Recent orders that wait for their delivery, and quotations."""
    rows = {customer.key: customer for customer in customers}
    buyers = [
        (customer.key, company)
        for customer in customers
        for company in customer.companies
        if not customer.currency and not HABITS[customer.habit].silent_days
    ]
    featured = LATE_WITH_DELIVERY | OVER_LIMIT
    others = [buyer for buyer in buyers if buyer not in featured]
    rng.shuffle(others)
    waiting = OPEN_ORDERS - len(LATE_WITH_DELIVERY)
    quoted = QUOTATIONS - len(OVER_LIMIT)
    chosen = {
        True: [*sorted(LATE_WITH_DELIVERY), *others[:waiting]],
        False: [*sorted(OVER_LIMIT), *others[waiting : waiting + quoted]],
    }
    return [
        Order(
            customer=key,
            company=company,
            day=today - timedelta(days=rng.randint(1, 9)),
            lines=_lines(products, SCALE[rows[key].size], HOME_CURRENCY[company], rng),
            confirmed=confirmed,
        )
        for confirmed, keys in chosen.items()
        for key, company in keys
    ]
