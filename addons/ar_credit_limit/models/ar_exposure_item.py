"""What weighs on a customer's credit, document line by document line."""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.exposure import BUCKET_KEYS, BUCKETS

#: Fields that the figures are read from. Whoever reads them in SQL depends on these.
SOURCES = {
    "account.account": ["account_type"],
    "account.move": [
        "invoice_user_id",
        "matched_payment_ids",
        "move_type",
        "name",
        "reversed_entry_id",
        "state",
    ],
    "account.move.line": [
        "account_id",
        "amount_currency",
        "amount_residual",
        "amount_residual_currency",
        "balance",
        "company_id",
        "currency_id",
        "date",
        "date_maturity",
        "display_type",
        "move_id",
        "parent_state",
        "partner_id",
        "price_total",
        "product_id",
        "product_uom_id",
        "quantity",
        "reconciled",
    ],
    "account.payment": [
        "date",
        "is_matched",
        "move_id",
        "partner_id",
        "payment_method_line_id",
        "payment_type",
        "state",
    ],
    "ar.suspension": [
        "amount",
        "coverage",
        "date_from",
        "date_until",
        "kind",
        "line_id",
    ],
    "res.partner": ["commercial_partner_id", "user_id"],
    "sale.order": [
        "amount_total",
        "amount_untaxed",
        "commitment_date",
        "company_id",
        "currency_id",
        "currency_rate",
        "date_order",
        "name",
        "partner_invoice_id",
        "payment_term_id",
        "state",
        "user_id",
        "validity_date",
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
}
#: Up to so many customers are looked up one by one in indexes; beyond, tables are read.
FEW = 200

#: Columns by name with their type in SQL.
COLUMNS = {
    "bucket": "varchar",
    "name": "varchar",
    "line_id": "int",
    "move_id": "int",
    "payment_id": "int",
    "order_id": "int",
    "order_line_id": "int",
    "product_id": "int",
    "partner_id": "int",
    "commercial_partner_id": "int",
    "company_id": "int",
    "root_company_id": "int",
    "user_id": "int",
    "date": "date",
    "date_due": "date",
    "currency_id": "int",
    "amount_currency": "numeric",
    "company_currency_id": "int",
    "amount": "numeric",
    "amount_suspended": "numeric",
    "amount_disputed": "numeric",
    "exclusion": "varchar",
}
#: What the position's own measures are made of; only open items have it.
MEASURES = {
    "amount_residual": "numeric",
    "days_overdue": "int",
    "date_maturity": "date",
}
#: What each amount comes to where the asking company counts it.
CONVERTED = {"amount_counted": "amount", "disputed_counted": "amount_disputed"}


class Source(NamedTuple):
    """Where rows come from. ``number`` makes their ids unique and never changes;
    ``setups`` are the companies in which the source counts; ``joins`` are pairs of
    a join and the columns that need it: it is left out where none of them is wanted."""

    number: int
    setups: list
    columns: dict
    tables: SQL
    where: SQL
    joins: tuple = ()


class Scope(NamedTuple):
    """Whose rows are wanted: of some customers or all, of some companies or all.
    ``by_bucket`` where each has to be in its own bucket; otherwise all open items are
    in the first one and all that is ordered is undelivered: a smaller query, since
    planning it takes longer than running it."""

    partner_ids: list | None = None
    setups: list | None = None
    by_bucket: bool = True

    @property
    def is_narrow(self):
        return self.partner_ids is not None and len(self.partner_ids) <= FEW


class ArExposureItem(models.Model):
    """One row per document line that weighs on a customer's credit.

    A view on the books, read by SQL at the moment of asking. Each row falls in one
    bucket, and a bucket that the company switched off has no rows. The rows of the
    first four buckets are the open items; they tie to the receivable accounts.
    """

    _name = "ar.exposure.item"
    _description = "Exposure Item"
    _auto = False
    _order = "date_due, id"
    _rec_name = "name"
    _depends = SOURCES

    bucket = fields.Selection(list(BUCKETS), readonly=True)
    name = fields.Char(string="Document", readonly=True)
    line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    payment_id = fields.Many2one("account.payment", readonly=True)
    order_id = fields.Many2one("sale.order", readonly=True)
    order_line_id = fields.Many2one("sale.order.line", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    root_company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    date = fields.Date(readonly=True)
    date_due = fields.Date(
        string="Due Date",
        readonly=True,
        help="Of an order: when it would be due if it were invoiced on its delivery "
        "date, or today.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_currency = fields.Monetary(
        string="In Currency",
        readonly=True,
        aggregator=None,
        help="In the currency of the document.",
    )
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        help="In the company's currency, taxes included. Orders are converted once, at "
        "the rate of the order.",
    )
    amount_suspended = fields.Monetary(
        string="Suspended",
        currency_field="company_currency_id",
        readonly=True,
        help="The disputed, promised or paused part. It still weighs.",
    )
    amount_disputed = fields.Monetary(
        string="Disputed",
        currency_field="company_currency_id",
        readonly=True,
        help="The part in dispute. It may be left out of the credit check.",
    )
    counting_currency_id = fields.Many2one(
        "res.currency", compute="_compute_counted", compute_sudo=True
    )
    amount_counted = fields.Monetary(
        string="Counted",
        currency_field="counting_currency_id",
        compute="_compute_counted",
        compute_sudo=True,
        aggregator="sum",
        help="What this adds to the figures of the current company, in its currency at "
        "today's rate; nothing where it does not count there.",
    )
    disputed_counted = fields.Monetary(
        string="Disputed, Counted",
        currency_field="counting_currency_id",
        compute="_compute_counted",
        compute_sudo=True,
        aggregator="sum",
        help="The disputed part of it.",
    )
    exclusion = fields.Selection(
        [("no_partner", "No customer"), ("own_group", "Own group")],
        string="Not Checked Because",
        readonly=True,
        help="These rows stand here so that the figures tie to the books; no credit "
        "check reads them.",
    )

    @property
    def _table_query(self) -> SQL:
        return self._facts_sql()

    @api.depends_context("company")
    @api.depends(*CONVERTED.values(), "root_company_id")
    def _compute_counted(self):
        currency = self.env.company.root_id.currency_id
        rates = self._get_counting_rates()
        for item in self:
            item.counting_currency_id = currency
            rate = rates.get(item.root_company_id.id, 0.0)
            for name, source in CONVERTED.items():
                item[name] = currency.round(item[source] * rate)

    @api.model
    def _get_counting_rates(self) -> dict[int, float]:
        """Return at which rates the current company counts those of the group, by
        root company id."""
        shares = self._get_shares(self.env.company)
        return {source_id: rate for _company, source_id, rate, _decimals in shares}

    def _field_to_sql(self, alias, field_expr, query=None) -> SQL:
        """Let lists and pivots add up what the current company counts."""
        if field_expr == "counting_currency_id":
            return SQL("%s::int", self.env.company.root_id.sudo().currency_id.id)
        if field_expr not in CONVERTED:
            return super()._field_to_sql(alias, field_expr, query)
        return SQL(
            "ROUND(%s * CASE %s %s ELSE 0 END, %s)",
            super()._field_to_sql(alias, CONVERTED[field_expr], query),
            super()._field_to_sql(alias, "root_company_id", query),
            SQL(" ").join(
                SQL("WHEN %s THEN %s::numeric", company_id, rate)
                for company_id, rate in self._get_counting_rates().items()
            ),
            self.env.company.root_id.sudo().currency_id.decimal_places,
        )

    def action_open_document(self):
        self.ensure_one()
        document = self.order_id or self.payment_id or self.move_id
        return document.get_formview_action()

    @api.model
    def _after_switch(self, companies):
        """Hook: what counts in these root companies has changed: what is held there is
        looked at again."""
        for root in companies:
            self.env["ar.recheck"]._add_held(root)

    @api.model
    def _facts_sql(
        self, names=None, partners=None, companies=None, by_bucket=True
    ) -> SQL:
        """Return the select of the rows, to be embedded as a sub-query.

        :param names: the columns wanted; all if not given. Tables that no wanted column
            needs are not read
        :param partners: commercial partners; all if not given
        :param companies: root companies; all if not given
        :param bool by_bucket: see :class:`Scope`
        """
        scope = self._get_scope(partners, companies)._replace(by_bucket=by_bucket)
        return SQL(" UNION ALL ").join(
            self._get_select(source, names or ["id", *COLUMNS], scope)
            for source in self._get_sources(scope)
            if source.setups
        )

    @api.model
    def _get_scope(self, partners, companies) -> Scope:
        setups = self.env["res.company"]._ar_exposure_setups().values()
        return Scope(
            partner_ids=None if partners is None else partners.ids,
            setups=[
                setup
                for setup in setups
                if companies is None or setup.root_id in companies.ids
            ],
        )

    @api.model
    def _get_select(self, source, names, scope) -> SQL:
        tables = [source.tables]
        for table, columns in source.joins:
            if not columns.isdisjoint(names):
                tables.append(table)
        where = [source.where]
        if scope.partner_ids is not None:
            where.append(
                SQL("partner.commercial_partner_id = ANY(%s)", scope.partner_ids)
            )
        return SQL(
            "SELECT %s FROM %s WHERE %s",
            SQL(", ").join(
                SQL("%s AS %s", self._get_column(source, name), SQL.identifier(name))
                for name in names
            ),
            SQL(" ").join(tables),
            SQL(" AND ").join(where),
        )

    @api.model
    def _get_column(self, source, name) -> SQL:
        if name == "id":
            base = SQL("%s::bigint * 1099511627776", source.number)
            return SQL("%s + %s", base, source.columns["id"])
        expression = source.columns.get(name) or self._get_common_columns().get(name)
        sql_type = {**COLUMNS, **MEASURES}[name]
        nothing = SQL("0") if sql_type == "numeric" else SQL("NULL")
        return expression or SQL("%s::%s", nothing, SQL(sql_type))

    @api.model
    def _get_common_columns(self) -> dict[str, SQL]:
        """Return what all sources read alike from ``setup`` and ``partner``."""
        return {
            "commercial_partner_id": SQL("partner.commercial_partner_id"),
            "company_id": SQL("setup.company_id"),
            "root_company_id": SQL("setup.root_id"),
            "company_currency_id": SQL("setup.currency_id"),
            "exclusion": SQL(
                """CASE
                    WHEN partner.commercial_partner_id IS NULL THEN 'no_partner'
                    WHEN partner.commercial_partner_id = ANY(%s) THEN 'own_group'
                END""",
                list(self.env["res.company"]._ar_group_partner_ids()),
            ),
        }

    @api.model
    def _get_sources(self, scope) -> list[Source]:
        """Return where exposure comes from. Hook: floors above append theirs.

        The tables of a source call the settings of the company ``setup`` (see
        :meth:`_get_setup_sql`) and the customer or a contact of it ``partner``.
        """
        return []

    @api.model
    def _get_setup_sql(self, setups) -> SQL:
        """Return ``setup``: rows of the companies in which a source counts."""
        todays = self.env["res.company"]._ar_todays()
        rows = [
            SQL(
                "(%s, %s, %s, %s, %s::date, %s, %s, %s, %s::int[], %s, %s)",
                setup.company_id,
                setup.root_id,
                setup.currency_id,
                setup.decimal_places,
                todays[setup.company_id],
                setup.margin_days,
                setup.undelivered,
                setup.delivered,
                list(setup.uncleared_method_ids),
                setup.uncleared_days or 100000,
                setup.quotation_weight,
            )
            for setup in setups
        ]
        return SQL(
            "(VALUES %s) AS setup(company_id, root_id, currency_id, decimal_places,"
            " today, margin_days, undelivered, delivered, uncleared_method_ids,"
            " uncleared_days, quotation_weight)",
            SQL(", ").join(rows),
        )

    @api.model
    def _get_sums(self) -> dict[str, SQL]:
        """Return aggregates over the rows as ``item``: one per bucket, and disputed."""
        return {
            **{
                bucket: SQL("SUM(item.amount) FILTER (WHERE item.bucket = %s)", bucket)
                for bucket in BUCKET_KEYS
            },
            "disputed": SQL("SUM(item.amount_disputed)"),
        }

    @api.model
    def _get_totals(self, partners, company, by_bucket=True) -> list[tuple]:
        """Return (commercial partner id, sum of each bucket, disputed) of customers.

        :param partners: res.partner, commercial partners
        :param company: res.company, a root: its tree counts, or the whole group where
            the company sums over it
        :param bool by_bucket: see :class:`Scope`; without it what is in dispute is
            told only where the company leaves that out
        """
        names = ["commercial_partner_id", "root_company_id", "bucket", "amount"]
        sums = self._get_sums()
        # Of the whole group each bucket is converted and rounded by itself.
        by_bucket = by_bucket or self._sums_over_group(company)
        if by_bucket or company.sudo().ar_exposure_without_disputed:
            names.append("amount_disputed")
        else:
            sums["disputed"] = SQL("0")
        items = self._facts_sql(
            names, partners, self._get_summed_companies(company), by_bucket
        )
        if self._sums_over_group(company):
            items = self._convert_sql(items, names, company)
        return self.env.execute_query(
            SQL(
                "SELECT item.commercial_partner_id, %s FROM (%s) item"
                " GROUP BY item.commercial_partner_id",
                SQL(", ").join(sums.values()),
                items,
            )
        )

    @api.model
    def _sums_over_group(self, company):
        setups = self.env["res.company"]._ar_exposure_setups()
        return setups[company.root_id.id].group_companies

    @api.model
    def _get_summed_companies(self, company):
        """Return the root companies whose documents count in this one."""
        if not self._sums_over_group(company):
            return company.root_id
        setups = self.env["res.company"]._ar_exposure_setups().values()
        return company.browse({setup.root_id for setup in setups})

    @api.model
    def _convert_sql(self, items, names, company=None, own=()) -> SQL:
        """Return rows as each company counts them: its own, or those of the whole
        group. Each is converted at the rate of today and rounded by itself, so that the
        lines that somebody sees add up to the figure.

        :param items: select of ``names``
        :param names: columns, ``root_company_id`` among them; it becomes the company
            that counts
        :param company: the company that counts; each for itself if not given
        :param own: columns that only the company itself counts
        """
        counted = SQL(", ").join(
            SQL("%s AS %s", self._get_converted_column(name, own), SQL.identifier(name))
            for name in names
        )
        return SQL(
            """SELECT %s
                 FROM (%s) item
                 JOIN (VALUES %s)
                   AS share(company_id, source_id, factor, decimal_places)
                   ON share.source_id = item.root_company_id""",
            counted,
            items,
            SQL(", ").join(
                SQL("(%s, %s, %s::numeric, %s)", *share)
                for share in self._get_shares(company)
            ),
        )

    @api.model
    def _get_converted_column(self, name, own) -> SQL:
        column = SQL.identifier("item", name)
        if name == "root_company_id":
            return SQL("share.company_id")
        if name in CONVERTED.values():
            return SQL("ROUND(%s * share.factor, share.decimal_places)", column)
        if name in own:
            return SQL(
                "CASE WHEN share.company_id = share.source_id THEN %s END", column
            )
        return column

    @api.model
    def _get_shares(self, company=None) -> list[tuple]:
        """Return (company id, id of a company that counts in it, rate, decimals)."""
        setups = self.env["res.company"]._ar_exposure_setups()
        roots = (
            self.env["res.company"]
            .sudo()
            .browse(sorted({setup.root_id for setup in setups.values()}))
        )
        shares = []
        for target in company.root_id.sudo() if company else roots:
            decimals = target.currency_id.decimal_places
            if setups[target.id].group_companies:
                sources = [(s.id, self._get_rate_today(s, target)) for s in roots]
            else:
                sources = [(target.id, 1.0)]
            shares += [(target.id, *source, decimals) for source in sources]
        return shares

    @api.model
    def _get_rate_today(self, source, target):
        currency = source.currency_id
        return self.env["res.currency"]._get_conversion_rate(
            currency, target.currency_id, target, target._ar_today()
        )

    @api.model
    def _flush_sources(self):
        """Flush what the rows are read from; nothing is sent when nothing waits."""
        for model, names in self._depends.items():
            self.env[model].flush_model(names)
