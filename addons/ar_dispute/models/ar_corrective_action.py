from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

#: The effect is looked at over as many days after the action as before, at most.
LONGEST_PERIOD = 180


class ArCorrectiveAction(models.Model):
    """What is done so that a root cause brings no disputes any more, and whether it
    helped: disputes of that cause before and after."""

    _name = "ar.corrective.action"
    _description = "Corrective Action"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, date_planned, id"

    name = fields.Char(string="Action", required=True, tracking=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    cause_id = fields.Many2one(
        "ar.dispute.cause",
        string="Root Cause",
        required=True,
        ondelete="restrict",
        tracking=True,
        index=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        tracking=True,
    )
    date_planned = fields.Date(
        string="Planned For", required=True, tracking=True, default=fields.Date.today
    )
    date_done = fields.Date(string="Done On", copy=False, tracking=True)
    state = fields.Selection(
        [("planned", "Planned"), ("done", "Done"), ("dropped", "Dropped")],
        required=True,
        default="planned",
        readonly=True,
        copy=False,
        tracking=True,
    )
    expected_effect = fields.Text(help="What should be different afterwards.")
    period_days = fields.Integer(
        string="Days Compared",
        compute="_compute_effect",
        help="As many days before the action was done as have passed since, at most "
        f"{LONGEST_PERIOD}.",
    )
    count_before = fields.Integer(string="Disputes Before", compute="_compute_effect")
    count_after = fields.Integer(string="Disputes After", compute="_compute_effect")
    amount_before = fields.Monetary(
        string="Disputed Before",
        currency_field="company_currency_id",
        compute="_compute_effect",
    )
    amount_after = fields.Monetary(
        string="Disputed After",
        currency_field="company_currency_id",
        compute="_compute_effect",
    )

    _done_has_date = models.Constraint(
        "CHECK (state != 'done' OR date_done IS NOT NULL)",
        "An action that is done has the day on which it was done.",
    )

    @api.depends("state", "date_done", "cause_id", "company_id")
    def _compute_effect(self):
        done = self.filtered(lambda action: action.state == "done")
        disputes = done._get_disputes_by_cause()
        for action in self:
            days, before, after = 0, (), ()
            if action in done:
                days = action._get_period_days()
                found = disputes.get((action.company_id.id, action.cause_id.id), ())
                before, after = action._split(found, days)
            action.period_days = days
            action.count_before, action.count_after = len(before), len(after)
            action.amount_before, action.amount_after = sum(before), sum(after)

    def _get_period_days(self):
        passed = (self.company_id._ar_today() - self.date_done).days + 1
        return max(0, min(passed, LONGEST_PERIOD))

    def _split(self, disputes, days):
        """Return the amounts disputed within so many days before the action was done,
        and within as many from that day on."""
        period = timedelta(days=days)
        before = [
            amount
            for opened, amount in disputes
            if self.date_done - period <= opened < self.date_done
        ]
        after = [
            amount
            for opened, amount in disputes
            if self.date_done <= opened < self.date_done + period
        ]
        return before, after

    def _get_disputes_by_cause(self):
        """Return {(company id, cause id): [(opened on, amount)]}, in one query."""
        found = {}
        if not self:
            return found
        first = min(self.mapped("date_done")) - timedelta(days=LONGEST_PERIOD)
        disputes = (
            self.env["ar.dispute"]
            .sudo()
            .search_fetch(
                [
                    ("company_id", "child_of", self.company_id.ids),
                    ("cause_id", "in", self.cause_id.ids),
                    ("date_opened", ">=", first),
                ],
                ["company_id", "cause_id", "date_opened", "amount_disputed"],
            )
        )
        for dispute in disputes:
            row = dispute.date_opened, dispute.amount_disputed
            # A branch's count for the companies above it too.
            for company in dispute.company_id.parent_ids:
                key = company.id, dispute.cause_id.id
                found.setdefault(key, []).append(row)
        return found

    def action_done(self):
        """It is done: from now on it is measured."""
        self._check_planned()
        for action in self:
            action.write(
                {
                    "state": "done",
                    "date_done": action.date_done or action.company_id._ar_today(),
                }
            )

    def action_drop(self):
        self._check_planned()
        self.state = "dropped"

    def action_plan_again(self):
        self.filtered(lambda action: action.state != "planned").write(
            {"state": "planned", "date_done": False}
        )

    def _check_planned(self):
        done = self.filtered(lambda action: action.state != "planned")
        if done:
            raise UserError(
                self.env._(
                    "%(actions)s: only what is planned can be done or dropped.",
                    actions=", ".join(done.mapped("name")),
                )
            )

    def action_open_disputes(self):
        """Show the disputes of the cause, those before and after the action."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dispute.ar_dispute_action"
        )
        action["domain"] = [
            ("cause_id", "=", self.cause_id.id),
            ("company_id", "child_of", self.company_id.id),
        ]
        action["context"] = {"search_default_group_opened": 1}
        return action
