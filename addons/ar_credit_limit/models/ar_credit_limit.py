from collections import defaultdict
from datetime import datetime
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL

#: Only code that holds this very object can append a grant; a client can forge the key
#: of a context, never the object.
_APPEND = object()


class LimitInForce(NamedTuple):
    """What a customer may owe today. ``amount`` is in the root company's currency and
    0.0 unless ``state`` is ``amount``; ``is_stopped`` where all orders are held;
    ``decided_on`` is when the grant in force was made."""

    state: str
    amount: float
    is_stopped: bool = False
    decided_on: datetime | None = None

    @property
    def is_checked(self):
        return self.state != "unchecked"


NO_GRANT = LimitInForce("unchecked", 0.0)


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
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    limit_state = fields.Selection(
        [
            ("unchecked", "Not checked"),
            ("none", "No credit"),
            ("amount", "Up to an amount"),
        ],
        string="Decision",
        required=True,
        readonly=True,
        help="Not checked: the customer may order without limit.\n"
        "No credit: nothing may be owed, every order on account is stopped.\n"
        "Up to an amount: open items and orders together may reach the amount.",
    )
    amount = fields.Monetary(readonly=True, aggregator=None)
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_until = fields.Date(
        string="Until",
        readonly=True,
        help="Last day of a temporary limit. From the next day on, the limit before it "
        "is in force again.",
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
        """Return {commercial partner id: LimitInForce} of all these customers.

        One query, whatever the number of customers. No access check: callers decide
        whose limits the user may see.

        :param partners: res.partner, commercial partners
        :param company: res.company; its root is meant
        """
        if not partners:
            return {}
        self.flush_model()
        self.env["ar.credit.hold"].flush_model(["scope", "state"])
        rows = self.env.execute_query(
            SQL(
                """SELECT customer.id, COALESCE(granted.limit_state, 'unchecked'),
                          COALESCE(granted.amount, 0),
                          EXISTS (
                              SELECT FROM ar_credit_hold stop
                               WHERE stop.commercial_partner_id = customer.id
                                 AND stop.company_id = %(company)s
                                 AND stop.scope = 'customer_orders'
                                 AND stop.state IN ('held', 'refused')),
                          granted.decided_on
                     FROM unnest(%(customers)s) AS customer(id)
                LEFT JOIN (%(in_force)s) granted
                       ON granted.commercial_partner_id = customer.id""",
                company=company.root_id.id,
                customers=partners.ids,
                in_force=self._get_in_force_sql(
                    SQL(
                        "grant_.commercial_partner_id = ANY(%s)"
                        " AND grant_.company_id = %s",
                        partners.ids,
                        company.root_id.id,
                    )
                ),
            )
        )
        return {partner_id: LimitInForce(*limit) for partner_id, *limit in rows}

    @api.model
    def _get_in_force_sql(self, where: SQL | None = None) -> SQL:
        """Return the select of the grants in force today, one row per customer and root
        company: commercial_partner_id, company_id, limit_state, amount, decided_on.

        :param where: condition on the alias ``grant_``
        """
        return SQL(
            """SELECT DISTINCT ON (grant_.company_id, grant_.commercial_partner_id)
                      grant_.commercial_partner_id, grant_.company_id,
                      grant_.limit_state, grant_.amount, grant_.decided_on
                 FROM ar_credit_limit grant_
                 JOIN %s AS today(company_id, date)
                   ON today.company_id = grant_.company_id
                WHERE grant_.date_from <= today.date
                  AND COALESCE(grant_.date_until, 'infinity') >= today.date
                  AND %s
             ORDER BY grant_.company_id, grant_.commercial_partner_id,
                      grant_.id DESC""",
            self.env["res.company"]._ar_todays_sql(),
            where or SQL("TRUE"),
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
