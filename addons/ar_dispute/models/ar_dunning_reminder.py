from odoo import models


class ArDunningReminder(models.Model):
    """What a customer disputes on a call becomes a dispute."""

    _inherit = "ar.dunning.reminder"

    def _launch_dispute(self, **values):
        self.ensure_one()
        if not self.company_id.ar_dispute_active:
            return super()._launch_dispute(**values)
        lines = self.sudo()._get_active_lines().line_id
        return self.env["ar.dispute.open"]._launch(
            lines.filtered(lambda line: not line.reconciled),
            reminder_id=self.id,
            **values,
        )

    def _on_call_disputed(self, note):
        """The dispute itself is the task."""
        if not self.company_id.ar_dispute_active:
            return super()._on_call_disputed(note)
        return None
