"""What counts as exposure: the switches of a root company."""

from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import ormcache

#: Kept on the root company, the same for its branches.
SWITCHES = (
    "ar_exposure_margin_days",
    "ar_exposure_draft",
    "ar_exposure_undelivered",
    "ar_exposure_delivered",
    "ar_exposure_uncleared_method_ids",
    "ar_exposure_uncleared_days",
    "ar_exposure_quotation_weight",
    "ar_exposure_without_disputed",
    "ar_exposure_group_companies",
)


class ExposureSetup(NamedTuple):
    """How the documents of one company count; the switches are those of its root."""

    company_id: int
    root_id: int
    currency_id: int
    decimal_places: int
    margin_days: int
    draft: bool
    undelivered: bool
    delivered: bool
    uncleared_method_ids: tuple
    uncleared_days: int
    quotation_weight: float
    without_disputed: bool
    group_companies: bool


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_exposure_margin_days = fields.Integer(
        string="Margin Days",
        help="An open item counts as overdue only so many days after its due date. "
        "Until then it counts as not due.",
    )
    ar_exposure_draft = fields.Boolean(
        string="Draft Invoices",
        help="Count draft invoices and credit notes. What they invoice of a confirmed "
        "order is left out: it counts as ordered until the invoice is posted.",
    )
    ar_exposure_undelivered = fields.Boolean(
        string="Ordered, Not Delivered",
        default=True,
        help="Count what is ordered, not delivered and not invoiced, taxes included.",
    )
    ar_exposure_delivered = fields.Boolean(
        string="Delivered, Not Invoiced",
        default=True,
        help="Count what is delivered and not on a posted invoice, taxes included.",
    )
    ar_exposure_uncleared_method_ids = fields.Many2many(
        "account.payment.method.line",
        relation="ar_exposure_uncleared_method_rel",
        column1="company_id",
        column2="method_line_id",
        string="Payments Not Cleared",
        domain="[('payment_type', '=', 'inbound')]",
        help="Payments by these methods, such as cheque or draft, count until they are "
        "matched with a bank statement: they lessen the receivable as soon as they are "
        "registered, though the bank may still refuse them. Empty: none counts.",
    )
    ar_exposure_uncleared_days = fields.Integer(
        string="Days to Clear",
        default=60,
        help="A payment that was not cleared counts for so many days after its date. "
        "Zero: until it is cleared.",
    )
    ar_exposure_quotation_weight = fields.Float(
        string="Weight of Quotations",
        digits=(5, 2),
        help="Sent quotations that have not expired count with this percentage of "
        "their amount. Zero: they do not count.",
    )
    ar_exposure_without_disputed = fields.Boolean(
        string="Leave Out Disputed Amounts",
        help="What is in dispute is not compared with the credit limit. It is still "
        "owed and shown.",
    )
    ar_exposure_group_companies = fields.Boolean(
        string="Sum over All Companies",
        help="Compare the limit with what the customer owes to all companies of this "
        "database together, at today's exchange rates.",
    )

    @api.constrains("ar_exposure_margin_days", "ar_exposure_uncleared_days")
    def _check_exposure_days(self):
        for company in self:
            days = company.ar_exposure_margin_days, company.ar_exposure_uncleared_days
            if not all(0 <= number <= 3650 for number in days):
                raise ValidationError(
                    self.env._(
                        "Margin days and days to clear are between 0 and 3650 days."
                    )
                )

    @api.constrains("ar_exposure_quotation_weight")
    def _check_exposure_quotation_weight(self):
        for company in self:
            if not 0 <= company.ar_exposure_quotation_weight <= 100:
                raise ValidationError(
                    self.env._("The weight of quotations is between 0 and 100 %.")
                )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env.registry.clear_cache()
        return companies

    def write(self, vals):
        result = self._write_switches(vals) and super().write(
            {name: value for name, value in vals.items() if name not in SWITCHES}
        )
        if not {"parent_id", "partner_id", "currency_id", *SWITCHES}.isdisjoint(vals):
            self.env.registry.clear_cache()
            roots = self.filtered(lambda company: not company.parent_id)
            self.env["ar.exposure.item"]._after_switch(roots)
        return result

    def _write_switches(self, vals):
        """Write the switches of a root and its branches at once. Core copies field by
        field and refuses the first one, as the second still differs."""
        switches = {name: value for name, value in vals.items() if name in SWITCHES}
        if not switches:
            return True
        roots = self.filtered(lambda company: not company.parent_id)
        trees = self.sudo().search([("id", "child_of", roots.ids)])
        return super(ResCompany, self | trees.with_env(self.env)).write(switches)

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + list(SWITCHES)

    @api.model
    @ormcache()
    def _ar_exposure_setups(self) -> dict[int, ExposureSetup]:
        """Return how the documents of every company count, by company id."""
        companies = (
            self.sudo().with_context(active_test=False).search(Domain.TRUE, order="id")
        )
        return {company.id: company._get_exposure_setup() for company in companies}

    def _get_exposure_setup(self):
        root = self.root_id
        return ExposureSetup(
            company_id=self.id,
            root_id=root.id,
            currency_id=root.currency_id.id,
            decimal_places=root.currency_id.decimal_places,
            margin_days=root.ar_exposure_margin_days,
            draft=root.ar_exposure_draft,
            undelivered=root.ar_exposure_undelivered,
            delivered=root.ar_exposure_delivered,
            uncleared_method_ids=tuple(root.ar_exposure_uncleared_method_ids.ids),
            uncleared_days=root.ar_exposure_uncleared_days,
            quotation_weight=root.ar_exposure_quotation_weight,
            without_disputed=root.ar_exposure_without_disputed,
            group_companies=root.ar_exposure_group_companies,
        )

    def _counts_drafts(self):
        """Return whether draft invoices of this company weigh; no query."""
        return self._ar_exposure_setups()[self.id].draft

    @api.model
    @ormcache()
    def _ar_group_partner_ids(self) -> tuple:
        """Return the customers that are companies of the own group: their ids."""
        companies = (
            self.sudo().with_context(active_test=False).search(Domain.TRUE, order="id")
        )
        return tuple(companies.partner_id.commercial_partner_id.ids)


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def write(self, vals):
        result = super().write(vals)
        if "rounding" in vals:
            self.env.registry.clear_cache()
        return result
