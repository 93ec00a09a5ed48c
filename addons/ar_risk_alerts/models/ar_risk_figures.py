"""The figures that scores are made of, read from the books for all customers at once.

Every statement knows only what was known on a day: asked about a day of the past, it
answers as it would have answered then. So the back-test judges by what could be known.
"""

from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

from odoo.addons.ar_dunning_scenario.models.ar_promise import DECIDED_STATES

from ..tools.scoring import Figure

#: Behaviour is judged by the last year; what changed, by its last quarter.
YEAR = timedelta(days=365)
QUARTER = timedelta(days=90)
#: Items older than this are read only while they are open.
READ_BACK = timedelta(days=3 * 365)


class ArRiskFigures(models.AbstractModel):
    _name = "ar.risk.figures"
    _description = "Figures Behind the Risk Score"

    @api.model
    def _get_figures(self, company, day, grace_days=0):
        """Return {customer id: {kind of criterion: Figure}} as of a day.

        A constant number of queries. No access check: callers decide whose figures the
        user may see.

        :param company: root res.company
        :param date day: what became known later is left out
        :param int grace_days: up to so many days late are in time
        """
        self.env.flush_all()
        figures = {}
        for statement in self._get_statements(company, day, grace_days):
            for customer_id, kind, value, evidence in self.env.execute_query(statement):
                figure = Figure(None if value is None else float(value), evidence)
                figures.setdefault(customer_id, {})[kind] = figure
        for customer_id in self.env["res.company"]._ar_group_partner_ids():
            figures.pop(customer_id, None)
        return figures

    @api.model
    def _get_statements(self, company, day, grace_days):
        """Return the selects of (customer id, kind, value, evidence). Hook: an addon
        with a criterion of its own appends its select."""
        return [
            self._get_lateness_sql(company, day, grace_days),
            self._get_age_sql(company, day),
            self._get_promises_sql(company, day),
            self._get_disputes_sql(company, day),
            self._get_returns_sql(company, day),
            self._get_utilization_sql(company, day),
            self._get_breaches_sql(company, day),
            self._get_outside_sql(company, day),
        ]

    @api.model
    def _get_portions_sql(self, company, day) -> SQL:
        """Return what became of invoices by a day: one row per payment of an item and
        one per open rest, with (customer_id, line_id, due, amount, paid_on).

        Credit notes are no payments, differences of exchange neither. What is in
        dispute on that day is left out: it is not late, but disputed.
        """
        return SQL(
            """WITH item AS MATERIALIZED (
                SELECT line.id, customer.id AS customer_id, line.balance,
                       line.amount_currency,
                       COALESCE(line.date_maturity, line.date) AS due
                  FROM account_move_line line
                  JOIN account_account account
                    ON account.id = line.account_id
                   AND account.account_type = 'asset_receivable'
                  JOIN account_move move
                    ON move.id = line.move_id
                   AND move.move_type IN ('out_invoice', 'out_receipt')
                  JOIN res_company company ON company.id = line.company_id
                  JOIN res_partner partner ON partner.id = line.partner_id
                  JOIN res_partner customer
                    ON customer.id = partner.commercial_partner_id
                 WHERE %(of_company)s AND line.parent_state = 'posted'
                   AND line.balance > 0 AND line.date <= %(day)s
                   AND (line.date > %(since)s OR line.reconciled IS NOT TRUE)),
            applied AS MATERIALIZED (
                SELECT item.id, item.customer_id, item.due, credit.date,
                       partial.amount,
                       credit_move.move_type != 'out_refund'
                       AND credit.journal_id IS DISTINCT FROM
                           company.currency_exchange_journal_id AS is_payment
                  FROM item
                  JOIN account_partial_reconcile partial
                    ON partial.debit_move_id = item.id
                  JOIN account_move_line credit ON credit.id = partial.credit_move_id
                  JOIN account_move credit_move ON credit_move.id = credit.move_id
                  JOIN res_company company ON company.id = credit.company_id
                 WHERE credit.date <= %(day)s),
            disputed AS (
                SELECT running.line_id, bool_or(running.coverage = 'all') AS whole,
                       SUM(running.amount) AS amount
                  FROM ar_suspension running
                 WHERE running.kind = ANY(%(kinds)s)
                   AND running.date_from <= %(day)s
                   AND COALESCE(running.date_until, 'infinity') >= %(day)s
              GROUP BY running.line_id),
            rest AS (
                SELECT item.id, item.customer_id, item.due,
                       item.balance - COALESCE(done.amount, 0)
                       - CASE WHEN disputed.whole THEN item.balance
                              ELSE COALESCE(disputed.amount * item.balance
                                   / NULLIF(item.amount_currency, 0), 0) END AS amount
                  FROM item
             LEFT JOIN (SELECT id, SUM(amount) AS amount FROM applied GROUP BY id) done
                    ON done.id = item.id
             LEFT JOIN disputed ON disputed.line_id = item.id)
            SELECT customer_id, id AS line_id, due, amount, date AS paid_on
              FROM applied WHERE is_payment
         UNION ALL
            SELECT customer_id, id, due, amount, NULL FROM rest
             WHERE amount > 0.005""",
            of_company=self._of_company(company),
            day=day,
            since=day - READ_BACK,
            kinds=list(self.env["ar.exposure.item"]._get_disputed_kinds()),
        )

    @api.model
    def _get_lateness_sql(self, company, day, grace_days):
        """Days late of what was paid in a year and of what is overdue, the share that
        was late, and the last quarter against the time before it, each seen as it
        stood at its own end."""
        before = day - QUARTER
        return SQL(
            """WITH measured AS (
                SELECT customer_id, amount,
                       GREATEST(LEAST(paid_on, %(day)s) - due, 0) AS days,
                       GREATEST(LEAST(paid_on, %(before)s) - due, 0) AS days_before,
                       paid_on > %(year)s OR paid_on IS NULL AND due < %(day)s AS now,
                       paid_on > %(before)s OR paid_on IS NULL AND due < %(day)s
                           AS recent,
                       paid_on > %(year)s AND paid_on <= %(before)s
                           OR due < %(before)s
                              AND COALESCE(paid_on, 'infinity') > %(before)s AS past
                  FROM (%(portions)s) portion),
            customer AS (
                SELECT customer_id,
                       SUM(amount * days) FILTER (WHERE now)
                       / NULLIF(SUM(amount) FILTER (WHERE now), 0) AS days_late,
                       100 * COALESCE(SUM(amount) FILTER (
                           WHERE now AND days > %(grace)s), 0)
                       / NULLIF(SUM(amount) FILTER (WHERE now), 0) AS paid_late,
                       SUM(amount * days) FILTER (WHERE recent)
                       / NULLIF(SUM(amount) FILTER (WHERE recent), 0)
                       - SUM(amount * days_before) FILTER (WHERE past)
                       / NULLIF(SUM(amount) FILTER (WHERE past), 0) AS trend,
                       COUNT(*) FILTER (WHERE now) AS facts,
                       LEAST(COUNT(*) FILTER (WHERE recent),
                             COUNT(*) FILTER (WHERE past)) AS facts_of_both
                  FROM measured GROUP BY customer_id)
            SELECT customer_id, figure.kind, figure.value, figure.evidence
              FROM customer
              JOIN LATERAL (VALUES
                  ('days_late', days_late, facts),
                  ('paid_late', paid_late, facts),
                  ('trend', trend, facts_of_both)) AS figure(kind, value, evidence)
                ON TRUE""",
            portions=self._get_portions_sql(company, day),
            day=day,
            year=day - YEAR,
            before=before,
            grace=grace_days,
        )

    @api.model
    def _get_age_sql(self, company, day):
        return SQL(
            """SELECT customer.id, 'relation_age', %(day)s - MIN(line.date), 1
                 FROM account_move_line line
                 JOIN account_account account
                   ON account.id = line.account_id
                  AND account.account_type = 'asset_receivable'
                 JOIN res_company company ON company.id = line.company_id
                 JOIN res_partner partner ON partner.id = line.partner_id
                 JOIN res_partner customer
                   ON customer.id = partner.commercial_partner_id
                WHERE %(of_company)s AND line.parent_state = 'posted'
                  AND line.date <= %(day)s
             GROUP BY customer.id""",
            of_company=self._of_company(company),
            day=day,
        )

    @api.model
    def _get_promises_sql(self, company, day):
        return SQL(
            """SELECT promise.commercial_partner_id, 'broken_promises',
                      100 - 100 * COALESCE(SUM(promise.amount_company)
                          FILTER (WHERE promise.state = 'kept'), 0)
                      / NULLIF(SUM(promise.amount_company), 0), COUNT(*)
                 FROM ar_promise promise
                WHERE promise.company_id = %s AND promise.state IN %s
                  AND promise.deadline > %s AND promise.deadline < %s
             GROUP BY promise.commercial_partner_id""",
            company.id,
            DECIDED_STATES,
            day - YEAR,
            day,
        )

    @api.model
    def _get_disputes_sql(self, company, day):
        return SQL(
            """SELECT dispute.commercial_partner_id, 'disputes_lost',
                      100 * COALESCE(SUM(dispute.amount_disputed)
                          FILTER (WHERE dispute.outcome = 'rejected'), 0)
                      / NULLIF(SUM(dispute.amount_disputed), 0), COUNT(*)
                 FROM ar_dispute dispute
                 JOIN res_company company ON company.id = dispute.company_id
                WHERE %s AND dispute.outcome IN ('accepted', 'partly', 'rejected')
                  AND dispute.decided_on > %s AND dispute.decided_on < %s
             GROUP BY dispute.commercial_partner_id""",
            self._of_company(company),
            day - YEAR,
            day + timedelta(days=1),
        )

    @api.model
    def _get_returns_sql(self, company, day):
        """A payment came back when it was rejected or its entry was reversed."""
        return SQL(
            """SELECT customer.id, 'returned_payments', COUNT(*) FILTER (
                          WHERE payment.state = 'rejected'
                             OR reversal.date <= %(day)s), COUNT(*)
                 FROM account_payment payment
                 JOIN res_company company ON company.id = payment.company_id
                 JOIN res_partner partner ON partner.id = payment.partner_id
                 JOIN res_partner customer
                   ON customer.id = partner.commercial_partner_id
            LEFT JOIN LATERAL (
                   SELECT MIN(back.date) AS date FROM account_move back
                    WHERE back.reversed_entry_id = payment.move_id
                      AND back.state = 'posted') reversal ON TRUE
                WHERE %(of_company)s AND payment.payment_type = 'inbound'
                  AND payment.partner_type = 'customer'
                  AND payment.state NOT IN ('draft', 'canceled')
                  AND payment.date > %(since)s AND payment.date <= %(day)s
             GROUP BY customer.id""",
            of_company=self._of_company(company),
            day=day,
            since=day - YEAR,
        )

    @api.model
    def _get_utilization_sql(self, company, day):
        """Today's use is read live; that of a past day from the snapshot of it."""
        if day >= company._ar_today():
            return SQL(
                """SELECT commercial_partner_id, 'utilization', 100 * utilization,
                          (utilization IS NOT NULL)::int
                     FROM (%s) position WHERE company_id = %s""",
                self.env["ar.position"].sudo()._table_query,
                company.id,
            )
        return SQL(
            """SELECT DISTINCT ON (commercial_partner_id) commercial_partner_id,
                      'utilization', 100 * utilization, (credit_limit > 0)::int
                 FROM ar_exposure_snapshot
                WHERE company_id = %s AND date <= %s AND limit_state = 'amount'
             ORDER BY commercial_partner_id, date DESC, id DESC""",
            company.id,
            day,
        )

    @api.model
    def _get_breaches_sql(self, company, day):
        """How often the exposure went over the limit, by the snapshots: once for each
        time, however long it lasted."""
        return SQL(
            """SELECT commercial_partner_id, 'limit_breaches',
                      COUNT(*) FILTER (WHERE is_over AND was_over IS NOT TRUE),
                      COUNT(*)
                 FROM (SELECT commercial_partner_id, is_over,
                              LAG(is_over) OVER (
                                  PARTITION BY commercial_partner_id
                                      ORDER BY date, id) AS was_over
                         FROM (SELECT *, exposure_tested > credit_limit AS is_over
                                 FROM ar_exposure_snapshot
                                WHERE company_id = %s AND date > %s AND date <= %s
                                  AND limit_state IN ('amount', 'none')) one
                      ) snapshot
             GROUP BY commercial_partner_id""",
            company.id,
            day - YEAR,
            day,
        )

    @api.model
    def _get_outside_sql(self, company, day):
        """The first source whose score is not stale counts."""
        return SQL(
            """SELECT DISTINCT ON (outside.commercial_partner_id)
                      outside.commercial_partner_id, 'outside_score', outside.risk, 1
                 FROM ar_risk_outside_score outside
                 JOIN ar_risk_outside_source source ON source.id = outside.source_id
                WHERE outside.company_id = %s AND source.active
                  AND outside.date <= %s AND outside.date_until >= %s
             ORDER BY outside.commercial_partner_id, source.sequence, source.id,
                      outside.date DESC, outside.id DESC""",
            company.id,
            day,
            day,
        )

    @api.model
    def _of_company(self, company) -> SQL:
        return SQL(
            "%s = %s", self.env["ar.open.item"]._get_root_company_sql(), company.id
        )
