from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_delivery_step = fields.Selection(
        related="company_id.ar_delivery_step", readonly=False, required=True
    )
    ar_delivery_reservation = fields.Selection(
        related="company_id.ar_delivery_reservation", readonly=False, required=True
    )
