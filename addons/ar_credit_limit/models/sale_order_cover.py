"""What of an order is paid or secured before it is confirmed."""

from odoo import models
from odoo.tools import SQL

#: Reasons that a person gave: a payment in advance does not answer them.
BY_HAND = frozenset(("manual_stop", "order_stop"))


class CoverByOrder(dict):
    """{order id: cover}, read in one go when the first one is asked for: who stays
    within the limit costs no query."""

    def __init__(self, orders):
        super().__init__()
        self._orders = orders

    def __missing__(self, order_id):
        self.update(self._orders._read_credit_cover())
        return self[order_id]


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_credit_cover(self):
        """Return how much of this order is paid or authorised in advance, in the root
        company's currency, as far as the ledger does not know of it yet: what is booked
        lessens the exposure already.
        """
        self.ensure_one()
        return self._get_credit_cover_by_order()[self.id]

    def _get_credit_cover_by_order(self):
        """As :meth:`_get_credit_cover` for many orders, in one query, and in none
        unless one of them is looked up.

        :return: mapping {order id: amount}
        """
        return CoverByOrder(self)

    def _find_beyond_cover(self, find, amount, covers):
        """Return what speaks against the part of this order that is not paid or
        secured in advance. Nothing but what a person stopped speaks against an order
        that is covered as a whole.

        :param find: callable(cover), the violations found with that much covered
        :param float amount: of this order, in the root company's currency
        :param covers: mapping of :meth:`_get_credit_cover_by_order`
        :return: list of :class:`Violation`
        """
        found = find(0.0)
        cover = covers[self.id] if found else 0.0
        currency = self.company_id.root_id.currency_id
        if currency.compare_amounts(cover, 0.0) <= 0:
            return found
        if currency.compare_amounts(cover, amount) >= 0:
            return [violation for violation in found if violation.code in BY_HAND]
        return [self._tell_cover(violation, cover) for violation in find(cover)]

    def _tell_cover(self, violation, cover):
        if not violation.figures.get("cover"):
            return violation
        told = self.env._(
            "%(cover)s of this order is paid or authorised in advance.",
            cover=self.company_id.root_id.currency_id.format(cover),
        )
        return violation._replace(sentence=f"{violation.sentence} {told}")

    def _read_credit_cover(self):
        """Return {order id: cover} of all these orders."""
        covers = dict.fromkeys(self._ids, 0.0)
        by_origin = {order._origin.id: order for order in self if order._origin.id}
        if not by_origin:
            return covers
        self._flush_credit_cover()
        for order_id, currency_id, amount in self.env.execute_query(
            SQL(
                "%s UNION ALL %s",
                self._get_covering_transactions_sql(list(by_origin)),
                self._get_covering_down_payments_sql(list(by_origin)),
            )
        ):
            order = by_origin[order_id]
            covers[order.id] += order._convert_cover(currency_id, float(amount))
        return covers

    def _convert_cover(self, currency_id, amount):
        """Convert as the order's own amount is, so that a payment in full covers it in
        full; another currency at today's rate."""
        self.ensure_one()
        root = self.company_id.root_id
        if currency_id == self.currency_id.id:
            return root.currency_id.round(amount / self._get_credit_rate())
        currency = self.env["res.currency"].browse(currency_id)
        return currency._convert(amount, root.currency_id, root, root._ar_today())

    def _flush_credit_cover(self):
        for name, field_names in {
            "account.move": ["amount_residual", "amount_total", "move_type", "state"],
            "account.move.line": ["price_total"],
            "account.payment": ["move_id"],
            "payment.transaction": [
                "amount",
                "operation",
                "payment_id",
                "source_transaction_id",
                "state",
            ],
            "sale.order": ["state"],
            "sale.order.line": ["invoice_lines", "is_downpayment", "order_id"],
        }.items():
            self.env[name].flush_model(field_names)

    def _get_covering_transactions_sql(self, order_ids) -> SQL:
        """Authorised or done payments without posted entry; less what was voided or
        paid back of them, or captured and booked by a transaction of its own."""
        return SQL(
            """SELECT rel.sale_order_id, tx.currency_id,
                      SUM(tx.amount - COALESCE(child.amount, 0))
                 FROM sale_order_transaction_rel rel
                 JOIN payment_transaction tx ON tx.id = rel.transaction_id
            LEFT JOIN LATERAL (
                   SELECT SUM(CASE
                              WHEN part.operation = 'refund' AND part.state = 'done'
                              THEN -part.amount
                              WHEN COALESCE(part.operation, '') != 'refund'
                                   AND (part.state = 'cancel' OR %(part_booked)s)
                              THEN part.amount END) AS amount
                     FROM payment_transaction part
                    WHERE part.source_transaction_id = tx.id) child ON TRUE
                WHERE rel.sale_order_id = ANY(%(orders)s)
                  AND tx.state IN ('authorized', 'done')
                  AND COALESCE(tx.operation, '') NOT IN ('validation', 'refund')
                  AND NOT %(booked)s
             GROUP BY rel.sale_order_id, tx.currency_id""",
            orders=order_ids,
            booked=self._get_booked_sql("tx"),
            part_booked=self._get_booked_sql("part"),
        )

    def _get_booked_sql(self, transaction) -> SQL:
        return SQL(
            """EXISTS (SELECT FROM account_payment payment
                         JOIN account_move entry ON entry.id = payment.move_id
                        WHERE payment.id = %s AND entry.state = 'posted')""",
            SQL.identifier(transaction, "payment_id"),
        )

    def _get_covering_down_payments_sql(self, order_ids) -> SQL:
        """The paid part of down payments on quotations; those of confirmed orders
        lessen what is ordered already."""
        return SQL(
            """SELECT line.order_id, move.currency_id, SUM(
                      CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                      * item.price_total * (1 - COALESCE(
                          move.amount_residual / NULLIF(move.amount_total, 0), 0)))
                 FROM sale_order_line line
                 JOIN sale_order quotation
                   ON quotation.id = line.order_id AND quotation.state != 'sale'
                 JOIN sale_order_line_invoice_rel rel ON rel.order_line_id = line.id
                 JOIN account_move_line item ON item.id = rel.invoice_line_id
                 JOIN account_move move
                   ON move.id = item.move_id AND move.state = 'posted'
                WHERE line.order_id = ANY(%s) AND line.is_downpayment
             GROUP BY line.order_id, move.currency_id""",
            order_ids,
        )
