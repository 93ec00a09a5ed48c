from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dunning_active = fields.Boolean(
        related="company_id.ar_dunning_active", readonly=False
    )
    ar_dunning_scenario_id = fields.Many2one(
        related="company_id.ar_dunning_scenario_id",
        readonly=False,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    ar_dunning_hour_from = fields.Float(
        related="company_id.ar_dunning_hour_from", readonly=False
    )
    ar_dunning_hour_to = fields.Float(
        related="company_id.ar_dunning_hour_to", readonly=False
    )
    ar_dunning_stale_days = fields.Integer(
        related="company_id.ar_dunning_stale_days", readonly=False
    )
    ar_booked_until = fields.Date(related="company_id.ar_booked_until")
