from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .account_move import GROUP_OWN
from .ar_promise_reliability import NO_PROMISES

#: Comparisons of a part between 0 and 1; customers without promises match none.
COMPARISONS = {"<": SQL("<"), "<=": SQL("<="), ">": SQL(">"), ">=": SQL(">=")}


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_promise_count = fields.Integer(
        string="Promises",
        compute="_compute_ar_promise_count",
        groups=GROUP_OWN,
        help="Open promises and those that wait for an approval.",
    )
    ar_promise_decided_count = fields.Integer(
        string="Promises That Came to Their End",
        compute="_compute_ar_promise_reliability",
        groups=GROUP_OWN,
        help="Kept, partly kept or broken, of those for the last 12 months.",
    )
    ar_promise_reliability = fields.Float(
        string="Promises Kept",
        compute="_compute_ar_promise_reliability",
        search="_search_ar_promise_reliability",
        groups=GROUP_OWN,
        help="Of the promises of the last 12 months that came to their end, the part "
        "that was kept. Nothing is known of customers without any.",
    )
    ar_promise_reliability_amount = fields.Float(
        string="Promised Amount Kept",
        compute="_compute_ar_promise_reliability",
        search="_search_ar_promise_reliability_amount",
        groups=GROUP_OWN,
        help="The same by amount: a broken promise weighs as much as was promised.",
    )

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id")
    def _compute_ar_promise_count(self):
        self.ar_promise_count = 0
        if not self.env.company.root_id._get_ar_promising():
            return
        customers = self._get_ar_visible().commercial_partner_id
        counts = dict(
            self.env["ar.promise"]
            .sudo()
            ._read_group(
                [
                    ("commercial_partner_id", "in", customers.ids),
                    ("company_id", "=", self.env.company.root_id.id),
                    ("state", "in", ("open", "waiting")),
                ],
                ["commercial_partner_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.ar_promise_count = counts.get(partner.commercial_partner_id, 0)

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id")
    def _compute_ar_promise_reliability(self):
        known = {}
        if self.env.company.root_id._get_ar_promising():
            customers = self._get_ar_visible().commercial_partner_id
            known = (
                self.env["ar.promise"]
                .sudo()
                ._get_reliabilities(customers, self.env.company)
            )
        for partner in self:
            customer = partner.commercial_partner_id
            figures = known.get(customer._origin.id, NO_PROMISES)
            partner.ar_promise_decided_count = figures.count
            partner.ar_promise_reliability = figures.by_number
            partner.ar_promise_reliability_amount = figures.by_amount

    def _search_ar_promise_reliability(self, operator, value):
        return self._search_ar_reliability("reliability", operator, value)

    def _search_ar_promise_reliability_amount(self, operator, value):
        return self._search_ar_reliability("reliability_amount", operator, value)

    def _search_ar_reliability(self, column, operator, value):
        if operator not in COMPARISONS:
            return NotImplemented
        promises = self.env["ar.promise"]
        # The record rules of the user apply: others' customers are never found.
        seen = promises._search([("company_id", "=", self.env.company.root_id.id)])
        self.env["ar.promise"].flush_model()
        customers = SQL(
            "(SELECT fact.commercial_partner_id FROM (%s) fact WHERE %s %s %s)",
            promises._get_reliability_sql(SQL("promise.id IN %s", seen.subselect())),
            SQL.identifier("fact", column),
            COMPARISONS[operator],
            value,
        )
        return Domain("commercial_partner_id", "in", customers)

    def action_ar_promise(self):
        """Record what the customer promises for its open items."""
        self.ensure_one()
        return self.env["ar.promise.record"]._launch(self._get_promisable_items())

    def action_ar_plan(self):
        """Agree on a payment plan with the customer."""
        self.ensure_one()
        return self.env["ar.promise.record"]._launch(
            self._get_promisable_items(), is_plan=True
        )

    def action_open_ar_promises(self):
        """Drill down: what the customer promised, and what became of it."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_promise_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.env.company.root_id.id),
        ]
        action["context"] = {}
        return action

    def _get_promisable_items(self):
        """Return the customer's overdue items that may be promised, else all of them,
        in the currency in which there are most."""
        self.env["ar.promise"]._check_collector()
        items = self.env["ar.open.item"].search(
            [
                ("commercial_partner_id", "=", self.commercial_partner_id.id),
                ("root_company_id", "=", self.env.company.root_id.id),
                ("amount_to_ask", ">", 0),
                ("promised_date", "=", False),
            ]
        )
        items = items.filtered("days_overdue") or items
        by_currency = items.grouped("currency_id").values()
        return max(by_currency, key=len, default=items)
