"""The rows of a ledger, as PostgreSQL's COPY reads them.

Every row starts as a copy of one that Odoo itself made (its prototype): what is not
said here is as Odoo would have written it.
"""

from .plan import (
    CURRENCIES,
    TAX_PERCENT,
    Payment,
    calendar_day,
    currency_of,
    in_company_currency,
)

#: Payments of the last days are not seen on a bank statement yet.
DAYS_ON_ITS_WAY = 10
TABLES = {
    "move": "account_move",
    "item": "account_move_line",
    "payment": "account_payment",
    "group": "account_full_reconcile",
    "match": "account_partial_reconcile",
    "order": "sale_order",
    "line": "sale_order_line",
    "item_tax": "account_move_line_account_tax_rel",
    "line_tax": "account_tax_sale_order_line_rel",
    "invoiced": "sale_order_line_invoice_rel",
}


def money(hundredths):
    return f"{hundredths / 100:.2f}"


def as_text(value):
    """A value as COPY's text format has it."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = str(value).replace("\\", "\\\\")
    return text.replace("\t", "\\t").replace("\n", "\\n")


class Rows:
    """Turns the documents of a ledger into rows.

    :param prototypes: {(table key, variant): {column: value}}
    :param facts: ids of what documents refer to, by name
    :param write: callable(table key, text) that takes a row
    """

    def __init__(self, ledger, prototypes, facts, write):
        self.ledger = ledger
        self.facts = facts
        self.write = write
        self.prototypes = prototypes
        self.formats = {}
        self.sequences = {}
        #: What each payment settles, by the number of the payment.
        self.settled = {}
        self.next_id = dict(facts["first_id"])

    def write_all(self):
        self._number_all()
        for group in self.ledger.groups:
            self.put("group", "", id=group.number)
        for order in self.ledger.orders:
            self._write_order(order)
        for document in self.ledger.documents:
            self._write_document(document)
        for payment in self.ledger.payments:
            self._write_payment(payment)
        for match in self.ledger.matches:
            self._write_match(match)

    def put(self, table, variant, **values):
        """Write a row: its prototype with these values instead."""
        key = (table, variant)
        if key not in self.formats:
            prototype = self.prototypes[key]
            unknown = values.keys() - prototype.keys()
            if unknown:
                raise KeyError(f"{TABLES[table]} has no columns {sorted(unknown)}")
            self.formats[key] = "\t".join(
                f"%({name})s" if name in values else as_text(value).replace("%", "%%")
                for name, value in prototype.items()
            )
        self.write(table, self.formats[key] % values)

    def _take(self, table):
        number = self.next_id[table]
        self.next_id[table] = number + 1
        return number

    def _number_all(self):
        """Give ids in the order of the days, as in a database that grew."""
        ledger = self.ledger
        ledger.payments.sort(key=lambda payment: payment.day)
        numbered = [*ledger.documents, *ledger.payments]
        numbered.sort(key=lambda owner: owner.day)
        for owner in numbered:
            owner.number = self._take("move")
            for line in getattr(owner, "lines", ()):
                line.number = self._take("item")
            # the tax line of a document, the bank line of a payment
            self._take("item")
            for item in owner.items:
                item.number = self._take("item")
        for group in ledger.groups:
            group.number = self._take("group")
        for match in ledger.matches:
            match.number = self._take("match")
            match.group.first_match = match.group.first_match or match.number
            if isinstance(match.credit.owner, Payment):
                settled = self.settled.setdefault(match.credit.owner.number, [])
                settled.append(match.debit.owner)
        for order in ledger.orders:
            order.number = self._take("order")
            for line in order.lines:
                line.number = self._take("line")

    def _sequence(self, variant, day):
        """The name of the next entry of a kind, and the parts that Odoo keeps."""
        prototype = self.prototypes["move", variant]
        start = prototype["sequence_prefix"].partition("/")[0]
        prefix = f"{start}/{calendar_day(day).year}/"
        number = self.sequences[prefix] = self.sequences.get(prefix, 0) + 1
        return {
            "name": f"{prefix}{number:05}",
            "sequence_prefix": prefix,
            "sequence_number": number,
        }

    def _partners(self, customer):
        """(whom it is addressed to, who owes it)"""
        contact = self.facts["contacts"].get(customer)
        owing = self.facts["customers"][customer]
        return contact or owing, owing

    # Invoices and credit notes

    def _write_document(self, document):
        variant, customer = document.kind, document.customer
        is_draft, day = variant == "draft", calendar_day(document.day)
        contact, owing = self._partners(customer)
        sign = -1 if variant == "refund" else 1
        residual = sum(item.residual for item in document.items)
        name = {"name": r"\N", "sequence_prefix": r"\N", "sequence_number": 0}
        if not is_draft:
            name = self._sequence(variant, document.day)
        common = {
            "currency_id": self.facts["currencies"][currency_of(customer)],
            "date": day,
            "invoice_date": day,
        }
        converted = {
            f"amount_{key}_signed": money(sign * in_company_currency(amount, customer))
            for key, amount in (
                ("untaxed", document.untaxed),
                ("tax", document.tax),
                ("total", document.total),
                ("residual", sign * residual),
            )
        }
        self.put(
            "move",
            variant,
            id=document.number,
            partner_id=contact,
            commercial_partner_id=owing,
            partner_shipping_id=contact,
            invoice_partner_display_name=self.facts["names"][contact],
            invoice_date_due=calendar_day(max(item.due for item in document.items)),
            invoice_currency_rate=self._rate(customer),
            invoice_payment_term_id=self._term(document),
            amount_untaxed=money(document.untaxed),
            amount_tax=money(document.tax),
            amount_total=money(document.total),
            amount_residual=money(sign * residual),
            amount_untaxed_in_currency_signed=money(sign * document.untaxed),
            amount_total_in_currency_signed=money(sign * document.total),
            payment_state=self._payment_state(document, residual),
            payment_reference=r"\N" if is_draft else name["name"],
            **common,
            **converted,
            **name,
        )
        common.update(move_id=document.number, move_name=name["name"], partner_id=owing)
        self._write_product_items(document, sign, common)
        for item in document.items:
            self._write_receivable(variant, item, customer, common)

    def _term(self, document):
        if document.kind == "refund":
            return r"\N"
        terms = self.facts["terms"]
        return terms["halves" if len(document.items) > 1 else document.term]

    def _payment_state(self, document, residual):
        if not residual:
            return "reversed" if document.is_reversed else "paid"
        is_whole = residual == sum(item.amount for item in document.items)
        return "not_paid" if is_whole else "partial"

    def _write_product_items(self, document, sign, common):
        variant, customer = document.kind, document.customer
        for line in document.lines:
            self.put(
                "item",
                f"{variant} product",
                id=line.number,
                product_id=self.facts["products"][line.product],
                name=f"Work {line.product}",
                quantity=line.quantity,
                price_unit=money(line.price),
                price_subtotal=money(line.untaxed),
                price_total=money(line.untaxed * (100 + TAX_PERCENT) // 100),
                **common,
                **self._balance(-sign * line.untaxed, customer),
            )
            self.write("item_tax", f"{line.number}\t{self.facts['tax']}")
        ordered = document.order.lines if document.order else ()
        for line, order_line in zip(document.lines, ordered, strict=False):
            self.write("invoiced", f"{line.number}\t{order_line.number}")
        base = in_company_currency(document.untaxed, customer)
        self.put(
            "item",
            f"{variant} tax",
            id=document.lines[-1].number + 1,
            tax_base_amount=money(-sign * base),
            **common,
            **self._balance(-sign * document.tax, customer),
        )

    def _write_receivable(self, variant, item, customer, common):
        is_draft, group = variant == "draft", item.group
        residual = 0 if is_draft else item.residual
        self.put(
            "item",
            f"{variant} receivable",
            id=item.number,
            date_maturity=calendar_day(item.due),
            amount_residual=money(in_company_currency(item.residual, customer)),
            amount_residual_currency=money(item.residual),
            reconciled="f" if residual or is_draft else "t",
            full_reconcile_id=group.number if group and group.is_full else r"\N",
            matching_number=self._matching_number(group),
            **common,
            **self._balance(item.amount, customer),
        )

    def _matching_number(self, group):
        if not group:
            return r"\N"
        return group.number if group.is_full else f"P{group.first_match}"

    def _balance(self, amount, customer):
        balance = in_company_currency(amount, customer)
        return {
            "amount_currency": money(amount),
            "balance": money(balance),
            "debit": money(max(balance, 0)),
            "credit": money(max(-balance, 0)),
        }

    def _rate(self, customer):
        _code, numerator, denominator, _share = CURRENCIES[currency_of(customer)]
        return numerator / denominator

    # Payments and what they settle

    def _write_payment(self, payment):
        customer = payment.customer
        variant = "on its way" if -payment.day < DAYS_ON_ITS_WAY else "cleared"
        (item,) = payment.items
        _contact, owing = self._partners(customer)
        converted = in_company_currency(payment.amount, customer)
        payment_id = self._take("payment")
        name = self._sequence(variant, payment.day)
        common = {
            "currency_id": self.facts["currencies"][currency_of(customer)],
            "date": calendar_day(payment.day),
            "partner_id": owing,
        }
        self.put(
            "payment",
            variant,
            id=payment_id,
            name=name["name"],
            move_id=payment.number,
            amount=money(payment.amount),
            amount_company_currency_signed=money(converted),
            is_reconciled="f" if item.residual else "t",
            state=self._payment_status(payment, variant),
            **common,
        )
        self.put(
            "move",
            variant,
            id=payment.number,
            origin_payment_id=payment_id,
            commercial_partner_id=owing,
            invoice_partner_display_name=self.facts["names"][owing],
            invoice_date_due=common["date"],
            amount_total=money(payment.amount),
            amount_total_signed=money(converted),
            amount_total_in_currency_signed=money(payment.amount),
            **common,
            **name,
        )
        common.update(
            move_id=payment.number, move_name=name["name"], payment_id=payment_id
        )
        self._write_payment_items(payment, item, variant, common)

    def _payment_status(self, payment, variant):
        """One on its way is paid when what it settles is paid as a whole."""
        settled = self.settled.get(payment.number)
        is_whole = settled and not any(
            item.residual for document in settled for item in document.items
        )
        return "paid" if variant == "cleared" or is_whole else "in_process"

    def _write_payment_items(self, payment, item, variant, common):
        customer, amount = payment.customer, payment.amount
        self.put(
            "item",
            f"{variant} bank",
            id=item.number - 1,
            date_maturity=common["date"],
            amount_residual=money(in_company_currency(amount, customer)),
            amount_residual_currency=money(amount),
            price_subtotal=money(amount),
            price_total=money(amount),
            **common,
            **self._balance(amount, customer),
        )
        self.put(
            "item",
            f"{variant} receivable",
            id=item.number,
            date_maturity=common["date"],
            amount_residual=money(in_company_currency(item.residual, customer)),
            amount_residual_currency=money(item.residual),
            reconciled="f" if item.residual else "t",
            full_reconcile_id=(
                item.group.number if item.group and item.group.is_full else r"\N"
            ),
            matching_number=self._matching_number(item.group),
            price_subtotal=money(-amount),
            price_total=money(-amount),
            **common,
            **self._balance(-amount, customer),
        )

    def _write_match(self, match):
        customer = match.debit.owner.customer
        currency = self.facts["currencies"][currency_of(customer)]
        day = max(match.debit.owner.day, match.credit.owner.day)
        self.put(
            "match",
            "",
            id=match.number,
            debit_move_id=match.debit.number,
            credit_move_id=match.credit.number,
            debit_currency_id=currency,
            credit_currency_id=currency,
            max_date=calendar_day(day),
            amount=money(in_company_currency(match.amount, customer)),
            debit_amount_currency=money(match.amount),
            credit_amount_currency=money(match.amount),
            full_reconcile_id=match.group.number if match.group.is_full else r"\N",
        )

    # Orders

    def _write_order(self, order):
        customer, day = order.customer, calendar_day(order.day)
        contact, owing = self._partners(customer)
        currency = currency_of(customer)
        tax = order.untaxed * TAX_PERCENT // 100
        lines = list(zip(order.lines, order.delivered, order.invoiced, strict=True))
        to_invoice = any(line.quantity > invoiced for line, _done, invoiced in lines)
        status = "no"
        if order.state == "sale":
            status = "to invoice" if to_invoice else "invoiced"
        self.put(
            "order",
            order.state,
            id=order.number,
            name=f"S{order.number:06}",
            partner_id=owing,
            partner_invoice_id=contact,
            partner_shipping_id=owing,
            currency_id=self.facts["currencies"][currency],
            pricelist_id=self.facts["pricelists"][currency] or r"\N",
            currency_rate=self._rate(customer),
            amount_untaxed=money(order.untaxed),
            amount_tax=money(tax),
            amount_total=money(order.untaxed + tax),
            date_order=f"{day} 09:00:00",
            validity_date=calendar_day(order.day + 30),
            invoice_status=status,
        )
        for line, delivered, invoiced in lines:
            self._write_order_line(order, line, delivered, invoiced)

    def _write_order_line(self, order, line, delivered, invoiced):
        customer, is_sale = order.customer, order.state == "sale"
        to_invoice = line.quantity - invoiced if is_sale else 0
        tax = line.untaxed * TAX_PERCENT // 100
        posted = invoiced * line.price if order.is_posted else 0
        status = "no"
        if is_sale:
            status = "to invoice" if to_invoice else "invoiced"
        self.put(
            "line",
            order.state,
            id=line.number,
            order_id=order.number,
            currency_id=self.facts["currencies"][currency_of(customer)],
            order_partner_id=self.facts["customers"][customer],
            product_id=self.facts["products"][line.product],
            name=f"Work {line.product}",
            product_uom_qty=line.quantity,
            qty_delivered=delivered,
            qty_invoiced=invoiced,
            qty_to_invoice=to_invoice,
            invoice_status=status,
            price_unit=money(line.price),
            technical_price_unit=money(line.price),
            price_reduce_taxexcl=money(line.price),
            price_reduce_taxinc=money(line.price * (100 + TAX_PERCENT) // 100),
            price_subtotal=money(line.untaxed),
            price_tax=money(tax),
            price_total=money(line.untaxed + tax),
            untaxed_amount_invoiced=money(posted),
            untaxed_amount_to_invoice=money(line.untaxed - posted if is_sale else 0),
        )
        self.write("line_tax", f"{line.number}\t{self.facts['tax']}")
