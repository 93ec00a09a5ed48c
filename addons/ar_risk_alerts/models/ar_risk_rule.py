import ast

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

from ..tools.rule_kind import KINDS, UNITS

SEVERITIES = [("3", "Critical"), ("2", "Warning"), ("1", "Notice")]
ACTIONS = [
    ("none", "Only alert"),
    ("stop_deliveries", "Stop deliveries"),
    ("hold_orders", "Hold orders"),
    ("terms", "Change the payment terms"),
    ("scenario", "Assign a dunning scenario"),
    ("activity", "Schedule an activity"),
]


class ArRiskRule(models.Model):
    """When an alert opens, when it closes again, and what it does meanwhile.

    Opening and closing have thresholds of their own: between them nothing changes, so
    that a customer who hovers around one figure is not stopped and freed every day.
    """

    _name = "ar.risk.rule"
    _description = "Risk Rule"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True,
        help="Archived, the rule opens nothing; its alerts are closed and what they "
        "stopped is free again.",
    )
    company_id = fields.Many2one(
        "res.company",
        domain=[("parent_id", "=", False)],
        ondelete="cascade",
        help="Empty: for every company that uses risk alerts, its amounts meant in the "
        "currency of each.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    kind = fields.Selection(
        [(key, kind.label) for key, kind in KINDS.items()],
        required=True,
        default="overdue",
    )
    unit = fields.Selection(UNITS, compute="_compute_unit")
    is_aged = fields.Boolean(compute="_compute_unit")
    partner_domain = fields.Char(
        string="For Customers",
        default="[]",
        help="Empty: for all of them. The rule is not for other customers; their "
        "alerts close.",
    )
    severity = fields.Selection(SEVERITIES, required=True, default="2")
    open_days = fields.Integer(
        string="Days Overdue",
        default=30,
        help="Only items that are more days overdue than this count.",
    )
    open_amount = fields.Monetary(
        string="Above",
        default=1000.0,
        help="An alert opens when such items amount to more than this, less credits "
        "that are not applied yet.",
    )
    close_days = fields.Integer(
        string="Days Overdue to Close",
        help="For closing, items that are more days overdue than this count.",
    )
    close_amount = fields.Monetary(
        string="Closes At",
        help="An open alert closes when such items amount to no more than this.",
    )
    open_value = fields.Float(
        string="Opens Above",
        aggregator=None,
        help="An alert opens when the figure is above this; for terms that run out, "
        "when "
        "no more than so many days are left.",
    )
    close_value = fields.Float(
        string="Closes At Or Below",
        aggregator=None,
        help="An open alert closes when the figure is no more than this; for terms "
        "that "
        "run out, when more than so many days are left.",
    )
    threshold_ids = fields.One2many(
        "ar.risk.rule.threshold",
        "rule_id",
        string="Thresholds by Class",
        copy=True,
        help="For customers of a class instead of those above.",
    )
    ignore_suspended = fields.Boolean(
        string="Leave Out Suspended Amounts",
        default=True,
        help="What is disputed, promised or paused does not count.",
    )
    cooldown_days = fields.Integer(
        string="Cool-down",
        help="After an alert has closed, no new one opens for the same customer for so "
        "many days.",
    )
    action = fields.Selection(
        ACTIONS,
        required=True,
        default="none",
        help="Done when an alert opens and undone when it closes, unless a person "
        "decided "
        "otherwise meanwhile. Nothing is stopped and no terms are changed while the "
        "credit check of the company is off or only observes. Orders that are paid in "
        "advance are not held: cash only.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="New Payment Terms",
        ondelete="restrict",
        help="The terms of the customer while the alert is open.",
    )
    scenario_id = fields.Many2one(
        "ar.dunning.scenario",
        string="Assigned Scenario",
        ondelete="restrict",
        help="The dunning scenario of the customer while the alert is open.",
    )
    owner_kind = fields.Selection(
        [
            ("user", "A fixed user"),
            ("salesperson", "The salesperson"),
            ("collector", "The collector"),
        ],
        string="Alerts Go To",
        required=True,
        default="collector",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain=[("share", "=", False)],
        help="Who looks after the alerts of customers without salesperson or collector "
        "too.",
    )
    alert_count = fields.Integer(compute="_compute_alert_count", string="Open Alerts")

    _action_complete = models.Constraint(
        "CHECK ((action != 'terms' OR payment_term_id IS NOT NULL)"
        " AND (action != 'scenario' OR scenario_id IS NOT NULL))",
        "Say which payment terms or which scenario the rule sets.",
    )
    _days_not_negative = models.Constraint(
        "CHECK (open_days >= 0 AND close_days >= 0 AND cooldown_days >= 0)",
        "Days cannot be negative.",
    )
    _amounts_not_negative = models.Constraint(
        "CHECK (open_amount >= 0 AND close_amount >= 0)", "Amounts cannot be negative."
    )

    @api.depends("kind")
    def _compute_unit(self):
        for rule in self:
            kind = KINDS.get(rule.kind)
            rule.unit = kind and kind.unit
            rule.is_aged = bool(kind and kind.is_aged)

    @api.depends_context("company")
    @api.depends("company_id")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company.root_id).currency_id

    def _compute_alert_count(self):
        counts = dict(
            self.env["ar.risk.alert"]._read_group(
                [("rule_id", "in", self.ids), ("state", "=", "open")],
                ["rule_id"],
                ["__count"],
            )
        )
        for rule in self:
            rule.alert_count = counts.get(rule, 0)

    @api.constrains(
        "kind",
        "open_days",
        "close_days",
        "open_amount",
        "close_amount",
        "open_value",
        "close_value",
        "threshold_ids",
    )
    def _check_hysteresis(self):
        for rule in self:
            pairs = [rule._get_thresholds(), *rule._get_class_thresholds().values()]
            if rule.close_days > rule.open_days or any(
                closes > opens for opens, closes in pairs
            ):
                raise ValidationError(
                    self.env._(
                        "An alert of “%(rule)s” would close as soon as it opens: the "
                        "thresholds to close must not be above those to open.",
                        rule=rule.name,
                    )
                )

    @api.constrains("partner_domain")
    def _check_partner_domain(self):
        for rule in self:
            try:
                rule._search_partners(self.env.company.root_id)
            except (ValueError, SyntaxError, TypeError, KeyError) as error:
                raise ValidationError(
                    self.env._(
                        "“%(rule)s”: it cannot be told which customers are meant: "
                        "%(error)s",
                        rule=rule.name,
                        error=error,
                    )
                ) from error

    def _search_partners(self, company):
        """Return the query of the customers that the rule is for; None means all."""
        domain = Domain(ast.literal_eval(self.partner_domain or "[]"))
        if domain.is_true():
            return None
        partners = self.env["res.partner"].sudo().with_company(company)
        return partners.with_context(active_test=False)._search(domain)

    def _get_meant_sql(self, company):
        query = self._search_partners(company)
        if query is None:
            return SQL("TRUE")
        return SQL("customer.id IN %s", query.subselect())

    @api.constrains("company_id")
    def _check_company_is_root(self):
        self._check_root_company(self.company_id)

    @api.model
    def _check_root_company(self, companies):
        for company in companies.filtered("parent_id"):
            raise ValidationError(
                self.env._(
                    "%(branch)s is a branch: risk is judged for the whole company, "
                    "%(company)s.",
                    branch=company.name,
                    company=company.root_id.name,
                )
            )

    def write(self, vals):
        result = super().write(vals)
        if "active" in vals or "company_id" in vals:
            self._close_orphaned_alerts()
        return result

    def _close_orphaned_alerts(self):
        """Close alerts that the rule no longer evaluates: nobody else would."""
        orphaned = (
            self.env["ar.risk.alert"]
            .sudo()
            .search([("rule_id", "in", self.ids), ("state", "=", "open")])
            .filtered(
                lambda alert: (
                    not alert.rule_id.active
                    or (alert.rule_id.company_id or alert.company_id)
                    != alert.company_id
                )
            )
        )
        orphaned._close("rule_off")

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unused(self):
        used = (
            self.env["ar.risk.alert"]
            .sudo()
            .search_count([("rule_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "This rule has opened alerts, which are kept as history. Archive "
                    "it: its alerts are closed and it opens no more."
                )
            )

    def action_open_alerts(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_risk_alerts.ar_risk_alert_action"
        )
        action["domain"] = [("rule_id", "=", self.id)]
        return action

    @api.model
    def _get_company_domain(self, company):
        """Return the domain of the rules that apply to a root company."""
        return Domain("company_id", "in", [False, company.id])

    @api.model
    def _run_evaluate(self, run):
        """Nightly stage: one rule a batch, as :class:`ar.run` asks for it."""
        due = Domain("id", ">", run.cursor) & self._get_company_domain(run.company_id)
        rules = self.search(due, order="id")
        if not rules:
            return 0
        opened, closed = rules[0]._evaluate(run.company_id)
        run._count(opened=len(opened), closed=len(closed))
        run.cursor = rules[0].id
        return len(rules) - 1

    @api.model
    def _evaluate_company(self, company, partners=None):
        """Evaluate all rules of a root company; for some customers, after a payment,
        those that payments bear on."""
        for rule in self.search(self._get_company_domain(company)):
            if partners is None or KINDS[rule.kind].is_live:
                rule._evaluate(company, partners)

    def _evaluate(self, company, partners=None):
        """Open and close the alerts of one rule in one root company.

        One query finds out, whatever the number of customers. A second worker that
        does the same at the same moment is refused by the unique index and retried.

        :param company: res.company, a root
        :param partners: res.partner, commercial partners; none: all
        :return: the alerts opened and those closed
        """
        self.ensure_one()
        self.env.flush_all()
        rows = self.env.execute_query(self._get_evaluation_sql(company, partners))
        alerts = self.env["ar.risk.alert"]
        alerts.invalidate_model()
        opened = alerts.browse([id_ for id_, is_new in rows if is_new])
        closed = alerts.browse([id_ for id_, is_new in rows if not is_new])
        opened._after_open()
        closed._close("resolved")
        self._get_alerts_to_act_on(company, partners)._act()
        return opened, closed

    def _get_alerts_to_act_on(self, company, partners):
        """Return the open alerts that have not acted yet: new ones, and older ones
        from before the credit check was switched on."""
        domain = Domain(
            [
                ("rule_id", "=", self.id),
                ("company_id", "=", company.id),
                ("state", "=", "open"),
                ("action", "!=", "none"),
                ("acted_on", "=", False),
            ]
        )
        if partners is not None:
            domain &= Domain("commercial_partner_id", "in", partners.ids)
        return self.env["ar.risk.alert"].search(domain)

    def _get_evaluation_sql(self, company, partners):
        """Return the query that inserts alerts and finds those to close.

        Its rows: (alert id, whether it is new).
        """
        today = company._ar_today()
        return SQL(
            """WITH risk AS MATERIALIZED (%(cases)s),
            opened AS (
                INSERT INTO ar_risk_alert (
                    rule_id, company_id, commercial_partner_id, severity, action,
                    user_id, measure, amount, days_overdue, oldest_due_date, state,
                    opened_on,
                    create_uid, create_date, write_uid, write_date)
                SELECT %(rule)s, %(company)s, risk.commercial_partner_id, %(severity)s,
                       %(action)s, %(owner)s, risk.measure, risk.amount,
                       risk.days_overdue, risk.oldest_due_date, 'open', %(today)s,
                       %(uid)s, %(now)s, %(uid)s, %(now)s
                  FROM risk
                  JOIN res_partner customer ON customer.id = risk.commercial_partner_id
                 WHERE risk.opens
                   AND NOT EXISTS (
                       SELECT FROM ar_risk_alert past
                        WHERE past.rule_id = %(rule)s
                          AND past.company_id = %(company)s
                          AND past.commercial_partner_id = risk.commercial_partner_id
                          AND past.state = 'closed'
                          AND past.quiet_until >= %(today)s)
                ON CONFLICT (rule_id, commercial_partner_id, company_id)
                      WHERE state = 'open' DO NOTHING
                RETURNING id)
            SELECT id, TRUE FROM opened
            UNION ALL
            SELECT alert.id, FALSE
              FROM ar_risk_alert alert
              LEFT JOIN risk USING (commercial_partner_id)
             WHERE alert.rule_id = %(rule)s
               AND alert.company_id = %(company)s
               AND alert.state = 'open'
               AND risk.stays IS NOT TRUE
               AND %(alert_of)s""",
            cases=self._get_cases_sql(company, partners),
            rule=self.id,
            company=company.id,
            severity=self.severity,
            action=self.action,
            owner=self._get_owner_sql(company),
            today=today,
            now=fields.Datetime.now(),
            uid=self.env.uid,
            alert_of=self._get_customers_sql(
                SQL.identifier("alert", "commercial_partner_id"), partners
            ),
        )

    def _get_cases_sql(self, company, partners):
        """Return the select of the customers with what was measured, and whether that
        opens an alert or keeps it open.

        :return: SQL with the columns commercial_partner_id (unique), opens, stays,
            measure, amount, days_overdue, oldest_due_date. A customer without row does
            not stay
        """
        self.ensure_one()
        opens, closes = self._get_thresholds()
        by_class = self._get_class_thresholds()
        return SQL(
            """SELECT measured.commercial_partner_id, measured.to_open AS measure,
                      measured.amount, measured.days_overdue, measured.oldest_due_date,
                      COALESCE(measured.to_open > %(opens)s, FALSE) AS opens,
                      COALESCE(measured.to_close > %(closes)s, FALSE) AS stays
                 FROM (%(measured)s) measured
                 JOIN res_partner customer
                   ON customer.id = measured.commercial_partner_id
                WHERE %(customers)s AND %(meant)s""",
            meant=self._get_meant_sql(company),
            opens=self._by_class(
                company, opens, {k: v[0] for k, v in by_class.items()}
            ),
            closes=self._by_class(
                company, closes, {k: v[1] for k, v in by_class.items()}
            ),
            measured=self._get_measures_sql(company, partners),
            customers=self._get_customers_sql(
                SQL.identifier("customer", "id"), partners
            ),
        )

    @api.model
    def _by_class(self, company, value, by_class):
        if not by_class:
            return SQL("%s", value)
        whens = SQL(" ").join(
            SQL("WHEN %s THEN %s::float", class_id, own)
            for class_id, own in by_class.items()
        )
        return SQL(
            "CASE (customer.ar_root_risk_class_id ->> %s)::int %s ELSE %s::float END",
            str(company.id),
            whens,
            value,
        )

    def _get_thresholds(self):
        """Return what the measure is compared with: (above it opens, at it closes)."""
        if self.unit == "amount":
            return self.open_amount, self.close_amount
        return self._signed(self.open_value, self.close_value)

    def _get_class_thresholds(self):
        """Return the same by the id of a risk class that has its own."""
        return {
            own.risk_class_id.id: self._signed(own.open_value, own.close_value)
            for own in self.threshold_ids
        }

    def _signed(self, opens, closes):
        """Days that are left are measured below zero: the fewer, the worse."""
        if self.unit == "days_left":
            return -opens - 1, -closes - 1
        return opens, closes

    def _get_measures_sql(self, company, partners):
        """Return the select that measures the customers.

        Hook: an addon with a kind of its own, added to ``KINDS`` of
        ``tools/rule_kind.py`` and to :attr:`kind`, adds the method that its entry
        names.

        :return: SQL with the columns commercial_partner_id (unique), to_open and
            to_close (what is compared with the thresholds; mostly the same), amount
            (in the currency of the root company), days_overdue, oldest_due_date
        """
        return getattr(self, KINDS[self.kind].method)(company, partners)

    @api.model
    def _get_customers_sql(self, column, partners):
        if partners is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", column, partners.ids)

    def _get_owner_sql(self, company):
        """Return who looks after the alert; whoever is archived does not."""
        fixed = SQL("%s::int", self.user_id.filtered("active").id or None)
        columns = {
            "salesperson": SQL("customer.user_id"),
            "collector": SQL(
                "(customer.ar_root_collector_id ->> %s)::int", str(company.id)
            ),
        }
        if self.owner_kind not in columns:
            return fixed
        return SQL(
            "COALESCE((SELECT id FROM res_users WHERE id = %s AND active), %s)",
            columns[self.owner_kind],
            fixed,
        )
