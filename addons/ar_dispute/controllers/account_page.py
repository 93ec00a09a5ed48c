"""What a customer disputes on the account page."""

from odoo.addons.ar_ledger.controllers.account_page_answer import AccountPageAnswer


class AccountPageDispute(AccountPageAnswer):
    def _read_said(self, kind, form):
        reason = form.get("dispute_reason") or ""
        is_number = reason.isdecimal() and len(reason) < 10
        return {
            **super()._read_said(kind, form),
            "reason": int(reason) if is_number else None,
        }
