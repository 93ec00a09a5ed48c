from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_credit_limit_mode = fields.Selection(
        related="company_id.ar_credit_limit_mode", readonly=False, required=True
    )
    ar_credit_confirm_released = fields.Boolean(
        related="company_id.ar_credit_confirm_released", readonly=False
    )
    ar_credit_tell_managers = fields.Boolean(
        related="company_id.ar_credit_tell_managers", readonly=False
    )
