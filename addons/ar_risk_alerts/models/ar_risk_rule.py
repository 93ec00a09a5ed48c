from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import SQL

SEVERITIES = [("3", "Critical"), ("2", "Warning"), ("1", "Notice")]
ACTIONS = [
    ("none", "Only alert"),
    ("stop_deliveries", "Stop deliveries"),
    ("hold_orders", "Hold orders"),
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
        [("overdue", "Overdue for too long")], required=True, default="overdue"
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
        help="Done when an alert opens and undone when it closes, unless a credit "
        "manager decided otherwise meanwhile. Nothing is stopped while the credit "
        "check of the company is off or only observes.",
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

    _days_not_negative = models.Constraint(
        "CHECK (open_days >= 0 AND close_days >= 0 AND cooldown_days >= 0)",
        "Days cannot be negative.",
    )
    _amounts_not_negative = models.Constraint(
        "CHECK (open_amount >= 0 AND close_amount >= 0)", "Amounts cannot be negative."
    )

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

    @api.constrains("open_days", "close_days", "open_amount", "close_amount")
    def _check_hysteresis(self):
        for rule in self:
            if rule.close_days > rule.open_days or rule.close_amount > rule.open_amount:
                raise ValidationError(
                    self.env._(
                        "An alert of “%(rule)s” would close as soon as it opens: the "
                        "thresholds to close must not be above those to open.",
                        rule=rule.name,
                    )
                )

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
        """Evaluate all rules of a root company, for some customers or for all."""
        for rule in self.search(self._get_company_domain(company)):
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
                    user_id, amount, days_overdue, oldest_due_date, state, opened_on,
                    create_uid, create_date, write_uid, write_date)
                SELECT %(rule)s, %(company)s, risk.commercial_partner_id, %(severity)s,
                       %(action)s, %(owner)s, risk.amount, risk.days_overdue,
                       risk.oldest_due_date, 'open', %(today)s,
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
        """Return the select that measures the customers.

        Hook: an addon with a kind of its own returns its select for it, else calls
        super.

        :return: SQL with the columns commercial_partner_id (unique), opens and stays
            (booleans; whatever opens must stay), amount (in the currency of the root
            company), days_overdue, oldest_due_date. A customer without row does not
            stay
        """
        self.ensure_one()
        return self._get_overdue_cases_sql(company, partners)

    def _get_overdue_cases_sql(self, company, partners):
        items = self.env["ar.open.item"]._facts_sql(
            SQL(
                "%s = %s AND customer.id IS NOT NULL AND %s",
                self.env["ar.open.item"]._get_root_company_sql(),
                company.id,
                self._get_customers_sql(SQL.identifier("customer", "id"), partners),
            )
        )
        return SQL(
            """SELECT commercial_partner_id, days_overdue, oldest_due_date,
                      to_open + credits AS amount,
                      to_open + credits > %(open_amount)s AS opens,
                      to_close + credits > %(close_amount)s AS stays
                 FROM (
                    SELECT commercial_partner_id,
                           MAX(days_overdue) AS days_overdue,
                           MIN(date_maturity) FILTER (
                               WHERE claim > 0 AND days_overdue > 0
                           ) AS oldest_due_date,
                           COALESCE(SUM(claim) FILTER (
                               WHERE claim > 0 AND days_overdue > %(open_days)s
                           ), 0) AS to_open,
                           COALESCE(SUM(claim) FILTER (
                               WHERE claim > 0 AND days_overdue > %(close_days)s
                           ), 0) AS to_close,
                           COALESCE(SUM(claim) FILTER (WHERE claim < 0), 0) AS credits
                      FROM (
                        SELECT commercial_partner_id, date_maturity,
                               CASE WHEN amount_residual > 0
                                    THEN days_overdue ELSE 0 END AS days_overdue,
                               amount_residual - %(left_out)s AS claim
                          FROM (%(items)s) item
                      ) measured
                     WHERE claim <> 0
                  GROUP BY commercial_partner_id
                 ) customer""",
            items=items,
            left_out=SQL("amount_suspended" if self.ignore_suspended else "0"),
            open_days=self.open_days,
            open_amount=self.open_amount,
            close_days=self.close_days,
            close_amount=self.close_amount,
        )

    @api.model
    def _get_customers_sql(self, column, partners):
        if partners is None:
            return SQL("TRUE")
        return SQL("%s = ANY(%s)", column, partners.ids)

    def _get_owner_sql(self, company):
        fixed = SQL("%s::int", self.user_id.id or None)
        if self.owner_kind == "salesperson":
            return SQL("COALESCE(customer.user_id, %s)", fixed)
        if self.owner_kind == "collector":
            return SQL(
                "COALESCE((customer.ar_root_collector_id ->> %s)::int, %s)",
                str(company.id),
                fixed,
            )
        return fixed
