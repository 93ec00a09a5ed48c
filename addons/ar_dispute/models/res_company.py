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

    ar_dispute_alias_id = fields.Many2one(
        "mail.alias",
        string="Dispute Alias",
        copy=False,
        ondelete="set null",
        help="Mails of customers to this address open disputes.",
    )
    ar_dispute_remind_days = fields.Integer(
        string="Reminder before the Deadline",
        default=1,
        help="The owner of a dispute is reminded so many days before its deadline. 0: "
        "on the day itself.",
    )
    ar_dispute_escalate_days = fields.Integer(
        string="Escalate Every",
        default=3,
        help="An undecided dispute is escalated as its deadline passes, and again "
        "every so many days until it is decided. 0: once.",
    )
    ar_dispute_escalation_user_id = fields.Many2one(
        "res.users",
        string="Escalated To",
        domain=[("share", "=", False)],
        help="Is told of disputes whose deadline passed undecided, where their route "
        "names nobody. Empty: the credit managers.",
    )
    ar_dispute_short_payment_percent = fields.Float(
        string="Short Payments",
        digits=(5, 2),
        help="A due item that is paid up to at most so many percent opens a dispute "
        "about the rest: a deduction the customer did not explain. 0: never.",
    )

    _ar_dispute_grace_not_negative = models.Constraint(
        "CHECK (ar_dispute_grace_days >= 0)",
        "The days of grace after a dispute cannot be negative.",
    )
    _ar_dispute_days_not_negative = models.Constraint(
        "CHECK (ar_dispute_remind_days >= 0 AND ar_dispute_escalate_days >= 0)",
        "Days before and after the deadline of a dispute cannot be negative.",
    )
    _ar_dispute_short_payment_percent = models.Constraint(
        "CHECK (ar_dispute_short_payment_percent BETWEEN 0 AND 100)",
        "What may be missing of a short payment is between 0 and 100 percent.",
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
            "ar_dispute_remind_days",
            "ar_dispute_escalate_days",
            "ar_dispute_escalation_user_id",
            "ar_dispute_short_payment_percent",
        ]

    def _set_dispute_alias(self, name):
        """Let an address open disputes of this company, or none any more.

        :param str name: what stands before the @; empty: no address
        """
        self.ensure_one()
        alias = self.sudo().ar_dispute_alias_id
        if not name:
            alias.unlink()
        elif alias:
            alias.alias_name = name
        else:
            self.sudo().ar_dispute_alias_id = alias.create(self._prepare_alias(name))

    def _prepare_alias(self, name):
        return {
            "alias_name": name,
            "alias_model_id": self.env["ir.model"]._get("ar.dispute").id,
            "alias_defaults": repr({"company_id": self.id}),
            # A mail of somebody unknown says nothing about whose invoice it is.
            "alias_contact": "partners",
        }

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
