from odoo import api, fields, models


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

    @api.model
    def _prepare_facts(self, lines, opened_on):
        values = super()._prepare_facts(lines, opened_on)
        carriers = lines.move_id._ar_get_carriers()
        return {**values, "carrier_id": carriers[:1].id}
