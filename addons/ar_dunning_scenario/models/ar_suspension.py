from odoo import models


class ArSuspension(models.Model):
    _inherit = "ar.suspension"

    def _after_change(self):
        """What comes next for the items changes at once, not only in the night."""
        result = super()._after_change()
        chasing = self.filtered("company_id.ar_dunning_active")
        if chasing:
            self.env["ar.dunning.item"]._on_lines_changed(chasing.line_id)
        return result
