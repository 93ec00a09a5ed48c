from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.ar_ledger.models.res_partner import GROUP_MANAGER

from ..tools.clock import MOST_DAYS, plus


class ArDunningGoingLive(models.TransientModel):
    """Switch dunning on without surprises: what would happen is shown first."""

    _name = "ar.dunning.going.live"
    _description = "Go Live With Dunning"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    start_date = fields.Date(
        required=True,
        default=lambda self: self.env.company.root_id._ar_today(),
        help="Nothing is planned before. The first run is read by a collector: none of "
        "its messages leaves unconfirmed.",
    )
    scenario_id = fields.Many2one(
        "ar.dunning.scenario",
        string="Default Scenario",
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
        help="For customers without a scenario of their own and without a rule.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Days",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Steps are taken on the working days of this calendar. Empty: every day.",
    )
    daily_cap = fields.Integer(
        string="Customers per Day",
        default=50,
        help="The largest and oldest debts first; the others wait. 0: no limit.",
    )
    old_days = fields.Integer(
        string="Overdue Longer Than",
        default=60,
        help="Older items are treated on their own.",
    )
    old_decision = fields.Selection(
        [
            ("review", "To the review list"),
            ("step", "Start at a step"),
            ("ladder", "Start with the first step"),
        ],
        string="Old Items",
        required=True,
        default="review",
        help="Review list: they are paused until somebody ends the pause. Start at a "
        "step: the steps before it are passed over; items of another scenario than the "
        "default go to the review list.",
    )
    old_step_id = fields.Many2one(
        "ar.dunning.step",
        string="Start At",
        domain="[('scenario_id', '=', scenario_id)]",
    )
    grace_days = fields.Integer(
        string="Days of Grace",
        default=7,
        help="Old items are left alone so long after the start.",
    )
    opening_item_ids = fields.Many2many(
        "ar.open.item",
        string="Opening Balances to Include",
        help="Entries of journals for miscellaneous operations, such as opening "
        "balances, are excluded from follow-up unless they are chosen here.",
    )
    opening_count = fields.Integer(
        string="Excluded Opening Balances", compute="_compute_opening_count"
    )
    line_ids = fields.One2many(
        "ar.dunning.going.live.line", "wizard_id", string="What Comes Next"
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        company = self.env.company.root_id
        values.setdefault("scenario_id", company.ar_dunning_scenario_id.id)
        values.setdefault(
            "calendar_id",
            (company.ar_dunning_calendar_id or company.resource_calendar_id).id,
        )
        return values

    @api.depends("company_id")
    def _compute_opening_count(self):
        for wizard in self:
            wizard.opening_count = self.env["ar.open.item"].search_count(
                wizard._get_opening_domain()
            )

    @api.constrains("daily_cap", "old_days", "grace_days")
    def _check_numbers(self):
        for wizard in self:
            if min(wizard.daily_cap, wizard.old_days, wizard.grace_days) < 0:
                raise UserError(self.env._("Days and caps cannot be negative."))
            if max(wizard.old_days, wizard.grace_days) > MOST_DAYS:
                raise UserError(
                    self.env._("Days go up to %(most)s, ten years.", most=MOST_DAYS)
                )

    def action_include_openings(self):
        """Choose all excluded opening balances; single ones can be taken out."""
        self.ensure_one()
        self.opening_item_ids = self.env["ar.open.item"].search(
            self._get_opening_domain()
        )
        return self._reopen()

    def action_preview(self):
        """Show what would come next for which items, and change nothing."""
        self._check_may()
        figures = []
        try:
            with self.env.cr.savepoint():
                self._switch_on()
                figures = self._get_figures()
                raise _Undo()
        except _Undo:
            self.env.invalidate_all()
        self.line_ids.unlink()
        self.line_ids = [fields.Command.create(values) for values in figures]
        return self._reopen()

    def action_go_live(self):
        """Switch dunning on as chosen."""
        self._check_may()
        self._switch_on()
        self.env["ar.event"]._log(
            "reminder",
            self.env["res.partner"],
            self.company_id,
            self.env._(
                "Dunning goes live on %(date)s",
                date=fields.Date.to_string(self.start_date),
            ),
            figures={"steps": self._get_figures(), "currency": self.currency_id.name},
            source=self.company_id,
        )
        return self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_dunning_item_action"
        )

    def _check_may(self):
        self.ensure_one()
        if not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(self.env._("Only credit managers go live with dunning."))
        self.company_id._check_ar_reach()
        if self.start_date < self.company_id._ar_today():
            raise UserError(self.env._("Choose a start that is today or later."))
        if self.start_date > plus(self.company_id._ar_today(), 366):
            raise UserError(self.env._("Choose a start within a year."))
        if self.old_decision == "step" and not self.old_step_id:
            raise UserError(self.env._("Choose the step at which old items start."))

    def _switch_on(self):
        self.opening_item_ids.sudo().line_id.no_followup = False
        self.company_id.sudo().write(
            {
                "ar_ledger_active": True,
                "ar_dunning_active": True,
                "ar_dunning_scenario_id": self.scenario_id.id,
                "ar_dunning_calendar_id": self.calendar_id.id,
                "ar_dunning_daily_cap": self.daily_cap,
                "ar_dunning_start_date": self.start_date,
                "ar_dunning_first_run": False,
            }
        )
        self.env["ar.dunning.item"].sudo()._refresh(self.company_id)
        self._treat_old_items()

    def _treat_old_items(self):
        old = self._get_old_items()
        if not old or self.old_decision == "ladder":
            return
        reason = self.env._("Old when dunning began")
        placed = old.browse()
        if self.old_decision == "step":
            placed = old.filtered(lambda item: item.scenario_id == self.scenario_id)
            self.env["ar.dunning.placement"]._place(
                placed,
                self.old_step_id,
                reason,
                earliest=self.start_date + timedelta(days=self.grace_days),
            )
        if to_review := old - placed:
            self.env["ar.suspension"]._suspend(
                to_review.line_id, "pause", reason, self.company_id
            )

    def _get_old_items(self):
        """Return the old items that nothing was done for, nor is paused."""
        oldest = self.start_date - timedelta(days=self.old_days)
        items = self.env["ar.dunning.item"].sudo()
        return items.search(
            [
                ("company_id", "=", self.company_id.id),
                ("due_date", "<", oldest),
                ("step_done", "=", False),
                "|",
                ("next_date", "!=", False),
                ("must_decide", "=", True),
            ]
        )

    def _get_opening_domain(self):
        journals = self.env["account.journal"].sudo()
        journals = journals.search([("type", "=", "general")])
        return [
            ("root_company_id", "=", self.company_id.id),
            ("not_chased_reason", "=", "no_followup"),
            ("journal_id", "in", journals.ids),
            ("amount_residual", ">", 0),
        ]

    def _get_figures(self):
        """Return what comes next, as values of the lines: one row per step, and one for
        what stands still."""
        self.env.flush_all()
        start = self.start_date + timedelta(days=self.grace_days)
        self.env.cr.execute(
            SQL(
                """SELECT item.next_step_id AS step_id,
                          item.next_date IS NULL AS is_standing,
                          COUNT(*) AS item_count,
                          COUNT(DISTINCT item.commercial_partner_id) AS customer_count,
                          COUNT(*) FILTER (WHERE item.next_date <= %(soon)s)
                              AS soon_count,
                          SUM(line.amount_residual)::float AS amount
                     FROM ar_dunning_item item
                     JOIN account_move_line line ON line.id = item.line_id
                LEFT JOIN ar_dunning_step step ON step.id = item.next_step_id
                    WHERE item.company_id = %(company)s
                 GROUP BY item.next_step_id, step.scenario_id, step.sequence,
                          item.next_date IS NULL
                 ORDER BY item.next_date IS NULL, step.scenario_id, step.sequence""",
                soon=start,
                company=self.company_id.id,
            )
        )
        return self.env.cr.dictfetchall()

    def _reopen(self):
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Go Live With Dunning"),
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
            "target": "new",
        }


class _Undo(Exception):
    """Ends a preview: nothing of it stays."""


class ArDunningGoingLiveLine(models.TransientModel):
    """What comes next for how many items."""

    _name = "ar.dunning.going.live.line"
    _description = "Preview of Going Live"
    _rec_name = "step_id"

    wizard_id = fields.Many2one(
        "ar.dunning.going.live", required=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    step_id = fields.Many2one("ar.dunning.step", string="Next Step", readonly=True)
    is_standing = fields.Boolean(
        string="Standing Still",
        readonly=True,
        help="Paused, on the review list, or without a further step.",
    )
    item_count = fields.Integer(string="Items", readonly=True)
    customer_count = fields.Integer(string="Customers", readonly=True)
    soon_count = fields.Integer(
        string="Items at the Start",
        readonly=True,
        help="Due on the start date or in the days of grace after it.",
    )
    amount = fields.Monetary(readonly=True)
