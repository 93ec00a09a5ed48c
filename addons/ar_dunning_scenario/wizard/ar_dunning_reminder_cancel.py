from odoo import fields, models


class ArDunningReminderCancel(models.TransientModel):
    """Cancel reminders, or take single items out of one, with a reason."""

    _name = "ar.dunning.reminder.cancel"
    _description = "Cancel Reminders"

    reminder_ids = fields.Many2many("ar.dunning.reminder", readonly=True)
    line_ids = fields.Many2many("ar.dunning.reminder.line", readonly=True)
    reason = fields.Char(required=True)

    def action_cancel(self):
        """Do it: the step counts as done, and the next one comes in its time."""
        self.ensure_one()
        if self.line_ids:
            self.line_ids._take_out(self.reason)
        else:
            self.reminder_ids._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
