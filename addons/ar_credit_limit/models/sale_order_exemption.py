"""Orders that an exemption lets pass although a check found something."""

from odoo import models
from odoo.fields import Domain

from ..tools.exposure import NO_EXPOSURE
from .sale_order_cover import BY_HAND


class OwedByCustomer(dict):
    """{commercial partner id: what is owed and ordered}, read in one go when the first
    one is asked for. Read anew: the checks of a policy may not have asked for it."""

    def __init__(self, customers, company):
        super().__init__()
        self._customers = customers
        self._company = company

    def __missing__(self, customer_id):
        exposures = self._customers._get_exposure(self._company)
        self.update(
            {
                customer.id: exposures.get(customer.id, NO_EXPOSURE).tested
                for customer in self._customers
            }
        )
        return self[customer_id]


class ExemptionsByOrder(dict):
    """{order id: exemptions in force}, read in one go when the first one is asked for:
    who stays within the limit costs no query. ``owed`` is what their ceilings are
    compared with."""

    def __init__(self, orders, company):
        super().__init__()
        self._orders = orders
        self._company = company
        self.owed = OwedByCustomer(orders._get_credit_customers(), company)

    def __missing__(self, order_id):
        self.update(self._orders._read_exemptions(self._company))
        return self[order_id]


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _get_exempt_orders(self, company):
        """Return a mapping {order id: its exemptions in force today}, its customer's
        included; nothing is read unless one is looked up.

        :param company: res.company, the root of these orders
        """
        return ExemptionsByOrder(self, company)

    def _read_exemptions(self, company):
        Exemption = self.env["ar.credit.exemption"].sudo()
        customers = self._get_credit_customers()
        in_force = Exemption.search(
            Exemption._get_in_force_domain(company)
            & Domain("commercial_partner_id", "in", customers.ids)
        )
        return {
            order.id: in_force.filtered(
                lambda exemption, order=order: (
                    exemption.commercial_partner_id == order._get_credit_customers()
                    and (
                        exemption.scope == "customer"
                        or exemption.order_id == order._origin
                    )
                )
            )
            for order in self
        }

    def _leave_exempt(self, standing, exemptions, amount, get_total):
        """Return what still stands where an exemption covers this order.

        :param standing: list of :class:`Violation` that no release covers
        :param exemptions: mapping of :meth:`_get_exempt_orders`
        :param float amount: of this order, in the root company's currency
        :param get_total: callable() -> what the customer owes and ordered, this order
            included
        :return: (list of :class:`Violation`, whether the order is exempt)
        """
        if all(violation.code in BY_HAND for violation in standing):
            return standing, False
        currency = self.company_id.root_id.currency_id
        for exemption in exemptions[self.id]:
            if exemption.ceiling:
                measured = amount if exemption.scope == "order" else get_total()
            if (
                not exemption.ceiling
                or currency.compare_amounts(measured, exemption.ceiling) <= 0
            ):
                by_hand = [v for v in standing if v.code in BY_HAND]
                return by_hand, not by_hand
        return standing, False
