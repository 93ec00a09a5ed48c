from odoo import api, models
from odoo.tools import ormcache

from odoo.addons.ar_credit_limit.models.ar_credit_hold import STANDING_STATES


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    def _after_change(self):
        """Mark the open transfers of customers whose deliveries are stopped or not any
        more; the transfer that is refused itself decides nothing."""
        super()._after_change()
        stops = self.sudo().filtered(lambda hold: hold.scope == "customer_deliveries")
        if stops:
            self.env.registry.clear_cache()
        stops._mark_deliveries()

    def _mark_deliveries(self):
        """Write on the open transfers of these customers whether they are stopped."""
        for company, holds in self.grouped("company_id").items():
            pickings = self.env["stock.picking"].sudo()
            pickings.search(
                pickings._get_stoppable_domain(holds.commercial_partner_id, company)
            )._mark_delivery_state()

    @api.model
    @ormcache("company_id")
    def _has_delivery_stops(self, company_id) -> bool:
        """Return whether any customer of a root company is stopped, so that confirming
        orders asks nothing while nobody is. Only marks rely on it, no guard does."""
        return bool(
            self.sudo().search_count(
                [
                    ("company_id", "=", company_id),
                    ("scope", "=", "customer_deliveries"),
                    ("state", "in", STANDING_STATES),
                ],
                limit=1,
            )
        )
