from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.clock import Start


class ArDunningPlacement(models.Model):
    """A decision: an item goes on with a certain step, whatever was done before."""

    _name = "ar.dunning.placement"
    _description = "Decision on the Step of an Item"
    _inherit = ["ar.record"]
    _order = "id desc"
    _rec_name = "number"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    number = fields.Char(readonly=True)
    due_date = fields.Date(readonly=True)
    cycle = fields.Integer(readonly=True, aggregator=None)
    last_line_id = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Last item of a reminder that was made before; later ones count.",
    )
    step_key = fields.Char(required=True, readonly=True)
    step_name = fields.Char(string="Goes On With", readonly=True)
    step_days = fields.Integer(readonly=True, aggregator=None)
    step_trigger = fields.Char(readonly=True)
    date = fields.Date(required=True, readonly=True)
    earliest = fields.Date(
        string="Not Before", required=True, readonly=True, help="Until then: grace."
    )
    reason = fields.Char(required=True, readonly=True)
    user_id = fields.Many2one("res.users", string="By", required=True, readonly=True)

    @api.model
    def _get_by_hand_text(self):
        return self.env._("Items are put on another step with the wizard.")

    @api.model
    def _place(self, items, step, reason, *, earliest=None):
        """Let items go on with a step. What was being prepared for them is taken out.

        No access check: who calls has decided that the user may. A constant number of
        queries for any number of items, plus one per open reminder.

        :param items: ar.dunning.item of one root company
        :param step: ar.dunning.step of their scenario
        :param date earliest: not before; today if not given
        :return: the placements
        """
        if items.scenario_id - step.scenario_id:
            raise UserError(
                self.env._(
                    "%(step)s is no step of these items' scenario: assign the scenario "
                    "first.",
                    step=step.display_name,
                )
            )
        items = items.sudo()
        self._take_out_of_reminders(items, reason)
        today = items.company_id._ar_today()
        last_line_id = self._get_last_line_id()
        placements = self._by_code().create(
            [
                {
                    "company_id": item.company_id.id,
                    "commercial_partner_id": item.commercial_partner_id.id,
                    "line_id": item.line_id.id,
                    "number": item.move_id.name,
                    "due_date": item.due_date,
                    "cycle": history.cycle,
                    "last_line_id": last_line_id,
                    "step_key": step.step_key,
                    "step_name": step.name,
                    "step_days": step.days,
                    "step_trigger": step.trigger,
                    "date": today,
                    "earliest": max(earliest or today, today),
                    "reason": reason,
                    "user_id": self.env.uid,
                }
                for item, history in items._with_history()
            ]
        )
        items._tick()
        return placements.with_env(self.env)

    @api.model
    def _take_out_of_reminders(self, items, reason):
        lines = self.env["ar.dunning.reminder.line"].sudo()
        lines = lines.search(
            [("line_id", "in", items.line_id.ids), ("state", "=", "planned")]
        )
        reminders = lines.reminder_id
        reminders._check_state("draft", "ready", "failed")
        lines._close("cancelled", reason)
        empty = reminders.filtered(lambda reminder: not reminder._get_active_lines())
        empty._set_cancelled(reason)

    @api.model
    def _get_last_line_id(self):
        lines = self.env["ar.dunning.reminder.line"].sudo()
        return lines.search([], order="id desc", limit=1).id or 0

    @api.model
    def _get_last(self, line_ids):
        """Return {journal item id: its last placement}."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (line_id) line_id, id FROM ar_dunning_placement
                    WHERE line_id = ANY(%s) ORDER BY line_id, id DESC""",
                list(line_ids),
            )
        )
        placements = self.browse([placement_id for _line_id, placement_id in rows])
        placements.fetch()
        return dict(zip([line_id for line_id, _id in rows], placements, strict=True))

    def _get_start(self, done_before):
        """Return the decision as the clock knows it.

        :param int done_before: how many steps were done before it
        """
        self.ensure_one()
        return Start(
            self.step_key,
            self.step_days,
            self.step_trigger,
            self.date,
            self.earliest,
            done_before,
        )
