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
    ar_dunning_calendar_id = fields.Many2one(
        related="company_id.ar_dunning_calendar_id",
        readonly=False,
        domain="[('company_id', 'in', (False, company_id))]",
    )
    ar_dunning_max_contacts = fields.Integer(
        related="company_id.ar_dunning_max_contacts", readonly=False
    )
    ar_dunning_min_days = fields.Integer(
        related="company_id.ar_dunning_min_days", readonly=False
    )
    ar_dunning_daily_cap = fields.Integer(
        related="company_id.ar_dunning_daily_cap", readonly=False
    )
    ar_dunning_manager_id = fields.Many2one(
        related="company_id.ar_dunning_manager_id", readonly=False
    )
    ar_dunning_stagnation_days = fields.Integer(
        related="company_id.ar_dunning_stagnation_days", readonly=False
    )
    ar_dunning_old_days = fields.Integer(
        related="company_id.ar_dunning_old_days", readonly=False
    )
    ar_dunning_stale_days = fields.Integer(
        related="company_id.ar_dunning_stale_days", readonly=False
    )
    ar_booked_until = fields.Date(related="company_id.ar_booked_until")
