import io
from typing import Any, NamedTuple

import xlsxwriter

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
        customer = contact.commercial_partner_id
        items = self._get_items(customer, company)
        found = items.filtered(lambda item: self._matches(item, search))
        return {
            **self._prepare_statement(customer, company, items),
            "contact": contact,
            "items": found[:MOST_ITEMS],
            "get_mark": self._get_mark,
            "is_part": self._is_part,
            "left_off": max(len(found) - MOST_ITEMS, 0),
            "search": search,
            "documents": self._get_documents(found).ids,
            "words": self._get_words(),
            "answered": self._get_answered(found),
            "can_pay": self._can_pay(company),
        }

    @api.model
    def _get_answered(self, items):
        """Return {item id: what the customer answered last, and what became of it}."""
        lines = self.env["ar.answer.line"].search(
            [("line_id", "in", items.ids), ("is_taken", "=", True)], order="id"
        )
        words = self._get_words()
        states = {
            "new": self.env._("is looked at"),
            "accepted": self.env._("noted"),
            "corrected": self.env._("noted"),
            "refused": self.env._("not accepted"),
        }
        return {
            line.line_id.id: self._tell_answer(line.answer_id, words, states)
            for line in lines
        }

    @api.model
    def _tell_answer(self, answer, words, states):
        text = self.env._(
            "Your answer: %(kind)s; %(state)s",
            kind=words[answer.kind],
            state=states[answer.state],
        )
        return f"{text}: {answer.decision_text}" if answer.decision_text else text

    @api.model
    def _get_words(self):
        """Return {kind of an answer: how the customer says it}. Hook: a floor that adds
        a kind adds its words."""
        return {
            "paid": self.env._("I have paid"),
            "in_process": self.env._("We are working on it"),
            "copy": self.env._("Please send me a copy"),
            "not_mine": self.env._("This is not my invoice"),
            "contact": self.env._("Somebody else is the right contact"),
            "received": self.env._("I have received the invoice"),
        }

    @api.model
    def _can_pay(self, company):
        """Tell whether some payment provider is switched on."""
        providers = self.env["payment.provider"].sudo()
        branches = ("company_id", "child_of", company.id)
        switched_on = ("state", "in", ("enabled", "test"))
        return bool(providers.search_count([branches, switched_on], limit=1))

    @api.model
    def _get_statements(self, customers, company):
        """Return what is open of customers, in a constant number of queries.

        :param customers: commercial partners
        :param company: root res.company
        :return: {customer id: dict for the template of the statement}
        """
        items = self._get_items(customers, company)
        by_customer = items.grouped("commercial_partner_id")
        nothing = items.browse()
        return {
            customer.id: self._prepare_statement(
                customer, company, by_customer.get(customer, nothing)
            )
            for customer in customers
        }

    @api.model
    def _prepare_statement(self, customer, company, items):
        return {
            "customer": customer,
            "company": company,
            "today": company._ar_today(),
            "ageing": self._get_ageing(items),
            "items": items,
        }

    @api.model
    def _get_items(self, customers, company):
        """Return the open items of customers, the oldest first."""
        return self.env["ar.open.item"].search_fetch(
            self._get_domain(customers, company), self._get_field_names()
        )

    @api.model
    def _get_domain(self, customers, company):
        return Domain("commercial_partner_id", "in", customers.ids) & Domain(
            "root_company_id", "=", company.id
        )

    @api.model
    def _get_field_names(self):
        """Return what is read of an open item. Hook: call super, add yours."""
        return [
            "commercial_partner_id",
            "move_id",
            "move_name",
            "ref",
            "invoice_date",
            "date_maturity",
            "days_overdue",
            "bucket",
            "currency_id",
            "amount_marked",
            "amount_residual_currency",
            "suspension_kind",
        ]

    @api.model
    def _matches(self, item, search):
        words = f"{item.move_name or ''} {item.ref or ''}".lower()
        return search.lower() in words

    @api.model
    def _get_ageing(self, items):
        """Return :class:`Ageing` for each currency, the one with most items first."""
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
        items.move_id.fetch(["move_type", "state"])
        return items.move_id.filtered(
            lambda move: move.is_sale_document() and move.state == "posted"
        )

    @api.model
    def _get_document(self, contact, company, move_id):
        """Return the entry if it is on the page, else an empty set: neither one that
        was paid nor one of somebody else can be had by guessing its number."""
        items = self.env["ar.open.item"].search(
            self._get_domain(contact.commercial_partner_id, company)
            & Domain("move_id", "=", move_id)
        )
        return self._get_documents(items)

    @api.model
    def _get_mark(self, item):
        """Return why an item is not simply due, in a word, or None. Hook."""
        if item.amount_residual_currency < 0:
            return self.env._("Credit")
        marks = {
            "dispute": self.env._("Disputed"),
            "promise": self.env._("Promised"),
        }
        mark = marks.get(item.suspension_kind)
        if not mark or not self._is_part(item):
            return mark
        return f"{mark}: {item.currency_id.format(item.amount_marked)}"

    @api.model
    def _is_part(self, item):
        """Return whether a mark is about a part of the item, and the rest is due."""
        rest = item.amount_residual_currency - item.amount_marked
        return item.currency_id.compare_amounts(rest, 0) > 0

    # -- To take along -----------------------------------------------------------------

    @api.model
    def _get_file_name(self, statement, extension):
        words = [
            self.env._("Statement"),
            statement["customer"].name or "",
            statement["today"].isoformat(),
        ]
        return f"{' '.join(filter(None, words))}.{extension}".replace("/", "-")

    @api.model
    def _get_xlsx(self, statement):
        """Return the bytes of a workbook; texts are never formulas.

        :param dict statement: of :meth:`_get_statements`; amounts stand in the
            currencies of the items
        """
        stream = io.BytesIO()
        with xlsxwriter.Workbook(stream, {"in_memory": True}) as book:
            sheet = book.add_worksheet(self.env._("Statement"))
            bold = book.add_format({"bold": True})
            columns = self._get_columns()
            for column, (title, width) in enumerate(columns):
                sheet.set_column(column, column, width)
                sheet.write_string(0, column, title, bold)
            self._write_rows(sheet, statement["items"], self._get_formats(book))
            sheet.autofilter(0, 0, len(statement["items"]), len(columns) - 1)
            sheet.freeze_panes(1, 0)
        return stream.getvalue()

    @api.model
    def _get_columns(self):
        """Return the titles and widths of the columns of a workbook."""
        return [
            (self.env._("Number"), 20),
            (self.env._("Reference"), 24),
            (self.env._("Date"), 12),
            (self.env._("Due"), 12),
            (self.env._("Days Overdue"), 12),
            (self.env._("Currency"), 10),
            (self.env._("Open"), 14),
            (self.env._("Remark"), 14),
        ]

    @api.model
    def _get_formats(self, book):
        return {
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "amount": book.add_format({"num_format": "#,##0.00"}),
        }

    @api.model
    def _write_rows(self, sheet, items, formats):
        for row, item in enumerate(items, 1):
            sheet.write_string(row, 0, item.move_name or "")
            sheet.write_string(row, 1, item.ref or "")
            for column, day in (2, item.invoice_date), (3, item.date_maturity):
                if day:
                    sheet.write_datetime(row, column, day, formats["date"])
            sheet.write_number(row, 4, item.days_overdue)
            sheet.write_string(row, 5, item.currency_id.name)
            amount = item.amount_residual_currency
            sheet.write_number(row, 6, amount, formats["amount"])
            sheet.write_string(row, 7, self._get_mark(item) or "")
