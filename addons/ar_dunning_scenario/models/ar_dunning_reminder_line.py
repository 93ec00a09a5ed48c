from collections.abc import Sequence
from datetime import date
from itertools import starmap
from operator import attrgetter
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL, groupby

from ..tools.clock import Done, Start


class History(NamedTuple):
    """What was done for an item: its present cycle, the steps done in it (oldest
    first), the reminder that still has to be sent or cancelled, and where it was put
    by decision."""

    cycle: int
    done: Sequence
    reminder_id: int | None
    start: Start | None = None


#: Of most items of a first night.
NO_HISTORY = History(0, (), None)


class Past(NamedTuple):
    """A line of a reminder that counts: one row of :meth:`_get_past`."""

    line_id: int
    id: int
    reminder_id: int
    step_key: str
    step_days: int
    step_trigger: str
    occurrence: int
    cycle: int
    state: str
    due_date: date
    done_on: date | None
    cycle_closed: bool


class ArDunningReminderLine(models.Model):
    """One item in one reminder, with the step that it stood at.

    The figures are frozen: an invoice may later be paid, changed or deleted. The index
    sees to it that a step is done once per item and cycle, whoever runs what when.
    """

    _name = "ar.dunning.reminder.line"
    _description = "Item of a Reminder"
    _order = "reminder_id, due_date, id"
    _rec_name = "number"

    reminder_id = fields.Many2one(
        "ar.dunning.reminder",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(related="reminder_id.company_id", store=True)
    line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    number = fields.Char(readonly=True)
    invoice_date = fields.Date(readonly=True)
    due_date = fields.Date(readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator="max")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(readonly=True, help="The whole item.")
    amount_open = fields.Monetary(
        string="Open",
        readonly=True,
        help="What is asked for: the open amount less what is suspended.",
    )
    scenario_id = fields.Many2one(
        "ar.dunning.scenario", readonly=True, index=True, ondelete="restrict"
    )
    version = fields.Integer(readonly=True, aggregator=None)
    step_key = fields.Char(required=True, readonly=True)
    step_name = fields.Char(string="Step", readonly=True)
    step_days = fields.Integer(readonly=True, aggregator=None)
    step_trigger = fields.Selection(
        selection=lambda self: self.env["ar.dunning.step"]._fields["trigger"].selection,
        readonly=True,
        default="due_date",
    )
    # Never empty: an index does not see that two empty values are the same.
    cycle = fields.Integer(required=True, readonly=True, default=0, aggregator=None)
    occurrence = fields.Integer(
        required=True,
        readonly=True,
        default=0,
        aggregator=None,
        help="Counts repeats of the same step.",
    )
    cycle_closed = fields.Boolean(
        readonly=True, help="The invoice was reset since: the steps start anew."
    )
    state = fields.Selection(
        [
            ("planned", "Planned"),
            ("done", "Done"),
            ("skipped", "Skipped"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="planned",
        help="Skipped: somebody decided that this step counts as done. Cancelled: it "
        "does not count, the item will be asked for again when its time comes.",
    )
    done_on = fields.Date(readonly=True)
    cancel_reason = fields.Char(string="Taken Out Because", readonly=True)

    _once_per_step = models.UniqueIndex(
        "(line_id, step_key, cycle, occurrence) WHERE state != 'cancelled'",
        "This step was already taken for the item.",
    )

    def action_take_out(self):
        """Ask for the reason, then take the items out of their reminder."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Take Out of the Reminder"),
            "res_model": "ar.dunning.reminder.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_reminder_ids": self.reminder_id.ids,
                "default_line_ids": self.ids,
            },
        }

    def _take_out(self, reason):
        """Take planned items out by decision: the step counts as done for them.

        :param str reason: for the chatter of the reminder
        """
        self.env["ar.dunning.reminder"]._check_collector()
        planned = self.filtered(lambda line: line.state == "planned")
        for reminder, lines in planned.grouped("reminder_id").items():
            reminder._check_state("draft", "ready", "failed")
            lines._close("skipped", reason)
            reminder._message_log(
                body=self.env._(
                    "Taken out: %(items)s. %(reason)s",
                    items=", ".join(lines.mapped("number")),
                    reason=reason,
                )
            )
            if not reminder._get_active_lines():
                reminder._set_cancelled(reason)

    def _get_overtaken(self):
        """Return those whose items a later reminder asks for, or has asked for."""
        later = self.sudo().search(
            [
                ("line_id", "in", self.line_id.ids),
                ("state", "!=", "cancelled"),
                ("reminder_id", "not in", self.reminder_id.ids),
            ]
        )
        newest = {of_line.line_id: of_line.id for of_line in later.sorted("id")}
        return self.filtered(lambda line: newest.get(line.line_id, 0) > line.id)

    def _close(self, state, reason=None):
        """End the lines' part in their reminders, and let their clocks go on."""
        if not self:
            return
        todays = self.env["res.company"]._ar_todays()
        for company, lines in self.grouped("company_id").items():
            lines.sudo().write(
                {
                    "state": state,
                    "cancel_reason": reason,
                    "done_on": False if state == "cancelled" else todays[company.id],
                }
            )
        self.env["ar.dunning.item"]._on_lines_changed(self.sudo().line_id)

    def _update_amounts(self, facts):
        """Bring open amounts and ages up to the books.

        :param dict facts: see ``ar.dunning.reminder._get_line_facts``
        """
        for line in self:
            fact = facts[line.line_id.id]
            values = {
                "amount_open": float(fact["amount_to_ask"]),
                "days_overdue": fact["days_overdue"],
            }
            if any(line[name] != value for name, value in values.items()):
                line.sudo().write(values)

    @api.model
    def _get_history(self, due_dates):
        """Return what was done for items, in a constant number of queries.

        :param dict due_dates: {journal item id: its due date now}
        :return: {journal item id: :class:`History`} for every one of them
        """
        by_line = self._get_past(list(due_dates))
        placements = self.env["ar.dunning.placement"].sudo()._get_last(list(due_dates))
        return {
            line_id: _read_history(
                by_line.get(line_id, ()), due_date, placements.get(line_id)
            )
            for line_id, due_date in due_dates.items()
        }

    @api.model
    def _get_past(self, line_ids):
        """Return {journal item id: [:class:`Past`]}, oldest first, if it counts."""
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT line_id, id, reminder_id, step_key, step_days,
                          COALESCE(step_trigger, 'due_date'), occurrence, cycle,
                          state, due_date, done_on, cycle_closed
                     FROM ar_dunning_reminder_line
                    WHERE line_id = ANY(%s) AND state != 'cancelled'
                 ORDER BY line_id, done_on, id""",
                line_ids,
            )
        )
        return {
            line_id: of_line
            for line_id, of_line in groupby(starmap(Past, rows), attrgetter("line_id"))
        }


def _read_history(past, due_date, placement):
    """Return the history of one item.

    :param past: :class:`Past` of the item, oldest first
    :param placement: where the item was put by decision, the last one, or None
    """
    if not past and not placement:
        return NO_HISTORY
    cycle = max((entry.cycle for entry in past), default=0)
    present = [entry for entry in past if entry.cycle == cycle]
    if any(entry.cycle_closed or entry.due_date != due_date for entry in present):
        cycle, present = cycle + 1, []
    waiting = [entry for entry in present if entry.state == "planned"]
    taken = [entry for entry in present if entry.state != "planned"]
    start = None
    if placement and (placement.cycle, placement.due_date) == (cycle, due_date):
        before = [entry for entry in taken if entry.id <= placement.last_line_id]
        start = placement._get_start(len(before))
    return History(
        cycle,
        [
            Done(e.step_key, e.step_days, e.done_on, e.step_trigger, e.occurrence)
            for e in taken
        ],
        waiting[0].reminder_id if waiting else None,
        start,
    )
