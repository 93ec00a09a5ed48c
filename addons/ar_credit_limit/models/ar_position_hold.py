"""Stopping customers from the list of positions."""

from odoo import models
from odoo.exceptions import UserError


class ArPosition(models.Model):
    _inherit = "ar.position"

    def action_stop_credit(self):
        """Ask why, and stop orders or deliveries of these customers."""
        if len(self.company_id) > 1:
            raise UserError(
                self.env._("Choose positions of one company: a stop is of one.")
            )
        customers = self.commercial_partner_id.with_company(self.company_id)
        return customers.action_stop_credit()
