"""The credit check of transfers: what speaks against delivering, as data."""

from contextvars import ContextVar
from functools import cached_property, partial

from odoo import api, models
from odoo.fields import Domain

from odoo.addons.ar_credit_limit.models.ar_credit_limit import NO_GRANT
from odoo.addons.ar_credit_limit.models.res_partner import GROUP_OWN
from odoo.addons.ar_credit_limit.models.sale_order_exemption import OwedByCustomer
from odoo.addons.ar_credit_limit.tools.violation import Violation

GROUP_VIEWER = "ar_ledger.ar_ledger_group_viewer"

#: Whether the point of sale hands goods over just now: it names its own transfers only
#: after they are done.
at_counter = ContextVar("ar_deliveries_at_counter", default=False)


class DeliveryExemptions:
    """What exempts orders and customers of many transfers, read in one go when the
    first one is asked for."""

    def __init__(self, orders, customers, company):
        self.of_orders = orders._get_exempt_orders(company)
        self._owed = OwedByCustomer(customers, company)
        self._customers, self._company = customers, company

    @cached_property
    def _of_customers(self):
        exemptions = self._customers.env["ar.credit.exemption"]
        return exemptions._get_exemptions(self._customers, self._company)

    def get_owed(self, order):
        """Return what the customer of a confirmed order owes and ordered."""
        return self._owed[order._get_credit_customers().id]

    def reach(self, customer):
        """Return whether this customer is exempt as a whole, with all that is owed."""
        exemption = self._of_customers.get(customer.id)
        return bool(exemption) and (
            not exemption.ceiling or exemption._reaches(self._owed[customer.id])
        )


class StockPicking(models.Model):
    _inherit = "stock.picking"

    def _get_delivery_violations(self):
        """Return what speaks against delivering now. Never raises.

        :return: list of :class:`Violation`; empty where nothing is checked
        """
        self.ensure_one()
        return self._get_delivery_violations_by_picking().get(self.id, [])

    def _get_delivery_violations_by_picking(self):
        """As :meth:`_get_delivery_violations` for many transfers, in one query per root
        company (two where something is stopped).

        :return: {picking id: list of :class:`Violation`}, of stopped transfers only
        """
        return self._get_told_by_picking(
            self._get_stoppable()._find_delivery_violations(), is_holding=True
        )

    @api.model
    def _get_told_by_picking(self, found, is_holding):
        """Return what the user may know of what was found: either what holds, or what
        the policy only warns of."""
        result = {}
        for picking, violations in found.items():
            wanted = [v for v in violations if (v.action == "hold") is is_holding]
            if wanted:
                result[picking.id] = picking._get_told_violations(wanted)
        return result

    def _find_delivery_violations(self):
        """Return {picking: list of :class:`Violation`}, for these transfers, whatever
        the company does about it."""
        result = {}
        for company, pickings in self.grouped(
            lambda picking: picking.company_id.root_id
        ).items():
            customers = pickings._get_delivery_customers()
            stops = pickings._get_credit_stops(customers, company)
            if not stops:
                continue
            orders = pickings._get_delivery_orders()
            exemptions = DeliveryExemptions(orders, customers, company)
            for picking in pickings:
                result[picking] = picking._get_counting_violations(stops, exemptions)
        return result

    def _get_credit_stops(self, customers, company):
        """Return what stops customers, or orders of these transfers, and what the
        policy finds about the customers. Hook.

        :param customers: res.partner, the commercial partners who owe for the goods
        :param company: res.company, a root
        :return: {customer or order: list of :class:`Violation`}
        """
        stops = self.env["ar.credit.hold"]._get_delivery_stops(
            customers, self._get_delivery_orders(), company
        )
        if company._checks_transfers():
            found = customers._get_customer_violations(company, "transfer")
            for customer in customers.filtered(lambda customer: found[customer.id]):
                stops[customer] = stops.get(customer, []) + found[customer.id]
        return stops

    def _get_counting_violations(self, stops, exemptions):
        """Return what counts for this transfer out of what stops customers and orders:
        each reason once, not in days of grace, not released with the order nor exempt.

        :param exemptions: :class:`DeliveryExemptions`
        """
        self.ensure_one()
        orders = self._get_delivery_orders()
        found = {}
        for stopped in [*self._get_delivery_customers(), *orders]:
            for violation in stops.get(stopped, []):
                found.setdefault((violation.code, violation.sentence), violation)
        counting = [v for v in found.values() if not self._is_in_grace(v, orders)]
        return self._drop_released(counting, orders, exemptions)

    def _is_in_grace(self, violation, orders):
        """Return whether the orders were confirmed so lately that a violation does not
        count for their transfers yet."""
        days = self._get_grace_days(violation)
        company = self.company_id.root_id
        return bool(days and orders) and all(
            (company._ar_today() - company._ar_local_date(order.date_order)).days < days
            for order in orders
        )

    @api.model
    def _get_grace_days(self, violation):
        """Return for how many days after an order its transfers go in spite of a
        violation, as its check in the policy says. Hook."""
        return violation.grace_days

    def _is_exempt_customer(self, exemptions):
        """Return whether who gets the goods, without an order, is exempt as a whole."""
        customers = self._get_delivery_customers()
        return bool(customers) and all(map(exemptions.reach, customers))

    def _drop_released(self, found, orders, exemptions):
        """Return the violations that stand: a stop stands until it ends itself, what
        the policy found is released with the order, or exempt with it."""
        stops = [v for v in found if v.source and v.source._name == "ar.credit.hold"]
        others = [v for v in found if v not in stops]
        if others and not orders and self._is_exempt_customer(exemptions):
            return stops
        if not others or not orders:
            return found
        standing = set()
        for order in orders:
            amount = order._get_credit_amount()
            uncovered, _is_exempt = order._leave_exempt(
                order._get_deciding_holds()._get_uncovered(amount, others, NO_GRANT),
                exemptions.of_orders,
                amount,
                partial(exemptions.get_owed, order),
            )
            standing.update(violation.code for violation in uncovered)
        return stops + [v for v in others if v.code in standing]

    def _get_told_violations(self, found):
        """Return what the user may know: reasons hold amounts, so who packs without a
        role in receivables, or for others' customers, is told only whom to ask."""
        if self._may_know_reasons():
            return [v._replace(figures={}, source=None) for v in found]
        advice = self.env._(
            "Deliveries of this customer are stopped for credit: ask the credit "
            "manager."
        )
        return [Violation(v.code, advice, {}, action=v.action) for v in found[:1]]

    def _may_know_reasons(self):
        self.ensure_one()
        user = self.env.user
        if user.has_group(GROUP_VIEWER) or not user.has_group(GROUP_OWN):
            return user.has_group(GROUP_VIEWER)
        salespeople = (
            self._get_delivery_orders().user_id | self._get_delivery_customers().user_id
        )
        return user in salespeople

    def _get_stoppable(self):
        """Return what can be held: what leaves to a customer and, where the company
        wants it so, the first step towards it; never returns, receipts, other internal
        transfers or a sale at the point of sale."""
        return self.filtered(
            lambda picking: (
                picking.company_id._holds_orders() and picking._is_open_delivery()
            )
        )

    def _get_observed(self):
        """Return what would be checked if the company did not only observe."""
        return self.filtered(
            lambda picking: (
                picking.company_id._has_credit_check()
                and not picking.company_id._holds_orders()
                and picking._is_open_delivery()
            )
        )

    def _is_open_delivery(self):
        self.ensure_one()
        return (
            self.state not in ("done", "cancel")
            and (
                self._goes_to_customer()
                or (self.company_id._holds_first_step() and self._is_first_step())
            )
            and not self._is_point_of_sale()
        )

    def _goes_to_customer(self):
        """Return whether any of the goods go to a customer: what is picked has a
        destination of its own, which need not be the one of the transfer."""
        self.ensure_one()
        if self.location_dest_id.usage == "customer":
            return True
        moves = self.sudo().move_ids
        places = moves.location_dest_id | moves.move_line_ids.location_dest_id
        return "customer" in places.mapped("usage")

    def _is_first_step(self):
        """Return whether goods start here on their way through a warehouse to a
        customer."""
        self.ensure_one()
        moves = self.sudo().move_ids.filtered(
            lambda move: (
                move.state not in ("done", "cancel")
                and move.location_id.usage == "internal"
            )
        )
        return any(
            move._leads_to_customer() and not move._has_step_before() for move in moves
        )

    def _is_point_of_sale(self):
        """Return whether the goods are handed over at the counter."""
        self.ensure_one()
        if "pos_order_id" not in self._fields:
            return False
        picking = self.sudo()
        return at_counter.get() or bool(picking.pos_order_id or picking.pos_session_id)

    @api.model
    def _get_open_domain(self, company):
        return Domain("state", "not in", ("done", "cancel")) & Domain(
            "company_id", "child_of", company.id
        )

    @api.model
    def _get_stoppable_domain(self, customers, company, orders=None):
        """Return a domain of open transfers, those of other steps among them.

        :param customers: res.partner, commercial partners; None: all
        :param company: res.company, a root
        :param orders: sale.order, whose transfers are meant, too
        """
        domain = self._get_open_domain(company)
        if company._holds_first_step():
            domain &= Domain("location_dest_id.usage", "!=", "supplier") & Domain(
                "location_id.usage", "!=", "customer"
            )
        else:
            domain &= Domain("location_dest_id.usage", "=", "customer")
        if customers is None:
            return domain
        of_orders = Domain("id", "in", (orders or self.env["sale.order"]).ids)
        payer = Domain("partner_invoice_id.commercial_partner_id", "in", customers.ids)
        return domain & (
            Domain("partner_id.commercial_partner_id", "in", customers.ids)
            | Domain("move_ids.partner_id.commercial_partner_id", "in", customers.ids)
            | Domain("sale_id", "any", payer | of_orders)
            | Domain("move_ids.sale_line_id.order_id", "any", payer | of_orders)
        )

    def _get_delivery_orders(self):
        """Return the orders that the goods are for."""
        pickings = self.sudo()
        mostly = pickings.sale_id
        orders = pickings.move_ids.sale_line_id.order_id | mostly
        # A union forgets the orders of the other transfers, to be read in one go.
        return orders.with_prefetch(mostly._prefetch_ids)

    def _get_delivery_customers(self):
        """Return who owes for the goods: the customers that the orders invoice, else
        the one that they go to."""
        customers = self.env["res.partner"].sudo()
        for picking in self.sudo():
            payers = picking._get_delivery_orders().partner_invoice_id
            customers |= (payers or picking._get_receiver()).commercial_partner_id
        return customers

    def _get_receiver(self):
        """Return who gets the goods; what a vendor ships to a customer without a sales
        order names the vendor itself."""
        self.ensure_one()
        if self.location_id.usage == "supplier":
            return self.move_ids.partner_id or self.partner_id
        return self.partner_id
