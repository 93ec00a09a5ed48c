from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_ledger_active = fields.Boolean(
        related="company_id.ar_ledger_active", readonly=False
    )
