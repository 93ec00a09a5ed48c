from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.ar_ledger.models.ar_position import ITEM_COLUMNS

from ..tools.exposure import BUCKET_KEYS, OPEN_ITEM_BUCKETS, ORDERED_BUCKETS
from .ar_credit_limit import LIMIT_STATES
from .ar_exposure_item import SOURCES


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
        **SOURCES,
        "res.partner": [*SOURCES["res.partner"], "ar_credit_head_id"],
    }

    exposure_not_due = fields.Monetary(
        string="Not Due", readonly=True, help="Open items that are not overdue."
    )
    exposure_overdue = fields.Monetary(
        string="Overdue After Margin",
        readonly=True,
        help="Open items past their due date and the company's margin days.",
    )
    exposure_returned = fields.Monetary(
        string="Returned Payments",
        readonly=True,
        help="Open items whose payment was rejected or came back.",
    )
    exposure_unapplied = fields.Monetary(
        string="Unapplied",
        readonly=True,
        help="Payments and credit notes that are not matched with invoices yet.",
    )
    exposure_draft = fields.Monetary(
        string="Draft Invoices",
        readonly=True,
        help="Draft invoices, less what they invoice of confirmed orders.",
    )
    exposure_undelivered = fields.Monetary(
        string="Not Delivered",
        readonly=True,
        help="Ordered and neither delivered nor invoiced, taxes included.",
    )
    exposure_delivered = fields.Monetary(
        string="Delivered, Not Invoiced",
        readonly=True,
        help="Delivered and not on a posted invoice, taxes included.",
    )
    exposure_uncleared = fields.Monetary(
        string="Not Cleared",
        readonly=True,
        help="Payments by cheque, draft and the like that the bank has not paid yet.",
    )
    exposure_quotations = fields.Monetary(
        string="Quotations",
        readonly=True,
        help="Sent quotations, with the percentage that the company chose.",
    )
    exposure_disputed = fields.Monetary(
        string="Disputed",
        readonly=True,
        help="The part of the open items that is in dispute.",
    )
    ordered = fields.Monetary(
        string="Ordered, Not Invoiced",
        readonly=True,
        help="Confirmed orders that are not invoiced yet, delivered or not, taxes "
        "included.",
    )
    exposure = fields.Monetary(
        readonly=True, help="All that weighs on the credit of this customer."
    )
    exposure_tested = fields.Monetary(
        readonly=True,
        help="What is compared with the limit: the exposure, less what is in dispute "
        "where the company leaves that out.",
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
    credit_head_id = fields.Many2one(
        "res.partner",
        string="Shares the Limit Of",
        readonly=True,
        help="The head of the corporate group, whose limit all its companies share.",
    )
    credit_exclusion = fields.Selection(
        [("own_group", "Own group")],
        string="Not Checked Because",
        readonly=True,
        help="Companies of the own group are never checked.",
    )

    @api.model
    def _get_customer_sources(self):
        return super()._get_customer_sources() + [
            SQL(
                "SELECT commercial_partner_id, company_id FROM (%s) granted",
                self.env["ar.credit.limit"]._get_limited_customers_sql(),
            ),
        ]

    @api.model
    def _get_rows_sql(self):
        """Read the books once for both the receivable and the exposure."""
        items = self.env["ar.exposure.item"]
        names = [*ITEM_COLUMNS, "bucket", "amount", "amount_disputed"]
        facts = items._facts_sql(names)
        setups = self.env["res.company"]._ar_exposure_setups().values()
        if any(setup.group_companies for setup in setups):
            facts = items._convert_sql(facts, names, own=ITEM_COLUMNS[2:])
        return self._sum_up(
            SQL(" UNION ALL ").join([facts, *self._get_empty_items(len(names))]),
            items._get_sums(),
        )

    @api.model
    def _get_columns(self):
        tested = self._get_tested_sql()
        excluded = self._get_excluded_sql()
        limited = SQL("granted.limit_state IN ('amount', 'none') AND NOT %s", excluded)
        return {
            **super()._get_columns(),
            **{
                f"exposure_{name}": self._add_up(name)
                for name in (*BUCKET_KEYS, "disputed")
            },
            "ordered": self._add_up(*ORDERED_BUCKETS),
            "exposure": self._get_exposure_sql(),
            "exposure_tested": tested,
            "limit_state": SQL("COALESCE(granted.limit_state, 'unchecked')"),
            "credit_limit": SQL(
                "CASE WHEN granted.limit_state IN ('amount', 'none')"
                " THEN granted.amount END"
            ),
            "credit_available": SQL(
                "CASE WHEN %s THEN granted.amount - %s END", limited, tested
            ),
            "utilization": SQL(
                "CASE WHEN granted.limit_state = 'amount' AND NOT %s"
                " THEN GREATEST(%s, 0) / NULLIF(granted.amount, 0) END",
                excluded,
                tested,
            ),
            "is_over_limit": SQL(
                "COALESCE(%s AND %s > granted.amount, FALSE)", limited, tested
            ),
            "credit_head_id": SQL("partner.ar_credit_head_id"),
            "credit_exclusion": SQL("CASE WHEN %s THEN 'own_group' END", excluded),
        }

    @api.model
    def _get_joins(self):
        return super()._get_joins() + [
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
        return self._add_up(*BUCKET_KEYS)

    @api.model
    def _get_tested_sql(self) -> SQL:
        """Return what is compared with the limit."""
        return SQL(
            "(%s - CASE WHEN company.ar_exposure_without_disputed THEN %s ELSE 0 END)",
            self._get_exposure_sql(),
            self._add_up("disputed"),
        )

    @api.model
    def _get_excluded_sql(self) -> SQL:
        return SQL(
            "(customer.commercial_partner_id = ANY(%s))",
            list(self.env["res.company"]._ar_group_partner_ids()),
        )

    @api.model
    def _add_up(self, *names) -> SQL:
        terms = (SQL("COALESCE(%s, 0)", SQL.identifier("customer", n)) for n in names)
        return SQL("(%s)", SQL(" + ").join(terms))

    def action_exposure_items(self):
        """Drill down: all document lines behind the figures of this row."""
        return self._open_exposure_items()

    def action_open_item_exposure(self):
        return self._open_exposure_items(OPEN_ITEM_BUCKETS)

    def action_ordered_items(self):
        """Drill down: the order lines behind the figure of this row."""
        return self._open_exposure_items(ORDERED_BUCKETS)

    def _open_exposure_items(self, buckets=()):
        self.ensure_one()
        customer = self.commercial_partner_id.with_company(self.company_id)
        return customer._get_exposure_action(buckets)
