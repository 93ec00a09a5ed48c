from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_risk_active = fields.Boolean(related="company_id.ar_risk_active", readonly=False)
