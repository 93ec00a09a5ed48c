from odoo import api, fields, models


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
    ar_dispute_alias_name = fields.Char(
        string="E-mail Address",
        compute="_compute_ar_dispute_alias_name",
        inverse="_inverse_ar_dispute_alias_name",
        help="What customers write to this address becomes a dispute about the "
        "invoices that it names. Only known contacts are heard.",
    )
    ar_dispute_alias_domain = fields.Char(
        related="company_id.alias_domain_id.name", string="Domain of the Address"
    )

    @api.depends("company_id")
    def _compute_ar_dispute_alias_name(self):
        for settings in self:
            alias = settings.company_id.root_id.sudo().ar_dispute_alias_id
            settings.ar_dispute_alias_name = alias.alias_name

    def _inverse_ar_dispute_alias_name(self):
        for settings in self:
            company = settings.company_id.root_id
            name = settings.ar_dispute_alias_name
            if (name or False) != company.sudo().ar_dispute_alias_id.alias_name:
                company._set_dispute_alias(name)
