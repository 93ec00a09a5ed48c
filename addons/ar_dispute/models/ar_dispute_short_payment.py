"""Paid less than asked for: the customer says something without a word."""

import logging

from odoo import api, models
from odoo.exceptions import UserError

from .ar_dispute import DECIDED
from .ar_dispute_opening import Opening

_logger = logging.getLogger(__name__)


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    @api.model
    def _after_short_payment(self, lines):
        """Look at claims that were just paid in part: decided disputes about them are
        reopened once, and what is missing becomes a dispute where the company wants so.

        :param lines: account.move.line, open claims, with superuser rights
        """
        decided = self._get_last_decided(lines)
        short = decided.filtered(
            lambda line: (
                line.dispute_id.outcome != "accepted"
                and not line.dispute_id.reopen_count
                and line._is_paid_short()
            )
        )
        free = short._get_reopenable(self._get_undecided_by_line(lines))
        for dispute in free.dispute_id:
            missing = free.filtered(lambda d, of=dispute: d.dispute_id == of).line_id
            dispute._reopen(
                self.env._(
                    "Paid less than agreed: %(open)s are open.",
                    open=missing.currency_id[:1].format(
                        sum(missing.mapped("amount_residual_currency"))
                    ),
                )
            )
        agreed = decided.filtered(
            lambda line: line.dispute_id.outcome != "accepted" or line._get_uncredited()
        )
        self._open_short_payments(lines - agreed.line_id)

    @api.model
    def _get_last_decided(self, lines):
        """Return the last decision about each of these items, where there was one."""
        decided = self.env["ar.dispute.line"].search(
            [
                ("line_id", "in", lines.ids),
                ("dispute_id.outcome", "in", DECIDED),
            ],
            order="id desc",
        )
        return decided.browse(
            of_item[0].id for of_item in decided.grouped("line_id").values()
        )

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
        disputes = self.with_context(allowed_company_ids=missing.company_id.ids)
        openings = [Opening(line, reason, {}, {}) for line in missing]
        try:
            with self.env.cr.savepoint():
                return disputes._open_many(openings)
        except UserError as error:
            # The payment came and is booked, whatever speaks against the dispute.
            _logger.warning("No dispute about a short payment: %s", error)
            return self.browse()
