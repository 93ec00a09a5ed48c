"""What makes a dispute suspicious, or shows that a cause was not removed."""

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

#: Earlier disputes that count for the flags, by what speaks of them.
REPEATED = SQL(
    """SELECT dispute.id
         FROM ar_dispute dispute
         JOIN ar_dispute earlier
           ON earlier.commercial_partner_id = dispute.commercial_partner_id
          AND earlier.company_id = dispute.company_id
          AND earlier.id < dispute.id
          AND earlier.outcome = 'rejected'
          AND earlier.date_opened >= dispute.date_opened - 365"""
)
CAUSE_AGAIN = SQL(
    """SELECT dispute.id
         FROM ar_dispute dispute
         JOIN ar_dispute earlier
           ON earlier.cause_id = dispute.cause_id
          AND earlier.company_id = dispute.company_id
          AND earlier.id < dispute.id
          AND earlier.date_opened < date_trunc('month', dispute.date_opened)
          AND earlier.date_opened
              >= date_trunc('month', dispute.date_opened) - INTERVAL '1 month'"""
)


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    is_repeated = fields.Boolean(
        string="Rejected Before",
        compute="_compute_flags",
        search="_search_is_repeated",
        help="A dispute of this customer was rejected within the year before: it may "
        "be playing for time.",
    )
    is_cause_again = fields.Boolean(
        string="Same Cause as Last Month",
        compute="_compute_flags",
        search="_search_is_cause_again",
        help="The root cause brought a dispute in the month before too: what was done "
        "about it did not help yet.",
    )

    @api.depends("commercial_partner_id", "cause_id", "outcome", "date_opened")
    def _compute_flags(self):
        repeated = self._get_flagged(REPEATED)
        again = self._get_flagged(CAUSE_AGAIN)
        for dispute in self:
            dispute.is_repeated = dispute._origin.id in repeated
            dispute.is_cause_again = dispute._origin.id in again

    def _get_flagged(self, query):
        """Return the ids of those of these disputes that a query finds."""
        if not self.ids:
            return set()
        self.flush_model(["commercial_partner_id", "company_id", "cause_id", "outcome"])
        rows = self.env.execute_query(
            SQL("%s WHERE dispute.id = ANY(%s)", query, self.ids)
        )
        return {dispute_id for (dispute_id,) in rows}

    def _search_is_repeated(self, operator, value):
        return self._search_flag(REPEATED, operator, value)

    def _search_is_cause_again(self, operator, value):
        return self._search_flag(CAUSE_AGAIN, operator, value)

    def _search_flag(self, query, operator, value):
        if operator != "in":
            return NotImplemented
        self.flush_model()
        found = Domain("id", "in", [row[0] for row in self.env.execute_query(query)])
        return found if True in value else ~found
