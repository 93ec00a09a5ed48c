from odoo import models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    def _get_clearing_payments(self):
        """Return the payments, of methods that count until the bank has paid, whose
        outstanding amount is among these items: the bank pays it, or takes it back."""
        setups = self.env["res.company"]._ar_exposure_setups()
        counting = self.sudo().filtered(
            lambda line: setups[line.company_id.id].uncleared_method_ids
        )
        return counting.move_id.origin_payment_id.filtered(
            lambda payment: (
                payment.payment_method_line_id.id
                in setups[payment.company_id.id].uncleared_method_ids
            )
        )
