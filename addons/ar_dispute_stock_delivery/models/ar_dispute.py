from odoo import fields, models


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    carrier_id = fields.Many2one(
        "delivery.carrier",
        readonly=True,
        index="btree_not_null",
        help="Who carried the first of the disputed invoices' deliveries, as it was at "
        "opening.",
    )

    def _get_frozen_fields(self):
        return super()._get_frozen_fields() | {"carrier_id"}

    def _prepare_dispute(self, opening, number, routes, get_deadline):
        values = super()._prepare_dispute(opening, number, routes, get_deadline)
        carriers = opening.lines.move_id._ar_get_carriers()
        return {**values, "carrier_id": carriers[:1].id}
