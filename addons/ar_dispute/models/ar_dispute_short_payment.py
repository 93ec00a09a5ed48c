"""Paid less than asked for: the customer says something without a word."""

from odoo import api, models

from .ar_dispute import DECIDED
from .ar_dispute_opening import Opening


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    @api.model
    def _after_short_payment(self, lines):
        """Look at claims that were just paid in part: decided disputes about them are
        reopened once, and what is missing becomes a dispute where the company wants so.

        :param lines: account.move.line, open claims, with superuser rights
        """
        decided = self.env["ar.dispute.line"].search(
            [
                ("line_id", "in", lines.ids),
                ("dispute_id.state", "in", [s for s in DECIDED if s != "accepted"]),
                ("dispute_id.reopen_count", "=", 0),
            ]
        )
        for dispute in decided.dispute_id:
            missing = decided.filtered(lambda d, of=dispute: d.dispute_id == of).line_id
            dispute._reopen(
                self.env._(
                    "Paid less than agreed: %(open)s are open.",
                    open=missing.currency_id[:1].format(
                        sum(missing.mapped("amount_residual_currency"))
                    ),
                )
            )
        self._open_short_payments(lines - decided.line_id)

    @api.model
    def _open_short_payments(self, lines):
        """Open disputes about what is missing of due items that were paid nearly in
        full, as far as nobody disputes them yet."""
        disputed = self._get_undecided_by_line(lines)
        missing = lines.filtered(
            lambda line: line.id not in disputed and line._ar_is_short_payment()
        )
        if not missing:
            return self.browse()
        reason = self.env.ref("ar_dispute.ar_dispute_reason_short_payment", False)
        if not reason:
            return self.browse()
        return self._open_many([Opening(line, reason, {}, {}) for line in missing])
