from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_risk_active = fields.Boolean(related="company_id.ar_risk_active", readonly=False)
    ar_risk_sets_class = fields.Boolean(
        related="company_id.ar_risk_sets_class", readonly=False
    )
    ar_risk_class_margin = fields.Float(
        related="company_id.ar_risk_class_margin", readonly=False
    )
    ar_risk_minimum_confidence = fields.Float(
        related="company_id.ar_risk_minimum_confidence", readonly=False
    )
    ar_risk_new_class_id = fields.Many2one(
        related="company_id.ar_risk_new_class_id", readonly=False
    )
    ar_risk_new_review_days = fields.Integer(
        related="company_id.ar_risk_new_review_days", readonly=False
    )
