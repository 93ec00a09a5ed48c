from odoo import models


class ArSuspension(models.Model):
    _inherit = "ar.suspension"

    def _after_change(self):
        super()._after_change()
        self.env["ar.recheck"]._add_lines(self.line_id)
