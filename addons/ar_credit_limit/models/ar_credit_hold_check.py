"""What holds mean for a check: what they cover, what they stop, when they end."""

from collections import defaultdict

from odoo import api, models

from ..tools.violation import Violation
from .ar_credit_hold import STANDING_STATES


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    def _get_uncovered(self, amount, violations, limit):
        """Return the violations that a release does not cover.

        :param float amount: of the order now, in the company's currency
        :param violations: list of :class:`Violation` found now
        :param limit: :class:`LimitInForce` of the customer now
        """
        covered = set()
        for hold in self.sudo().filtered(
            lambda h: h._is_release_good_for(amount, limit)
        ):
            covered.update(hold.reason_ids.mapped("code"))
        return [v for v in violations if v.code not in covered]

    def _is_release_good_for(self, amount, limit):
        """Return whether the release still covers: neither run out nor outgrown, nor
        given before the customer's limit was lowered."""
        self.ensure_one()
        today = self.company_id._ar_today()
        return (
            self.state == "released"
            and (not self.valid_until or self.valid_until >= today)
            and self.currency_id.compare_amounts(amount, self.ceiling) <= 0
            and not self._is_overtaken_by(limit)
        )

    def _is_overtaken_by(self, limit):
        return (
            limit.is_checked
            and bool(limit.decided_on and limit.decided_on > self.decided_on)
            and self.currency_id.compare_amounts(limit.amount, self.credit_limit) < 0
        )

    @api.model
    def _get_customer_stops(self, partners, company, scope):
        """Return {commercial partner id: [Violation]} of the stops by hand or by a rule
        that stand on whole customers.

        :param str scope: ``customer_orders`` or ``customer_deliveries``
        """
        if not partners:
            return {}
        holds = self.sudo().search(
            [
                ("commercial_partner_id", "in", partners.ids),
                ("company_id", "=", company.root_id.id),
                ("scope", "=", scope),
                ("state", "in", STANDING_STATES),
            ]
        )
        stops = defaultdict(list)
        for hold in holds:
            stops[hold.commercial_partner_id.id] += [
                Violation(reason.code, reason.sentence, reason.figures or {}, hold)
                for reason in hold.reason_ids
                if not reason.cleared_on
            ]
        return stops

    @api.model
    def _run_nightly(self, run):
        """The stage of the night: what runs out by date runs out.

        :return: 0, nothing is left to do
        """
        company = run.company_id
        today = company._ar_today()
        expired = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "released"),
                ("valid_until", "<", today),
                "|",
                ("order_id", "=", False),
                ("order_id.state", "in", ("draft", "sent")),
            ]
        )
        expired._expire()
        run._count(
            releases_expired=len(expired),
            limits_expired=self.env["ar.credit.limit"]._follow_expired(company),
        )
        return 0

    @api.model
    def _recheck(self, company, partners):
        """Clear the reasons of held orders that do not hold any more. What a credit
        manager released stays released.

        :param company: res.company, a root
        :param partners: res.partner, commercial partners
        """
        holds = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("commercial_partner_id", "in", partners.ids),
                ("scope", "=", "order"),
                ("state", "in", STANDING_STATES),
                ("order_id.state", "in", ("draft", "sent")),
            ]
        )
        assessments = holds.order_id._assess_credit()
        gone_codes = {
            hold: frozenset(hold.reason_ids.mapped("code"))
            - {v.code for v in assessments[hold.order_id.id].found}
            for hold in holds
        }
        for codes, alike in holds.grouped(gone_codes.get).items():
            if codes:
                alike._clear(self.env._("The reasons are gone"), codes=codes)
