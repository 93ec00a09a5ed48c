from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from odoo.addons.ar_ledger.models.res_partner import GROUP_COLLECTOR, GROUP_MANAGER

from ..tools.clock import Pause


class ArDunningPause(models.Model):
    """A decision: nobody is asked for anything until a date.

    It is about a customer, a scenario, or the whole company, and covers items that come
    while it lasts too; a pause of single items is a suspension.
    """

    _name = "ar.dunning.pause"
    _description = "Pause of Dunning"
    _inherit = ["ar.record"]
    _order = "date_from desc, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
    )
    scenario_id = fields.Many2one(
        "ar.dunning.scenario", readonly=True, ondelete="cascade"
    )
    date_from = fields.Date(string="From", required=True, readonly=True)
    date_until = fields.Date(
        string="Last Day",
        required=True,
        readonly=True,
        help="The day after, the clocks go on by themselves.",
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)
    is_over = fields.Boolean(compute="_compute_is_over", search="_search_is_over")

    @api.depends("commercial_partner_id", "scenario_id", "company_id")
    def _compute_display_name(self):
        for pause in self:
            about = pause.commercial_partner_id or pause.scenario_id or pause.company_id
            pause.display_name = about.display_name

    @api.depends("date_until", "company_id")
    def _compute_is_over(self):
        todays = self.env["res.company"]._ar_todays()
        for pause in self:
            pause.is_over = pause.date_until < todays[pause.company_id.id]

    def _search_is_over(self, operator, value):
        if operator != "in" or set(value) - {True}:
            return NotImplemented
        todays = self.env["res.company"]._ar_todays().items()
        return fields.Domain.OR(
            [("company_id", "=", company_id), ("date_until", "<", today)]
            for company_id, today in todays
        )

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "A pause is a decision on record: pause with the wizard, resume with the "
            "button."
        )

    def action_resume(self):
        """End pauses now: the clocks go on today."""
        self.check_access("read")
        self._check_may_resume()
        running = self.filtered(lambda pause: not pause.is_over)
        if not running:
            raise UserError(self.env._("None of these pauses is running."))
        for company, pauses in running.grouped("company_id").items():
            yesterday = company._ar_today() - timedelta(days=1)
            pauses._by_code().write({"date_until": yesterday})
        running._log(self.env._("Resumed"))
        running._after_change()

    def _check_may_resume(self):
        """Who may start a pause may end it."""
        wide = self.filtered(lambda pause: not pause.commercial_partner_id)
        group = GROUP_MANAGER if wide else GROUP_COLLECTOR
        if not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "Collectors end pauses of customers; credit managers end those of "
                    "scenarios and of the company."
                )
            )

    @api.model
    def _pause(self, company, targets, date_until, reason):
        """Pause customers, scenarios, or a whole company from today on.

        No access check: who calls has decided that the user may.

        :param company: root res.company
        :param targets: res.partner, ar.dunning.scenario or res.company records
        :return: the pauses
        """
        field = {
            "res.partner": "commercial_partner_id",
            "ar.dunning.scenario": "scenario_id",
        }.get(targets._name)
        pauses = self._by_code().create(
            [
                {
                    "company_id": company.id,
                    **({field: target.id} if field else {}),
                    "date_from": company._ar_today(),
                    "date_until": date_until,
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for target in targets
            ]
        )
        pauses = pauses.with_env(self.env)
        pauses._log(
            self.env._(
                "Paused until %(date)s: %(reason)s",
                date=fields.Date.to_string(date_until),
                reason=reason,
            )
        )
        pauses._after_change()
        return pauses

    def _log(self, text):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "reminder",
                    "partner": pause.commercial_partner_id,
                    "company": pause.company_id,
                    "text": f"{pause.display_name}: {text}",
                    "source": pause,
                }
                for pause in self
            ]
        )

    def _after_change(self):
        """What comes next changes at once for customers, else with the next run."""
        self.flush_recordset()
        items = self.env["ar.dunning.item"].sudo()
        items._mark_changed(
            SQL(
                """EXISTS (SELECT FROM ar_dunning_pause pause
                            WHERE pause.id = ANY(%s) AND %s)""",
                self.ids,
                self._get_match_sql("ar_dunning_item"),
            )
        )
        customers = self.sudo().commercial_partner_id
        items.search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "in", self.company_id.ids),
                ("is_changed", "=", True),
            ]
        )._tick()

    @api.model
    def _get_match_sql(self, item):
        """Return the condition that a ``pause`` is about an item.

        :param str item: alias of ar_dunning_item
        """
        return SQL(
            """(pause.company_id = %(company)s
                AND (pause.commercial_partner_id IS NULL
                     OR pause.commercial_partner_id = %(customer)s)
                AND (pause.scenario_id IS NULL OR pause.scenario_id = %(scenario)s))""",
            company=SQL.identifier(item, "company_id"),
            customer=SQL.identifier(item, "commercial_partner_id"),
            scenario=SQL.identifier(item, "scenario_id"),
        )

    @api.model
    def _get_of_lines(self, line_ids):
        """Return {journal item id: [clock.Pause]} of chased items, as a defaultdict."""
        pauses = defaultdict(list)
        self.flush_model()
        self.env["ar.dunning.item"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT item.line_id, pause.date_from, pause.date_until
                     FROM ar_dunning_pause pause
                     JOIN ar_dunning_item item ON %s
                    WHERE item.line_id = ANY(%s)""",
                self._get_match_sql("item"),
                list(line_ids),
            )
        )
        for line_id, first, last in rows:
            pauses[line_id].append(Pause(first, last))
        return pauses
