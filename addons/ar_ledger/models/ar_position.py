from collections import namedtuple

from odoo import api, fields, models
from odoo.tools import SQL

#: Figures of one customer in one root company, amounts in that company's currency.
Position = namedtuple(
    "Position",
    "total_due total_overdue total_credit total_suspended oldest_due_date days_overdue",
)
NO_POSITION = Position(0.0, 0.0, 0.0, 0.0, None, 0)
#: What the measures are made of, customer and root company first.
ITEM_COLUMNS = (
    "commercial_partner_id",
    "root_company_id",
    "amount_residual",
    "days_overdue",
    "date_maturity",
    "amount_suspended",
)


class ArPosition(models.Model):
    """One live row per customer and root company; amounts in the company's currency.

    Floors above add columns by :meth:`_get_columns` and :meth:`_get_joins`, and
    customers of theirs by :meth:`_get_customer_sources`.
    """

    _name = "ar.position"
    _description = "Customer Position"
    _auto = False
    _order = "total_overdue desc, id"
    _rec_name = "commercial_partner_id"
    _depends = {
        "account.account": ["account_type"],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "amount_residual_currency",
            "company_id",
            "date",
            "date_maturity",
            "parent_state",
            "partner_id",
            "reconciled",
        ],
        "ar.suspension": ["amount", "coverage", "date_from", "date_until", "line_id"],
        "res.partner": [
            "ar_root_collector_id",
            "ar_root_risk_class_id",
            "commercial_partner_id",
            "user_id",
        ],
    }

    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    collector_id = fields.Many2one("res.users", readonly=True)
    risk_class_id = fields.Many2one("ar.risk.class", readonly=True)
    total_due = fields.Monetary(
        readonly=True, help="All that is open, less unapplied payments and credits."
    )
    total_overdue = fields.Monetary(
        string="Overdue",
        readonly=True,
        help="Open debit items past their due date, before unapplied credits.",
    )
    total_credit = fields.Monetary(
        string="Unapplied Credits",
        readonly=True,
        help="Payments and credit notes that are not matched with invoices yet.",
    )
    total_suspended = fields.Monetary(
        string="Suspended",
        readonly=True,
        help="The disputed, promised or paused part of what is due.",
    )
    oldest_due_date = fields.Date(readonly=True, help="Of the overdue items.")
    days_overdue = fields.Integer(
        readonly=True, aggregator="max", help="Of the oldest overdue item."
    )

    @property
    def _table_query(self) -> SQL:
        columns = SQL(", ").join(
            SQL("%s AS %s", expression, SQL.identifier(name))
            for name, expression in self._get_columns().items()
        )
        return SQL(
            "SELECT %s FROM (%s) AS customer %s",
            columns,
            self._get_rows_sql(),
            SQL(" ").join(self._get_joins()),
        )

    @api.model
    def _get_rows_sql(self) -> SQL:
        """Return the measures, one row per customer and root company; the columns and
        joins know it as ``customer``. The books are read once: whoever has a position
        without any item comes as an item of nothing."""
        return self._sum_up(
            SQL(" UNION ALL ").join(
                [
                    SQL(
                        "SELECT %s FROM (%s) item",
                        SQL(", ").join(
                            SQL.identifier("item", name) for name in ITEM_COLUMNS
                        ),
                        self.env["ar.open.item"]._facts_sql(),
                    ),
                    *self._get_empty_items(len(ITEM_COLUMNS)),
                ]
            )
        )

    @api.model
    def _get_empty_items(self, width) -> list[SQL]:
        """Return selects of items without figures for :meth:`_get_customer_sources`.

        :param int width: number of columns; the first two are customer and root company
        """
        nothing = SQL(", ").join(SQL("NULL") for _column in range(width - 2))
        return [
            SQL(
                "SELECT source.commercial_partner_id, source.company_id, %s"
                " FROM (%s) AS source(commercial_partner_id, company_id)",
                nothing,
                source,
            )
            for source in self._get_customer_sources()
        ]

    @api.model
    def _get_customer_sources(self) -> list[SQL]:
        """Return selects of (commercial_partner_id, company_id): who else has a
        position than customers with open items.

        Hook: a floor whose figures exist without open items appends its own.
        """
        return []

    @api.model
    def _get_columns(self) -> dict[str, SQL]:
        """Return the columns by name. Hook: floors above call super and add theirs."""
        return {
            # Unique and stable: no installation has 65,536 companies.
            "id": SQL(
                "customer.commercial_partner_id::bigint * 65536 + customer.company_id"
            ),
            "commercial_partner_id": SQL("customer.commercial_partner_id"),
            "company_id": SQL("customer.company_id"),
            "currency_id": SQL("company.currency_id"),
            "user_id": SQL("partner.user_id"),
            "collector_id": self._get_company_dependent_sql("ar_root_collector_id"),
            "risk_class_id": self._get_company_dependent_sql("ar_root_risk_class_id"),
            **{
                name: SQL("COALESCE(%s, 0)", SQL.identifier("customer", name))
                for name in (
                    "total_due",
                    "total_overdue",
                    "total_credit",
                    "total_suspended",
                    "days_overdue",
                )
            },
            "oldest_due_date": SQL("customer.oldest_due_date"),
        }

    @api.model
    def _get_company_dependent_sql(self, name) -> SQL:
        return SQL(
            "(%s ->> customer.company_id::text)::int", SQL.identifier("partner", name)
        )

    @api.model
    def _get_joins(self) -> list[SQL]:
        """Return joins on ``customer(commercial_partner_id, company_id)``.

        Hook: floors above append a join per table that their columns need.
        """
        return [
            SQL(
                "JOIN res_partner partner"
                " ON partner.id = customer.commercial_partner_id"
            ),
            SQL("JOIN res_company company ON company.id = customer.company_id"),
        ]

    @api.model
    def _get_facts_sql(self, where: SQL | None = None) -> SQL:
        """Return one row per (commercial_partner_id, root company) with open items.

        :param where: condition on the aliases of ``ar.open.item._get_from``
        """
        return self._sum_up(self.env["ar.open.item"]._facts_sql(where))

    @api.model
    def _sum_up(self, items: SQL, more: dict[str, SQL] | None = None) -> SQL:
        """Return the measures of items, one row per customer and root company.

        :param items: select with at least :data:`ITEM_COLUMNS`
        :param more: further aggregates over the columns of ``item``, by name
        """
        measures = {**self._get_measures(), **(more or {})}
        return SQL(
            """SELECT item.commercial_partner_id, item.root_company_id AS company_id, %s
                 FROM (%s) item
                WHERE item.commercial_partner_id IS NOT NULL
             GROUP BY item.commercial_partner_id, item.root_company_id""",
            SQL(", ").join(
                SQL("%s AS %s", expression, SQL.identifier(name))
                for name, expression in measures.items()
            ),
            items,
        )

    @api.model
    def _get_measures(self) -> dict[str, SQL]:
        """Return aggregates over the columns of ``item`` by name."""
        overdue = SQL("item.amount_residual > 0 AND item.days_overdue > 0")
        return {
            "total_due": SQL("SUM(item.amount_residual)"),
            "total_overdue": SQL(
                "SUM(item.amount_residual) FILTER (WHERE %s)", overdue
            ),
            "total_credit": SQL(
                "SUM(item.amount_residual) FILTER (WHERE item.amount_residual < 0)"
            ),
            "total_suspended": SQL("SUM(item.amount_suspended)"),
            "oldest_due_date": SQL(
                "MIN(item.date_maturity) FILTER (WHERE %s)", overdue
            ),
            "days_overdue": SQL(
                "MAX(item.days_overdue) FILTER (WHERE item.amount_residual > 0)"
            ),
        }

    @api.model
    def _get_positions(self, partners, company) -> dict[int, Position]:
        """Return the positions of some customers by commercial partner id.

        One query, whatever the number of customers. No access check: callers decide
        whose figures the user may see.

        :param partners: res.partner, commercial partners
        :param company: res.company; its whole root tree counts
        :return: only customers that have open items; amounts in the root's currency
        """
        if not partners.ids:
            return {}
        self.flush_model(list(Position._fields))
        rows = self.env.execute_query(
            SQL(
                """SELECT commercial_partner_id, COALESCE(total_due, 0),
                          COALESCE(total_overdue, 0), COALESCE(total_credit, 0),
                          COALESCE(total_suspended, 0), oldest_due_date,
                          COALESCE(days_overdue, 0)
                     FROM (%s) fact""",
                self._get_facts_sql(
                    SQL(
                        "customer.id IN %s AND %s = %s",
                        tuple(partners.ids),
                        self.env["ar.open.item"]._get_root_company_sql(),
                        company.root_id.id,
                    )
                ),
            )
        )
        return {partner_id: Position(*figures) for partner_id, *figures in rows}

    def action_open_items(self):
        """Drill down: the open items behind the figures of this row."""
        self.ensure_one()
        return self.commercial_partner_id.with_company(
            self.company_id
        ).action_open_ar_items()

    def action_open_customer(self):
        self.ensure_one()
        return self.commercial_partner_id.get_formview_action()
