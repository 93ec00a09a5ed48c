"""Who may give which limit."""

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.limit import get_turning_days
from .ar_credit_hold import STANDING_STATES


class ArCreditLimit(models.Model):
    _inherit = "ar.credit.limit"

    @api.model
    def _check_authority(
        self, customers, company, limit_state, amount, date_from=None, date_until=None
    ):
        """Who may release up to an amount gives no limit above it; to lessen a limit is
        everybody's right who decides on limits. A limit that somebody else gave for
        some days is not prolonged without authority.

        :param float amount: in the root company's currency
        :param date date_from: first day; none: today
        :param date date_until: last day; none: lasting
        :raise UserError: the decision raises a limit beyond the user's authority, or
            lets go what the user requested the release of
        """
        wanted = amount if limit_state == "amount" else float("inf")
        first = fields.Date.to_date(date_from) or company._ar_today()
        last = fields.Date.to_date(date_until)
        if limit_state == "none":
            return
        if wanted <= self._get_least(customers, company, first, last):
            return
        self.env["ar.credit.hold"]._check_requested_by_others(customers, company)
        authorities = self.env["ar.credit.authority"]
        measures = {"order": wanted, "excess": wanted}
        for subject in {authorities._get_subject(each, company) for each in customers}:
            if refusal := authorities._get_refusal(company, measures, subject=subject):
                raise UserError(refusal)

    @api.model
    def _get_least(self, customers, company, first, last):
        """Return the smallest limit that any of these customers has on any of these
        days as things stand, in the root company's currency; zero for days without
        limit, which nobody without authority puts one in the place of.

        :param customers: res.partner, commercial partners
        :param company: res.company, a root
        :param date last: None: for ever
        """
        grants = self.sudo().search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "=", company.id),
            ]
        )
        by_customer = grants.grouped(lambda grant: grant.commercial_partner_id.id)
        policies = self.env["ar.credit.policy"]._get_policies(customers, company)
        return min(
            by_customer.get(customer_id, self.browse())._get_least_amount(
                first, last, policies[customer_id].amount
            )
            for customer_id in customers.ids
        )

    def _get_least_amount(self, first, last, default):
        """Return the smallest amount of these grants of one customer, the newest
        first, on any of these days."""
        spans = [(grant.date_from, grant.date_until) for grant in self]
        return min(
            self._get_amount_on(day, default)
            for day in get_turning_days(spans, first, last)
        )

    def _get_amount_on(self, day, default):
        """Return what the newest of these grants that lasts on a day comes to."""
        for grant in self:
            if grant.date_from <= day and not (
                grant.date_until and grant.date_until < day
            ):
                is_default = grant.limit_state == "default"
                return default if is_default else grant.amount_company
        return default


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    @api.model
    def _check_requested_by_others(self, customers, company, order=None):
        """Four eyes: who requested a release does not let the order go by another
        decision of their own.

        :param customers: res.partner, commercial partners that the decision is about
        :param company: res.company; its root is meant
        :param order: sale.order, where the decision is about this one alone
        :raise UserError: the user requested the release of what the decision lets go
        """
        for _head, members in customers.sudo()._get_credit_groups().values():
            customers |= members.with_env(customers.env)
        of_order = [("order_id", "=", order.id)] if order else []
        requested = self.sudo().search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "=", company.root_id.id),
                ("state", "in", STANDING_STATES),
                ("scope", "!=", "customer_deliveries"),
                ("requester_ids", "in", self.env.uid),
                *of_order,
            ],
            limit=1,
        )
        if requested:
            raise UserError(requested.with_env(self.env)._get_own_request_text())
