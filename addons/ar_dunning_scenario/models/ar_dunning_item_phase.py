from odoo import api, fields, models
from odoo.fields import Domain

from ..tools import clock
from .ar_dunning_outcome import FINAL


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

    def _read_clocks(self, today=None, taken=None):
        """After the amicable phase no step is taken by itself."""
        readings = super()._read_clocks(today, taken)
        limited = self.filtered(lambda item: item.id and item.scenario_id.amicable_days)
        if not limited:
            return readings
        pauses = self._get_pauses(limited.line_id.ids)
        decisions = self.env["ar.dunning.outcome"].sudo()
        decisions = decisions._get_last(limited.line_id.ids)
        todays = self.env["res.company"]._ar_todays()
        for item, history in limited._with_history():
            # Put on a step by decision, an item gets its whole time from then on.
            start = history.start
            begin = max(item.due_date, start.earliest) if start else item.due_date
            readings[item.id] = item._limit_reading(
                readings[item.id],
                decisions.get(item.line_id.id),
                begin,
                pauses.get(item.line_id.id, []),
                today or todays[item.company_id.id],
            )
        return readings

    def _limit_reading(self, reading, decision, begin, pauses, today):
        """Return the reading of one item within its amicable phase.

        :param decision: ar.dunning.outcome, the last one, or None
        :param date begin: from when the phase is counted
        """
        if decision and decision.due_date != self.due_date:
            decision = None  # of another demand
        outcome = decision and decision.outcome
        if outcome in FINAL:
            return reading._replace(next_date=None)
        if outcome == "formal":
            return reading
        if decision:
            end = decision.date_until + clock.DAY
        else:
            days = self.scenario_id.amicable_days
            end = clock.phase_end(begin, days, pauses)
        reading = reading._replace(phase_end=end)
        if end and end <= today and not clock.stands_still(pauses, today):
            return reading._replace(next_date=None, must_decide=True)
        waits = outcome in ("plan", "dispute")
        comes_first = end and reading.next_date and end <= reading.next_date
        if waits or comes_first:
            return reading._replace(next_date=None)
        return reading
