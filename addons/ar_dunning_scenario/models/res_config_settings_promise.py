from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_promise_horizon_days = fields.Integer(
        related="company_id.ar_promise_horizon_days", readonly=False
    )
    ar_promise_max_per_item = fields.Integer(
        related="company_id.ar_promise_max_per_item", readonly=False
    )
    ar_promise_tolerance_days = fields.Integer(
        related="company_id.ar_promise_tolerance_days", readonly=False
    )
    ar_promise_approval_amount = fields.Monetary(
        related="company_id.ar_promise_approval_amount", readonly=False
    )
    ar_plan_horizon_days = fields.Integer(
        related="company_id.ar_plan_horizon_days", readonly=False
    )
    ar_plan_missed_max = fields.Integer(
        related="company_id.ar_plan_missed_max", readonly=False
    )
    ar_plan_late_max = fields.Integer(
        related="company_id.ar_plan_late_max", readonly=False
    )
