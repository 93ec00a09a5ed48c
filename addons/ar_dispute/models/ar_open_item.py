from odoo import models


class ArOpenItem(models.Model):
    _inherit = "ar.open.item"

    def action_dispute(self):
        """Open the wizard that disputes the chosen items."""
        self.check_access("read")
        return self.env["ar.dispute.open"]._launch(self.sudo().line_id)
