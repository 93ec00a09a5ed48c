from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools import scoring


class ArRiskCriterion(models.Model):
    """One figure of a customer that makes up the score, and how it counts."""

    _name = "ar.risk.criterion"
    _description = "Risk Criterion"
    _order = "sequence, id"
    _rec_name = "kind"

    kind = fields.Selection(
        [
            ("days_late", "Days late, weighted by amount"),
            ("trend", "Days later than before"),
            ("paid_late", "Share paid late"),
            ("broken_promises", "Promises broken"),
            ("disputes_lost", "Disputes rejected"),
            ("returned_payments", "Payments returned"),
            ("utilization", "Use of the credit limit"),
            ("limit_breaches", "Times over the limit"),
            ("relation_age", "Age of the relation"),
            ("outside_score", "Score of an agency"),
        ],
        required=True,
        help="Days late: of what was paid in the last year and of what is overdue.\n"
        "Days later than before: the last 90 days against the nine months before "
        "them.\n"
        "Share paid late: of the same amounts, in percent, after the days of grace.\n"
        "Promises broken, disputes rejected: share of their amount in a year, in "
        "percent.\n"
        "Payments returned, times over the limit: how often in a year.\n"
        "Use of the credit limit: exposure in percent of it.\n"
        "Age of the relation: days since the first invoice.\n"
        "Score of an agency: on a scale from 0, no risk, to 100.",
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        domain=[("parent_id", "=", False)],
        ondelete="cascade",
        help="Empty: for every company that has no criterion of this kind itself.",
    )
    weight = fields.Float(
        required=True,
        default=10.0,
        aggregator=None,
        help="How much it counts beside the others.",
    )
    minimum_evidence = fields.Integer(
        required=True,
        default=1,
        aggregator=None,
        help="From so many payments, promises or the like on it counts. With fewer the "
        "score becomes less certain, not worse.",
    )
    grace_days = fields.Integer(
        aggregator=None, help="Up to so many days late are still in time."
    )
    range_ids = fields.One2many(
        "ar.risk.criterion.range", "criterion_id", string="Ranges", copy=True
    )
    ranges_text = fields.Char(string="Points", compute="_compute_ranges_text")

    _weight_not_negative = models.Constraint(
        "CHECK (weight >= 0)", "A weight cannot be negative."
    )
    _evidence_positive = models.Constraint(
        "CHECK (minimum_evidence >= 1)", "At least one fact is needed to judge by."
    )
    _grace_not_negative = models.Constraint(
        "CHECK (grace_days >= 0)", "Days of grace cannot be negative."
    )
    _one_per_company = models.UniqueIndex(
        "(kind, COALESCE(company_id, 0))",
        "There is a criterion of this kind for the company already.",
    )

    @api.depends("range_ids.value_from", "range_ids.points")
    def _compute_ranges_text(self):
        for criterion in self:
            criterion.ranges_text = ", ".join(
                f"≥ {each.value_from:g}: {each.points:g}"
                for each in criterion.range_ids.sorted("value_from")
            )

    @api.constrains("range_ids")
    def _check_has_ranges(self):
        for criterion in self:
            if not criterion.range_ids:
                raise ValidationError(
                    self.env._(
                        "“%(criterion)s” needs at least one range: which figures give "
                        "how many points.",
                        criterion=criterion.display_name,
                    )
                )

    @api.constrains("company_id")
    def _check_company_is_root(self):
        self.env["ar.risk.rule"]._check_root_company(self.company_id)

    @api.model
    def _get_criteria(self, company):
        """Return the criteria of a root company by kind: its own, else the general."""
        of_company = Domain("company_id", "in", [False, company.id])
        found = self.sudo().search(of_company, order="sequence, id")
        general = found.filtered(lambda criterion: not criterion.company_id)
        by_kind = {criterion.kind: criterion for criterion in general}
        by_kind.update({criterion.kind: criterion for criterion in found - general})
        return by_kind

    def _to_rule(self):
        """Return the criterion as plain data for :func:`tools.scoring.score`."""
        self.ensure_one()
        ranges = tuple((r.value_from, r.points) for r in self.range_ids)
        return scoring.Criterion(
            self.kind, self.weight, tuple(sorted(ranges)), self.minimum_evidence
        )


class ArRiskCriterionRange(models.Model):
    """From this figure on, so many points."""

    _name = "ar.risk.criterion.range"
    _description = "Range of a Risk Criterion"
    _order = "criterion_id, value_from"

    criterion_id = fields.Many2one(
        "ar.risk.criterion", required=True, index=True, ondelete="cascade"
    )
    value_from = fields.Float(
        string="From",
        required=True,
        aggregator=None,
        help="From this figure on, up to that of the next range.",
    )
    points = fields.Float(
        required=True, aggregator=None, help="From 0, no risk, to 100."
    )

    _points_valid = models.Constraint(
        "CHECK (points BETWEEN 0 AND 100)", "Points go from 0 to 100."
    )
    _one_per_value = models.UniqueIndex(
        "(criterion_id, value_from)", "Two ranges begin at the same figure."
    )
