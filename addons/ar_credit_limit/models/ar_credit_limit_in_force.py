"""Which limit of a customer is in force, and what else checks ask about customers."""

from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, ormcache

from ..tools import policy as rules
from ..tools.limit import CreditFacts, LimitInForce


class FactsRow(NamedTuple):
    """What the query of the facts returns of a customer, for each grant; the columns
    of the grant are None where there is none."""

    is_stopped: bool
    risk_class_id: int | None
    payment_terms: dict[str, int] | None
    days_overdue: int | None
    overdue: list[float] | None
    grant_id: int | None
    limit_state: str | None
    amount: float | None
    currency_id: int | None
    decided_on: datetime | None
    date_until: date | None
    review_date: date | None
    worth: float | None
    rate: float | None
    rate_date: date | None


class ArCreditLimit(models.Model):
    _inherit = "ar.credit.limit"

    @api.model
    def _get_in_force(self, partners, company):
        """Return {commercial partner id: LimitInForce} of all these customers: the
        grant in force, else the default of the class, else that of the company.

        One query, whatever the number of customers. No access check: callers decide
        whose limits the user may see.

        :param partners: res.partner, commercial partners
        :param company: res.company; its root is meant
        """
        facts = self._get_facts(partners, company)
        return {partner_id: found.limit for partner_id, found in facts.items()}

    @api.model
    def _get_facts(self, partners, company, overdue_after=None):
        """As :meth:`_get_in_force`, with all else that checks ask about customers.

        :param overdue_after: the numbers of days after which something counts as
            overdue, each a sum of its own; None: nothing about overdue items is asked
        :return: {commercial partner id: :class:`CreditFacts`}, in one query
        """
        if not partners:
            return {}
        company = company.root_id
        self._flush_facts(overdue_after)
        days = sorted(overdue_after or ())
        rows = self.env.execute_query(
            self._get_facts_sql(partners, company, days, overdue_after is not None)
        )
        policies = self.env["ar.credit.policy"]._get_rules(company.id)
        by_customer = defaultdict(list)
        for customer_id, *row in rows:
            by_customer[customer_id].append(FactsRow(*row))
        return {
            customer_id: self._read_facts(company, policies, days, found)
            for customer_id, found in by_customer.items()
        }

    def _flush_facts(self, overdue_after):
        """Flush what the facts are read from; nothing is sent when nothing waits."""
        self.flush_model()
        self.env["ar.credit.hold"].flush_model(["scope", "state", "valid_until"])
        self.env["res.currency.rate"].flush_model(
            ["name", "rate", "currency_id", "company_id"]
        )
        self.env["res.partner"].flush_model(
            ["ar_root_risk_class_id", "property_payment_term_id"]
        )
        if overdue_after is not None:
            for name, field_names in self.env["ar.open.item"]._depends.items():
                self.env[name].flush_model(field_names)

    def _get_facts_sql(self, partners, company, days, with_overdue) -> SQL:
        """Return the grants of each customer that have begun, the last decided first,
        with the columns of :class:`FactsRow`. Kept simple: planning it takes longer
        than running it."""
        overdue_join, overdue_columns = SQL(), SQL("0, NULL")
        if with_overdue:
            overdue_columns = SQL("overdue.days, overdue.amounts")
            overdue_join = SQL(
                "LEFT JOIN (%s) overdue ON overdue.commercial_partner_id = customer.id",
                self._get_overdue_sql(partners, company, days),
            )
        worth, worth_join = self._get_worth_of_grants_sql(company)
        return SQL(
            """SELECT customer.id,
                      EXISTS (
                          SELECT FROM ar_credit_hold stop
                           WHERE stop.commercial_partner_id = customer.id
                             AND stop.company_id = %(company)s
                             AND stop.scope = 'customer_orders'
                             AND (stop.state IN ('held', 'refused')
                                  OR stop.state = 'released'
                                     AND stop.valid_until < %(today)s)),
                      (customer.ar_root_risk_class_id ->> %(company)s::text)::int,
                      customer.property_payment_term_id, %(overdue_columns)s,
                      grant_.id, grant_.limit_state, grant_.amount, grant_.currency_id,
                      grant_.decided_on, grant_.date_until, grant_.review_date,
                      %(worth)s
                 FROM res_partner customer
            LEFT JOIN ar_credit_limit grant_
                   ON grant_.commercial_partner_id = customer.id
                  AND grant_.company_id = %(company)s
                  AND grant_.date_from <= %(today)s
                      %(worth_join)s
                      %(overdue_join)s
                WHERE customer.id = ANY(%(customers)s)
             ORDER BY grant_.id DESC""",
            company=company.id,
            today=company._ar_today(),
            customers=partners.ids,
            overdue_columns=overdue_columns,
            overdue_join=overdue_join,
            worth=worth,
            worth_join=worth_join,
        )

    def _get_worth_of_grants_sql(self, company):
        """Return the columns (amount in the company's currency, rate, its date) and
        the join they need; none where all limits are in the company's currency."""
        if not self._has_foreign_grants(company.id):
            return SQL("grant_.amount, 1, NULL"), SQL()
        columns = SQL(
            "ROUND((newest.amount * worth.rate)::numeric, %s),"
            " worth.rate, worth.rate_date",
            company.currency_id.decimal_places,
        )
        join = SQL(
            """JOIN res_company company ON company.id = %s
               LEFT JOIN LATERAL (
                   SELECT grant_.amount, grant_.currency_id, %s::date AS today) newest
                      ON TRUE
               LEFT JOIN LATERAL (%s) worth ON TRUE""",
            company.id,
            company._ar_today(),
            self._get_worth_sql(),
        )
        return columns, join

    @api.model
    @ormcache("company_id")
    def _has_foreign_grants(self, company_id):
        """Return whether any limit was given in another currency than the company's,
        cached."""
        company = self.env["res.company"].browse(company_id)
        return bool(self._search_foreign_grants(company))

    @api.model
    def _search_foreign_grants(self, company):
        """Return a limit that was given in another currency than the company's, or
        none."""
        return self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("currency_id", "!=", company.sudo().currency_id.id),
            ],
            limit=1,
        )

    @api.model
    def _get_untested_sql(self, company) -> SQL:
        """Return the part of an open item that is in dispute, where the company leaves
        that out of its checks."""
        if not company.sudo().ar_exposure_without_disputed:
            return SQL("0")
        return SQL(
            "CASE WHEN open.suspension_kind = 'dispute' THEN open.amount_suspended"
            " ELSE 0 END"
        )

    @api.model
    def _get_overdue_sql(self, partners, company, days) -> SQL:
        """Return commercial_partner_id, the days of the oldest overdue item, and the
        array of what is overdue for more than each number of ``days``. Hook."""
        sums = SQL(", ").join(
            SQL(
                "COALESCE(SUM(item.tested) FILTER (WHERE item.days_overdue > %s), 0)",
                each,
            )
            for each in days
        )
        return SQL(
            """SELECT item.commercial_partner_id, MAX(item.days_overdue) AS days,
                      ARRAY[%(sums)s]::numeric[] AS amounts
                 FROM (SELECT open.*, open.amount_residual - %(disputed)s AS tested
                         FROM (%(items)s) open) item
                WHERE item.tested > 0
             GROUP BY item.commercial_partner_id""",
            sums=sums,
            disputed=self._get_untested_sql(company),
            items=self.env["ar.open.item"]._facts_sql(
                SQL(
                    "customer.id = ANY(%s) AND %s = %s",
                    partners.ids,
                    self.env["ar.open.item"]._get_root_company_sql(),
                    company.id,
                )
            ),
        )

    def _read_facts(self, company, policies, days, found):
        """Make sense of the rows of one customer.

        :param found: list of :class:`FactsRow`, the grant decided last first
        """
        row = found[0]
        policy = rules.choose(policies, row.risk_class_id)
        sums = row.overdue or [0.0] * len(days)
        return CreditFacts(
            self._read_limit(company, policy, found),
            policy,
            row.payment_terms or {},
            dict(zip(days, map(float, sums), strict=True)),
            row.days_overdue or 0,
        )

    def _read_limit(self, company, policy, found):
        today = company._ar_today()
        begun = [row for row in found if row.grant_id]
        lasting = [
            row for row in begun if not row.date_until or row.date_until >= today
        ]
        expired_on = None
        if begun and not lasting:
            expired_on = max(row.date_until for row in begun)
        row = lasting[0] if lasting else None
        if row and row.limit_state != "default":
            return LimitInForce(
                row.limit_state,
                float(row.worth or 0.0),
                row.is_stopped,
                row.decided_on,
                row.grant_id,
                "grant",
                float(row.amount),
                row.currency_id,
                row.rate and float(row.rate),
                row.rate_date,
                row.date_until,
                row.review_date,
            )
        return LimitInForce(
            policy.limit_state,
            policy.amount,
            found[0].is_stopped,
            row and row.decided_on,
            row and row.grant_id,
            policy.source,
            policy.amount,
            company.currency_id.id,
            date_until=row and row.date_until,
            review_date=row and row.review_date,
            expired_on=expired_on,
        )

    @api.model
    def _get_in_force_sql(self, where: SQL | None = None) -> SQL:
        """Return the select of the grants in force today, one row per customer and root
        company: commercial_partner_id, company_id, grant_id, limit_state, amount (in
        the company's currency; NULL without rate), amount_currency, currency_id, rate,
        rate_date, date_until, review_date, decided_on.

        :param where: condition on the alias ``grant_``
        """
        return SQL(
            """SELECT newest.commercial_partner_id, newest.company_id,
                      newest.id AS grant_id, newest.limit_state,
                      ROUND((newest.amount * worth.rate)::numeric,
                            currency.decimal_places) AS amount,
                      newest.amount AS amount_currency, newest.currency_id,
                      worth.rate, worth.rate_date, newest.date_until,
                      newest.review_date, newest.decided_on
                 FROM (SELECT DISTINCT ON
                              (grant_.company_id, grant_.commercial_partner_id)
                              grant_.*, today.date AS today
                         FROM ar_credit_limit grant_
                         JOIN %s AS today(company_id, date)
                           ON today.company_id = grant_.company_id
                        WHERE grant_.date_from <= today.date
                          AND COALESCE(grant_.date_until, 'infinity') >= today.date
                          AND %s
                     ORDER BY grant_.company_id, grant_.commercial_partner_id,
                              grant_.id DESC) newest
                 JOIN res_company company ON company.id = newest.company_id
                 JOIN res_currency currency ON currency.id = company.currency_id
                 JOIN LATERAL (%s) worth ON TRUE""",
            self.env["res.company"]._ar_todays_sql(),
            where or SQL("TRUE"),
            self._get_worth_sql(),
        )

    @api.model
    def _get_limits_sql(self) -> SQL:
        """Return commercial_partner_id, company_id, limit_state, amount and review_date
        of all customers whose limit is decided: by a grant in force, else by the
        default of their class or company."""
        if not self.env["ar.credit.policy"]._has_defaults():
            return SQL(
                "SELECT * FROM (%s) own WHERE limit_state != 'default'",
                self._get_in_force_sql(),
            )
        self.env["res.partner"].flush_model(["ar_root_risk_class_id"])
        return SQL(
            """WITH own AS (%s)
               SELECT commercial_partner_id, company_id, limit_state, amount,
                      review_date
                 FROM own
                WHERE limit_state != 'default'
            UNION ALL
               SELECT customer.id, company.id, policy.default_limit_state,
                      CASE policy.default_limit_state
                      WHEN 'amount' THEN policy.default_amount ELSE 0 END, NULL
                 FROM res_partner customer
                 JOIN res_company company ON company.parent_id IS NULL
                 JOIN LATERAL (
                      SELECT fitting.*
                        FROM ar_credit_policy fitting
                       WHERE fitting.company_id = company.id
                         AND COALESCE(fitting.risk_class_id = (
                             customer.ar_root_risk_class_id ->> company.id::text)::int,
                             fitting.risk_class_id IS NULL)
                    ORDER BY fitting.risk_class_id
                       LIMIT 1) policy ON policy.default_limit_state != 'unchecked'
            LEFT JOIN own
                   ON own.commercial_partner_id = customer.id
                  AND own.company_id = company.id
                  AND own.limit_state != 'default'
                WHERE customer.commercial_partner_id = customer.id
                  AND own.grant_id IS NULL""",
            self._get_in_force_sql(),
        )

    @api.model
    def _get_limited_customers_sql(self) -> SQL:
        """Return (commercial_partner_id, company_id) of those whose limit makes them
        show up in the list of positions: who is no customer yet does not by default."""
        if not self.env["ar.credit.policy"]._has_defaults():
            return SQL(
                "SELECT commercial_partner_id, company_id FROM (%s) own",
                self._get_in_force_sql(),
            )
        return SQL(
            """SELECT limited.commercial_partner_id, limited.company_id
                 FROM (%s) limited
                 JOIN res_partner partner ON partner.id = limited.commercial_partner_id
                WHERE partner.customer_rank > 0
                   OR EXISTS (
                      SELECT FROM ar_credit_limit own
                       WHERE own.commercial_partner_id = limited.commercial_partner_id
                         AND own.company_id = limited.company_id)""",
            self._get_limits_sql(),
        )

    def _get_worth_sql(self) -> SQL:
        """Return what one unit of a grant's currency is worth today, as core converts
        it; rates are looked up for grants in another currency only."""
        return SQL(
            """SELECT CASE WHEN newest.currency_id = company.currency_id THEN 1
                      ELSE COALESCE(own.rate, 1) / NULLIF(foreign_.rate, 0) END AS rate,
                      foreign_.name AS rate_date
                 FROM (SELECT) one
            LEFT JOIN LATERAL (%s) foreign_ ON TRUE
            LEFT JOIN LATERAL (%s) own ON TRUE""",
            self._get_rate_sql(SQL("newest.currency_id")),
            self._get_rate_sql(SQL("company.currency_id")),
        )

    def _get_rate_sql(self, currency) -> SQL:
        """Return the newest rate of a currency up to today, else its first one; one of
        the company before a shared one."""
        return SQL(
            """SELECT rate.rate, rate.name
                 FROM res_currency_rate rate
                WHERE newest.currency_id != company.currency_id
                  AND rate.currency_id = %s
                  AND COALESCE(rate.company_id, company.id) = company.id
             ORDER BY rate.name > newest.today, rate.company_id,
                      CASE WHEN rate.name <= newest.today THEN rate.name END DESC,
                      rate.name
                LIMIT 1""",
            currency,
        )
