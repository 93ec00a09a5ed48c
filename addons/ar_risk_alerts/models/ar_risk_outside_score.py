from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ..tools import scoring


class ArRiskOutsideSource(models.Model):
    """An agency or insurer that judges customers on a scale of its own."""

    _name = "ar.risk.outside.source"
    _description = "Source of Outside Scores"
    _order = "sequence, name"

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10, help="The first source counts first.")
    active = fields.Boolean(default=True)
    lowest = fields.Float(string="Lowest Score", required=True, aggregator=None)
    highest = fields.Float(
        string="Highest Score", required=True, default=100.0, aggregator=None
    )
    higher_is_better = fields.Boolean(
        default=True, help="Off: a higher score of this source means more risk."
    )
    valid_days = fields.Integer(
        string="Valid For",
        required=True,
        default=365,
        aggregator=None,
        help="So many days after its date a score counts no more.",
    )

    _name_unique = models.UniqueIndex("(name)", "A source of this name exists.")
    _scale_valid = models.Constraint(
        "CHECK (highest > lowest)", "The highest score is above the lowest one."
    )
    _days_valid = models.Constraint(
        "CHECK (valid_days BETWEEN 1 AND 3660)", "Scores are valid for 1 to 3660 days."
    )


class ArRiskOutsideScore(models.Model):
    """What an agency said about a customer on a day; it counts until it is stale.

    Entered, imported from a file or written over RPC: the same checks everywhere.
    """

    _name = "ar.risk.outside.score"
    _description = "Outside Score"
    _order = "date desc, id desc"
    _rec_name = "commercial_partner_id"

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="cascade",
        domain="[('commercial_partner_id', '=', id)]",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        domain=[("parent_id", "=", False)],
        default=lambda self: self.env.company.root_id,
        ondelete="cascade",
    )
    source_id = fields.Many2one(
        "ar.risk.outside.source", required=True, ondelete="restrict", index=True
    )
    date = fields.Date(
        required=True,
        default=lambda self: self.env.company._ar_today(),
        help="When the source said so, not when it was imported.",
    )
    value = fields.Float(
        string="Score", required=True, aggregator="avg", help="On the source's scale."
    )
    risk = fields.Float(
        string="Risk Points",
        compute="_compute_risk",
        store=True,
        aggregator="avg",
        help="The same on a scale from 0, no risk, to 100.",
    )
    date_until = fields.Date(
        string="Counts Until",
        compute="_compute_date_until",
        store=True,
        help="The last day on which it counts.",
    )
    reference = fields.Char(help="The source's number of the customer or report.")
    is_stale = fields.Boolean(compute="_compute_is_stale", search="_search_is_stale")

    _last_idx = models.Index("(company_id, commercial_partner_id, date DESC)")

    @api.depends("value", "source_id")
    def _compute_risk(self):
        for outside in self:
            source = outside.source_id.sudo()
            outside.risk = source and scoring.normalise(
                outside.value, source.lowest, source.highest, source.higher_is_better
            )

    @api.depends("date", "source_id.valid_days")
    def _compute_date_until(self):
        for outside in self:
            days = timedelta(days=outside.source_id.sudo().valid_days)
            outside.date_until = outside.date and outside.date + days

    @api.depends("date_until", "company_id")
    def _compute_is_stale(self):
        todays = self.env["res.company"]._ar_todays()
        for outside in self:
            today = todays.get(outside.company_id.id)
            until = outside.date_until
            outside.is_stale = bool(today and until and until < today)

    def _search_is_stale(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.OR(
            Domain("company_id", "=", company_id) & Domain("date_until", "<", today)
            for company_id, today in self.env["res.company"]._ar_todays().items()
        )
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.constrains("value", "source_id")
    def _check_value(self):
        for outside in self:
            source = outside.source_id.sudo()
            if not source.lowest <= outside.value <= source.highest:
                raise ValidationError(
                    self.env._(
                        "%(customer)s: a score of %(value)s is outside the scale of "
                        "%(agency)s, which goes from %(lowest)s to %(highest)s.",
                        customer=outside.commercial_partner_id.display_name,
                        value=f"{outside.value:g}",
                        agency=source.name,
                        lowest=f"{source.lowest:g}",
                        highest=f"{source.highest:g}",
                    )
                )

    @api.constrains("date", "company_id")
    def _check_date(self):
        for outside in self:
            if outside.date > outside.company_id._ar_today():
                raise ValidationError(
                    self.env._(
                        "%(customer)s: the score is dated %(date)s, a day to come.",
                        customer=outside.commercial_partner_id.display_name,
                        date=format_date(self.env, outside.date),
                    )
                )

    @api.constrains("commercial_partner_id", "company_id")
    def _check_subject(self):
        self.env["ar.risk.rule"]._check_root_company(self.company_id)
        for outside in self:
            customer = outside.commercial_partner_id
            if customer != customer.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(contact)s is a contact of %(customer)s: the score belongs "
                        "to the customer.",
                        contact=customer.display_name,
                        customer=customer.commercial_partner_id.display_name,
                    )
                )
