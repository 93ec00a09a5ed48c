from datetime import timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools import backtest, scoring
from ..tools.payment_date import expected_delay

GROUP_MANAGER = "ar_ledger.ar_ledger_group_manager"
#: A quarter: what fell due in it is judged by what was known before it.
QUARTER = timedelta(days=91)
#: Long before any due date: the habit's own middle is expected.
LONG_BEFORE = -10_000


class Knowledge(NamedTuple):
    """What was known at the beginning, and what became of it: read once, judged by as
    many weights as one likes."""

    figures: dict
    results: dict


class ArRiskBacktest(models.TransientModel):
    """How well the score of then would have foreseen the lateness since.

    Customers are judged by today's criteria on what was known on a day of the past, and
    dates are foreseen from the payments before that day. Only what fell due afterwards
    counts: nothing is judged by what it was made from.
    """

    _name = "ar.risk.backtest"
    _description = "Back-Test of the Risk Score"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    date_from = fields.Date(
        string="Judged On",
        required=True,
        default=lambda self: self._today() - QUARTER,
        help="What became known later is left out of the score.",
    )
    date_until = fields.Date(
        string="Compared With",
        required=True,
        default=lambda self: self._today(),
        help="What fell due between the two days is looked at as it stood on this one.",
    )
    late_days = fields.Integer(
        string="Late Means",
        required=True,
        default=15,
        help="An amount is late that was paid more than so many days after its due "
        "date, or is still open then. What fell due in the last of these days is left "
        "out: it is too early to say.",
    )
    late_share = fields.Float(
        string="Late Customers",
        required=True,
        default=25.0,
        help="A customer was late when more than this share, in percent, of what fell "
        "due was late.",
    )
    weight_ids = fields.One2many(
        "ar.risk.backtest.weight",
        "backtest_id",
        string="Weights",
        compute="_compute_weight_ids",
        store=True,
        readonly=False,
    )
    result = fields.Json(string="Measures", readonly=True)
    result_html = fields.Html(
        string="Result", compute="_compute_result_html", sanitize=False
    )

    @api.model
    def _today(self):
        return self.env.company.root_id._ar_today()

    @api.depends("company_id")
    def _compute_weight_ids(self):
        for test in self:
            criteria = self.env["ar.risk.criterion"]._get_criteria(test.company_id)
            test.weight_ids = [fields.Command.clear()] + [
                fields.Command.create(
                    {"criterion_id": criterion.id, "weight": criterion.weight}
                )
                for criterion in criteria.values()
            ]

    @api.depends("result")
    def _compute_result_html(self):
        for test in self:
            test.result_html = test.result and self.env["ir.qweb"]._render(
                "ar_risk_alerts.ar_risk_backtest_result",
                {"result": test.result, "format": test.company_id.currency_id.format},
            )

    def action_run(self):
        """Judge the past with the weights as they are, and as they are tried."""
        self.ensure_one()
        self._check_manager()
        self._check_dates()
        self.result = self.sudo()._get_result()
        return self._reopen()

    def action_apply(self):
        """Keep the tried weights: from the next night on they count."""
        self.ensure_one()
        self._check_manager()
        for line in self.weight_ids:
            line.criterion_id.weight = line.weight
        return self._reopen()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Back-Test"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "current",
        }

    def _check_manager(self):
        if not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._("Only credit managers see how well the score foresees.")
            )

    def _check_dates(self):
        if self.date_until > self._today():
            raise UserError(self.env._("What is to come cannot be compared with yet."))
        if self.late_days < 0 or not 0 <= self.late_share <= 100:
            raise UserError(
                self.env._(
                    "Late means zero or more days, and the share goes from 0 to 100 %."
                )
            )
        if self.date_until - self.date_from <= timedelta(days=self.late_days):
            raise UserError(
                self.env._(
                    "The days lie too close together: nothing that fell due between "
                    "them had the time to be late."
                )
            )

    # -- Judging -----------------------------------------------------------------------

    def _get_result(self):
        criteria = self.env["ar.risk.criterion"]._get_criteria(self.company_id)
        known = Knowledge(
            self.env["ar.risk.score"]._get_figures(
                self.company_id, self.date_from, criteria
            ),
            self._get_due_and_late(),
        )
        rules = [criterion._to_rule() for criterion in criteria.values()]
        tried = {line.criterion_id.kind: line.weight for line in self.weight_ids}
        trial = [rule._replace(weight=tried.get(rule.key, 0.0)) for rule in rules]
        return {
            "now": self._measure(rules, known),
            "tried": self._measure(trial, known) if trial != rules else None,
            "dates": self._measure_dates()._asdict(),
            "unpaid": self._count_unpaid(),
        }

    def _measure(self, rules, known):
        """Return the measures of the score with these criteria, as plain data."""
        outcomes = self._get_outcomes(rules, known)
        classes = self.env["ar.risk.class"]._get_scored_classes()
        keys = [scored.key for scored in sorted(classes, key=lambda c: c.points_from)]
        rows = backtest.by_class(outcomes, keys)
        share = self.late_share / 100
        pairs = [(each.points, backtest.is_late(each, share)) for each in outcomes]
        return {
            "customers": len(outcomes),
            "unknown": len(known.results) - len(outcomes),
            "late_customers": sum(late for _points, late in pairs),
            "auc": backtest.auc(pairs),
            "worst_share": backtest.late_share(rows) if rows else None,
            "classes": [self._describe(row) for row in rows],
        }

    def _get_outcomes(self, rules, known):
        """Return the outcomes of the customers about whom anything was known then."""
        classes = self.env["ar.risk.class"]._get_scored_classes()
        outcomes = []
        for customer_id, (due, late) in known.results.items():
            points = scoring.score(rules, known.figures.get(customer_id, {})).points
            if points is not None:
                risk_class = scoring.choose_class(points, classes)
                outcomes.append(backtest.Outcome(points, risk_class, due, late))
        return outcomes

    def _describe(self, row):
        name = self.env["ar.risk.class"].browse(row.risk_class).name
        return {**row._asdict(), "name": name}

    def _get_due_and_late(self):
        """Return {customer id: (amount that fell due, amount of it that was late)}."""
        rows = self.env.execute_query(
            SQL(
                """SELECT customer_id, SUM(amount)::float,
                          COALESCE(SUM(amount) FILTER (
                              WHERE COALESCE(paid_on, 'infinity')
                                    > due + %(late)s), 0)::float
                     FROM (%(portions)s) portion
                    WHERE due > %(first)s AND due <= %(last)s - %(late)s
                      AND customer_id != ALL(%(own)s)
                 GROUP BY customer_id""",
                portions=self._get_portions_sql(),
                first=self.date_from,
                last=self.date_until,
                late=self.late_days,
                own=list(self.env["res.company"]._ar_group_partner_ids()),
            )
        )
        return {customer_id: (due, late) for customer_id, due, late in rows}

    def _get_portions_sql(self):
        return self.env["ar.risk.figures"]._get_portions_sql(
            self.company_id, self.date_until
        )

    def _measure_dates(self):
        """Foresee the payments of the period from those before it, in three ways."""
        rows = self.env["ar.payment.habit"]._read_delays(
            self.company_id, self.date_from
        )
        habits = self.env["ar.payment.habit"]._blend(rows)
        means = {each.customer_id: each.mean for each in rows}
        if None not in habits:
            return backtest.date_errors([])
        return backtest.date_errors(
            [
                (
                    expected_delay(habits.get(key, habits[None])[1], LONG_BEFORE),
                    means.get(key, means[None]),
                    real,
                )
                for key, real in self._get_real_delays()
            ]
        )

    def _get_real_delays(self):
        return self.env.execute_query(
            SQL(
                """SELECT customer_id, paid_on - due FROM (%s) portion
                    WHERE due > %s AND due <= %s AND paid_on > %s""",
                self._get_portions_sql(),
                self.date_from,
                self.date_until,
                self.date_from,
            )
        )

    def _count_unpaid(self):
        """Return how many items of the period no way to foresee is measured on."""
        return self.env.execute_query(
            SQL(
                """SELECT COUNT(*) FROM (%s) portion
                    WHERE due > %s AND due <= %s AND paid_on IS NULL""",
                self._get_portions_sql(),
                self.date_from,
                self.date_until,
            )
        )[0][0]


class ArRiskBacktestWeight(models.TransientModel):
    """A weight as it is tried, beside the one that counts."""

    _name = "ar.risk.backtest.weight"
    _description = "Weight in a Back-Test"
    _order = "id"

    backtest_id = fields.Many2one("ar.risk.backtest", required=True, ondelete="cascade")
    criterion_id = fields.Many2one(
        "ar.risk.criterion", required=True, readonly=True, ondelete="cascade"
    )
    current_weight = fields.Float(
        string="Counts Now", related="criterion_id.weight", readonly=True
    )
    weight = fields.Float(string="Tried", required=True, aggregator=None)

    _weight_not_negative = models.Constraint(
        "CHECK (weight >= 0)", "A weight cannot be negative."
    )
