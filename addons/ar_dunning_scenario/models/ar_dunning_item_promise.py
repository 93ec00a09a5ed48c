from odoo import models

from ..tools.clock import plus
from ..tools.promise import bring_forward


class ArDunningItem(models.Model):
    _inherit = "ar.dunning.item"

    def _read_clocks(self, today=None, taken=None, facts=None):
        """After a broken promise the next step comes at once; the days that stood still
        go on not counting, so that no other step comes earlier with it."""
        readings = super()._read_clocks(today, taken, facts)
        if not self.company_id._has_ar_promises():
            return readings
        broken = self.env["ar.promise"].sudo()._get_broken_dates(self.line_id.ids)
        if not broken:
            return readings
        # A new due date is a new demand: what was broken before is over.
        items = self.filtered(lambda item: (item.line_id.id, item.due_date) in broken)
        history = items._get_history()
        pauses = self._get_pauses(items.line_id.ids)
        todays = self.env["res.company"]._ar_todays()
        workdays = items.calendar_id.sudo()._get_ar_workdays()
        for item in items:
            reading = readings[item.id]
            next_date = bring_forward(
                reading.next_date,
                item.due_date,
                broken[item.line_id.id, item.due_date],
                [
                    *self._get_days_acted_on(history[item.id]),
                    *(done.on for done in (taken or {}).get(item.id, ())),
                ],
                pauses.get(item.line_id.id, []),
                today or todays[item.company_id.id],
                workdays[item.calendar_id.id],
            )
            readings[item.id] = reading._replace(next_date=next_date)
        return readings

    def _get_days_acted_on(self, past):
        """Return the days on which steps were done, or the item was moved by decision;
        a day that it was put off to is not anticipated."""
        days = [entry.on for entry in past.done]
        if past.start:
            days += [past.start.on, plus(past.start.earliest, -1)]
        return days
