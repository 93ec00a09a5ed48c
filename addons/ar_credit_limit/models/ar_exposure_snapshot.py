from odoo import api, fields, models
from odoo.tools import SQL

from odoo.addons.ar_ledger.models.ar_run import Stage

#: So many days are kept day by day; of what is older, the last of each month.
DAYS_KEPT = 100


class ArExposureSnapshot(models.Model):
    """What a customer's exposure and limit were on a day. History only: nothing is ever
    decided on a snapshot. There is a row for each day on which a figure changed."""

    _name = "ar.exposure.snapshot"
    _description = "Exposure Snapshot"
    _order = "date desc, id desc"
    _rec_name = "commercial_partner_id"
    _log_access = False

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    total_due = fields.Monetary(readonly=True, aggregator="sum")
    ordered = fields.Monetary(string="Ordered, Not Invoiced", readonly=True)
    exposure = fields.Monetary(readonly=True)
    exposure_tested = fields.Monetary(readonly=True)
    limit_state = fields.Selection(
        selection=lambda self: (
            self.env["ar.credit.limit"]._fields["limit_state"].selection
        ),
        string="Credit Limit Decision",
        readonly=True,
    )
    credit_limit = fields.Monetary(readonly=True)
    utilization = fields.Float(
        readonly=True,
        aggregator="avg",
        help="Exposure as a share of the credit limit.",
    )

    _last_idx = models.Index("(company_id, commercial_partner_id, date DESC)")

    @api.model
    def _run_nightly(self, run):
        """Note the figures that are not those of the last snapshot. The day's own rows
        are made anew, so that a second run leaves the same as one."""
        company, today = run.company_id.root_id, run.date
        self._forget(SQL("company_id = %s AND date = %s", company.id, today))
        run._count(snapshots=self._take(company, today))
        self._thin_out(company, today)
        return 0

    @api.model
    def _take(self, company, today):
        """Add rows for the customers whose figures changed; return how many."""
        names = [
            "total_due",
            "ordered",
            "exposure",
            "exposure_tested",
            "limit_state",
            "credit_limit",
            "utilization",
        ]
        positions = self.env["ar.position"].sudo()
        self.env["ar.exposure.item"]._flush_sources()
        self.env["ar.credit.limit"].flush_model()
        changed = SQL(", ").join(
            SQL("now.%s", SQL.identifier(name)) for name in names[:-1]
        )
        before = SQL(", ").join(
            SQL("last.%s", SQL.identifier(name)) for name in names[:-1]
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO ar_exposure_snapshot
                       (commercial_partner_id, company_id, date, %(names)s)
                SELECT COALESCE(now.commercial_partner_id, last.commercial_partner_id),
                       %(company)s, %(today)s, %(figures)s
                  FROM (SELECT * FROM (%(positions)s) position
                         WHERE position.company_id = %(company)s) now
             FULL JOIN (%(latest)s) last
                    ON last.commercial_partner_id = now.commercial_partner_id
                 WHERE (%(changed)s) IS DISTINCT FROM (%(before)s)
                   AND NOT (now.commercial_partner_id IS NULL AND last.exposure = 0
                            AND last.credit_limit IS NULL)""",
                names=SQL(", ").join(SQL.identifier(name) for name in names),
                company=company.id,
                today=today,
                figures=SQL(", ").join(self._get_figure_sql(name) for name in names),
                positions=positions._table_query,
                latest=self._get_latest_sql(company),
                changed=changed,
                before=before,
            )
        )
        self.invalidate_model(flush=False)
        return self.env.cr.rowcount

    @api.model
    def _get_figure_sql(self, name) -> SQL:
        """A customer without position any more stands at zero."""
        empty = {
            "limit_state": SQL("'unchecked'"),
            "credit_limit": SQL("NULL"),
            "utilization": SQL("NULL"),
        }.get(name, SQL("0"))
        return SQL("COALESCE(now.%s, %s)", SQL.identifier(name), empty)

    @api.model
    def _get_latest_sql(self, company) -> SQL:
        return SQL(
            """SELECT DISTINCT ON (commercial_partner_id) *
                 FROM ar_exposure_snapshot
                WHERE company_id = %s
             ORDER BY commercial_partner_id, date DESC, id DESC""",
            company.id,
        )

    @api.model
    def _thin_out(self, company, today):
        self._forget(
            SQL(
                """company_id = %s AND date < %s AND EXISTS (
                    SELECT FROM ar_exposure_snapshot later
                     WHERE later.company_id = ar_exposure_snapshot.company_id
                       AND later.commercial_partner_id
                           = ar_exposure_snapshot.commercial_partner_id
                       AND later.date > ar_exposure_snapshot.date
                       AND date_trunc('month', later.date)
                           = date_trunc('month', ar_exposure_snapshot.date))""",
                company.id,
                fields.Date.subtract(today, days=DAYS_KEPT),
            )
        )

    @api.model
    def _forget(self, where):
        self.env.cr.execute(SQL("DELETE FROM ar_exposure_snapshot WHERE %s", where))
        self.invalidate_model(flush=False)


class ArRun(models.Model):
    _inherit = "ar.run"

    @api.model
    def _get_stages(self):
        return super()._get_stages() + [
            Stage(
                key="exposure",
                sequence=90,
                label=self.env._("Snapshot of credit exposure"),
                model="ar.exposure.snapshot",
                method="_run_nightly",
                switch=lambda company: company._has_credit_check(),
            )
        ]
