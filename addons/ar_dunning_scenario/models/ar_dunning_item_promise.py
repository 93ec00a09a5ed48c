from odoo import models

from ..tools.promise import bring_forward


class ArDunningItem(models.Model):
    _inherit = "ar.dunning.item"

    def _read_clocks(self):
        """After a broken promise the next step comes at once; the days that stood still
        go on not counting, so that no other step comes earlier with it."""
        readings = super()._read_clocks()
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
        for item in items:
            reading = readings[item.id]
            next_date = bring_forward(
                reading.next_date,
                item.due_date,
                broken[item.line_id.id, item.due_date],
                [entry.on for entry in history[item.id].done],
                pauses.get(item.line_id.id, []),
                todays[item.company_id.id],
            )
            readings[item.id] = reading._replace(next_date=next_date)
        return readings
