from collections import defaultdict
from datetime import date, datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

from ..tools import policy as rules

#: Only code that holds this very object can append a grant; a client can forge the key
#: of a context, never the object.
_APPEND = object()

#: What a customer may owe, in the end: a decision or a default comes down to it.
LIMIT_STATES = (
    ("unchecked", "Not checked"),
    ("none", "No credit"),
    ("amount", "Up to an amount"),
)

#: Beyond it, an amount is a slip of the keyboard: sums of it would lose their cents.
LARGEST_AMOUNT = 1e13


class LimitInForce(NamedTuple):
    """What a customer may owe today.

    ``amount`` is in the root company's currency and 0.0 unless ``state`` is
    ``amount``; ``is_stopped`` where all orders are held; ``decided_on`` is when the
    grant in force was made. ``source`` says where the limit comes from: ``grant``,
    ``class``, ``company`` or ``none``. A grant in another currency keeps its
    ``amount_currency`` in ``currency_id`` and was converted at ``rate`` (units of the
    company's currency for one of it) of ``rate_date``; without any rate ``rate`` is
    None. ``expired_on`` is the last day of a grant that ran out and that no other one
    took the place of.
    """

    state: str
    amount: float
    is_stopped: bool = False
    decided_on: datetime | None = None
    grant_id: int | None = None
    source: str = "none"
    amount_currency: float = 0.0
    currency_id: int | None = None
    rate: float | None = 1.0
    rate_date: date | None = None
    date_until: date | None = None
    review_date: date | None = None
    expired_on: date | None = None

    @property
    def is_checked(self):
        return self.state != "unchecked"

    @property
    def lacks_rate(self):
        """Whether the limit is known, but not what it is worth today."""
        return self.state == "amount" and not self.rate


NO_GRANT = LimitInForce("unchecked", 0.0)


class CreditFacts(NamedTuple):
    """What one query tells about a customer: the limit in force, the policy, the
    payment terms by company id, and what is overdue for more than some days."""

    limit: LimitInForce = NO_GRANT
    policy: rules.Policy = rules.STANDARD
    payment_terms: dict[str, int] = {}
    overdue: dict[int, float] = {}
    days_overdue: int = 0


class ArCreditLimit(models.Model):
    """A decision on how much a customer may owe. Never changed, only superseded.

    In force is the newest grant that has not run out: when a temporary one ends, the
    one before it is in force again.
    """

    _name = "ar.credit.limit"
    _description = "Credit Limit"
    _order = "id desc"
    _rec_name = "commercial_partner_id"

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The root company: its branches share the limit.",
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        readonly=True,
        help="The currency that the limit was given in. It is compared with what is "
        "owed at today's rate.",
    )
    limit_state = fields.Selection(
        [*LIMIT_STATES, ("default", "As by default")],
        string="Decision",
        required=True,
        readonly=True,
        help="Not checked: the customer may order without limit.\n"
        "No credit: nothing may be owed, every order on account is stopped.\n"
        "Up to an amount: open items and orders together may reach the amount.\n"
        "As by default: no limit of its own, what the policy of the class or of the "
        "company says.",
    )
    amount = fields.Monetary(readonly=True, aggregator=None)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_until = fields.Date(
        string="Until",
        readonly=True,
        help="Last day of a temporary limit. From the next day on, the limit before it "
        "is in force again.",
    )
    review_date = fields.Date(
        readonly=True,
        help="The day on which the limit is to be looked at again.",
    )
    reason = fields.Char(required=True, readonly=True)
    decided_by_id = fields.Many2one(
        "res.users",
        required=True,
        readonly=True,
        ondelete="restrict",
    )
    decided_on = fields.Datetime(required=True, readonly=True)
    core_values = fields.Json(
        readonly=True,
        groups="base.group_system",
        help="What the credit limit of the customer form held before ours replaced it, "
        "by company; it is put back when this addon is uninstalled.",
    )

    _in_force_idx = models.Index("(company_id, commercial_partner_id, id DESC)")
    _amount_not_negative = models.Constraint(
        "CHECK (amount >= 0)", "A credit limit cannot be negative."
    )

    @api.depends("commercial_partner_id", "limit_state", "amount")
    def _compute_display_name(self):
        states = dict(self._fields["limit_state"]._description_selection(self.env))
        for grant in self:
            what = states[grant.limit_state]
            if grant.limit_state == "amount":
                what = grant.currency_id.format(grant.amount)
            grant.display_name = f"{grant.commercial_partner_id.display_name}: {what}"

    @api.constrains("date_from", "date_until")
    def _check_dates(self):
        for grant in self:
            if grant.date_until and grant.date_until < grant.date_from:
                raise ValidationError(
                    self.env._("A temporary limit cannot end before it begins.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        self._check_append_only()
        return super().create(vals_list)

    def write(self, vals):
        self._check_append_only()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._check_append_only()

    def _check_append_only(self):
        if self.env.context.get("ar_credit_limit_append") is not _APPEND:
            raise AccessError(
                self.env._(
                    "A credit limit is a decision on record: it is neither changed nor "
                    "deleted. Set a new one, which takes its place."
                )
            )

    @api.model
    def _check_may_grant(self, company):
        """Only credit managers decide, each for the companies they work in.

        :param company: res.company; its root is meant
        :raise AccessError: the user may not decide there
        """
        if not self.env.user.has_group("ar_ledger.ar_ledger_group_manager"):
            raise AccessError(
                self.env._(
                    "Only credit managers decide how much a customer may owe. Ask one "
                    "of them to set the credit limit."
                )
            )
        own_companies = self.env.user.company_ids.root_id
        if not self.env.su and company.root_id not in own_companies:
            raise AccessError(
                self.env._(
                    "You decide on credit limits only in the companies that you work "
                    "in."
                )
            )

    @api.model
    @api.private
    def _grant(
        self, partner, company, limit_state, amount=0.0, reason="", date_until=None
    ):
        """Decide how much a customer may owe, from today on.

        :param partner: res.partner, any contact of the customer
        :param company: res.company; its root is meant
        :param str limit_state: ``unchecked``, ``none`` or ``amount``
        :param float amount: in the currency of the root company
        :param str reason: why, for the record
        :param date date_until: last day of a temporary limit
        :return: the grant
        :raise AccessError: the user is no credit manager, or not in this company
        :raise UserError: no reason, or an amount that is none
        """
        self._check_may_grant(company)
        self._check_decision(limit_state, amount, reason)
        customer = partner.commercial_partner_id
        company = company.root_id
        self.env["ar.credit.account"]._serialize(customer, company)
        grant = self._append(
            [self._prepare_grant(customer, company, limit_state, amount, reason)],
            {"date_until": date_until},
        )
        grant._follow()
        return grant

    @api.model
    def _check_decision(self, limit_state, amount, reason):
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say why: a credit limit needs a reason for the record.")
            )
        if limit_state == "amount" and not amount > 0:
            raise UserError(
                self.env._(
                    "The credit limit must be above zero. To give no credit at all, "
                    "choose “No credit”."
                )
            )

    @api.model
    def _prepare_grant(self, customer, company, limit_state, amount, reason):
        return {
            "commercial_partner_id": customer.id,
            "company_id": company.id,
            "currency_id": company.currency_id.id,
            "limit_state": limit_state,
            "amount": amount if limit_state == "amount" else 0.0,
            "reason": reason.strip(),
            "date_from": company._ar_today(),
            "decided_by_id": self.env.uid,
            "decided_on": fields.Datetime.now(),
        }

    @api.model
    def _append(self, vals_list, common=None):
        customers = self.env["res.partner"].browse(
            vals["commercial_partner_id"] for vals in vals_list
        )
        company = self.env["res.company"].browse(
            {vals["company_id"] for vals in vals_list}
        )
        company.ensure_one()
        held = self._get_core_values(customers, company)
        appender = self.sudo().with_context(ar_credit_limit_append=_APPEND)
        grants = appender.create(
            [
                {
                    "core_values": held[vals["commercial_partner_id"]],
                    **vals,
                    **(common or {}),
                }
                for vals in vals_list
            ]
        )
        grants = grants.sudo(False).with_context(ar_credit_limit_append=False)
        grants._log()
        self.env["ar.recheck"]._add(customers.ids, company)
        return grants

    @api.model
    def _get_core_values(self, customers, company):
        """Return by customer what core's field would hold without us, by company id:
        as remembered by the newest grant, else what it holds now."""
        customers.flush_recordset(["credit_limit"])
        company_keys = [str(c.id) for c in company._get_credit_companies()]
        rows = self.env.execute_query(
            SQL(
                """SELECT partner.id, partner.credit_limit,
                          (SELECT newest.core_values
                             FROM ar_credit_limit newest
                            WHERE newest.commercial_partner_id = partner.id
                              AND newest.company_id = %s
                         ORDER BY newest.id DESC LIMIT 1)
                     FROM res_partner partner
                    WHERE partner.id = ANY(%s)""",
                company.id,
                customers.ids,
            )
        )
        return {
            partner_id: remembered
            if remembered is not None
            else {key: now[key] for key in company_keys if key in (now or {})}
            for partner_id, now, remembered in rows
        }

    def _log(self):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "credit_limit",
                    "partner": grant.commercial_partner_id,
                    "company": grant.company_id,
                    "text": self.env._(
                        "Credit limit set: %(limit)s. %(reason)s",
                        limit=grant._get_text(),
                        reason=grant.reason,
                    ),
                    "figures": {
                        "state": grant.limit_state,
                        "amount": grant.amount,
                        "currency": grant.currency_id.name,
                        "until": fields.Date.to_string(grant.date_until),
                    },
                    "source": grant,
                }
                for grant in self.sudo()
            ]
        )

    def _get_text(self):
        self.ensure_one()
        if self.limit_state == "amount":
            return self.currency_id.format(self.amount)
        states = dict(self._fields["limit_state"]._description_selection(self.env))
        return states[self.limit_state]

    def _follow(self):
        """Let core's own field on the customer say the same as the grant in force."""
        for company, grants in self.sudo().grouped("company_id").items():
            customers = grants.commercial_partner_id
            in_force = self._get_in_force(customers, company)
            for customer in customers:
                customer._follow_credit_limit(company, in_force[customer.id])

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
        return {
            row[0]: self._read_facts(company, policies, days, *row[1:]) for row in rows
        }

    def _flush_facts(self, overdue_after):
        """Flush what the facts are read from; nothing is sent when nothing waits."""
        self.flush_model()
        self.env["ar.credit.hold"].flush_model(["scope", "state"])
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
        in_force = self._get_in_force_sql(
            SQL(
                "grant_.commercial_partner_id = ANY(%s) AND grant_.company_id = %s",
                partners.ids,
                company.id,
            )
        )
        overdue_join, overdue_columns = SQL(), SQL("0")
        if with_overdue:
            overdue_columns = SQL("overdue.days, overdue.amounts")
            overdue_join = SQL(
                "LEFT JOIN (%s) overdue ON overdue.commercial_partner_id = customer.id",
                self._get_overdue_sql(partners, company, days),
            )
        return SQL(
            """SELECT customer.id,
                      EXISTS (
                          SELECT FROM ar_credit_hold stop
                           WHERE stop.commercial_partner_id = customer.id
                             AND stop.company_id = %(company)s
                             AND stop.scope = 'customer_orders'
                             AND stop.state IN ('held', 'refused')),
                      (partner.ar_root_risk_class_id ->> %(company)s::text)::int,
                      partner.property_payment_term_id,
                      granted.limit_state, granted.amount, granted.decided_on,
                      granted.grant_id, granted.amount_currency, granted.currency_id,
                      granted.rate, granted.rate_date, granted.date_until,
                      granted.review_date, %(expired_on)s, %(overdue_columns)s
                 FROM unnest(%(customers)s) AS customer(id)
                 JOIN res_partner partner ON partner.id = customer.id
            LEFT JOIN (%(in_force)s) granted
                   ON granted.commercial_partner_id = customer.id
                      %(overdue_join)s""",
            company=company.id,
            customers=partners.ids,
            in_force=in_force,
            expired_on=self._get_expired_on_sql(company),
            overdue_columns=overdue_columns,
            overdue_join=overdue_join,
        )

    def _get_expired_on_sql(self, company) -> SQL:
        return SQL(
            """CASE WHEN granted.grant_id IS NULL THEN (
                   SELECT MAX(past.date_until)
                     FROM ar_credit_limit past
                    WHERE past.commercial_partner_id = customer.id
                      AND past.company_id = %s
                      AND past.date_until < %s) END""",
            company.id,
            company._ar_today(),
        )

    def _get_overdue_sql(self, partners, company, days) -> SQL:
        """Return commercial_partner_id, the days of the oldest overdue item, and the
        array of what is overdue for more than each number of ``days``. Hook."""
        sums = SQL(", ").join(
            SQL(
                "COALESCE(SUM(item.amount_residual) FILTER"
                " (WHERE item.days_overdue > %s), 0)",
                each,
            )
            for each in days
        )
        return SQL(
            """SELECT item.commercial_partner_id, MAX(item.days_overdue) AS days,
                      ARRAY[%(sums)s]::numeric[] AS amounts
                 FROM (%(items)s) item
                WHERE item.amount_residual > 0
             GROUP BY item.commercial_partner_id""",
            sums=sums,
            items=self.env["ar.open.item"]._facts_sql(
                SQL(
                    "customer.id = ANY(%s) AND %s = %s",
                    partners.ids,
                    self.env["ar.open.item"]._get_root_company_sql(),
                    company.id,
                )
            ),
        )

    def _read_facts(
        self,
        company,
        policies,
        days,
        is_stopped,
        risk_class_id,
        payment_terms,
        state,
        amount,
        decided_on,
        grant_id,
        amount_currency,
        currency_id,
        rate,
        rate_date,
        date_until,
        review_date,
        expired_on,
        days_overdue,
        amounts=None,
    ):
        """Make sense of one row of :meth:`_get_facts_sql`."""
        policy = rules.choose(policies, risk_class_id)
        of_grant = {
            "is_stopped": is_stopped,
            "decided_on": decided_on,
            "grant_id": grant_id,
            "date_until": date_until,
            "review_date": review_date,
            "expired_on": expired_on,
        }
        if state in (None, "default"):
            limit = LimitInForce(
                policy.limit_state,
                policy.amount,
                source=policy.source,
                amount_currency=policy.amount,
                currency_id=company.currency_id.id,
                **of_grant,
            )
        else:
            limit = LimitInForce(
                state,
                float(amount or 0.0),
                source="grant",
                amount_currency=float(amount_currency),
                currency_id=currency_id,
                rate=rate and float(rate),
                rate_date=rate_date,
                **of_grant,
            )
        return CreditFacts(
            limit,
            policy,
            payment_terms or {},
            dict(zip(days, map(float, amounts or [0.0] * len(days)), strict=True)),
            days_overdue or 0,
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

    def _get_worth_sql(self) -> SQL:
        """Return what one unit of a grant's currency is worth today, as core converts
        it: the newest rate of the company up to today, else its first one."""
        rate = SQL(
            """SELECT rate.rate, rate.name
                 FROM res_currency_rate rate
                WHERE rate.currency_id = %s
                  AND COALESCE(rate.company_id, company.id) = company.id
             ORDER BY rate.name > newest.today, rate.company_id,
                      CASE WHEN rate.name <= newest.today THEN rate.name END DESC,
                      rate.name
                LIMIT 1""",
            SQL("asked.currency_id"),
        )
        return SQL(
            """SELECT CASE WHEN newest.currency_id = company.currency_id THEN 1
                      ELSE COALESCE(own.rate, 1) / NULLIF(foreign_.rate, 0) END AS rate,
                      foreign_.name AS rate_date
                 FROM (SELECT NULL) one
            LEFT JOIN LATERAL (
                      SELECT rate.* FROM (SELECT newest.currency_id) asked,
                      LATERAL (%(rate)s) rate) foreign_
                   ON newest.currency_id != company.currency_id
            LEFT JOIN LATERAL (
                      SELECT rate.* FROM (SELECT company.currency_id) asked,
                      LATERAL (%(rate)s) rate) own
                   ON newest.currency_id != company.currency_id""",
            rate=rate,
        )

    @api.model
    def _grant_from_core(self, customers, company, value):
        """Record a limit that was typed into core's own field as a decision.

        :param customers: res.partner, commercial partners
        :param float value: what was written, in the company's currency
        """
        self._check_may_grant(company)
        company = company.root_id
        state, amount = self._read_core_value(company, value)
        reason = self.env._("Set on the customer form")
        self.env["ar.credit.account"]._serialize(customers, company)
        core_values = {str(c.id): value for c in company._get_credit_companies()}
        grants = self._append(
            [
                self._prepare_grant(customer, company, state, amount, reason)
                for customer in customers
            ],
            {"core_values": core_values},
        )
        grants._follow()

    @api.model
    def _read_core_value(self, company, value):
        """Return (limit_state, amount) that core's value stands for: the company's
        default and zero do not limit, the smallest unit gives no credit."""
        currency = company.currency_id
        if value <= 0 or value == self.env["res.partner"]._get_core_default(company):
            return "unchecked", 0.0
        if currency.compare_amounts(value, currency.rounding) <= 0:
            return "none", 0.0
        return "amount", value

    @api.model
    def _adopt(self, company):
        """Take the limits that core's field holds as first grants, when the credit
        check is switched on: what accountants decided before stays decided."""
        default = self.env["res.partner"]._get_core_default(company)
        self.env["res.partner"].flush_model(["commercial_partner_id", "credit_limit"])
        rows = self.env.execute_query(
            SQL(
                """SELECT partner.id, (partner.credit_limit ->> %(key)s)::float
                     FROM res_partner partner
                    WHERE (partner.credit_limit ->> %(key)s)::float > 0
                      AND (partner.credit_limit ->> %(key)s)::float != %(default)s
                      AND partner.commercial_partner_id = partner.id
                      AND NOT EXISTS (
                          SELECT FROM ar_credit_limit known
                           WHERE known.commercial_partner_id = partner.id
                             AND known.company_id = %(company)s)
                 ORDER BY partner.id""",
                key=str(company.id),
                default=default,
                company=company.id,
            )
        )
        reason = self.env._("Taken over from the customer form")
        vals_list = [
            self._prepare_grant(
                self.env["res.partner"].browse(partner_id),
                company,
                *self._read_core_value(company, value),
                reason,
            )
            for partner_id, value in rows
        ]
        if vals_list:
            self._append(vals_list)

    @api.model
    def _follow_expired(self, company):
        """Let core's field fall back where a temporary limit ended yesterday."""
        expired = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("date_until", "=", fields.Date.subtract(company._ar_today(), days=1)),
            ]
        )
        expired._follow()
        self.env["ar.recheck"]._add(expired.commercial_partner_id.ids, company)
        return len(expired)

    @api.model
    def _restore_core_values(self):
        """Put back what core's field held before we replaced it."""
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (company_id, commercial_partner_id)
                          company_id, commercial_partner_id, core_values
                     FROM ar_credit_limit
                 ORDER BY company_id, commercial_partner_id, id DESC"""
            )
        )
        by_company = defaultdict(list)
        for company_id, partner_id, values in rows:
            by_company[company_id].append((partner_id, values or {}))
        for company_id, customers in by_company.items():
            company = self.env["res.company"].browse(company_id)
            self.env["res.partner"]._restore_credit_limits(company, customers)
