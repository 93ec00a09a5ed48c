from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_dispute_active = fields.Boolean(
        related="company_id.ar_dispute_active", readonly=False
    )
    ar_dispute_grace_days = fields.Integer(
        related="company_id.ar_dispute_grace_days", readonly=False
    )
    ar_dispute_remind_days = fields.Integer(
        related="company_id.ar_dispute_remind_days", readonly=False
    )
    ar_dispute_escalate_days = fields.Integer(
        related="company_id.ar_dispute_escalate_days", readonly=False
    )
    ar_dispute_escalation_user_id = fields.Many2one(
        related="company_id.ar_dispute_escalation_user_id", readonly=False
    )
    ar_dispute_short_payment_percent = fields.Float(
        related="company_id.ar_dispute_short_payment_percent", readonly=False
    )
