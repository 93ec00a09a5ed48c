from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_dispute_active = fields.Boolean(
        string="Customer Disputes",
        help="Let users dispute customer invoices of this company and its branches: "
        "what is disputed is not chased until the dispute is decided.",
    )
    ar_dispute_grace_days = fields.Integer(
        string="Grace after a Dispute",
        default=3,
        help="Days after the decision during which the item is still left alone. It "
        "then goes on being chased where it was when the dispute was opened.",
    )

    _ar_dispute_grace_not_negative = models.Constraint(
        "CHECK (ar_dispute_grace_days >= 0)",
        "The days of grace after a dispute cannot be negative.",
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies.sudo()._create_dispute_sequences()
        return companies

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_dispute_active",
            "ar_dispute_grace_days",
        ]

    def _create_dispute_sequences(self):
        return self.env["ir.sequence"].create(
            [company._prepare_dispute_sequence() for company in self]
        )

    def _prepare_dispute_sequence(self):
        self.ensure_one()
        return {
            "name": self.env._("Disputes of %(company)s", company=self.name),
            "code": "ar.dispute",
            "prefix": "DIS/%(range_year)s/",
            "padding": 4,
            "company_id": self.id,
            "use_date_range": True,
        }
