"""The credit check of customers: what speaks against giving them more, as data."""

from odoo import api, models
from odoo.tools import format_date, formatLang

from ..tools.case import Case
from ..tools.exposure import NO_EXPOSURE
from ..tools.limit import CreditFacts
from ..tools.policy import LIMIT_CODES
from ..tools.violation import Violation

#: Checks that read what is overdue.
OVERDUE_CODES = {"overdue_amount", "days_overdue"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    def _inverse_ar_risk_class_id(self):
        """Another class, another policy: what is held may go on now."""
        result = super()._inverse_ar_risk_class_id()
        self.env["ar.recheck"]._add(
            self.commercial_partner_id.ids, self.env.company.root_id
        )
        return result

    def _get_customer_violations(self, company, checkpoint, amount=0.0):
        """Return what speaks against giving these customers more, without an order.

        A constant number of queries, whatever the number of customers. No access
        check: callers decide whose figures the user may see.

        :param company: res.company; its root is meant
        :param str checkpoint: ``quotation``, ``confirm``, ``increase`` or ``transfer``
        :param float amount: what each of them would owe more, in the root company's
            currency
        :return: {commercial partner id: list of :class:`Violation`}
        """
        cases = self.commercial_partner_id._get_credit_cases(company, checkpoint)
        return {
            customer_id: self._find_violations(case._replace(order_amount=amount))
            for customer_id, case in cases.items()
        }

    def _get_credit_cases(self, company, checkpoint):
        """Return what the checks of these customers look at, in two queries (one more
        where a whole customer is stopped, and one where customers share limits); one
        where no check needs the exposure.

        :return: {commercial partner id: :class:`Case`}
        """
        company = company.root_id
        groups = self.sudo()._get_credit_groups()
        heads, members = self._get_sharing(groups)
        facts = (self | heads)._get_credit_facts(company, checkpoint)
        stops = self._get_credit_stops(company, facts)
        needing = self.filtered(
            lambda customer: self._needs_exposure(facts[customer.id], checkpoint)
        )
        exposures = (needing | members)._get_exposure(
            company,
            by_bucket=any(
                check.code == "bucket_ceiling"
                for customer in needing
                for check in facts[customer.id].policy.get_checks(checkpoint)
            ),
        )
        return {
            customer.id: Case(
                customer,
                company,
                checkpoint,
                facts[customer.id],
                exposures.get(customer.id, NO_EXPOSURE),
                stops.get(customer.id, []),
                group=self._get_group_of_case(
                    groups.get(customer.id), facts, exposures
                ),
            )
            for customer in self
        }

    @api.model
    def _get_group_of_case(self, group, facts, exposures):
        if not group:
            return None
        return self._make_credit_group(group, facts[group[0].id].limit, exposures)

    def _get_credit_facts(self, company, checkpoint):
        policies = self.env["ar.credit.policy"]._get_rules(company.id)
        checks = {
            check
            for policy in policies
            for check in policy.get_checks(checkpoint)
            if check.code in OVERDUE_CODES
        }
        limits = self.env["ar.credit.limit"].sudo()
        found = limits._get_facts(
            self, company, {check.grace_days for check in checks} if checks else None
        )
        return {customer.id: found.get(customer.id, CreditFacts()) for customer in self}

    def _get_credit_stops(self, company, facts):
        stopped = self.filtered(lambda customer: facts[customer.id].limit.is_stopped)
        return self.env["ar.credit.hold"]._get_customer_stops(
            stopped, company, "customer_orders"
        )

    @api.model
    def _needs_exposure(self, facts, checkpoint):
        return any(
            check.code == "bucket_ceiling"
            or (check.code in LIMIT_CODES and facts.limit.is_checked)
            for check in facts.policy.get_checks(checkpoint)
        )

    @api.model
    def _get_credit_checkers(self):
        """Return {code: callable(case, check)}; each returns a list of
        :class:`Violation`. Hook: floors above add the checks of theirs."""
        return {
            "over_limit": self._find_over_limit,
            "utilization": self._find_utilization,
            "bucket_ceiling": self._find_bucket_ceiling,
            "overdue_amount": self._find_overdue_amount,
            "days_overdue": self._find_days_overdue,
            "grant_expired": self._find_grant_expired,
            "review_overdue": self._find_review_overdue,
            "manual_stop": self._find_manual_stop,
        }

    @api.model
    def _find_violations(self, case, checkers=None):
        """Return all violations of a case, each with the action that the policy wants
        at this checkpoint.

        :param case: :class:`Case`
        :param dict checkers: as :meth:`_get_credit_checkers` returns; these by default
        """
        if self._is_credit_excluded(case):
            return []
        checkers = self._get_credit_checkers() if checkers is None else checkers
        return [
            violation._replace(
                action=check.get_action(case.checkpoint),
                grace_days=check.transfer_grace_days,
            )
            for check in case.policy.get_checks(case.checkpoint)
            if check.code in checkers
            for violation in checkers[check.code](case, check)
        ]

    @api.model
    def _is_credit_excluded(self, case):
        """Return whether this customer is never checked: an own company."""
        return bool(case.customer._get_credit_exclusion(case.company))

    @api.model
    def _find_manual_stop(self, case, check):
        return case.stops

    @api.model
    def _find_over_limit(self, case, check):
        if not case.limit.is_checked:
            return []
        if case.limit.lacks_rate:
            return [self._get_rate_violation(case)]
        currency = case.company.currency_id
        total = case.exposure.tested + case.reserved + case.added
        excess = total - case.limit.amount
        tolerated = case.policy.get_tolerated(case.limit.amount)
        if currency.compare_amounts(excess, tolerated) <= 0:
            return []
        figures = {
            "limit": case.limit.amount,
            "open_items": case.exposure.open_items,
            "ordered": case.exposure.ordered + case.reserved - case.in_orders,
            "exposure": case.exposure.total + case.reserved,
            "order": case.order_amount,
            "total": total,
            "excess": excess,
            "currency": currency.name,
            **self._get_limit_figures(case, tolerated),
        }
        sentence = self._get_limit_sentence(case, figures)
        return [Violation("over_limit", sentence, figures)]

    @api.model
    def _get_limit_figures(self, case, tolerated):
        """Return what belongs to the limit in special cases only: the tolerance, what
        is paid in advance, and where it was given in another currency the amount there,
        with rate and date."""
        limit = case.limit
        figures = {"tolerated": tolerated} if tolerated else {}
        if case.cover:
            figures["cover"] = case.cover
        if limit.currency_id and limit.currency_id != case.company.currency_id.id:
            figures.update(
                limit_currency=self._get_currency(limit.currency_id).name,
                limit_in_currency=limit.amount_currency,
                rate=limit.rate,
                rate_date=str(limit.rate_date),
            )
        return figures

    @api.model
    def _get_currency(self, currency_id):
        return self.env["res.currency"].sudo().browse(currency_id)

    @api.model
    def _get_limit_sentence(self, case, figures):
        texts = {
            name: self._format_credit(case, figures[name])
            for name in ("open_items", "ordered", "order", "total", "excess")
        }
        texts["customer"] = case.customer.display_name
        if case.limit.state == "none":
            return self._get_no_credit_sentence(case, texts)
        texts["limit"] = self._get_limit_text(case)
        if not case.order:
            return self.env._(
                "%(customer)s would owe %(total)s, which is %(excess)s over the credit "
                "limit of %(limit)s (%(open_items)s open, %(ordered)s ordered).",
                **texts,
            )
        return self.env._(
            "%(customer)s would owe %(total)s, which is %(excess)s over the credit "
            "limit of %(limit)s (%(open_items)s open, %(ordered)s ordered, %(order)s "
            "this order).",
            **texts,
        )

    @api.model
    def _get_no_credit_sentence(self, case, texts):
        if not case.order:
            return self.env._(
                "%(customer)s gets no credit: %(total)s would be owed (%(open_items)s "
                "open, %(ordered)s ordered).",
                **texts,
            )
        return self.env._(
            "%(customer)s gets no credit: with this order %(total)s would be owed "
            "(%(open_items)s open, %(ordered)s ordered, %(order)s this order).",
            **texts,
        )

    @api.model
    def _get_limit_text(self, case):
        limit = case.limit
        text = self._format_credit(case, limit.amount)
        if not limit.currency_id or limit.currency_id == case.company.currency_id.id:
            return text
        return self.env._(
            "%(limit)s (%(amount)s at the rate of %(date)s)",
            limit=text,
            amount=self._get_currency(limit.currency_id).format(limit.amount_currency),
            date=format_date(self.env, limit.rate_date),
        )

    @api.model
    def _get_rate_violation(self, case):
        limit = case.limit
        currency = self._get_currency(limit.currency_id)
        return Violation(
            "no_rate",
            self.env._(
                "The credit limit of %(customer)s is %(limit)s, but %(currency)s has "
                "no exchange rate: what it is worth is not known. Enter a rate.",
                customer=case.customer.display_name,
                limit=currency.format(limit.amount_currency),
                currency=currency.name,
            ),
            {
                "limit_currency": currency.name,
                "limit_in_currency": limit.amount_currency,
                "order": case.order_amount,
                "currency": case.company.currency_id.name,
            },
        )

    @api.model
    def _find_utilization(self, case, check):
        limit = case.limit.amount
        if not case.limit.is_checked or limit <= 0:
            return []
        total = case.exposure.tested + case.reserved + case.added
        accepted = limit * check.threshold / 100
        if case.company.currency_id.compare_amounts(total, accepted) <= 0:
            return []
        share = round(total / limit * 100, 2)
        return [
            Violation(
                "utilization",
                self.env._(
                    "%(customer)s would owe %(total)s, which is %(share)s %% of the "
                    "credit limit of %(limit)s; up to %(accepted)s %% is accepted.",
                    customer=case.customer.display_name,
                    total=self._format_credit(case, total),
                    share=f"{share:g}",
                    limit=self._get_limit_text(case),
                    accepted=f"{check.threshold:g}",
                ),
                self._get_check_figures(
                    case,
                    total=total,
                    share=share,
                    accepted=check.threshold,
                    **self._get_limit_figures(case, 0.0),
                ),
            )
        ]

    @api.model
    def _get_bucket_amount(self, exposure, bucket):
        """Return what a part of the exposure comes to."""
        return getattr(exposure, bucket)

    @api.model
    def _find_bucket_ceiling(self, case, check):
        amount = self._get_bucket_amount(case.exposure, check.bucket)
        if check.bucket == "undelivered":
            # The share of a sent quotation stands in another bucket.
            amount += case.reserved + case.order_amount - case.cover - case.in_orders
        if case.company.currency_id.compare_amounts(amount, check.threshold) <= 0:
            return []
        labels = dict(
            self.env["ar.credit.policy.check"]
            ._fields["bucket"]
            ._description_selection(self.env)
        )
        return [
            Violation(
                "bucket_ceiling",
                self.env._(
                    "%(customer)s: %(bucket)s comes to %(amount)s, more than the "
                    "ceiling of %(ceiling)s.",
                    customer=case.customer.display_name,
                    bucket=labels[check.bucket],
                    amount=self._format_credit(case, amount),
                    ceiling=self._format_credit(case, check.threshold),
                ),
                self._get_check_figures(
                    case, bucket=check.bucket, amount=amount, ceiling=check.threshold
                ),
            )
        ]

    @api.model
    def _find_overdue_amount(self, case, check):
        amount = case.facts.overdue.get(check.grace_days, 0.0)
        if case.company.currency_id.compare_amounts(amount, check.threshold) <= 0:
            return []
        return [
            Violation(
                "overdue_amount",
                self.env._(
                    "%(customer)s has %(amount)s overdue; up to %(accepted)s is "
                    "accepted.",
                    customer=case.customer.display_name,
                    amount=self._format_credit(case, amount),
                    accepted=self._format_credit(case, check.threshold),
                ),
                self._get_check_figures(
                    case,
                    overdue=amount,
                    accepted=check.threshold,
                    grace_days=check.grace_days,
                ),
            )
        ]

    @api.model
    def _find_days_overdue(self, case, check):
        days, accepted = case.facts.days_overdue, int(check.threshold)
        if days <= accepted + check.grace_days:
            return []
        return [
            Violation(
                "days_overdue",
                self.env._(
                    "The oldest overdue item of %(customer)s is %(days)s days overdue; "
                    "up to %(accepted)s days are accepted.",
                    customer=case.customer.display_name,
                    days=days,
                    accepted=accepted + check.grace_days,
                ),
                self._get_check_figures(
                    case, days=days, accepted=accepted, grace_days=check.grace_days
                ),
            )
        ]

    @api.model
    def _find_grant_expired(self, case, check):
        ended = case.limit.expired_on
        if not ended or self._get_days_since(case, ended) <= self._get_patience(check):
            return []
        return [
            Violation(
                "grant_expired",
                self.env._(
                    "The credit limit of %(customer)s ran out on %(date)s and no other "
                    "one was decided.",
                    customer=case.customer.display_name,
                    date=format_date(self.env, ended),
                ),
                self._get_check_figures(case, expired_on=str(ended)),
            )
        ]

    @api.model
    def _find_review_overdue(self, case, check):
        due = case.limit.review_date
        if not due or self._get_days_since(case, due) <= self._get_patience(check):
            return []
        return [
            Violation(
                "review_overdue",
                self.env._(
                    "The credit limit of %(customer)s was to be reviewed by %(date)s.",
                    customer=case.customer.display_name,
                    date=format_date(self.env, due),
                ),
                self._get_check_figures(case, review_date=str(due)),
            )
        ]

    @api.model
    def _get_days_since(self, case, day):
        return (case.company._ar_today() - day).days

    @api.model
    def _get_patience(self, check):
        return int(check.threshold) + check.grace_days

    @api.model
    def _get_check_figures(self, case, **figures):
        """Return the figures of a violation: its own, and those that a hold freezes."""
        return {
            **figures,
            "order": case.order_amount,
            "exposure": case.exposure.total + case.reserved,
            "limit": case.limit.amount,
            "currency": case.company.currency_id.name,
        }

    @api.model
    def _format_credit(self, case, amount):
        return formatLang(self.env, amount, currency_obj=case.company.currency_id)
