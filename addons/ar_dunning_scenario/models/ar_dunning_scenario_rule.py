from ast import literal_eval
from typing import NamedTuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import SQL, mute_logger

#: Field of the rule, by the alias in the select of the items that it is about.
RULES = {"customer": "customer_domain", "fact": "item_domain"}


class Rule(NamedTuple):
    """The rule of one scenario: ``condition`` in SQL, or ``problem`` in words."""

    scenario: models.Model
    condition: SQL | None
    problem: str | None = None


class ArDunningScenario(models.Model):
    """Which customers and items a scenario is for."""

    _inherit = "ar.dunning.scenario"

    customer_domain = fields.Char(
        string="Customers",
        help="The scenario is for these customers, unless they have one of their own "
        "or an earlier scenario is for them.",
    )
    item_domain = fields.Char(
        string="Only Items", help="Of those customers, only these open items."
    )
    customer_model = fields.Char(compute="_compute_rule_models")
    item_model = fields.Char(compute="_compute_rule_models")
    match_customer_count = fields.Integer(
        string="Customers Now",
        compute="_compute_matches",
        help="With open items that the rule is true for today, in the companies that "
        "you have activated, whatever scenario they have.",
    )
    match_item_count = fields.Integer(string="Items Now", compute="_compute_matches")
    rule_problem = fields.Char(
        compute="_compute_rule_problem",
        help="Why the rule cannot be read. Until it is repaired, items that this "
        "scenario or a later one would be for stay with the one they have, and new "
        "ones are not chased.",
    )

    def _compute_rule_models(self):
        self.customer_model = "res.partner"
        self.item_model = "ar.open.item"

    @api.depends_context("allowed_company_ids", "uid")
    @api.depends("customer_domain", "item_domain")
    def _compute_matches(self):
        for scenario in self:
            items = customers = 0
            if scenario._has_rule() and not scenario._get_rule_problem():
                [(items, customers)] = self.env["ar.open.item"]._read_group(
                    scenario._get_match_domain(),
                    [],
                    ["__count", "commercial_partner_id:count_distinct"],
                )
            scenario.match_item_count = items
            scenario.match_customer_count = customers

    @api.depends("customer_domain", "item_domain")
    def _compute_rule_problem(self):
        for scenario in self:
            scenario.rule_problem = scenario._get_rule_problem()

    @api.constrains("customer_domain", "item_domain")
    def _check_rule(self):
        for scenario in self:
            if problem := scenario._get_rule_problem():
                raise ValidationError(problem)
            scenario._check_rule_runs()

    def _check_rule_runs(self):
        """Refuse what only the database finds, such as a comparison of unlike values:
        in the rule as the night asks it, and as it is counted for the user."""
        self.ensure_one()
        query = self.env["ar.dunning.item"]._get_fact_query()
        rule = self._read_rule_sql(self.env.company.root_id, query)
        query.add_where(rule.condition)
        query.limit = 1
        try:
            with self.env.cr.savepoint(), mute_logger("odoo.sql_db"):
                self.env.execute_query(query.select())
                self.env["ar.open.item"].search_count(self._get_match_domain(), limit=1)
        except psycopg2.Error as error:
            raise ValidationError(self._describe_problem(error)) from error

    def _describe_problem(self, error):
        return self.env._(
            "The rule of the scenario %(scenario)s cannot be read: %(error)s",
            scenario=self.name,
            error=str(error).strip() or type(error).__name__,
        )

    def action_open_matches(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Items"),
            "res_model": "ar.open.item",
            "view_mode": "list,form",
            "domain": list(self._get_match_domain()),
        }

    def _has_rule(self):
        self.ensure_one()
        return any(self._read_rule(name) for name in RULES.values())

    def _read_rule(self, name):
        """Return the domain of a rule as a list.

        :raise ValueError, SyntaxError: the text is none
        """
        domain = literal_eval(self[name] or "[]")
        if not isinstance(domain, list):
            raise ValueError(self[name])
        return domain

    def _get_match_domain(self):
        """Return the open items that the rule is for, as a domain of the user."""
        customers = Domain(self._read_rule("customer_domain"))
        domain = Domain(self._read_rule("item_domain"))
        domain &= Domain("not_chased_reason", "=", False)
        domain &= Domain("amount_residual", ">", 0)
        if not customers.is_true():
            domain &= Domain("commercial_partner_id", "any", customers)
        if self.company_id:
            domain &= Domain("root_company_id", "=", self.company_id.id)
        return domain

    def _get_rule_problem(self):
        """Return a sentence that says why the rule cannot be read, or False."""
        self.ensure_one()
        query = self.env["ar.dunning.item"]._get_fact_query()
        return self._read_rule_sql(self.env.company.root_id, query).problem or False

    @api.model
    def _get_rules(self, company, query):
        """Return the rules of a root company in the order in which they are asked.

        :param query: Query with the aliases of :data:`RULES`; gets the joins that the
            conditions need
        """
        scenarios = self.sudo().search([("company_id", "in", (False, company.id))])
        return [
            scenario._read_rule_sql(company, query)
            for scenario in scenarios
            if scenario.customer_domain or scenario.item_domain
        ]

    def _read_rule_sql(self, company, query):
        """Return the :class:`Rule` of one scenario: of no item if it has none."""
        env = self.sudo().with_company(company).with_context(active_test=False).env
        try:
            if not self._has_rule():
                return Rule(self, SQL("FALSE"))
            conditions = []
            for alias, name in RULES.items():
                model = env[self[f"{name.split('_')[0]}_model"]]
                domain = Domain(self._read_rule(name)).optimize_full(model)
                conditions.append(domain._to_sql(model, alias, query))
        except Exception as error:  # pylint: disable=broad-except
            # Whatever is wrong with it: nobody may be chased by the wrong scenario.
            return Rule(self, None, self._describe_problem(error))
        return Rule(self, SQL("(%s)", SQL(" AND ").join(conditions)))
