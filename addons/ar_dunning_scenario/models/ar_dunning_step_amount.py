from odoo import api, fields, models

from ..tools.clock import Bounded


class ArDunningStep(models.Model):
    """For which amounts a step is, and what it proposes beside asking."""

    _inherit = "ar.dunning.step"

    amount_currency_id = fields.Many2one(
        "res.currency", compute="_compute_amount_currency_id"
    )
    amount_from = fields.Monetary(
        string="For Items From",
        currency_field="amount_currency_id",
        help="Only for items of which at least this much is open, in the currency of "
        "the company that asks: a call is worth it for large ones. 0: for all.",
    )
    amount_below = fields.Monetary(
        string="And Below",
        currency_field="amount_currency_id",
        help="Only for items of which less is open. 0: no limit.",
    )
    proposes_hold = fields.Boolean(
        string="Propose a Hold",
        help="When the step is done, the customer's timeline says that new orders "
        "should be stopped. The credit manager decides.",
    )

    _amounts_not_negative = models.Constraint(
        "CHECK (amount_from >= 0 AND amount_below >= 0)",
        "The amounts a step is for cannot be negative.",
    )

    @api.depends("scenario_id.company_id")
    @api.depends_context("company")
    def _compute_amount_currency_id(self):
        for step in self:
            company = step.scenario_id.company_id or self.env.company
            step.amount_currency_id = company.root_id.sudo().currency_id

    @api.constrains("amount_from", "amount_below")
    def _check_amounts(self):
        self._check_channel()

    def _get_problem(self):
        return super()._get_problem() or self._get_amount_problem()

    def _get_amount_problem(self):
        if self.amount_below and self.amount_below <= self.amount_from:
            return self.env._("no amount is that large and below that at once.")
        return None

    def _get_bounded_step(self):
        """Return the step as the clock knows it, with the amounts it is for."""
        self.ensure_one()
        return Bounded(self._get_clock_step(), self.amount_from, self.amount_below)
