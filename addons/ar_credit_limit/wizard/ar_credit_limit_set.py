from odoo import api, fields, models


class ArCreditLimitSet(models.TransientModel):
    """Decide how much a customer may owe."""

    _name = "ar.credit.limit.set"
    _description = "Set Credit Limit"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    limit_state = fields.Selection(
        selection=lambda self: (
            self.env["ar.credit.limit"]._fields["limit_state"].selection
        ),
        string="Decision",
        required=True,
        compute="_compute_current",
        store=True,
        readonly=False,
        precompute=True,
    )
    amount = fields.Monetary(
        compute="_compute_current", store=True, readonly=False, precompute=True
    )
    date_until = fields.Date(
        string="Until",
        help="Leave empty for a lasting limit. After the last day of a temporary limit "
        "the one before it is in force again.",
    )
    reason = fields.Char(required=True)
    exposure = fields.Monetary(compute="_compute_exposure")

    @api.constrains("company_id")
    def _check_company(self):
        self._check_may_grant()

    @api.depends("partner_id", "company_id")
    def _compute_current(self):
        self._check_may_grant()
        for wizard in self:
            limit = wizard._get_limit_in_force()
            wizard.limit_state = limit.state if limit else "amount"
            wizard.amount = limit.amount if limit else 0.0

    @api.depends("partner_id", "company_id")
    def _compute_exposure(self):
        self._check_may_grant()
        for wizard in self:
            customer = wizard.partner_id.commercial_partner_id
            exposure = customer._get_exposure(wizard.company_id).get(customer.id)
            wizard.exposure = exposure.total if exposure else 0.0

    def _check_may_grant(self):
        """The figures are only for those who may decide on them."""
        for company in self.company_id:
            self.sudo(False).env["ar.credit.limit"]._check_may_grant(company)

    def _get_limit_in_force(self):
        customer = self.partner_id.commercial_partner_id
        limits = self.env["ar.credit.limit"]._get_in_force(customer, self.company_id)
        return limits.get(customer.id)

    def action_set(self):
        """Put the decision on record; it is in force at once."""
        self.ensure_one()
        self.env["ar.credit.limit"]._grant(
            self.partner_id,
            self.company_id,
            self.limit_state,
            amount=self.amount,
            reason=self.reason,
            date_until=self.date_until,
        )
        return {"type": "ir.actions.act_window_close"}
