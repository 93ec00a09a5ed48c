from datetime import date
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import clock
from .ar_dunning_outcome import FINAL


class Phase(NamedTuple):
    """The amicable phase of an item: ``days`` long, from its due date, or from where
    ``start``, a decision, put it on a step: it then gets its whole time. ``decision``
    is the last ar.dunning.outcome, or None."""

    due_date: date
    days: int
    start: clock.Start | None
    pauses: tuple
    decision: Any

    def get_begin(self):
        return max(self.due_date, self.start.earliest) if self.start else self.due_date


class ArDunningItem(models.Model):
    """How long an item is asked for in an amicable way."""

    _inherit = "ar.dunning.item"

    phase_end = fields.Date(
        string="Decision Due",
        readonly=True,
        index="btree_not_null",
        help="On this day the amicable phase ends.",
    )
    must_decide = fields.Boolean(
        string="To Decide",
        readonly=True,
        help="The amicable phase is over: no step is taken until somebody decided.",
    )

    @api.model
    def _get_due_domain(self, today):
        over = Domain("phase_end", "<=", today) & Domain("must_decide", "=", False)
        return super()._get_due_domain(today) | over

    def _read_clocks(self, today=None, taken=None, facts=None):
        """After the amicable phase no step is taken by itself."""
        facts = facts or self._get_clock_facts()
        readings = super()._read_clocks(today, taken, facts)
        days = {s.id: s.amicable_days for s in self._get_scenarios(facts)}
        limited = [row for row in facts.rows if days[row.scenario_id]]
        if not limited:
            return readings
        decisions = self.env["ar.dunning.outcome"].sudo()
        decisions = decisions._get_last([row.line_id for row in limited])
        todays = self.env["res.company"]._ar_todays()
        for row in limited:
            readings[row.id] = self._limit_reading(
                readings[row.id],
                Phase(
                    row.due_date,
                    days[row.scenario_id],
                    facts.history[row.id].start,
                    facts.pauses.get(row.line_id, ()),
                    decisions.get(row.line_id),
                ),
                today or todays[row.company_id],
            )
        return readings

    @api.model
    def _limit_reading(self, reading, phase, today):
        """Return the reading of one item within its amicable phase.

        :param phase: :class:`Phase`
        """
        decision = phase.decision
        if decision and decision.due_date != phase.due_date:
            decision = None  # of another demand
        outcome = decision and decision.outcome
        if outcome in FINAL:
            return reading._replace(next_date=None)
        if outcome == "formal":
            return reading
        if decision:
            end = clock.plus(decision.date_until, 1)
        else:
            end = clock.phase_end(phase.get_begin(), phase.days, phase.pauses)
        reading = reading._replace(phase_end=end)
        if end and end <= today and not clock.stands_still(phase.pauses, today):
            return reading._replace(next_date=None, must_decide=True)
        waits = outcome in ("plan", "dispute")
        comes_first = end and reading.next_date and end <= reading.next_date
        if waits or comes_first:
            return reading._replace(next_date=None)
        return reading
