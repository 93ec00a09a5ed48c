from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import ormcache

from odoo.addons.ar_credit_limit.models.ar_credit_hold import STANDING_STATES
from odoo.addons.ar_credit_limit.tools.violation import Violation


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    def _after_change(self):
        """Mark the open transfers of what is stopped or not any more; the transfer that
        is refused itself decides nothing."""
        super()._after_change()
        stops = self.sudo().filtered(lambda hold: hold._is_delivery_stop())
        if stops:
            self.env.registry.clear_cache()
        stops._mark_deliveries()

    def _is_delivery_stop(self):
        """Return whether this hold, as long as it stands, stops transfers: those of a
        customer, or those of one order that is confirmed already."""
        self.ensure_one()
        return self.scope == "customer_deliveries" or (
            self.scope == "order" and self.order_id.state == "sale"
        )

    def _mark_deliveries(self):
        """Write on the open transfers of these customers and orders whether they are
        stopped."""
        for company, holds in self.grouped("company_id").items():
            of_customers = holds.filtered(
                lambda hold: hold.scope == "customer_deliveries"
            )
            pickings = self.env["stock.picking"].sudo()
            pickings.search(
                pickings._get_stoppable_domain(
                    of_customers.commercial_partner_id,
                    company,
                    orders=(holds - of_customers).order_id,
                )
            )._mark_delivery_state()

    @api.model
    def _get_delivery_stop_domain(self, company):
        """Return which holds stop transfers in a root company now."""
        return (
            Domain("company_id", "=", company.id)
            & Domain("state", "in", STANDING_STATES)
            & (
                Domain("scope", "=", "customer_deliveries")
                | (
                    Domain("scope", "=", "order")
                    & Domain("order_id.state", "=", "sale")
                )
            )
        )

    @api.model
    def _get_delivery_stops(self, customers, orders, company):
        """Return what stops transfers of customers and of confirmed orders, in one
        query (two where something is stopped).

        :param customers: res.partner, commercial partners
        :param orders: sale.order, those that the goods are for
        :param company: res.company; its root is meant
        :return: {customer or order: list of :class:`Violation`}
        """
        stops = defaultdict(list)
        if not customers and not orders:
            return stops
        holds = self.sudo().search(
            self._get_stopping_domain(company)
            & (
                Domain("scope", "=", "customer_deliveries")
                & Domain("commercial_partner_id", "in", customers.ids)
                | Domain("scope", "=", "order") & Domain("order_id", "in", orders.ids)
            )
        )
        for hold in holds.filtered(lambda hold: hold._is_delivery_stop()):
            stopped = (
                hold.commercial_partner_id
                if hold.scope == "customer_deliveries"
                else hold.order_id
            )
            stops[stopped] += [
                Violation(reason.code, reason.sentence, reason.figures or {}, hold)
                for reason in hold.reason_ids
                if not reason.cleared_on
            ]
        return stops

    @api.model
    @ormcache("company_id")
    def _has_delivery_stops(self, company_id) -> bool:
        """Return whether any customer or confirmed order of a root company is stopped,
        so that confirming orders asks nothing while nobody is. Only marks rely on it,
        no guard does."""
        company = self.env["res.company"].browse(company_id)
        domain = self._get_delivery_stop_domain(company)
        return bool(self.sudo().search_count(domain, limit=1))

    @api.model
    def _run_nightly(self, run):
        """Where the policy looks at transfers, days that pass stop and free them."""
        left = super()._run_nightly(run)
        if run.company_id._checks_transfers():
            run.company_id._mark_deliveries()
        return left
