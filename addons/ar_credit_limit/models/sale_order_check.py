"""The credit check of orders: what speaks against confirming them, as data."""

from collections import defaultdict
from typing import NamedTuple

from odoo import models

from ..tools.violation import Violation, join_sentences


class Assessment(NamedTuple):
    """What the check of one order found at a checkpoint: ``found`` are the violations
    that stop it, ``standing`` those of them that no release covers, ``advice`` those
    that only warn. Before confirmation nothing is stopped: ``standing`` is what the
    quotation advises."""

    is_checked: bool
    found: list[Violation]
    standing: list[Violation]
    advice: list[Violation] = []
    is_exempt: bool = False

    @property
    def passing_state(self):
        """The state of an order that goes on: what was found and let pass."""
        if self.is_exempt:
            return "exempt"
        if self.found:
            return "released"
        if self.advice:
            return "warning"
        return "ok" if self.is_checked else "none"


UNCHECKED = Assessment(False, [], [])


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_credit_violations(self, checkpoint="confirm"):
        """Return what speaks against this order now. Never raises.

        :param str checkpoint: ``quotation``, ``confirm``, ``increase`` or ``transfer``
        :return: list of :class:`Violation`; empty where nothing is checked or where a
            release covers what was found
        """
        self.ensure_one()
        return self._get_credit_violations_by_order(checkpoint)[self.id]

    def _get_credit_violations_by_order(self, checkpoint="confirm"):
        """As :meth:`_get_credit_violations` for many orders, each looked at alone.

        :return: {order id: list of :class:`Violation`}
        """
        assessments = self._assess_credit(checkpoint=checkpoint)
        return {
            order_id: assessment.standing
            for order_id, assessment in assessments.items()
        }

    def _assess_credit(
        self, together=False, checkpoint="confirm", amounts=None, weighing=None
    ):
        """Compare the orders with the limits of their customers, in two queries per
        root company (one more where a whole customer is stopped).

        :param bool together: the orders are to be confirmed at once, so that each
            leaves less for the next; otherwise each is looked at alone
        :param str checkpoint: as in :meth:`_get_credit_violations`
        :param dict amounts: {order id: its amount in the root company's currency after
            a change that somebody wants to make}; without it, the amount it has
        :param dict weighing: {order id: what the exposure holds of it already}; without
            it, as :meth:`_get_amount_in_exposure` says
        :return: {order id: :class:`Assessment`}
        """
        result = dict.fromkeys(self._ids, UNCHECKED)
        checked = self.filtered(lambda order: order.company_id._has_credit_check())
        for company, orders in checked.grouped(lambda o: o.company_id.root_id).items():
            result.update(
                orders._assess_credit_of_company(
                    company, together, checkpoint, amounts or {}, weighing or {}
                )
            )
        return result

    def _assess_credit_of_company(
        self, company, together, checkpoint, amounts, weighing
    ):
        customers = self._get_credit_customers()
        cases = customers._get_credit_cases(company, checkpoint)
        amounts = {
            order.id: amounts.get(order.id, order._get_credit_amount())
            for order in self
        }
        forced = self._get_forced_violations()
        covers = self._get_credit_cover_by_order()
        exemptions = self._get_exempt_orders(company)
        reserved = defaultdict(float)
        result = {}
        for order in self:
            customer = order._get_credit_customers()
            if not customer:
                continue
            case = cases[customer.id]
            case = case._replace(
                order=order,
                order_amount=amounts[order.id],
                in_exposure=weighing.get(order.id, order._get_amount_in_exposure()),
                stops=forced.get(order.id, []) + case.stops,
            )
            case = order._get_reserved(case, reserved)
            assessment = order._assess_case(case, covers, exemptions)
            result[order.id] = assessment
            if together and not assessment.standing:
                order._reserve(case, reserved)
        return result

    def _get_reserved(self, case, reserved):
        """Return the case with what orders before it in the same confirmation take.

        :param reserved: mapping that :meth:`_reserve` adds to
        """
        return case._replace(reserved=reserved[case.customer])

    def _reserve(self, case, reserved):
        reserved[case.customer] += case.order_amount - case.in_exposure

    def _assess_case(self, case, covers, exemptions):
        found = self._find_beyond_cover(
            lambda cover: self._find_violations(case._replace(cover=cover)),
            case.order_amount,
            covers,
        )
        stopping = [v for v in found if v.action != "warn"]
        standing, is_exempt = self._leave_exempt(
            self._get_standing_violations(stopping, case.limit, case.order_amount),
            exemptions,
            case.order_amount,
            lambda: (
                exemptions.owed[case.customer.id]
                + case.reserved
                + case.order_amount
                - case.in_exposure
            ),
        )
        return Assessment(
            self._is_credit_checked(case),
            stopping,
            standing,
            [v for v in found if v.action == "warn"],
            is_exempt,
        )

    def _find_violations(self, case):
        checkers = self._get_credit_checkers()
        if case.order_amount <= 0:
            # What leaves nothing to be owed is stopped by hand only.
            checkers = {"manual_stop": checkers["manual_stop"]}
        return self.env["res.partner"]._find_violations(case, checkers)

    def _get_forced_violations(self):
        """Return {order id: list of :class:`Violation`}: orders that somebody stopped
        by hand, each alone. Seam of the holds."""
        return {}

    def _get_credit_cover_by_order(self):
        """Return {order id: what is paid or secured of it already}, in the root
        company's currency. Seam of down payments and authorised payments."""
        return {}

    def _find_beyond_cover(self, find, amount, covers):
        """Return what speaks against the part of this order that nothing covers.

        :param find: callable(cover), the violations found with that much covered
        :param float amount: of this order, in the root company's currency
        :param covers: mapping of :meth:`_get_credit_cover_by_order`
        """
        return find(covers.get(self.id, 0.0))

    def _get_exempt_orders(self, company):
        """Return a mapping {order id: what exempts it}. Seam of the exemptions.

        :param company: res.company, the root of these orders
        """
        return {}

    def _leave_exempt(self, standing, exemptions, amount, get_total):
        """Return what still stands where an exemption covers this order.

        :param standing: list of :class:`Violation` that no release covers
        :param exemptions: mapping of :meth:`_get_exempt_orders`
        :param float amount: of this order, in the root company's currency
        :param get_total: callable() -> what the customer owes and ordered, this order
            included
        :return: (list of :class:`Violation`, whether the order is exempt)
        """
        return standing, False

    def _get_credit_checkers(self):
        """Return {code: callable(case, check)}: the checks of customers and those of
        orders. Hook: floors above add the checks of theirs."""
        return self.env["res.partner"]._get_credit_checkers()

    def _is_credit_checked(self, case):
        limit = case.limit
        checks = case.policy.get_checks(case.checkpoint)
        return (
            limit.is_checked
            or limit.is_stopped
            or any(check.code not in ("over_limit", "manual_stop") for check in checks)
        )

    def _get_amount_in_exposure(self):
        """Return what the exposure of the customer holds of this order already: a
        confirmed order with the amount it has now, a sent quotation with its share."""
        self.ensure_one()
        if self.state == "sale":
            return self._get_credit_amount()
        company = self.company_id.root_id.sudo()
        weight = company.ar_exposure_quotation_weight
        if self.state != "sent" or not weight or self._is_quotation_expired():
            return 0.0
        amount = self.amount_total / (self.currency_rate or 1.0)
        return company.currency_id.round(amount * weight / 100)

    def _weighs_on_credit(self):
        """Return whether the exposure of the customer holds anything of this order."""
        self.ensure_one()
        return self.state == "sale" or bool(
            self.company_id._has_credit_check() and self._get_amount_in_exposure()
        )

    def _is_quotation_expired(self):
        today = self.company_id.root_id._ar_today()
        return bool(self.validity_date and self.validity_date < today)

    def _get_standing_violations(self, found, limit, amount):
        """Return the violations that no release of this order covers.

        :param found: list of :class:`Violation`
        :param limit: :class:`LimitInForce` of the customer
        :param float amount: of this order, in the root company's currency
        """
        if not found or self.ar_credit_state not in ("released", "held"):
            return found
        return self._get_deciding_holds()._get_uncovered(amount, found, limit)

    def _get_deciding_holds(self):
        """Return the holds whose decisions count for this order: on who pays, in the
        company that sells, not on whoever did so before."""
        customer, company = self._get_credit_customers(), self.company_id.root_id
        holds = self.sudo().ar_credit_hold_ids
        return holds.filtered(
            lambda hold: hold._is_of(customer, company)
        ).with_prefetch(holds._prefetch_ids)

    def _get_credit_customers(self):
        """Return who is to pay: the commercial partners of the invoice addresses."""
        return self.sudo().partner_invoice_id.commercial_partner_id._origin

    def _get_credit_amount(self):
        """Return the order's total in the company's currency, taxes included, converted
        once, at the rate of :meth:`_get_credit_rate`."""
        self.ensure_one()
        currency = self.company_id.root_id.currency_id
        return currency.round(self.amount_total / self._get_credit_rate())

    def _get_credit_rate(self):
        """Return the rate of this order: a quotation's is that of today, which it gets
        as it is confirmed."""
        currency = self.company_id.root_id.currency_id
        if self.state == "sale" or self.currency_id in (currency, currency.browse()):
            return self.currency_rate or 1.0
        return currency._get_conversion_rate(
            currency, self.currency_id, self.company_id, self.company_id._ar_today()
        )

    def _warn_of_credit(self, assessments):
        """Tell whoever confirms what the policy warns of, outside the chatter, and put
        it on record; where credit is only observed, on record alone."""
        warned = self.filtered(lambda order: assessments[order.id].advice)
        if not warned:
            return
        self.env["ar.event"]._log_many(
            [
                order._prepare_warning_event(violation)
                for order in warned
                for violation in assessments[order.id].advice
            ]
        )
        for order in warned.filtered(lambda order: order.company_id._holds_orders()):
            self.env.user._bus_send(
                "simple_notification",
                {
                    "type": "warning",
                    "sticky": True,
                    "title": self.env._("%(order)s: credit", order=order.name),
                    "message": join_sentences(assessments[order.id].advice),
                },
            )

    def _prepare_warning_event(self, violation):
        holds = self.company_id._holds_orders()
        return {
            "kind": "credit_warning" if holds else "credit_observed",
            "partner": self._get_credit_customers(),
            "company": self.company_id.root_id,
            "text": f"{self.name}: {violation.sentence}",
            "figures": violation.figures,
            "source": self,
        }
