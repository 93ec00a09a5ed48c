from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_exposure_margin_days = fields.Integer(
        related="company_id.ar_exposure_margin_days", readonly=False
    )
    ar_exposure_draft = fields.Boolean(
        related="company_id.ar_exposure_draft", readonly=False
    )
    ar_exposure_undelivered = fields.Boolean(
        related="company_id.ar_exposure_undelivered", readonly=False
    )
    ar_exposure_delivered = fields.Boolean(
        related="company_id.ar_exposure_delivered", readonly=False
    )
    ar_exposure_uncleared_method_ids = fields.Many2many(
        related="company_id.ar_exposure_uncleared_method_ids", readonly=False
    )
    ar_exposure_uncleared_days = fields.Integer(
        related="company_id.ar_exposure_uncleared_days", readonly=False
    )
    ar_exposure_quotation_weight = fields.Float(
        related="company_id.ar_exposure_quotation_weight", readonly=False
    )
    ar_exposure_without_disputed = fields.Boolean(
        related="company_id.ar_exposure_without_disputed", readonly=False
    )
    ar_exposure_group_companies = fields.Boolean(
        related="company_id.ar_exposure_group_companies", readonly=False
    )
