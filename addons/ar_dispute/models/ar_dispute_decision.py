"""Deciding disputes: how much the customer is right about."""

from odoo import models
from odoo.exceptions import UserError


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    def action_decide_accepted(self):
        """Ask for all that belongs to accepting it."""
        self.ensure_one()
        return self.env["ar.dispute.decide"]._launch(self, "accepted")

    def action_decide_partly(self):
        """Ask for all that belongs to accepting a part of it."""
        self.ensure_one()
        return self.env["ar.dispute.decide"]._launch(self, "partly")

    def action_decide_rejected(self):
        """Ask for all that belongs to rejecting it."""
        self.ensure_one()
        return self.env["ar.dispute.decide"]._launch(self, "rejected")

    def action_accept(self):
        """The customer is right: all that is disputed is accepted."""
        self._check_may_decide()
        self._check_transition("accepted")
        for dispute in self:
            lines = dispute.sudo()._get_open_lines()
            for line in lines:
                line.amount_accepted = line.amount_disputed
            dispute.amount_accepted = lines._get_accepted_in_company()
        self._change_state("accepted")

    def action_partly(self):
        """The customer is right about a part, given in :attr:`amount_accepted`."""
        self._check_may_decide()
        self._check_transition("partly")
        self._check_answered()
        for dispute in self:
            dispute._check_part()
            dispute._spread_accepted()
        self._change_state("partly")

    def action_reject(self):
        """The customer is wrong and is told why."""
        self._check_may_decide()
        self._check_transition("rejected")
        self._check_answered()
        self.amount_accepted = 0.0
        self.sudo().line_ids.write({"amount_accepted": 0.0})
        self._change_state("rejected")

    def _check_answered(self):
        unanswered = self.filtered(lambda dispute: not (dispute.answer or "").strip())
        if unanswered:
            raise UserError(
                self.env._(
                    "%(disputes)s: first enter in “Answer” what the customer is told.",
                    disputes=", ".join(unanswered.mapped("name")),
                )
            )

    def _get_open_lines(self):
        """Return what there is to decide about: of a reopened dispute not what was
        settled before."""
        self.ensure_one()
        return self.line_ids.filtered("is_open")

    def _check_part(self):
        currency = self.company_currency_id
        rest = currency.round(self.amount_disputed - self.amount_accepted)
        if currency.is_zero(self.amount_accepted) or currency.is_zero(rest):
            raise UserError(
                self.env._(
                    "Enter in “Accepted” which part of the disputed %(amount)s the "
                    "customer is right about; for all or nothing use the buttons "
                    "Accept and Reject.",
                    amount=currency.format(self.amount_disputed),
                )
            )

    def _spread_accepted(self):
        """Say of which items the accepted amount is, the oldest first, unless that was
        said already."""
        lines = self.sudo()._get_open_lines()
        said = lines._get_accepted_in_company()
        if not self.company_currency_id.compare_amounts(said, self.amount_accepted):
            return
        rest = self.amount_accepted
        for line in lines.sorted(lambda line: (line.date_maturity, line.id)):
            rest -= line._accept_at_most(rest)
