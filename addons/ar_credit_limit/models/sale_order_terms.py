"""The terms and the size of orders: what a policy requires and what the check says of
them."""

from odoo import models

from ..tools.violation import Violation
from .account_payment_term import AT_ONCE


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _compute_payment_term_id(self):
        """New orders get the terms that the policy of their customer requires."""
        result = super()._compute_payment_term_id()
        for order, policy in self._get_required_policies():
            if policy.payment_term_id:
                order.payment_term_id = policy.payment_term_id
        return result

    def _compute_preferred_payment_method_line_id(self):
        """As for the terms: a direct debit, draft or cash instead of a transfer."""
        result = super()._compute_preferred_payment_method_line_id()
        for order, policy in self._get_required_policies():
            if policy.payment_method_line_id:
                order.preferred_payment_method_line_id = policy.payment_method_line_id
        return result

    def _get_required_policies(self):
        """Return (quotation, its policy) where orders are held; where credit is only
        observed, nothing is changed."""
        policies = self.env["ar.credit.policy"]
        required = []
        for company, orders in (
            self.filtered(
                lambda order: (
                    order.state in ("draft", "sent")
                    and order.company_id._holds_orders()
                )
            )
            .grouped(lambda order: order.company_id.root_id)
            .items()
        ):
            if not policies._get_rules(company.id):
                continue
            found = policies._get_policies(orders._get_credit_customers(), company)
            required += [
                (order, found[customer.id])
                for order in orders
                if (customer := order._get_credit_customers())
            ]
        return required

    def _get_credit_checkers(self):
        return {
            **super()._get_credit_checkers(),
            "order_amount": self._find_order_amount,
            "discount": self._find_discount,
            "payment_terms": self._find_payment_terms,
        }

    def _get_agreed_terms(self, case):
        """Return the id of the payment terms that were agreed with who pays: those that
        the policy requires, else the customer's own."""
        if case.policy.payment_term_id:
            return case.policy.payment_term_id
        company_id = self.company_id.id
        agreed = case.facts.payment_terms.get(str(company_id))
        if agreed is not None:
            return agreed
        field = case.customer._fields["property_payment_term_id"]
        fallback = field.get_company_dependent_fallback(
            case.customer.with_company(self.company_id)
        )
        return fallback.id

    def _find_order_amount(self, case, check):
        amount = case.order_amount - case.cover
        if case.company.currency_id.compare_amounts(amount, check.threshold) <= 0:
            return []
        partners = self.env["res.partner"]
        sentence = self.env._(
            "This order comes to %(amount)s; up to %(accepted)s is accepted in one "
            "order.",
            amount=partners._format_credit(case, amount),
            accepted=partners._format_credit(case, check.threshold),
        )
        figures = partners._get_check_figures(
            case, amount=amount, accepted=check.threshold
        )
        if case.cover:
            figures["cover"] = case.cover
        return [Violation("order_amount", sentence, figures)]

    def _find_discount(self, case, check):
        terms = self.env["account.payment.term"]._get_credit_terms()
        early = terms.get(self.payment_term_id.id, AT_ONCE).discount
        agreed = terms.get(self._get_agreed_terms(case), AT_ONCE).discount
        found = []
        highest = max(self.order_line.mapped("discount"), default=0.0)
        if highest > check.threshold:
            sentence = self.env._(
                "A line of this order has a discount of %(discount)s %%; up to "
                "%(accepted)s %% is agreed.",
                discount=f"{highest:g}",
                accepted=f"{check.threshold:g}",
            )
            found.append((sentence, highest, check.threshold))
        if early > max(agreed, check.threshold):
            sentence = self.env._(
                "This order gives a discount of %(discount)s %% for early payment; up "
                "to %(accepted)s %% is agreed.",
                discount=f"{early:g}",
                accepted=f"{max(agreed, check.threshold):g}",
            )
            found.append((sentence, early, max(agreed, check.threshold)))
        partners = self.env["res.partner"]
        return [
            Violation(
                "discount",
                sentence,
                partners._get_check_figures(case, discount=discount, accepted=accepted),
            )
            for sentence, discount, accepted in found
        ]

    def _find_payment_terms(self, case, check):
        found = [
            *self._find_longer_terms(case, check),
            *self._find_other_method(case),
        ]
        partners = self.env["res.partner"]
        return [
            Violation(
                "payment_terms",
                sentence,
                partners._get_check_figures(case, **figures),
            )
            for sentence, figures in found
        ]

    def _find_longer_terms(self, case, check):
        term_id, agreed_id = self.payment_term_id.id, self._get_agreed_terms(case)
        if term_id == agreed_id or term_id in case.policy.allowed_term_ids:
            return
        terms = self.env["account.payment.term"]._get_credit_terms()
        days = terms.get(term_id, AT_ONCE).days
        agreed_days = terms.get(agreed_id, AT_ONCE).days
        if days <= agreed_days + check.grace_days:
            return
        agreed = self.env["account.payment.term"].sudo().browse(agreed_id or None)
        sentence = self.env._(
            "This order is to be paid by “%(terms)s” (%(days)s days); agreed is "
            "“%(agreed)s” (%(agreed_days)s days).",
            terms=self.payment_term_id.display_name,
            days=days,
            agreed=agreed.display_name or self.env._("at once"),
            agreed_days=agreed_days,
        )
        yield sentence, {"days": days, "agreed_days": agreed_days}

    def _find_other_method(self, case):
        required_id = case.policy.payment_method_line_id
        if not required_id or self.preferred_payment_method_line_id.id == required_id:
            return
        required = self.env["account.payment.method.line"].sudo().browse(required_id)
        sentence = self.env._(
            "This order is to be paid by %(method)s, as agreed with %(customer)s.",
            method=required.display_name,
            customer=case.customer.display_name,
        )
        yield sentence, {"required_method": required.display_name}
