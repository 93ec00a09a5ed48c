"""What each kind of risk rule measures, for all customers in one query."""

from odoo import api, models
from odoo.tools import SQL

from ..tools.rule_kind import NO_CREDIT_PERCENT


class ArRiskRule(models.Model):
    _inherit = "ar.risk.rule"

    def _get_overdue_sql(self, company, partners):
        return SQL(
            """SELECT commercial_partner_id, days_overdue, oldest_due_date,
                      to_open + credits AS to_open, to_close + credits AS to_close,
                      to_open + credits AS amount
                 FROM (
                    SELECT commercial_partner_id,
                           MAX(days_overdue) AS days_overdue,
                           MIN(date_maturity) FILTER (
                               WHERE claim > 0 AND days_overdue > 0
                           ) AS oldest_due_date,
                           COALESCE(SUM(claim) FILTER (
                               WHERE claim > 0 AND days_overdue > %(open_days)s
                           ), 0) AS to_open,
                           COALESCE(SUM(claim) FILTER (
                               WHERE claim > 0 AND days_overdue > %(close_days)s
                           ), 0) AS to_close,
                           COALESCE(SUM(claim) FILTER (WHERE claim < 0), 0) AS credits
                      FROM (
                        SELECT commercial_partner_id, date_maturity,
                               CASE WHEN amount_residual > 0
                                    THEN days_overdue ELSE 0 END AS days_overdue,
                               amount_residual - %(left_out)s AS claim
                          FROM (%(items)s) item
                      ) measured
                     WHERE claim <> 0
                  GROUP BY commercial_partner_id
                 ) customer""",
            items=self._get_items_sql(company, partners),
            left_out=SQL("amount_suspended" if self.ignore_suspended else "0"),
            open_days=self.open_days,
            close_days=self.close_days,
        )

    def _get_utilization_sql(self, company, partners):
        """Who gets no credit at all and owes something is beyond any percentage."""
        return SQL(
            """SELECT commercial_partner_id, amount, days_overdue, oldest_due_date,
                      share AS to_open, share AS to_close
                 FROM (SELECT *, exposure_tested AS amount,
                              CASE WHEN limit_state = 'none' AND exposure_tested > 0
                                   THEN %s ELSE 100.0 * utilization END AS share
                         FROM (%s) position) customer
                WHERE share IS NOT NULL""",
            NO_CREDIT_PERCENT,
            self._get_positions_sql(company, partners),
        )

    def _get_worsening_sql(self, company, partners):
        """Points of now against those of three months ago."""
        return SQL(
            """SELECT now.commercial_partner_id, NULL::numeric AS amount,
                      NULL::int AS days_overdue, NULL::date AS oldest_due_date,
                      now.points - past.points AS to_open,
                      now.points - past.points AS to_close
                 FROM (%s) now JOIN (%s) past USING (commercial_partner_id)
                WHERE now.is_new IS NOT TRUE AND past.is_new IS NOT TRUE""",
            self._get_scores_sql(company, partners, 0),
            self._get_scores_sql(company, partners, 90),
        )

    def _get_points_sql(self, company, partners):
        return SQL(
            """SELECT commercial_partner_id, NULL::numeric AS amount,
                      NULL::int AS days_overdue, NULL::date AS oldest_due_date,
                      points AS to_open, points AS to_close
                 FROM (%s) score WHERE is_new IS NOT TRUE""",
            self._get_scores_sql(company, partners, 0),
        )

    def _get_reminders_sql(self, company, partners):
        """How often the most reminded item that is still open was asked for."""
        return SQL(
            """SELECT commercial_partner_id, SUM(amount_residual) AS amount,
                      MAX(days_overdue) AS days_overdue,
                      MIN(date_maturity) AS oldest_due_date,
                      MAX(asked) AS to_open, MAX(asked) AS to_close
                 FROM (SELECT item.*, (
                              SELECT COUNT(*) FROM ar_dunning_reminder_line asked
                               WHERE asked.line_id = item.id
                                 AND asked.state IN ('sent', 'delivered')) AS asked
                         FROM (%s) item
                        WHERE item.amount_residual > 0 AND item.days_overdue > 0) item
                WHERE asked > 0
             GROUP BY commercial_partner_id""",
            self._get_items_sql(company, partners),
        )

    def _get_promise_broken_sql(self, company, partners):
        """What is still open of items that were promised in vain."""
        return self._sum_items_sql(
            company,
            partners,
            SQL(
                """item.amount_residual > 0 AND EXISTS (
                    SELECT FROM ar_promise_line promised
                      JOIN ar_promise promise ON promise.id = promised.promise_id
                     WHERE promised.line_id = item.id
                       AND promise.state IN ('broken', 'partly'))"""
            ),
        )

    def _get_dispute_late_sql(self, company, partners):
        return SQL(
            """SELECT dispute.commercial_partner_id,
                      SUM(dispute.amount_disputed) AS amount,
                      MAX(%(today)s - dispute.date_deadline) AS days_overdue,
                      MIN(dispute.date_deadline) AS oldest_due_date,
                      MAX(%(today)s - dispute.date_deadline) AS to_open,
                      MAX(%(today)s - dispute.date_deadline) AS to_close
                 FROM ar_dispute dispute
                 JOIN res_company company ON company.id = dispute.company_id
                WHERE %(of_company)s AND dispute.date_deadline < %(today)s
                  AND dispute.state IN ('new', 'investigating', 'waiting')
             GROUP BY dispute.commercial_partner_id""",
            today=company._ar_today(),
            of_company=self.env["ar.risk.figures"]._of_company(company),
        )

    def _get_expiring_sql(self, company, partners):
        """The next end of the limit in force, of its review, of the review of a new
        customer or of a decision about the class. Days that are left are below zero."""
        today = company._ar_today()
        return SQL(
            """SELECT commercial_partner_id, NULL::numeric AS amount,
                      GREATEST(%(today)s - MIN(day), 0) AS days_overdue,
                      MIN(day) AS oldest_due_date,
                      %(today)s - MIN(day) AS to_open, %(today)s - MIN(day) AS to_close
                 FROM (SELECT commercial_partner_id,
                              LEAST(date_until, review_date) AS day
                         FROM (%(limits)s) granted WHERE company_id = %(company)s
                        UNION ALL
                       SELECT commercial_partner_id, review_date
                         FROM (%(scores)s) score
                        UNION ALL
                       SELECT commercial_partner_id, date_until FROM ar_risk_override
                        WHERE company_id = %(company)s AND date_until >= %(today)s
                      ) term
                WHERE day IS NOT NULL
             GROUP BY commercial_partner_id""",
            today=today,
            company=company.id,
            limits=self.env["ar.credit.limit"]._get_in_force_sql(),
            scores=self._get_scores_sql(company, partners, 0),
        )

    def _get_not_invoiced_sql(self, company, partners):
        """Delivered, and on no posted invoice: the days count from the order."""
        today = company._ar_today()
        return SQL(
            """SELECT commercial_partner_id,
                      MAX(%(today)s - date) AS days_overdue,
                      MIN(date) AS oldest_due_date,
                      SUM(amount) FILTER (WHERE %(today)s - date > %(open_days)s)
                          AS amount,
                      SUM(amount) FILTER (WHERE %(today)s - date > %(open_days)s)
                          AS to_open,
                      SUM(amount) FILTER (WHERE %(today)s - date > %(close_days)s)
                          AS to_close
                 FROM (%(items)s) item
                WHERE root_company_id = %(company)s AND bucket = 'delivered'
             GROUP BY commercial_partner_id""",
            today=today,
            open_days=self.open_days,
            close_days=self.close_days,
            company=company.id,
            items=self.env["ar.exposure.item"].sudo()._table_query,
        )

    def _get_never_sent_sql(self, company, partners):
        """Invoices that did not leave; the days count from the invoice date."""
        unsent = SQL(
            """item.amount_residual > 0 AND item.move_type = 'out_invoice'
               AND item.sent_state IN ('none', 'failed')"""
        )
        return self._sum_items_sql(
            company,
            partners,
            unsent,
            age=SQL("%s - item.invoice_date", company._ar_today()),
        )

    def _get_bounced_sql(self, company, partners):
        bounced = SQL("item.amount_residual > 0 AND item.sent_state = 'bounced'")
        return self._sum_items_sql(company, partners, bounced)

    def _get_no_email_sql(self, company, partners):
        """No address at the customer, nor at any of its contacts."""
        return self._sum_items_sql(
            company,
            partners,
            SQL(
                """NOT EXISTS (
                    SELECT FROM res_partner contact
                     WHERE contact.commercial_partner_id = item.commercial_partner_id
                       AND contact.active AND contact.email LIKE '%%@%%')"""
            ),
        )

    def _get_no_scenario_sql(self, company, partners):
        if not company.ar_dunning_active:
            return self._nobody_sql()
        without = (
            self.env["res.partner"]
            .sudo()
            .with_company(company)
            ._search([("ar_without_scenario", "=", True)])
        )
        return self._sum_items_sql(
            company,
            partners,
            SQL("item.commercial_partner_id IN %s", without.subselect()),
        )

    def _get_no_limit_sql(self, company, partners):
        return self._sum_positions_sql(
            company, partners, SQL("limit_state = 'unchecked'")
        )

    def _get_no_collector_sql(self, company, partners):
        return self._sum_positions_sql(company, partners, SQL("collector_id IS NULL"))

    def _get_terms_sql(self, company, partners):
        """Open invoices with other payment terms than those of the customer."""
        return self._sum_items_sql(
            company,
            partners,
            SQL(
                """item.amount_residual > 0 AND EXISTS (
                    SELECT FROM account_move move
                      JOIN res_partner customer
                        ON customer.id = item.commercial_partner_id
                     WHERE move.id = item.move_id AND move.move_type = 'out_invoice'
                       AND move.invoice_payment_term_id
                           <> (customer.property_payment_term_id
                               ->> item.company_id::text)::int)"""
            ),
        )

    def _get_concentration_sql(self, company, partners):
        """The share of one customer in what all of them weigh."""
        return SQL(
            """SELECT commercial_partner_id, amount, days_overdue, oldest_due_date,
                      share AS to_open, share AS to_close
                 FROM (SELECT *, exposure AS amount,
                              100.0 * exposure / NULLIF(SUM(GREATEST(exposure, 0))
                                  OVER (), 0) AS share
                         FROM (%s) position) customer""",
            self._get_positions_sql(company, None),
        )

    def _get_stale_ledger_sql(self, company, partners):
        """Days since the last booking of bank or cash; its subject is the company
        itself. Who does not book payments judges customers by old news."""
        today = company._ar_today()
        return SQL(
            """SELECT %(subject)s::int AS commercial_partner_id,
                      NULL::numeric AS amount,
                      %(today)s - MAX(move.date) AS days_overdue,
                      MAX(move.date) AS oldest_due_date,
                      %(today)s - MAX(move.date) AS to_open,
                      %(today)s - MAX(move.date) AS to_close
                 FROM account_move move
                 JOIN account_journal journal ON journal.id = move.journal_id
                  AND journal.type IN ('bank', 'cash', 'credit')
                 JOIN res_company company ON company.id = move.company_id
                WHERE %(of_company)s AND move.state = 'posted'
                  AND move.date <= %(today)s
               HAVING COUNT(*) > 0""",
            subject=company.partner_id.commercial_partner_id.id,
            today=today,
            of_company=self.env["ar.risk.figures"]._of_company(company),
        )

    # -- What the kinds are made of ----------------------------------------------------

    @api.model
    def _get_items_sql(self, company, partners):
        return self.env["ar.open.item"]._facts_sql(
            SQL(
                "%s = %s AND customer.id IS NOT NULL AND %s",
                self.env["ar.open.item"]._get_root_company_sql(),
                company.id,
                self._get_customers_sql(SQL.identifier("customer", "id"), partners),
            )
        )

    @api.model
    def _get_positions_sql(self, company, partners):
        return SQL(
            "SELECT * FROM (%s) each WHERE company_id = %s AND %s",
            self.env["ar.position"].sudo()._table_query,
            company.id,
            self._get_customers_sql(SQL.identifier("commercial_partner_id"), partners),
        )

    @api.model
    def _get_scores_sql(self, company, partners, days_ago):
        """Return the scores that counted so many days ago."""
        return SQL(
            """SELECT DISTINCT ON (commercial_partner_id) *
                 FROM ar_risk_score
                WHERE company_id = %s AND date <= %s::date - %s AND %s
             ORDER BY commercial_partner_id, date DESC, id DESC""",
            company.id,
            company._ar_today(),
            days_ago,
            self._get_customers_sql(SQL.identifier("commercial_partner_id"), partners),
        )

    def _sum_items_sql(self, company, partners, where, age=None):
        """Measure open items by their amount.

        :param SQL where: which ones, by the alias ``item``
        :param SQL age: days; only items count that are more than so many days old as
            the rule says
        """
        aged = [SQL("TRUE"), SQL("TRUE")]
        if age:
            aged = [SQL("%s > %s", age, d) for d in (self.open_days, self.close_days)]
        return SQL(
            """SELECT commercial_partner_id,
                      SUM(amount_residual) FILTER (WHERE %(open)s) AS amount,
                      MAX(days_overdue) AS days_overdue,
                      MIN(date_maturity) AS oldest_due_date,
                      SUM(amount_residual) FILTER (WHERE %(open)s) AS to_open,
                      SUM(amount_residual) FILTER (WHERE %(close)s) AS to_close
                 FROM (%(items)s) item
                WHERE %(where)s
             GROUP BY commercial_partner_id""",
            open=aged[0],
            close=aged[1],
            items=self._get_items_sql(company, partners),
            where=where,
        )

    def _sum_positions_sql(self, company, partners, where):
        return SQL(
            """SELECT commercial_partner_id, total_due AS amount, days_overdue,
                      oldest_due_date, total_due AS to_open, total_due AS to_close
                 FROM (%s) position WHERE %s""",
            self._get_positions_sql(company, partners),
            where,
        )

    @api.model
    def _nobody_sql(self):
        return SQL(
            """SELECT NULL::int AS commercial_partner_id, NULL::numeric AS amount,
                      NULL::int AS days_overdue, NULL::date AS oldest_due_date,
                      NULL::float AS to_open, NULL::float AS to_close WHERE FALSE"""
        )
