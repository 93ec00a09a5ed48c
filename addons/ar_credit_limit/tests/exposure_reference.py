"""What exposure is, said a second time: slowly, record by record, without our SQL.

The property test compares the model with this. It reads Odoo's own records only, adds
up exact fractions and knows nothing of how the model is made.
"""

from collections import defaultdict
from datetime import timedelta
from fractions import Fraction

from odoo.addons.ar_credit_limit.tools.exposure import BUCKET_KEYS

SALE_MOVES = ("out_invoice", "out_refund", "out_receipt")


def exact(number):
    return Fraction(str(number or 0))


def cents(number):
    """Round to two decimals, half away from zero, exactly."""
    sign = -1 if number < 0 else 1
    return sign * Fraction((abs(number) * 200 + 1) // 2, 100)


class Reference:
    """Exposure of all customers in the tree of one root company."""

    def __init__(self, env, company):
        self.env = env(su=True)
        self.root = company.root_id.with_env(self.env)
        self.today = self.root._ar_today()
        self.amounts = defaultdict(list)
        self.add_open_items()
        self.add_drafts()
        self.add_orders()
        self.add_uncleared()
        self.add_quotations()

    names = (*BUCKET_KEYS, "disputed")

    def of(self, customer, rate=1):
        """Return the figures of a customer by bucket, as floats; each line of it
        converted and rounded by itself."""
        return {
            name: float(
                sum(
                    cents(amount * exact(rate)) if rate != 1 else amount
                    for amount in self.amounts[customer.id, name]
                )
            )
            for name in self.names
        }

    def records(self, model, domain):
        company = [("company_id", "child_of", self.root.id)]
        return self.env[model].search(domain + company)

    def add(self, partner, bucket, amount):
        self.amounts[partner.commercial_partner_id.id, bucket].append(amount)

    def add_open_items(self):
        for line in self.records(
            "account.move.line",
            [
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "=", "asset_receivable"),
                ("reconciled", "=", False),
            ],
        ):
            amount = exact(line.amount_residual)
            self.add(line.partner_id, self.get_open_bucket(line), amount)
            self.add(line.partner_id, "disputed", self.get_disputed(line, amount))

    def get_open_bucket(self, line):
        if line.amount_residual < 0:
            return "unapplied"
        if any(self.came_back(p) for p in line.move_id.matched_payment_ids):
            return "returned"
        days = (self.today - (line.date_maturity or line.date)).days
        return "overdue" if days > self.root.ar_exposure_margin_days else "not_due"

    def came_back(self, payment):
        reversals = payment.move_id.reversal_move_ids
        return payment.state == "rejected" or "posted" in reversals.mapped("state")

    def get_disputed(self, line, amount):
        running = self.env["ar.suspension"].search(
            [("line_id", "=", line.id), ("kind", "=", "dispute")]
        )
        running = running.filtered(lambda s: s.state == "running")
        if "all" in running.mapped("coverage"):
            return amount
        part = sum(exact(suspension.amount) for suspension in running)
        whole = abs(exact(line.amount_residual_currency))
        if part >= whole:
            return amount if running else Fraction(0)
        return cents(amount * part / whole)

    def add_drafts(self):
        if not self.root.ar_exposure_draft:
            return
        for move in self.records(
            "account.move", [("state", "=", "draft"), ("move_type", "in", SALE_MOVES)]
        ):
            products = move.line_ids.filtered(lambda r: r.display_type == "product")
            total = sum(exact(line.price_total) for line in products)
            ordered = sum(
                exact(line.price_total)
                for line in products
                if "sale" in line.sale_line_ids.order_id.mapped("state")
            )
            share = 1 - ordered / total if total else Fraction(1)
            for line in move.line_ids:
                if line.display_type == "payment_term":
                    amount = cents(exact(line.balance) * share)
                    self.add(move.partner_id, "draft", amount)

    def add_orders(self):
        for order in self.records("sale.order", [("state", "=", "sale")]):
            rate = exact(order.currency_rate) or 1
            for line in order.order_line.filtered(lambda r: not r.display_type):
                self.add_order_line(order, line, rate)

    def add_order_line(self, order, line, rate):
        if line.is_downpayment:
            paid = sum(
                self.get_sign(item) * exact(item.price_total)
                for item in line.invoice_lines
                if item.parent_state == "posted"
            )
            parts = {self.get_advance_bucket(order): cents(-paid / rate)}
        else:
            total, delivered = self.get_rests(order, line)
            rounded = cents(delivered / rate)
            parts = {
                "undelivered": cents(total / rate) - rounded,
                "delivered": rounded,
            }
        for bucket, amount in parts.items():
            if self.root[f"ar_exposure_{bucket}"]:
                self.add(order.partner_invoice_id, bucket, amount)

    def get_advance_bucket(self, order):
        coming = order.order_line.filtered(
            lambda line: (
                not line.display_type
                and not line.is_downpayment
                and line.product_uom_qty > line.qty_delivered
            )
        )
        return "undelivered" if coming else "delivered"

    def get_rests(self, order, line):
        """What is not on a posted invoice, and how much of it is delivered, in the
        currency of the order."""
        ordered, delivered = exact(line.product_uom_qty), exact(line.qty_delivered)
        invoiced = sum(
            self.get_sign(item)
            * exact(
                item.product_uom_id._compute_quantity(
                    item.quantity, line.product_uom_id, round=False
                )
            )
            for item in line.invoice_lines
            if item.parent_state == "posted"
        )
        if not ordered:
            factor = exact(order.amount_total)
            factor = factor / exact(order.amount_untaxed) if order.amount_untaxed else 1
            amount = exact(line.untaxed_amount_to_invoice) * factor
            return amount, amount
        if ordered > 0:
            total = max(max(ordered, delivered) - invoiced, 0)
            done = max(delivered - invoiced, 0)
        else:
            total = min(ordered - invoiced, 0)
            done = max(min(delivered - invoiced, 0), total)
        price = exact(line.price_total) / ordered
        return price * total, price * done

    def get_sign(self, item):
        return -1 if item.move_id.move_type == "out_refund" else 1

    def add_uncleared(self):
        days = self.root.ar_exposure_uncleared_days
        for payment in self.records(
            "account.payment", [("payment_type", "=", "inbound")]
        ):
            is_young = not days or payment.date >= self.today - timedelta(days=days)
            method = payment.payment_method_line_id
            if (
                not is_young
                or payment.is_matched
                or payment.state in ("draft", "canceled")
                or method not in self.root.ar_exposure_uncleared_method_ids
                or payment.move_id.state != "posted"
            ):
                continue
            for line in payment.move_id.line_ids:
                if line.account_id.account_type == "asset_receivable":
                    self.add(line.partner_id, "uncleared", -exact(line.balance))

    def add_quotations(self):
        weight = exact(self.root.ar_exposure_quotation_weight) / 100
        for order in self.records("sale.order", [("state", "=", "sent")]):
            if order.validity_date and order.validity_date < self.today:
                continue
            rate = exact(order.currency_rate) or 1
            for line in order.order_line.filtered(lambda r: not r.display_type):
                amount = cents(exact(line.price_total) * weight / rate)
                self.add(order.partner_invoice_id, "quotations", amount)
