"""The credit check of orders: what speaks against confirming them, as data."""

from collections import defaultdict
from functools import partial
from typing import NamedTuple

from odoo import models
from odoo.tools import formatLang

from ..tools.violation import Violation
from .ar_credit_limit import NO_GRANT
from .res_partner import NO_EXPOSURE


class Assessment(NamedTuple):
    """What the check of one order found: ``found`` are all violations, ``standing``
    those that neither a release nor an exemption covers."""

    is_checked: bool
    found: list[Violation]
    standing: list[Violation]
    is_exempt: bool = False


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

    def _assess_credit(self, together=False, checkpoint="confirm", amounts=None):
        """Compare the orders with the limits of their customers, in two queries per
        root company (one more where a whole customer is stopped).

        :param bool together: the orders are to be confirmed at once, so that each
            leaves less for the next; otherwise each is looked at alone
        :param str checkpoint: as in :meth:`_get_credit_violations`
        :param dict amounts: {order id: its amount in the root company's currency after
            a change that somebody wants to make}; without it, the amount it has
        :return: {order id: :class:`Assessment`}
        """
        result = dict.fromkeys(self._ids, UNCHECKED)
        checked = self.filtered(lambda order: order.company_id._has_credit_check())
        for company, orders in checked.grouped(lambda o: o.company_id.root_id).items():
            result.update(
                orders._assess_credit_of_company(
                    company, together, checkpoint, amounts or {}
                )
            )
        return result

    def _assess_credit_of_company(self, company, together, checkpoint, amounts):
        customers = self._get_credit_customers()
        limits = self.env["ar.credit.limit"].sudo()._get_in_force(customers, company)
        stops = self.env["ar.credit.hold"]._get_customer_stops(
            customers.filtered(lambda customer: limits[customer.id].is_stopped),
            company,
            "customer_orders",
        )
        exposures = customers.filtered(
            lambda customer: limits[customer.id].is_checked
        )._get_exposure(company)
        forced = self._get_forced_violations()
        covers = self._get_credit_cover_by_order()
        exemptions = self._get_exempt_orders(company)
        reserved = defaultdict(float)
        result = {}
        for order in self:
            customer = order._get_credit_customers()
            limit = limits.get(customer.id, NO_GRANT)
            amount = amounts.get(order.id, order._get_credit_amount())
            exposure = exposures.get(customer.id, NO_EXPOSURE)
            by_hand = forced.get(order.id, []) + stops.get(customer.id, [])
            find = partial(
                order._get_violations_beyond,
                by_hand,
                limit,
                exposure,
                reserved[customer.id],
                amount,
            )
            found = order._find_beyond_cover(find, amount, covers)
            standing = order._get_standing_violations(found, limit, amount)
            standing, is_exempt = order._leave_exempt(
                standing, exemptions, amount, exposure.total + reserved[customer.id]
            )
            is_checked = limit.is_checked or limit.is_stopped
            result[order.id] = Assessment(is_checked, found, standing, is_exempt)
            if together and not standing:
                reserved[customer.id] += amount
        return result

    def _get_violations_beyond(self, by_hand, limit, exposure, reserved, amount, cover):
        """Return all violations of this order with ``cover`` of it paid in advance."""
        return by_hand + self._get_limit_violations(
            limit, exposure, reserved, amount, cover
        )

    def _get_limit_violations(self, limit, exposure, reserved, amount, cover=0.0):
        """Return the violation of the credit limit, if any.

        :param limit: :class:`LimitInForce`
        :param exposure: :class:`Exposure` of the customer
        :param float reserved: orders before this one in the same confirmation
        :param float amount: of this order, in the root company's currency
        :param float cover: of that amount, paid or secured in advance
        """
        currency = self.company_id.root_id.currency_id
        # The exposure of a confirmed order already holds the amount it has now.
        held_already = self._get_credit_amount() if self.state == "sale" else 0.0
        total = exposure.total + reserved + amount - cover - held_already
        excess = total - limit.amount
        if (
            not limit.is_checked
            or amount <= 0
            or currency.compare_amounts(excess, 0) <= 0
        ):
            return []
        figures = {
            **({"cover": cover} if cover else {}),
            "limit": limit.amount,
            "open_items": exposure.open_items,
            "ordered": exposure.ordered + reserved,
            "exposure": exposure.total + reserved,
            "order": amount,
            "total": total,
            "excess": excess,
            "currency": currency.name,
        }
        return [
            Violation("over_limit", self._get_limit_sentence(limit, figures), figures)
        ]

    def _get_limit_sentence(self, limit, figures):
        currency = self.company_id.root_id.currency_id
        texts = {
            name: formatLang(self.env, figure, currency_obj=currency)
            for name, figure in figures.items()
            if name != "currency"
        }
        customer = self._get_credit_customers().display_name
        if limit.state == "none":
            return self.env._(
                "%(customer)s gets no credit: with this order %(total)s would be owed "
                "(%(open_items)s open, %(ordered)s ordered, %(order)s this order).",
                customer=customer,
                **texts,
            )
        return self.env._(
            "%(customer)s would owe %(total)s, which is %(excess)s over the credit "
            "limit of %(limit)s (%(open_items)s open, %(ordered)s ordered, %(order)s "
            "this order).",
            customer=customer,
            **texts,
        )

    def _get_standing_violations(self, found, limit, amount):
        """Return the violations that no release of this order covers.

        :param found: list of :class:`Violation`
        :param limit: :class:`LimitInForce` of the customer
        :param float amount: of this order, in the root company's currency
        """
        if not found or self.ar_credit_state not in ("released", "held"):
            return found
        customer = self._get_credit_customers()
        # A release is a decision on one customer, not on whoever pays instead.
        holds = self.sudo().ar_credit_hold_ids
        holds = holds.filtered(
            lambda hold: hold.commercial_partner_id == customer
        ).with_prefetch(holds._prefetch_ids)
        return holds._get_uncovered(amount, found, limit)

    def _get_credit_customers(self):
        """Return who is to pay: the commercial partners of the invoice addresses."""
        return self.sudo().partner_invoice_id.commercial_partner_id._origin

    def _get_credit_amount(self):
        """Return the order's total in the company's currency, taxes included, converted
        once, at the rate of the order."""
        self.ensure_one()
        currency = self.company_id.root_id.currency_id
        return currency.round(self.amount_total / (self.currency_rate or 1.0))
