"""Exposure that stands in sales orders: ordered, paid in advance, quoted."""

from odoo import api, models
from odoo.tools import SQL

from .ar_exposure_item import Source


class ArExposureItem(models.Model):
    _inherit = "ar.exposure.item"

    @api.model
    def _get_sources(self, scope):
        return super()._get_sources(scope) + [
            self._get_order_source(scope),
            self._get_quotation_source(scope),
        ]

    @api.model
    def _get_order_source(self, scope) -> Source:
        """What is ordered and not invoiced: a row for what is delivered of an order
        line, another for what is not. A draft invoice does not lessen them, since it is
        no open item yet."""
        setups = [s for s in scope.setups if s.undelivered or s.delivered]
        return Source(
            number=3,
            setups=setups,
            columns={
                **self._get_order_columns(),
                "id": SQL(
                    "line.id + CASE part.bucket WHEN 'delivered' THEN %s ELSE 0 END",
                    # as if of source number 4
                    1 << 40,
                ),
                "bucket": SQL("part.bucket"),
                "date_due": self._get_expected_due_sql(),
                "amount": SQL("part.amount"),
                "amount_currency": SQL(
                    "ROUND(part.amount_currency, currency.decimal_places)"
                ),
            },
            tables=SQL(
                """%(order_lines)s
                %(booked)s
                CROSS JOIN LATERAL (%(quantities)s) quantity
                CROSS JOIN LATERAL (%(amounts)s) rest
                CROSS JOIN LATERAL (VALUES %(parts)s)
                  part(bucket, amount, amount_currency)""",
                parts=self._get_rest_parts(scope, setups),
                order_lines=self._get_order_tables(setups),
                booked=self._get_booked_join(scope),
                quantities=self._get_rest_quantities_sql(),
                amounts=self._get_rest_amounts_sql(),
            ),
            joins=self._get_order_joins(),
            where=SQL(
                """"order".state = 'sale' AND line.display_type IS NULL
                AND part.amount != 0
                AND CASE part.bucket WHEN 'delivered' THEN setup.delivered
                    ELSE setup.undelivered END
                AND %s""",
                self._get_pending_where(),
            ),
        )

    @api.model
    def _get_rest_parts(self, scope, setups) -> SQL:
        if not scope.by_bucket and all(s.undelivered and s.delivered for s in setups):
            return SQL("('undelivered', rest.total, rest.total_currency)")
        return SQL(
            """('undelivered', rest.total - rest.delivered,
                rest.total_currency - rest.delivered_currency),
               ('delivered', rest.delivered, rest.delivered_currency)"""
        )

    @api.model
    def _get_pending_where(self) -> SQL:
        """Leave what is invoiced in full out at once: it is most of what was ever
        ordered. Core counts a draft as invoiced, so what is on one stays in."""
        return SQL(
            """(COALESCE(line.qty_invoiced, 0)
                  < GREATEST(line.product_uom_qty, line.qty_delivered)
                OR line.product_uom_qty <= 0
                OR booked.quantity IS NOT NULL)"""
        )

    @api.model
    def _get_order_columns(self) -> dict[str, SQL]:
        return {
            "name": SQL('"order".name'),
            "order_id": SQL("line.order_id"),
            "order_line_id": SQL("line.id"),
            "product_id": SQL("line.product_id"),
            "partner_id": SQL('"order".partner_invoice_id'),
            "user_id": SQL('"order".user_id'),
            "date": SQL('"order".date_order::date'),
            "currency_id": SQL('"order".currency_id'),
        }

    @api.model
    def _get_order_tables(self, setups) -> SQL:
        return SQL(
            """sale_order_line line
            JOIN sale_order "order" ON "order".id = line.order_id
            JOIN %s ON setup.company_id = "order".company_id
            JOIN res_partner partner ON partner.id = "order".partner_invoice_id""",
            self._get_setup_sql(setups),
        )

    @api.model
    def _get_order_joins(self) -> tuple:
        currency = SQL(
            'LEFT JOIN res_currency currency ON currency.id = "order".currency_id'
        )
        terms = SQL(
            """LEFT JOIN (
                    SELECT term.payment_id, MAX(term.nb_days) AS days
                      FROM account_payment_term_line term
                  GROUP BY term.payment_id
                ) terms ON terms.payment_id = "order".payment_term_id"""
        )
        return ((currency, {"amount_currency"}), (terms, {"date_due"}))

    @api.model
    def _get_expected_due_sql(self) -> SQL:
        """As if the order were invoiced on its delivery date, or today."""
        return SQL(
            'GREATEST("order".commitment_date::date, setup.today)'
            " + COALESCE(terms.days, 0)"
        )

    @api.model
    def _get_rest_quantities_sql(self) -> SQL:
        """What is not on a posted invoice, and the delivered part of it. What is
        delivered beyond the order is owed too."""
        return SQL(
            """SELECT
                CASE WHEN line.product_uom_qty > 0 THEN
                    GREATEST(GREATEST(line.product_uom_qty, line.qty_delivered)
                             - posted.quantity, 0)
                ELSE LEAST(line.product_uom_qty - posted.quantity, 0) END AS total,
                CASE WHEN line.product_uom_qty > 0 THEN
                    GREATEST(line.qty_delivered - posted.quantity, 0)
                ELSE GREATEST(
                    LEAST(line.qty_delivered - posted.quantity, 0),
                    LEAST(line.product_uom_qty - posted.quantity, 0)) END AS delivered
               FROM (VALUES (
                    COALESCE(line.qty_invoiced, 0) - COALESCE(booked.quantity, 0)
               )) posted(quantity)"""
        )

    @api.model
    def _get_rest_amounts_sql(self) -> SQL:
        """The rest of a line, taxes included, in the currency of the order and, rounded
        once, in the company's.

        A line without ordered quantity (added by a delivery) has no total of its own;
        core's untaxed rest is grossed up as the whole order is. What is invoiced in
        advance is an open item (or paid) already: it lessens what is still to be
        delivered, and what is delivered once nothing else is to come.
        """
        return SQL(
            """SELECT part.total / whole.quantity AS total_currency,
                      part.delivered / whole.quantity AS delivered_currency,
                      ROUND((part.total / (whole.quantity * whole.rate))::numeric,
                            setup.decimal_places) AS total,
                      ROUND((part.delivered / (whole.quantity * whole.rate))::numeric,
                            setup.decimal_places) AS delivered
                 FROM (VALUES (
                          CASE WHEN %(is_advance)s THEN 1
                               WHEN line.product_uom_qty != 0
                               THEN line.product_uom_qty
                               ELSE COALESCE(NULLIF("order".amount_untaxed, 0), 1) END,
                          COALESCE(NULLIF("order".currency_rate, 0), 1)
                      )) whole(quantity, rate),
                      (VALUES (
                          CASE WHEN %(is_advance)s
                               THEN -COALESCE(booked.amount, 0)
                               WHEN line.product_uom_qty != 0
                               THEN line.price_total * quantity.total
                               ELSE %(extra)s END,
                          CASE WHEN %(is_advance)s
                               THEN CASE WHEN %(is_coming)s THEN 0
                                    ELSE -COALESCE(booked.amount, 0) END
                               WHEN line.product_uom_qty != 0
                               THEN line.price_total * quantity.delivered
                               ELSE %(extra)s END
                      )) part(total, delivered)""",
            # A client may call any line a down payment; Odoo's own order nothing.
            is_advance=SQL("line.is_downpayment AND line.product_uom_qty = 0"),
            is_coming=SQL(
                """EXISTS (
                    SELECT FROM sale_order_line coming
                     WHERE coming.order_id = line.order_id
                       AND coming.display_type IS NULL
                       AND coming.product_uom_qty > coming.qty_delivered)"""
            ),
            extra=SQL(
                """COALESCE(line.untaxed_amount_to_invoice, 0)
                   * CASE WHEN "order".amount_untaxed != 0
                          THEN "order".amount_total ELSE 1 END"""
            ),
        )

    @api.model
    def _get_booked_join(self, scope) -> SQL:
        """Join ``booked``: of an order line, the quantity on draft invoices, and for a
        down payment what is on posted ones.

        Core counts a draft as invoiced, though nobody owes it yet. Invoices in another
        unit count in the unit of the order line.
        """
        sign = SQL("CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END")
        quantity = SQL(
            """%s * item.quantity
               * CASE WHEN item.product_uom_id != invoiced.product_uom_id THEN (
                   SELECT item_uom.factor / NULLIF(line_uom.factor, 0)
                     FROM uom_uom item_uom, uom_uom line_uom
                    WHERE item_uom.id = item.product_uom_id
                      AND line_uom.id = invoiced.product_uom_id)
                 ELSE 1 END""",
            sign,
        )
        amount = SQL("%s * item.price_total", sign)
        if scope.is_narrow:
            return self._get_booked_of_line(quantity, amount)
        tables = SQL(
            """account_move move
            JOIN account_move_line item ON item.move_id = move.id
            JOIN sale_order_line_invoice_rel rel ON rel.invoice_line_id = item.id
            JOIN sale_order_line invoiced ON invoiced.id = rel.order_line_id"""
        )
        return SQL(
            """LEFT JOIN (
                SELECT order_line_id, SUM(quantity) AS quantity, SUM(amount) AS amount
                  FROM (
                    SELECT rel.order_line_id, %(quantity)s AS quantity, NULL AS amount
                      FROM %(tables)s
                     WHERE %(is_draft)s
                    UNION ALL
                    SELECT rel.order_line_id, NULL, %(amount)s
                      FROM %(tables)s
                     WHERE move.state = 'posted' AND invoiced.is_downpayment
                  ) each_booked
              GROUP BY order_line_id
            ) booked ON booked.order_line_id = line.id""",
            quantity=quantity,
            amount=amount,
            tables=tables,
            is_draft=self._get_draft_where("move"),
        )

    @api.model
    def _get_booked_of_line(self, quantity, amount) -> SQL:
        return SQL(
            """LEFT JOIN LATERAL (
                SELECT SUM(%(quantity)s) FILTER (WHERE %(is_draft)s) AS quantity,
                       SUM(%(amount)s) FILTER (WHERE move.state = 'posted') AS amount
                  FROM sale_order_line_invoice_rel rel
                  JOIN account_move_line item ON item.id = rel.invoice_line_id
                  JOIN account_move move ON move.id = item.move_id
            CROSS JOIN (VALUES (line.product_uom_id)) invoiced(product_uom_id)
                 WHERE rel.order_line_id = line.id
            ) booked ON TRUE""",
            quantity=quantity,
            amount=amount,
            is_draft=self._get_draft_where("move"),
        )

    @api.model
    def _get_quotation_source(self, scope) -> Source:
        """Sent quotations that may still be accepted, weighted."""
        setups = [setup for setup in scope.setups if setup.quotation_weight]
        amount = SQL(
            """ROUND((line.price_total * setup.quotation_weight / 100
                      / COALESCE(NULLIF("order".currency_rate, 0), 1))::numeric,
                     setup.decimal_places)"""
        )
        return Source(
            number=7,
            setups=setups,
            columns={
                **self._get_order_columns(),
                "id": SQL("line.id"),
                "bucket": SQL("'quotations'"),
                "date_due": self._get_expected_due_sql(),
                "amount": amount,
                "amount_currency": SQL(
                    "ROUND((line.price_total * setup.quotation_weight / 100)::numeric,"
                    " currency.decimal_places)"
                ),
            },
            tables=self._get_order_tables(setups),
            joins=self._get_order_joins(),
            where=SQL(
                """"order".state = 'sent' AND line.display_type IS NULL
                AND COALESCE("order".validity_date, 'infinity') >= setup.today
                AND %s != 0""",
                amount,
            ),
        )
