from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    ar_ledger_active = fields.Boolean(
        related="company_id.ar_ledger_active", readonly=False
    )
    ar_account_page_active = fields.Boolean(
        related="company_id.ar_account_page_active", readonly=False
    )
    ar_account_page_days = fields.Integer(
        related="company_id.ar_account_page_days", readonly=False
    )
    ar_answer_rest_days = fields.Integer(
        related="company_id.ar_answer_rest_days", readonly=False
    )
    ar_answer_pause_days = fields.Integer(
        related="company_id.ar_answer_pause_days", readonly=False
    )
