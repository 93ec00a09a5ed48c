from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL


class Wait(NamedTuple):
    """Why a step that is due is not taken today; ``until`` is the first day on which
    it may be, where that is known."""

    reason: str
    until: object = None


class ArDunningItem(models.Model):
    """Why nothing happens though a step is due."""

    _inherit = "ar.dunning.item"

    wait_reason = fields.Selection(
        [
            ("amount", "Too little to ask for"),
            ("credit", "Open credits cover it"),
            ("quiet", "Contacted a short while ago"),
            ("cap", "Enough customers contacted today"),
            ("first_run", "The first run is not confirmed"),
        ],
        string="Not Today Because",
        readonly=True,
        help="The step is due, and the last night did not take it. The next night "
        "looks again.",
    )
    wait_until = fields.Date(
        string="Not Before",
        readonly=True,
        help="First day on which the customer may be contacted again.",
    )

    @api.model
    def _get_clock_columns(self):
        return {
            **super()._get_clock_columns(),
            "wait_reason": SQL("varchar"),
            "wait_until": SQL("date"),
        }

    @api.model
    def _prepare_row(self, row, reading, past, steps):
        return (*super()._prepare_row(row, reading, past, steps), None, None)

    def _get_coming_date(self):
        """Return the day of the next step as a person is told it, or False."""
        dates = [day for day in (self.next_date, self.wait_until) if day]
        return max(dates, default=False)

    @api.model
    def _note_waits(self, company, partner_ids, waits):
        """Keep why the due items of some customers wait.

        Those without a reason of their customer are themselves too small, or suspended.

        :param dict waits: {journal item id: Wait}
        """
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """UPDATE ar_dunning_item item
                      SET wait_reason = COALESCE(wait.reason, 'amount'),
                          wait_until = wait.until
                     FROM ar_dunning_item due
                LEFT JOIN unnest(%(lines)s::int[], %(reasons)s::varchar[],
                                 %(until)s::date[]) AS wait(line_id, reason, until)
                       ON wait.line_id = due.line_id
                    WHERE item.id = due.id
                      AND due.company_id = %(company)s
                      AND due.commercial_partner_id = ANY(%(partners)s)
                      AND due.next_date <= %(today)s""",
                lines=list(waits),
                reasons=[wait.reason for wait in waits.values()],
                until=[wait.until for wait in waits.values()],
                company=company.id,
                partners=list(partner_ids),
                today=company._ar_today(),
            )
        )
        self.invalidate_model(["wait_reason", "wait_until"])
