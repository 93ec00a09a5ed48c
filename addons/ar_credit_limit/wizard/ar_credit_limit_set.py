from odoo import api, fields, models
from odoo.tools import format_date


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
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
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
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        compute="_compute_current",
        store=True,
        readonly=False,
        precompute=True,
        help="The currency that the limit is given in. What is owed is compared with "
        "it at the rate of the day.",
    )
    amount = fields.Monetary(
        compute="_compute_current", store=True, readonly=False, precompute=True
    )
    amount_company = fields.Monetary(
        string="Worth Today",
        currency_field="company_currency_id",
        compute="_compute_worth",
        help="The limit in the company's currency, at today's rate.",
    )
    rate_text = fields.Char(string="Rate", compute="_compute_worth")
    date_from = fields.Date(
        string="From",
        help="Leave empty for today. Until a later day the limit of now goes on.",
    )
    date_until = fields.Date(
        string="Until",
        help="Leave empty for a lasting limit. After the last day of a temporary limit "
        "the one before it is in force again.",
    )
    review_date = fields.Date(
        help="The day on which the limit is to be looked at again. It is listed from "
        "then on; a policy may hold orders until it is."
    )
    reason = fields.Char(required=True)
    exposure = fields.Monetary(
        currency_field="company_currency_id", compute="_compute_exposure"
    )
    remarks = fields.Text(
        compute="_compute_remarks", help="What this decision brings about."
    )

    @api.constrains("company_id")
    def _check_company(self):
        self._check_may_grant()

    @api.depends("partner_id", "company_id")
    def _compute_current(self):
        self._check_may_grant()
        for wizard in self:
            limit = wizard._get_limit_in_force()
            own = limit and limit.source == "grant" and limit.currency_id
            wizard.limit_state = limit.state if limit else "amount"
            wizard.currency_id = own or wizard.company_id.currency_id
            wizard.amount = limit.amount_currency if limit else 0.0

    @api.depends("partner_id", "company_id")
    def _compute_exposure(self):
        self._check_may_grant()
        for wizard in self:
            customer = wizard.partner_id.commercial_partner_id
            exposure = customer._get_exposure(wizard.company_id).get(customer.id)
            wizard.exposure = exposure.total if exposure else 0.0

    @api.depends("amount", "currency_id", "company_id")
    def _compute_worth(self):
        for wizard in self:
            company, currency = wizard.company_id, wizard.currency_id
            rate, day = self.env["ar.credit.limit"]._get_rate(currency, company)
            wizard.amount_company = company.currency_id.round(wizard.amount * rate)
            wizard.rate_text = wizard._get_rate_text(rate, day)

    def _get_rate_text(self, rate, day):
        if not rate:
            return self.env._("No exchange rate")
        if not day:
            return False
        return self.env._(
            "1 %(currency)s = %(rate)s %(company_currency)s, rate of %(date)s",
            currency=self.currency_id.name,
            rate=f"{rate:.6g}",
            company_currency=self.company_currency_id.name,
            date=format_date(self.env, day),
        )

    @api.depends("limit_state", "amount_company", "exposure", "date_from", "date_until")
    def _compute_remarks(self):
        for wizard in self:
            wizard.remarks = "\n".join(
                filter(None, (wizard._get_cut_remark(), wizard._get_planned_remark()))
            )

    def _get_cut_remark(self):
        amount = self.amount_company if self.limit_state == "amount" else 0.0
        excess = self.exposure - amount
        if self.limit_state not in ("amount", "none") or excess <= 0:
            return False
        return self.env._(
            "The customer owes and ordered %(excess)s more than that: what is "
            "confirmed stays, new orders are checked against the new limit.",
            excess=self.company_currency_id.format(excess),
        )

    def _get_planned_remark(self):
        """Tell which planned limits do not come, this one being decided after them."""
        if not self.partner_id or not self.company_id:
            return False
        first = self.date_from or self.company_id._ar_today()
        planned = self.env["ar.credit.limit"].search(
            [
                (
                    "commercial_partner_id",
                    "=",
                    self.partner_id.commercial_partner_id.id,
                ),
                ("company_id", "=", self.company_id.id),
                ("status", "=", "planned"),
            ]
        )
        overlapping = planned.filtered(
            lambda grant: (
                (not grant.date_until or grant.date_until >= first)
                and (not self.date_until or grant.date_from <= self.date_until)
            )
        )
        if not overlapping:
            return False
        return self.env._(
            "As long as it lasts, it goes before what is planned: %(planned)s.",
            planned=", ".join(
                self.env._(
                    "%(limit)s from %(date)s",
                    limit=grant._get_text(),
                    date=format_date(self.env, grant.date_from),
                )
                for grant in overlapping
            ),
        )

    def _check_may_grant(self):
        """The figures are only for those who may decide on them."""
        for company in self.company_id:
            self.sudo(False).env["ar.credit.limit"]._check_may_grant(company)

    def _get_limit_in_force(self):
        customer = self.partner_id.commercial_partner_id
        limits = self.env["ar.credit.limit"]._get_in_force(customer, self.company_id)
        return limits.get(customer.id)

    def action_set(self):
        """Put the decision on record; it is in force from its first day on."""
        self.ensure_one()
        self.env["ar.credit.limit"]._grant(
            self.partner_id,
            self.company_id,
            self.limit_state,
            amount=self.amount,
            reason=self.reason,
            currency=self.currency_id,
            date_from=self.date_from,
            date_until=self.date_until,
            review_date=self.review_date,
        )
        return {"type": "ir.actions.act_window_close"}
