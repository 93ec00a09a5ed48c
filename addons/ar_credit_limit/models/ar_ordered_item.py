from odoo import api, fields, models
from odoo.tools import SQL


class ArOrderedItem(models.Model):
    """What is ordered and not invoiced: one row per line of a confirmed order, its id
    is the line's.

    Undelivered and delivered quantities count alike: both are promised. A draft invoice
    does not lessen the row, since it is no open item yet. Taxes are included; the
    amount is converted once, at the rate of the order.
    """

    _name = "ar.ordered.item"
    _description = "Ordered, Not Invoiced"
    _auto = False
    _order = "date_order desc, id"
    _rec_name = "order_id"
    _depends = {
        "sale.order": [
            "amount_total",
            "amount_untaxed",
            "company_id",
            "currency_rate",
            "date_order",
            "name",
            "partner_invoice_id",
            "state",
            "user_id",
        ],
        "sale.order.line": [
            "display_type",
            "invoice_lines",
            "is_downpayment",
            "order_id",
            "price_total",
            "product_id",
            "product_uom_id",
            "product_uom_qty",
            "qty_delivered",
            "qty_invoiced",
            "untaxed_amount_to_invoice",
        ],
        "account.move": ["move_type", "state"],
        "account.move.line": ["move_id", "price_total", "product_uom_id", "quantity"],
        "res.partner": ["commercial_partner_id"],
    }

    line_id = fields.Many2one("sale.order.line", string="Order Line", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    date_order = fields.Datetime(string="Order Date", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    root_company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        string="Not Invoiced",
        currency_field="company_currency_id",
        readonly=True,
        help="Taxes included, in the company's currency.",
    )

    @property
    def _table_query(self) -> SQL:
        return self._facts_sql()

    @api.model
    def _facts_sql(self, where: SQL | None = None) -> SQL:
        """Return the select of the rows, to be embedded as a sub-query.

        :param where: a further condition on the aliases of :meth:`_get_from`
        """
        columns = SQL(", ").join(
            SQL("%s AS %s", expression, SQL.identifier(name))
            for name, expression in self._get_columns().items()
        )
        return SQL(
            "SELECT * FROM (SELECT %s FROM %s WHERE %s) ordered WHERE amount != 0",
            columns,
            self._get_from(),
            SQL("%s AND (%s)", self._get_where(), where)
            if where
            else self._get_where(),
        )

    @api.model
    def _get_columns(self) -> dict[str, SQL]:
        """Return the columns by name. Hook: floors above call super and add theirs."""
        return {
            "id": SQL("line.id"),
            "line_id": SQL("line.id"),
            "order_id": SQL("line.order_id"),
            "product_id": SQL("line.product_id"),
            "date_order": SQL('"order".date_order'),
            "partner_id": SQL('"order".partner_invoice_id'),
            "commercial_partner_id": SQL("partner.commercial_partner_id"),
            "company_id": SQL('"order".company_id'),
            "root_company_id": SQL("split_part(company.parent_path, '/', 1)::int"),
            "user_id": SQL('"order".user_id'),
            "company_currency_id": SQL("company.currency_id"),
            "amount": SQL(
                'ROUND((%s / COALESCE(NULLIF("order".currency_rate, 0), 1))::numeric,'
                " currency.decimal_places)",
                self._get_amount_sql(),
            ),
        }

    @api.model
    def _get_from(self) -> SQL:
        """Return the joined tables. Hook: floors above append joins of their own."""
        return SQL(
            """sale_order_line line
            JOIN sale_order "order" ON "order".id = line.order_id
            JOIN res_partner partner ON partner.id = "order".partner_invoice_id
            JOIN res_company company ON company.id = "order".company_id
            JOIN res_currency currency ON currency.id = company.currency_id
            LEFT JOIN LATERAL (%s) draft ON TRUE
            LEFT JOIN LATERAL (%s) down_payment ON line.is_downpayment""",
            self._get_draft_sql(),
            self._get_down_payment_sql(),
        )

    @api.model
    def _get_where(self) -> SQL:
        return SQL("\"order\".state = 'sale' AND line.display_type IS NULL")

    @api.model
    def _get_draft_sql(self) -> SQL:
        """Quantity on draft invoices: core counts it as invoiced, though nobody owes it
        yet. Invoices in another unit count in the unit of the order line."""
        return SQL(
            """SELECT SUM(
                   CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                   * item.quantity * COALESCE(item_uom.factor, 1)
                   / COALESCE(NULLIF(line_uom.factor, 0), 1)) AS quantity
                 FROM sale_order_line_invoice_rel rel
                 JOIN account_move_line item ON item.id = rel.invoice_line_id
                 JOIN account_move move
                   ON move.id = item.move_id AND move.state = 'draft'
            LEFT JOIN uom_uom item_uom ON item_uom.id = item.product_uom_id
            LEFT JOIN uom_uom line_uom ON line_uom.id = line.product_uom_id
                WHERE rel.order_line_id = line.id"""
        )

    @api.model
    def _get_down_payment_sql(self) -> SQL:
        """What is invoiced in advance and not yet settled by the final invoice."""
        return SQL(
            """SELECT SUM(
                   CASE move.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                   * item.price_total) AS amount
                 FROM sale_order_line_invoice_rel rel
                 JOIN account_move_line item ON item.id = rel.invoice_line_id
                 JOIN account_move move
                   ON move.id = item.move_id AND move.state = 'posted'
                WHERE rel.order_line_id = line.id"""
        )

    @api.model
    def _get_amount_sql(self) -> SQL:
        """The rest of a line in the order's currency, taxes included.

        A down payment is an open item (or paid) already: it lessens the rest. A line
        without ordered quantity (added by a delivery) has no total of its own; core's
        untaxed rest is grossed up as the whole order is.
        """
        return SQL(
            """CASE
                WHEN line.is_downpayment THEN -COALESCE(down_payment.amount, 0)
                WHEN line.product_uom_qty > 0 THEN
                    line.price_total / line.product_uom_qty * GREATEST(
                        GREATEST(line.product_uom_qty, line.qty_delivered)
                        - line.qty_invoiced + COALESCE(draft.quantity, 0), 0)
                WHEN line.product_uom_qty < 0 THEN
                    line.price_total / line.product_uom_qty * LEAST(
                        line.product_uom_qty - line.qty_invoiced
                        + COALESCE(draft.quantity, 0), 0)
                ELSE COALESCE(line.untaxed_amount_to_invoice, 0) * COALESCE(
                    "order".amount_total / NULLIF("order".amount_untaxed, 0), 1)
            END"""
        )

    def action_open_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()
