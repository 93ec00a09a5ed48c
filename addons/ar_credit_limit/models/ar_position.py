from odoo import api, fields, models
from odoo.tools import SQL

from .ar_credit_limit import LIMIT_STATES


class ArPosition(models.Model):
    _inherit = "ar.position"
    _depends = {
        "ar.credit.limit": [
            "amount",
            "commercial_partner_id",
            "company_id",
            "date_from",
            "date_until",
            "limit_state",
        ],
        "sale.order": ["company_id", "currency_rate", "partner_invoice_id", "state"],
        "sale.order.line": [
            "price_total",
            "product_uom_qty",
            "qty_delivered",
            "qty_invoiced",
        ],
    }

    ordered = fields.Monetary(
        string="Ordered, Not Invoiced",
        readonly=True,
        help="Confirmed orders that are not invoiced yet, delivered or not, taxes "
        "included.",
    )
    exposure = fields.Monetary(
        readonly=True, help="What is open plus what is ordered and not invoiced."
    )
    limit_state = fields.Selection(
        LIMIT_STATES,
        string="Credit Limit Decision",
        readonly=True,
    )
    credit_limit = fields.Monetary(
        readonly=True, help="Zero where no credit is given; empty where not checked."
    )
    credit_available = fields.Monetary(
        string="Available Credit",
        readonly=True,
        help="Credit limit less exposure; below zero the customer is over the limit.",
    )
    utilization = fields.Float(
        readonly=True,
        aggregator=None,
        help="Exposure as a share of the credit limit.",
    )
    is_over_limit = fields.Boolean(string="Over Limit", readonly=True)

    @api.model
    def _get_customer_sources(self):
        return super()._get_customer_sources() + [
            SQL(
                "SELECT commercial_partner_id, company_id FROM (%s) ordered",
                self._get_ordered_sql(),
            ),
            SQL(
                "SELECT commercial_partner_id, company_id FROM (%s) granted",
                self.env["ar.credit.limit"]._get_limited_customers_sql(),
            ),
        ]

    @api.model
    def _get_columns(self):
        exposure = self._get_exposure_sql()
        limited = SQL("granted.limit_state IN ('amount', 'none')")
        return {
            **super()._get_columns(),
            "ordered": SQL("COALESCE(ordered.amount, 0)"),
            "exposure": exposure,
            "limit_state": SQL("COALESCE(granted.limit_state, 'unchecked')"),
            "credit_limit": SQL("CASE WHEN %s THEN granted.amount END", limited),
            "credit_available": SQL(
                "CASE WHEN %s THEN granted.amount - %s END", limited, exposure
            ),
            "utilization": SQL(
                "CASE WHEN granted.limit_state = 'amount'"
                " THEN GREATEST(%s, 0) / granted.amount END",
                exposure,
            ),
            "is_over_limit": SQL(
                "COALESCE(%s AND %s > granted.amount, FALSE)", limited, exposure
            ),
        }

    @api.model
    def _get_joins(self):
        return super()._get_joins() + [
            SQL(
                """LEFT JOIN (%s) ordered
                     ON ordered.commercial_partner_id = customer.commercial_partner_id
                    AND ordered.company_id = customer.company_id""",
                self._get_ordered_sql(),
            ),
            SQL(
                """LEFT JOIN (%s) granted
                     ON granted.commercial_partner_id = customer.commercial_partner_id
                    AND granted.company_id = customer.company_id""",
                self.env["ar.credit.limit"]._get_limits_sql(),
            ),
        ]

    @api.model
    def _get_exposure_sql(self) -> SQL:
        """Return the exposure of a row. Hook: floors above add their parts."""
        return SQL("(COALESCE(fact.total_due, 0) + COALESCE(ordered.amount, 0))")

    @api.model
    def _get_ordered_sql(self, where: SQL | None = None) -> SQL:
        """Return one row per (commercial_partner_id, root company): the amount ordered
        and not invoiced.

        :param where: condition on the aliases of ``ar.ordered.item._get_from``
        """
        return SQL(
            """SELECT item.commercial_partner_id, item.root_company_id AS company_id,
                      SUM(item.amount) AS amount
                 FROM (%s) item
             GROUP BY item.commercial_partner_id, item.root_company_id""",
            self.env["ar.ordered.item"]._facts_sql(where),
        )

    def action_ordered_items(self):
        """Drill down: the order lines behind the figure of this row."""
        self.ensure_one()
        return self.commercial_partner_id.with_company(
            self.company_id
        ).action_open_ar_ordered_items()
