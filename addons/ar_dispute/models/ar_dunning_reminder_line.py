from odoo import models


class ArDunningReminderLine(models.Model):
    _inherit = "ar.dunning.reminder.line"

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    def action_ar_dispute(self):
        """Open the wizard that disputes the item that is asked for."""
        self.ensure_one()
        self.check_access("read")
        return self.env["ar.dispute.open"]._launch(self.sudo().line_id)
