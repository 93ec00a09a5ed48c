from odoo import api, models

from .account_move import INVOICE_MAIL


class AccountMoveSend(models.AbstractModel):
    _inherit = "account.move.send"

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        """What leaves by another way than e-mail has left now, or is in the hands of
        the user who downloads it; whether an e-mail leaves is not known yet."""
        result = super()._hook_if_success(moves_data, from_cron=from_cron)
        handed_over = [
            move.id
            for move, move_data in moves_data.items()
            if set(move_data["sending_methods"]) - {"email"}
        ]
        self.env["account.move"].browse(handed_over)._set_ar_sent()
        return result

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        if move.company_id.ar_ledger_active:
            move = move.with_context(ar_invoice_mail=INVOICE_MAIL)
        return super()._send_mail(move, mail_template, **kwargs)
