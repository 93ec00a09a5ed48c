import json
from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ..tools import scoring

#: So many days are kept day by day; of what is older, the last of each month.
DAYS_KEPT = 100
#: Points and confidence are told apart up to so many digits.
POINT_DIGITS = 1
CONFIDENCE_DIGITS = 2
#: Explanations are long: so many scores are written by one statement.
ROWS_AT_ONCE = 2000


class Verdict(NamedTuple):
    """What a customer is to be taken for: the columns of a score."""

    points: float
    confidence: float
    scored_class_id: int | None
    risk_class_id: int | None
    class_source: str
    is_new: bool
    review_date: date | None
    lines: tuple


class Latest(NamedTuple):
    """The last score of a customer, as far as the next one depends on it."""

    id: int
    date: date
    points: float
    confidence: float
    scored_class_id: int | None
    risk_class_id: int | None
    class_source: str
    is_new: bool
    review_date: date | None

    def is_like(self, verdict):
        return self[2:] == verdict[:7]


class ArRiskScore(models.Model):
    """What a customer was taken for from a day on, with every point explained.

    There is a row for each day on which points, confidence or class changed; the last
    one is what counts now.
    """

    _name = "ar.risk.score"
    _description = "Risk Score"
    _order = "date desc, id desc"
    _rec_name = "commercial_partner_id"
    _log_access = False

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    date = fields.Date(required=True, readonly=True)
    points = fields.Float(
        string="Risk Points",
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="From 0, no risk, to 100.",
    )
    confidence = fields.Float(
        readonly=True,
        digits=(5, 2),
        aggregator="avg",
        help="How much of what counts is known. Nothing known does not make a customer "
        "worse, only less certain.",
    )
    scored_class_id = fields.Many2one(
        "ar.risk.class",
        string="Class by Points",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
    )
    risk_class_id = fields.Many2one(
        "ar.risk.class",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="After decisions and the rule for new customers.",
    )
    class_source = fields.Selection(
        [
            ("points", "Points"),
            ("new", "Rule for new customers"),
            ("decision", "Decision"),
            ("kept", "Class outside the score"),
        ],
        string="Class Comes From",
        readonly=True,
    )
    is_new = fields.Boolean(
        string="Too Little Known",
        readonly=True,
        help="Too little is known for points to mean anything.",
    )
    review_date = fields.Date(
        readonly=True, help="By then a customer of whom little is known is looked at."
    )
    lines = fields.Json(
        string="Explanation", readonly=True, help="How each criterion counted."
    )
    lines_html = fields.Html(
        string="Every Point Explained", compute="_compute_lines_html", sanitize=False
    )

    _last_idx = models.Index("(company_id, commercial_partner_id, date DESC, id DESC)")

    @api.depends("lines", "points")
    def _compute_lines_html(self):
        kinds = dict(
            self.env["ar.risk.criterion"]
            ._fields["kind"]
            ._description_selection(self.env)
        )
        for score in self:
            score.lines_html = self.env["ir.qweb"]._render(
                "ar_risk_alerts.ar_risk_score_lines",
                {"score": score, "lines": score.lines or [], "kinds": kinds},
            )

    # -- At night ----------------------------------------------------------------------

    @api.model
    def _run_nightly(self, run):
        """Nightly stage: score all customers of a company."""
        company = run.company_id.root_id
        judged, changed = self._score_all(company)
        self.env["ar.payment.habit"]._learn(company)
        run._count(scored=judged, scores_changed=changed)
        self._thin_out(company, company._ar_today())
        return 0

    @api.model
    def _score_all(self, company):
        """Score all customers of a root company, in a constant number of queries.

        :return: the numbers of customers scored and of scores that changed
        """
        today = company._ar_today()
        criteria = self.env["ar.risk.criterion"]._get_criteria(company)
        figures = self._get_figures(company, today, criteria)
        latest = self._get_latest(company)
        verdicts = self._judge(company, criteria, figures, latest)
        changed = self._record(company, today, verdicts, latest)
        self._apply_classes(company)
        return len(verdicts), changed

    @api.model
    def _get_figures(self, company, day, criteria):
        late = criteria.get("paid_late")
        return self.env["ar.risk.figures"]._get_figures(
            company, day, late.grace_days if late else 0
        )

    @api.model
    def _judge(self, company, criteria, figures, latest):
        """Return {customer id: :class:`Verdict`}; no query in the loop."""
        rules = [criterion._to_rule() for criterion in criteria.values()]
        classes = self.env["ar.risk.class"]._get_scored_classes()
        decided = self._get_decided(company)
        kept = self._get_kept(company, {scored.key for scored in classes})
        verdicts = {}
        for customer_id, known in figures.items():
            before = latest.get(customer_id)
            verdict = self._weigh(company, rules, classes, known, before)
            verdicts[customer_id] = self._prefer(
                verdict, decided.get(customer_id), kept.get(customer_id)
            )
        return verdicts

    @api.model
    def _weigh(self, company, rules, classes, known, before):
        """Return what the points alone say, or the rule for new customers."""
        result = scoring.score(rules, known)
        points = round(result.points or 0.0, POINT_DIGITS)
        confidence = round(result.confidence, CONFIDENCE_DIGITS)
        is_new = confidence < company.ar_risk_minimum_confidence / 100
        scored = None
        if result.points is not None:
            current = before.scored_class_id if before else None
            scored = scoring.choose_class(
                points, classes, current, company.ar_risk_class_margin
            )
        return Verdict(
            points,
            confidence,
            scored,
            company.ar_risk_new_class_id.id or None if is_new else scored,
            "new" if is_new else "points",
            is_new,
            self._get_review_date(company, before) if is_new else None,
            result.lines,
        )

    @api.model
    def _get_review_date(self, company, before):
        """A review is due once: what is not known later does not put it off."""
        if before and before.review_date:
            return before.review_date
        return company._ar_today() + timedelta(days=company.ar_risk_new_review_days)

    @api.model
    def _prefer(self, verdict, decided, kept):
        if decided:
            return verdict._replace(risk_class_id=decided, class_source="decision")
        if kept:
            return verdict._replace(risk_class_id=kept, class_source="kept")
        return verdict

    @api.model
    def _get_decided(self, company):
        running = self.env["ar.risk.override"]._get_running(company)
        return {
            override.commercial_partner_id.id: override.risk_class_id.id
            for override in running
        }

    @api.model
    def _get_kept(self, company, scored_ids):
        """Return {customer id: class} of those whose class no score leads to, such as
        the insolvent: no score takes them out of it."""
        rows = self.env.execute_query(
            SQL(
                """SELECT id, (ar_root_risk_class_id ->> %(company)s)::int
                     FROM res_partner
                    WHERE (ar_root_risk_class_id ->> %(company)s)::int
                          != ALL(%(scored)s)""",
                company=str(company.id),
                scored=list(scored_ids),
            )
        )
        return dict(rows)

    # -- On record ---------------------------------------------------------------------

    @api.model
    def _get_latest(self, company, customers=None):
        """Return {customer id: :class:`Latest`} of a root company, in one query.

        :param customers: res.partner; none: all
        """
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (commercial_partner_id) commercial_partner_id,
                          id, date, points, confidence, scored_class_id,
                          risk_class_id, class_source, is_new, review_date
                     FROM ar_risk_score WHERE company_id = %s AND %s
                 ORDER BY commercial_partner_id, date DESC, id DESC""",
                company.id,
                SQL("TRUE")
                if customers is None
                else SQL("commercial_partner_id = ANY(%s)", customers.ids),
            )
        )
        return {
            customer_id: Latest(id_, day, float(points), float(confidence), *rest)
            for customer_id, id_, day, points, confidence, *rest in rows
        }

    @api.model
    def _record(self, company, today, verdicts, latest):
        """Add a row where something changed, else note in the last one how the points
        come about today.

        :return: how many rows were added
        """
        added, updated = [], []
        for customer_id, verdict in verdicts.items():
            before = latest.get(customer_id)
            row = {**verdict._asdict(), "customer_id": customer_id}
            if before and (before.date == today or before.is_like(verdict)):
                updated.append({**row, "id": before.id})
            else:
                added.append(row)
        self._insert(company, today, added)
        self._update(updated)
        self.invalidate_model(flush=False)
        return len(added)

    @api.model
    def _insert(self, company, today, rows):
        columns = SQL(", ").join(map(SQL.identifier, Verdict._fields))
        for some in split_every(ROWS_AT_ONCE, rows, list):
            self.env.cr.execute(
                SQL(
                    """INSERT INTO ar_risk_score
                           (commercial_partner_id, company_id, date, %s)
                    SELECT customer_id, %s, %s, %s FROM (%s) new""",
                    columns,
                    company.id,
                    today,
                    columns,
                    self._rows_sql(some),
                )
            )

    @api.model
    def _update(self, rows):
        values = SQL(", ").join(
            SQL("%s = new.%s", SQL.identifier(name), SQL.identifier(name))
            for name in Verdict._fields
        )
        for some in split_every(ROWS_AT_ONCE, rows, list):
            self.env.cr.execute(
                SQL(
                    "UPDATE ar_risk_score SET %s FROM (%s) new"
                    " WHERE new.id = ar_risk_score.id",
                    values,
                    self._rows_sql(some),
                )
            )

    @api.model
    def _rows_sql(self, rows):
        return SQL(
            """SELECT * FROM jsonb_to_recordset(%s::jsonb) AS new(
                   id int, customer_id int, points numeric, confidence numeric,
                   scored_class_id int, risk_class_id int, class_source varchar,
                   is_new boolean, review_date date, lines jsonb)""",
            json.dumps(
                [{**row, "lines": self._explain(row["lines"])} for row in rows],
                default=str,
            ),
        )

    @api.model
    def _explain(self, lines):
        """Lines as they are kept; those of an older score are so already."""
        return [each if isinstance(each, dict) else each._asdict() for each in lines]

    @api.model
    def _judge_again(self, company, customers):
        """A decision was taken or ended: the class of these customers follows at once,
        by the points as they stand."""
        latest = self._get_latest(company, customers)
        decided = self._get_decided(company)
        verdicts = {
            customer.id: self._prefer(
                self._get_undecided(company, latest.get(customer.id)),
                decided.get(customer.id),
                None,
            )
            for customer in customers
        }
        self._record(company, company._ar_today(), verdicts, latest)
        self._apply_classes(company, customers)

    @api.model
    def _get_undecided(self, company, before):
        """Return the last verdict as it is without a decision."""
        if not before:
            return Verdict(0.0, 0.0, None, None, "new", True, None, [])
        new_class = company.ar_risk_new_class_id.id or None
        return Verdict(
            before.points,
            before.confidence,
            before.scored_class_id,
            new_class if before.is_new else before.scored_class_id,
            "new" if before.is_new else "points",
            before.is_new,
            before.review_date,
            self.sudo().browse(before.id).lines or [],
        )

    # -- The class follows -------------------------------------------------------------

    @api.model
    def _apply_classes(self, company, customers=None):
        """Write the class of the scores on the customers, where the company wants that;
        decisions are written where it does not, too.

        :return: how many customers changed class
        """
        self.flush_model()
        self.env["res.partner"].flush_model(["ar_root_risk_class_id"])
        changes = self.env.execute_query(
            self._get_class_changes_sql(company, customers)
        )
        if changes:
            self._write_classes(company, changes)
        return len(changes)

    @api.model
    def _get_class_changes_sql(self, company, customers):
        return SQL(
            """SELECT score.commercial_partner_id, score.risk_class_id, score.points
                 FROM (SELECT DISTINCT ON (commercial_partner_id) *
                         FROM ar_risk_score WHERE company_id = %(company)s
                     ORDER BY commercial_partner_id, date DESC, id DESC) score
                 JOIN res_partner customer ON customer.id = score.commercial_partner_id
                WHERE score.risk_class_id IS NOT NULL
                  AND (%(sets)s OR score.class_source = 'decision')
                  AND (customer.ar_root_risk_class_id ->> %(key)s)::int
                      IS DISTINCT FROM score.risk_class_id
                  AND %(customers)s""",
            company=company.id,
            key=str(company.id),
            sets=bool(company.ar_risk_sets_class),
            customers=self.env["ar.risk.rule"]._get_customers_sql(
                SQL.identifier("customer", "id"), customers
            ),
        )

    @api.model
    def _write_classes(self, company, changes):
        """One statement for all customers: a company may have very many of them."""
        self.env.cr.execute(
            SQL(
                """UPDATE res_partner
                      SET ar_root_risk_class_id
                          = COALESCE(ar_root_risk_class_id, '{}'::jsonb)
                            || jsonb_build_object(%s, new.risk_class_id)
                     FROM unnest(%s, %s) AS new(customer_id, risk_class_id)
                    WHERE new.customer_id = res_partner.id""",
                str(company.id),
                [change[0] for change in changes],
                [change[1] for change in changes],
            )
        )
        customers = self.env["res.partner"].browse([change[0] for change in changes])
        customers.invalidate_recordset(["ar_root_risk_class_id", "ar_risk_class_id"])
        self._log_classes(company, changes)
        self.env["ar.recheck"]._add(customers.ids, company)

    @api.model
    def _log_classes(self, company, changes):
        classes = self.env["ar.risk.class"]
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "class",
                    "partner": self.env["res.partner"].browse(customer_id),
                    "company": company,
                    "text": self.env._(
                        "Now: %(value)s", value=classes.browse(class_id).name
                    ),
                    "figures": {"points": float(points)},
                }
                for customer_id, class_id, points in changes
            ]
        )

    @api.model
    def _thin_out(self, company, today):
        """Forget what is older than 100 days, but for the last row of each month."""
        self.env.cr.execute(
            SQL(
                """DELETE FROM ar_risk_score
                    WHERE company_id = %s AND date < %s AND EXISTS (
                        SELECT FROM ar_risk_score later
                         WHERE later.company_id = ar_risk_score.company_id
                           AND later.commercial_partner_id
                               = ar_risk_score.commercial_partner_id
                           AND later.date > ar_risk_score.date
                           AND date_trunc('month', later.date)
                               = date_trunc('month', ar_risk_score.date))""",
                company.id,
                today - timedelta(days=DAYS_KEPT),
            )
        )
        self.invalidate_model(flush=False)

    def action_open_customer(self):
        self.ensure_one()
        return self.commercial_partner_id.get_formview_action()
