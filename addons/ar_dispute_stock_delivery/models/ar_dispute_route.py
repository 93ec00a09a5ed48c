from odoo import fields, models


class ArDisputeRoute(models.Model):
    _inherit = "ar.dispute.route"

    carrier_ids = fields.Many2many(
        "delivery.carrier",
        string="Carriers",
        help="One of these carried the goods. Empty: whoever carried them.",
    )

    def _fits(self, reason, products, lines):
        fits = super()._fits(reason, products, lines)
        if not fits or not self.carrier_ids:
            return fits
        return bool(self.carrier_ids & lines.move_id._ar_get_carriers())
