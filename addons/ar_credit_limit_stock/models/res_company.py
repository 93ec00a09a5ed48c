from odoo import models

from odoo.addons.ar_credit_limit.models.ar_credit_hold import STANDING_STATES


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        """Stops of deliveries count only where orders are held: transfers are marked
        anew when that begins or ends."""
        if "ar_credit_limit_mode" not in vals:
            return super().write(vals)
        holding = self.filtered(lambda company: company._holds_orders())
        result = super().write(vals)
        now_holding = self.filtered(lambda company: company._holds_orders())
        ((holding | now_holding) - (holding & now_holding))._mark_deliveries()
        return result

    def _mark_deliveries(self):
        stops = self.env["ar.credit.hold"].sudo()
        stops.search(
            [
                ("company_id", "in", self.root_id.ids),
                ("scope", "=", "customer_deliveries"),
                ("state", "in", STANDING_STATES),
            ]
        )._mark_deliveries()
