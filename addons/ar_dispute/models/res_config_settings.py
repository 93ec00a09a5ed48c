from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dispute_active = fields.Boolean(
        related="company_id.ar_dispute_active", readonly=False
    )
    ar_dispute_grace_days = fields.Integer(
        related="company_id.ar_dispute_grace_days", readonly=False
    )
