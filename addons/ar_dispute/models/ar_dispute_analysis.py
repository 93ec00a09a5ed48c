from odoo import fields, models
from odoo.tools import SQL

AGES = [
    ("0_7", "Up to 7 days"),
    ("8_30", "8 to 30 days"),
    ("31_60", "31 to 60 days"),
    ("over_60", "More than 60 days"),
]


class ArDisputeAnalysis(models.Model):
    """Disputes as figures: by cause, reason, product and person; how long, how much,
    and how much of it was right.

    One row per dispute, in the company's currency. The age is that of undecided
    disputes, today; days to decide are those of decided ones.
    """

    _name = "ar.dispute.analysis"
    _description = "Dispute Analysis"
    _auto = False
    _order = "date_opened desc, id desc"
    _rec_name = "dispute_id"
    _depends = {
        "ar.dispute": [
            "amount_accepted",
            "amount_disputed",
            "cause_id",
            "commercial_partner_id",
            "company_id",
            "date_deadline",
            "date_opened",
            "is_raised_late",
            "outcome",
            "product_categ_id",
            "product_id",
            "reason_id",
            "resolve_days",
            "salesperson_id",
            "state",
            "user_id",
        ],
    }

    dispute_id = fields.Many2one("ar.dispute", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    reason_id = fields.Many2one("ar.dispute.reason", readonly=True)
    cause_id = fields.Many2one("ar.dispute.cause", string="Root Cause", readonly=True)
    product_id = fields.Many2one("product.product", readonly=True)
    product_categ_id = fields.Many2one(
        "product.category", string="Product Category", readonly=True
    )
    salesperson_id = fields.Many2one("res.users", readonly=True)
    user_id = fields.Many2one("res.users", string="Owner", readonly=True)
    date_opened = fields.Date(string="Opened On", readonly=True)
    state = fields.Selection(
        selection=lambda self: self.env["ar.dispute"]._fields["state"].selection,
        readonly=True,
    )
    outcome = fields.Selection(
        selection=lambda self: self.env["ar.dispute"]._fields["outcome"].selection,
        readonly=True,
    )
    is_raised_late = fields.Boolean(string="Raised Late", readonly=True)
    is_late = fields.Boolean(string="Answered Late", readonly=True)
    age = fields.Selection(AGES, readonly=True)
    age_days = fields.Integer(string="Days Open", readonly=True, aggregator="avg")
    resolve_days = fields.Integer(
        string="Days to Decide", readonly=True, aggregator="avg"
    )
    amount_disputed = fields.Monetary(
        string="Disputed", currency_field="company_currency_id", readonly=True
    )
    amount_accepted = fields.Monetary(
        string="Accepted", currency_field="company_currency_id", readonly=True
    )
    amount_undecided = fields.Monetary(
        string="Undecided", currency_field="company_currency_id", readonly=True
    )
    share_accepted = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Mean of the shares of the decided disputes that were accepted.",
    )

    @property
    def _table_query(self) -> SQL:
        return SQL(
            "SELECT %s FROM %s",
            SQL(", ").join(
                SQL("%s AS %s", expression, SQL.identifier(name))
                for name, expression in self._get_columns().items()
            ),
            self._get_tables(),
        )

    def _get_columns(self) -> dict[str, SQL]:
        """Return the SQL of each column. Hook: call super, add those of more joins."""
        same = {
            name: SQL.identifier("dispute", name)
            for name in self._depends["ar.dispute"]
            if name in self._fields
        }
        undecided = SQL("dispute.state IN ('new', 'investigating', 'waiting')")
        age = SQL("today.date - dispute.date_opened")
        decided = SQL("dispute.outcome IN ('accepted', 'partly', 'rejected')")
        return {
            **same,
            "id": SQL("dispute.id"),
            "dispute_id": SQL("dispute.id"),
            "company_currency_id": SQL("company.currency_id"),
            "is_late": SQL(
                "dispute.date_deadline < CASE WHEN %s THEN today.date"
                " ELSE dispute.date_opened + dispute.resolve_days END",
                undecided,
            ),
            "age": SQL(
                "CASE WHEN NOT %(undecided)s THEN NULL WHEN %(age)s <= 7 THEN '0_7'"
                " WHEN %(age)s <= 30 THEN '8_30' WHEN %(age)s <= 60 THEN '31_60'"
                " ELSE 'over_60' END",
                undecided=undecided,
                age=age,
            ),
            "age_days": SQL("CASE WHEN %s THEN %s END", undecided, age),
            "resolve_days": SQL("CASE WHEN %s THEN dispute.resolve_days END", decided),
            "amount_undecided": SQL(
                "CASE WHEN %s THEN dispute.amount_disputed ELSE 0 END", undecided
            ),
            "share_accepted": SQL(
                "CASE WHEN %s THEN COALESCE(dispute.amount_accepted, 0)"
                " / NULLIF(dispute.amount_disputed, 0) END",
                decided,
            ),
        }

    def _get_tables(self) -> SQL:
        """Return the tables that the columns are read from. Hook: call super, add
        joins."""
        return SQL(
            """ar_dispute dispute
            JOIN res_company company ON company.id = dispute.company_id
            JOIN %s AS today(company_id, date)
              ON today.company_id = dispute.company_id""",
            self.env["res.company"]._ar_todays_sql(),
        )

    def action_open_dispute(self):
        self.ensure_one()
        return self.dispute_id.get_formview_action()
