"""The tables of the demo: customers, products and colleagues, read from CSV.

Everyone in them is invented; mail domains end in the reserved ``.example``.
"""

import csv
import re
import unicodedata
from pathlib import Path
from typing import NamedTuple

FOLDER = Path(__file__).parents[1] / "tables"


class Customer(NamedTuple):
    """Where a customer is, what and how it buys, and how it pays (habit)."""

    name: str
    country: str
    street: str
    zip: str
    city: str
    state: str  # its code, in the United States
    contact: str
    habit: str
    size: str
    terms: str
    companies: tuple  # keys of the companies it buys from
    currency: str  # empty: the selling company's
    salesperson: str

    @property
    def key(self):
        return slug(self.name)

    @property
    def domain(self):
        return slug(self.name).replace("_", "-") + ".example"

    @property
    def contact_email(self):
        return f"{slug(self.contact).replace('_', '.')}@{self.domain}"


class Product(NamedTuple):
    """An article: price in euros without tax, usual quantity of an order line."""

    code: str
    name: str
    price: float
    pack: int


class Colleague(NamedTuple):
    """A user: login (the password too), name, external ids of the groups."""

    login: str
    name: str
    groups: tuple


def slug(name):
    """Short plain name for addresses and external ids.

    >>> slug("Hôtel du Lac & Fils")
    'hotel_du_lac_fils'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]+", "_", plain.lower()).strip("_")


def customers():
    return [
        Customer(**{**row, "companies": tuple(row["companies"].split())})
        for row in _rows("customers")
    ]


def products():
    return [
        Product(row["code"], row["name"], float(row["price"]), int(row["pack"]))
        for row in _rows("products")
    ]


def colleagues():
    return [
        Colleague(**{**row, "groups": tuple(row["groups"].split())})
        for row in _rows("colleagues")
    ]


def _rows(name):
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
