import math
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.limit import NO_GRANT, LimitInForce  # noqa: F401

#: What a customer may owe, in the end: a decision or a default comes down to it.
LIMIT_STATES = [
    ("unchecked", "Not checked"),
    ("none", "No credit"),
    ("amount", "Up to an amount"),
]

#: How long core's field is looked after when a limit begins or runs out by date.
FOLLOWED_DAYS = 7

#: Beyond it, an amount is a slip of the keyboard: sums of it would lose their cents.
LARGEST_AMOUNT = 1e13


class ArCreditLimit(models.Model):
    """A decision on how much a customer may owe. Never changed, only superseded.

    In force is the newest grant that has not run out: when a temporary one ends, the
    one before it is in force again.
    """

    _name = "ar.credit.limit"
    _description = "Credit Limit"
    _inherit = ["ar.record"]
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
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        string="Worth Today",
        currency_field="company_currency_id",
        compute="_compute_amount_company",
        help="The limit in the company's currency, at today's rate.",
    )
    rate = fields.Float(
        string="Exchange Rate",
        digits=(12, 6),
        compute="_compute_amount_company",
        help="What one unit of the limit's currency is worth in the company's.",
    )
    rate_date = fields.Date(
        compute="_compute_amount_company", help="The day that the rate is of."
    )
    status = fields.Selection(
        [
            ("in_force", "In force"),
            ("planned", "Planned"),
            ("behind", "Behind a temporary one"),
            ("superseded", "Superseded"),
            ("ended", "Run out"),
        ],
        compute="_compute_status",
        search="_search_status",
        help="Of all limits of a customer that have begun and not run out, the one "
        "that was decided last is in force.\n"
        "Planned: begins on a later day.\n"
        "Behind a temporary one: in force again when that one runs out.\n"
        "Superseded: a later decision took its place.",
    )
    is_review_overdue = fields.Boolean(
        string="Review Overdue",
        compute="_compute_status",
        search="_search_is_review_overdue",
        help="In force, and the day of its review has passed.",
    )
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
    _review_idx = models.Index(
        "(company_id, review_date) WHERE review_date IS NOT NULL"
    )

    @api.depends("commercial_partner_id", "limit_state", "amount")
    def _compute_display_name(self):
        states = dict(self._fields["limit_state"]._description_selection(self.env))
        for grant in self:
            what = states[grant.limit_state]
            if grant.limit_state == "amount":
                what = grant.currency_id.format(grant.amount)
            grant.display_name = f"{grant.commercial_partner_id.display_name}: {what}"

    @api.depends_context("company")
    @api.depends("amount", "currency_id", "company_id")
    def _compute_amount_company(self):
        for (currency, company), grants in self.grouped(
            lambda grant: (grant.currency_id, grant.company_id)
        ).items():
            rate, day = self._get_rate(currency, company)
            grants.rate = rate
            grants.rate_date = day
            for grant in grants:
                grant.amount_company = company.currency_id.round(grant.amount * rate)

    @api.depends("date_from", "date_until", "review_date")
    def _compute_status(self):
        status = dict(
            self.env.execute_query(
                self._get_status_sql(SQL("grant_.id = ANY(%s)", self.ids))
            )
        )
        for grant in self:
            grant.status = status.get(grant.id, False)
            grant.is_review_overdue = (
                grant.status == "in_force"
                and bool(grant.review_date)
                and grant.review_date < grant.company_id._ar_today()
            )

    @api.model
    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain(
            "id",
            "in",
            SQL(
                "(SELECT id FROM (%s) stated WHERE status = ANY(%s))",
                self._get_status_sql(),
                [each for each in value if each],
            ),
        )

    @api.model
    def _search_is_review_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        overdue = SQL(
            """(SELECT stated.id FROM (%s) stated
                  JOIN ar_credit_limit due ON due.id = stated.id
                  JOIN %s AS today(company_id, date)
                    ON today.company_id = due.company_id
                 WHERE stated.status = 'in_force' AND due.review_date < today.date)""",
            self._get_status_sql(),
            self.env["res.company"]._ar_todays_sql(),
        )
        domain = Domain("id", "in", overdue)
        return domain if True in value else ~domain

    @api.model
    def _get_status_sql(self, where: SQL | None = None) -> SQL:
        """Return (id, status) of grants; a later decision goes before an earlier one.

        :param where: condition on the alias ``grant_``
        """
        newer = SQL(
            """SELECT FROM ar_credit_limit newer
                WHERE newer.id > grant_.id
                  AND newer.company_id = grant_.company_id
                  AND newer.commercial_partner_id = grant_.commercial_partner_id
                  AND newer.date_from <= GREATEST(grant_.date_from, today.date)"""
        )
        self.flush_model()
        return SQL(
            """SELECT grant_.id, CASE
                      WHEN grant_.date_until < today.date THEN 'ended'
                      WHEN EXISTS (%(newer)s
                           AND COALESCE(newer.date_until, 'infinity')
                               >= COALESCE(grant_.date_until, 'infinity'))
                      THEN 'superseded'
                      WHEN grant_.date_from > today.date THEN 'planned'
                      WHEN EXISTS (%(newer)s
                           AND COALESCE(newer.date_until, 'infinity') >= today.date)
                      THEN 'behind'
                      ELSE 'in_force' END AS status
                 FROM ar_credit_limit grant_
                 JOIN %(todays)s AS today(company_id, date)
                   ON today.company_id = grant_.company_id
                WHERE %(where)s""",
            newer=newer,
            todays=self.env["res.company"]._ar_todays_sql(),
            where=where or SQL("TRUE"),
        )

    @api.constrains("date_from", "date_until", "review_date")
    def _check_dates(self):
        for grant in self:
            if grant.date_until and grant.date_until < grant.date_from:
                raise ValidationError(
                    self.env._("A temporary limit cannot end before it begins.")
                )
            if grant.review_date and grant.review_date < grant.date_from:
                raise ValidationError(
                    self.env._("A limit cannot be reviewed before it begins.")
                )

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "A credit limit is a decision on record: it is neither changed nor "
            "deleted. Set a new one, which takes its place."
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
        self,
        partner,
        company,
        limit_state,
        amount=0.0,
        reason="",
        date_until=None,
        *,
        currency=None,
        date_from=None,
        review_date=None,
    ):
        """Decide how much a customer may owe.

        Of all grants that have begun and not run out, the one decided last is in force:
        this one goes before all that were decided earlier, as long as it lasts.

        :param partner: res.partner, any contact of the customer
        :param company: res.company; its root is meant
        :param str limit_state: ``unchecked``, ``none``, ``amount``, or ``default`` for
            what the policy of the class or company says
        :param float amount: in ``currency``
        :param str reason: why, for the record
        :param date date_until: last day of a temporary limit
        :param currency: res.currency; the root company's by default
        :param date date_from: first day, today or later; today by default
        :param date review_date: when the limit is to be looked at again
        :return: the grant
        :raise AccessError: the user is no credit manager, or not in this company
        :raise UserError: no reason, or an amount, currency or day that is none
        """
        self._check_may_grant(company)
        company = company.root_id
        customer = partner.commercial_partner_id
        currency = currency or company.currency_id
        self._check_decision(limit_state, amount, reason)
        self._check_customer(customer)
        self._check_first_day(company, date_from)
        self.env["ar.credit.account"]._serialize(customer, company)
        worth = self._check_worth(limit_state, amount, currency, company)
        self._check_authority(
            customer, company, limit_state, worth, date_from, date_until
        )
        vals = {
            **self._prepare_grant(customer, company, limit_state, amount, reason),
            "currency_id": currency.id,
            "date_until": date_until,
            "review_date": review_date,
            **({"date_from": date_from} if date_from else {}),
        }
        grant = self._append([vals])
        grant._follow()
        return grant

    @api.model
    def _check_worth(self, limit_state, amount, currency, company):
        """Return what a limit is worth today, in the root company's currency.

        :raise UserError: nobody knows
        """
        if limit_state == "amount":
            self._check_currency(currency, company)
        today = company._ar_today()
        return currency._convert(amount, company.currency_id, company, today)

    @api.model
    def _check_decision(self, limit_state, amount, reason):
        if not (reason or "").strip():
            raise UserError(
                self.env._("Say why: a credit limit needs a reason for the record.")
            )
        if limit_state == "amount":
            self._check_amount(amount)

    @api.model
    def _check_amount(self, amount):
        if not amount > 0:
            raise UserError(
                self.env._(
                    "The credit limit must be above zero. To give no credit at all, "
                    "choose “No credit”."
                )
            )
        if not math.isfinite(amount) or amount > LARGEST_AMOUNT:
            raise UserError(
                self.env._(
                    "Nobody can owe that much: check the amount. For a customer "
                    "without limit, choose “Not checked”."
                )
            )

    @api.model
    def _check_ceiling(self, ceiling):
        """
        :param float ceiling: up to which a decision lets pass; none: not said
        :raise UserError: no amount that anybody can owe. What is no number at all is
            beyond no authority
        """
        if ceiling is not None and not 0 <= ceiling <= LARGEST_AMOUNT:
            raise UserError(self.env._("Nobody can owe that: check the ceiling."))

    @api.model
    def _check_customer(self, customer):
        if not customer.active:
            raise UserError(
                self.env._(
                    "%(customer)s is archived and gets no new credit limit. Restore "
                    "the customer first.",
                    customer=customer.display_name,
                )
            )

    @api.model
    def _check_first_day(self, company, date_from):
        first_day = fields.Date.to_date(date_from)
        if first_day and first_day < company._ar_today():
            raise UserError(
                self.env._("A credit limit begins today or later, not in the past.")
            )

    @api.model
    def _check_currency(self, currency, company):
        """Refuse a currency that nobody can convert: its limit would be worth
        nothing."""
        if not self._get_rate(currency, company)[0]:
            raise UserError(
                self.env._(
                    "%(currency)s has no exchange rate in %(company)s: enter one "
                    "first, or give the limit in %(company_currency)s.",
                    currency=currency.name,
                    company=company.name,
                    company_currency=company.currency_id.name,
                )
            )

    @api.model
    def _get_rate(self, currency, company):
        """Return what one unit is worth in the company's currency today, and the day
        that this rate is of; (0.0, False) without rate."""
        if not currency or currency == company.currency_id:
            return 1.0, False
        today = company._ar_today()
        rates = (
            self.env["res.currency.rate"]
            .sudo()
            .search(
                [
                    ("currency_id", "=", currency.id),
                    ("company_id", "in", (False, company.id)),
                ],
                order="name",
            )
        )
        if not rates:
            return 0.0, False
        past = rates.filtered(lambda rate: rate.name <= today)
        best = (
            past.filtered("company_id")[-1:]
            or past[-1:]
            or rates.filtered("company_id")[:1]
            or rates[:1]
        )
        return (
            currency.sudo()._get_conversion_rate(
                currency, company.currency_id, company, today
            ),
            best.name,
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
        moments = customers._get_moment_figures(company)
        had_foreign = self._search_foreign_grants(company)
        grants = self._by_code().create(
            [
                {
                    "core_values": held[vals["commercial_partner_id"]],
                    **vals,
                    **(common or {}),
                }
                for vals in vals_list
            ]
        )
        if not had_foreign and self._search_foreign_grants(company):
            self.env.registry.clear_cache()  # other workers remember that none is
        grants = grants.with_env(self.env)
        grants._log(moments)
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

    def _log(self, moments):
        """Put the grants on record.

        :param dict moments: {commercial partner id: what was owed and in force before}
        """
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
                    "figures": grant._get_figures(
                        moments[grant.commercial_partner_id.id]
                    ),
                    "source": grant,
                }
                for grant in self.sudo()
            ]
        )

    def _get_figures(self, moment):
        self.ensure_one()
        return {
            "state": self.limit_state,
            "amount": self.amount,
            "currency": self.currency_id.name,
            "from": fields.Date.to_string(self.date_from),
            "until": fields.Date.to_string(self.date_until),
            "review": fields.Date.to_string(self.review_date),
            "worth": self.amount_company,
            "before": moment,
        }

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
    def _grant_from_core(self, customers, company, value):
        """Record a limit that was typed into core's own field as a decision.

        :param customers: res.partner, commercial partners
        :param float value: what was written, in the company's currency
        """
        by_code = self.env.su
        if not by_code:
            self._check_may_grant(company)
        company = company.root_id
        state, amount = self._read_core_value(company, value)
        if state == "amount":
            self._check_amount(amount)
        self.env["ar.credit.account"]._serialize(customers, company)
        if not by_code:
            self._check_authority(customers, company, state, amount)
        reason = self._get_core_reason(by_code)
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
    def _get_core_reason(self, by_code):
        if by_code:
            return self.env._("Set by a program, not on the customer form")
        return self.env._("Set on the customer form")

    @api.model
    def _read_core_value(self, company, value):
        """Return (limit_state, amount) that core's value stands for: the company's
        default is no limit of the customer's own, zero does not limit, the smallest
        unit gives no credit."""
        currency = company.currency_id
        if value == self.env["res.partner"]._get_core_default(company):
            return "default", 0.0
        if value <= 0:
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
        """Let core's field say what is in force today where a limit begins, ran out,
        or follows an exchange rate; a night or more may have been left out."""
        today = company._ar_today()
        since = fields.Date.subtract(today, days=FOLLOWED_DAYS)
        ended = Domain("date_until", "=", fields.Date.subtract(today, days=1))
        changed = Domain("date_until", ">=", since) & Domain("date_until", "<", today)
        changed |= Domain("date_from", ">", since) & Domain("date_from", "<=", today)
        changed |= Domain("currency_id", "!=", company.currency_id.id)
        grants = self.sudo().search(Domain("company_id", "=", company.id) & changed)
        grants._follow()
        self.env["ar.recheck"]._add(grants.commercial_partner_id.ids, company)
        return len(grants.filtered_domain(ended))

    @api.model
    def _restore_core_values(self):
        """Put back what core's field held before we replaced it."""
        policies = self.env["ar.credit.policy"].sudo().search(Domain.TRUE)
        policies._restore_core_defaults()
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
