from typing import Any, NamedTuple

from odoo import api, models
from odoo.fields import Domain

from ..tools.ageing import BUCKETS

#: More rows are not shown at once: the customer searches.
MOST_ITEMS = 500


class Ageing(NamedTuple):
    """What is open in one currency: ``buckets`` is [(label, amount)], ``overdue`` and
    ``credit`` (negative) are parts of ``total``."""

    currency: Any
    buckets: list
    overdue: float
    credit: float
    total: float


class ArAccountPage(models.AbstractModel):
    """What a customer sees of their account with one company.

    Floors above add blocks to the template ``account_page`` and what those show to
    :meth:`_get_values`.
    """

    _name = "ar.account.page"
    _description = "Account Page of a Customer"

    @api.model
    def _get_values(self, contact, company, search=""):
        """Return what the page shows, in a constant number of queries. Hook: call
        super, add yours.

        No access check: the caller has decided who sees the page.

        :param contact: res.partner who looks; their whole company's account is shown
        :param company: root res.company
        :param str search: part of a number or a reference
        :return: dict for the template
        """
        items = self._get_items(contact, company)
        found = items.filtered(lambda item: self._matches(item, search))
        return {
            "contact": contact,
            "customer": contact.commercial_partner_id,
            "company": company,
            "today": company._ar_today(),
            "ageing": self._get_ageing(items),
            "items": found[:MOST_ITEMS],
            "left_off": max(len(found) - MOST_ITEMS, 0),
            "search": search,
            "documents": self._get_documents(found).ids,
        }

    @api.model
    def _get_items(self, contact, company):
        """Return the open items of a customer, the oldest first."""
        items = self.env["ar.open.item"].search_fetch(
            self._get_domain(contact, company), self._get_field_names()
        )
        items.move_id.fetch(["move_type", "state"])
        return items

    @api.model
    def _get_domain(self, contact, company):
        customer = contact.commercial_partner_id
        return Domain("commercial_partner_id", "=", customer.id) & Domain(
            "root_company_id", "=", company.id
        )

    @api.model
    def _get_field_names(self):
        """Return what is read of an open item. Hook: call super, add yours."""
        return [
            "move_id",
            "move_name",
            "ref",
            "invoice_date",
            "date_maturity",
            "days_overdue",
            "bucket",
            "currency_id",
            "amount_residual_currency",
            "suspension_kind",
        ]

    @api.model
    def _matches(self, item, search):
        words = f"{item.move_name or ''} {item.ref or ''}".lower()
        return search.lower() in words

    @api.model
    def _get_ageing(self, items):
        """Return :class:`Ageing` for each currency, the largest number of items
        first."""
        by_currency = items.grouped("currency_id")
        return [
            self._get_ageing_of(currency, of_currency)
            for currency, of_currency in sorted(
                by_currency.items(), key=lambda pair: (-len(pair[1]), pair[0].name)
            )
        ]

    @api.model
    def _get_ageing_of(self, currency, items):
        debts = items.filtered(lambda item: item.amount_residual_currency > 0)
        sums = dict.fromkeys((key for key, *_ in BUCKETS), 0.0)
        for item in debts:
            sums[item.bucket] += item.amount_residual_currency
        labels = dict(items._fields["bucket"]._description_selection(self.env))
        owed = sum(sums.values())
        credit = sum((items - debts).mapped("amount_residual_currency"))
        return Ageing(
            currency,
            [(labels[key], currency.round(amount)) for key, amount in sums.items()],
            currency.round(owed - sums["not_due"]),
            currency.round(credit),
            currency.round(owed + credit),
        )

    @api.model
    def _get_documents(self, items):
        """Return the entries of which there is a PDF to be had."""
        return items.move_id.filtered(
            lambda move: move.is_sale_document() and move.state == "posted"
        )

    @api.model
    def _get_document(self, contact, company, move_id):
        """Return the entry if it is on the page, else an empty set: neither one that
        was paid nor one of somebody else can be had by guessing its number."""
        items = self.env["ar.open.item"].search(
            self._get_domain(contact, company) & Domain("move_id", "=", move_id)
        )
        return self._get_documents(items)
