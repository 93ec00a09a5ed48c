"""What holds mean for a check: what they cover, what they stop, when they end."""

from collections import defaultdict

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import ormcache

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
        decided = self.env["ar.credit.hold.reason"].sudo()
        for hold in self.sudo():
            decided |= hold._get_decided_reasons(amount, limit)
        return [v for v in violations if not decided._answer(v)]

    def _get_decided_reasons(self, amount, limit):
        """Return the reasons that were decided on and do not count any more: all of a
        release, of a hold that stands those cleared by hand."""
        self.ensure_one()
        if self._is_release_good_for(amount, limit):
            # What went by itself before the release was nobody's decision.
            return self.reason_ids.filtered(
                lambda reason: not reason.cleared_on or reason.is_cleared_by_hand
            )
        if self.state not in STANDING_STATES:
            return self.reason_ids.browse()
        today = self.company_id._ar_today()
        return self.reason_ids.filtered(
            lambda reason: (
                reason.is_cleared_by_hand
                and (not reason.valid_until or reason.valid_until >= today)
                and self.currency_id.compare_amounts(amount, reason.ceiling) <= 0
                and not self._is_overtaken_by(limit, reason.cleared_on)
            )
        )

    def _is_release_good_for(self, amount, limit):
        """Return whether the release still covers: neither run out nor outgrown, nor
        given before the customer's limit was lowered."""
        self.ensure_one()
        today = self.company_id._ar_today()
        return (
            self.state == "released"
            and (
                not self.valid_until
                or self.valid_until >= today
                # Confirmed in time: what was released goes its way.
                or self.order_id.state == "sale"
            )
            and self.currency_id.compare_amounts(amount, self.ceiling) <= 0
            and not self._is_overtaken_by(limit, self.decided_on)
        )

    def _is_overtaken_by(self, limit, decided_on):
        return (
            limit.is_checked
            and bool(limit.decided_on and limit.decided_on > decided_on)
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
            Domain("commercial_partner_id", "in", partners.ids)
            & Domain("scope", "=", scope)
            & self._get_stopping_domain(company)
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
    def _get_stopping_domain(self, company):
        """Return a domain of the holds that stop something: those that stand, and those
        whose release ran out yesterday, also before the night has said so."""
        company = company.root_id
        return Domain("company_id", "=", company.id) & (
            Domain("state", "in", STANDING_STATES)
            | (
                Domain("state", "=", "released")
                & Domain("valid_until", "<", company._ar_today())
            )
        )

    @api.model
    @ormcache("company_id")
    def _has_held_orders(self, company_id) -> bool:
        """Return whether any order of a root company is held; cached. It may say so
        when none is any more, and costs a look in vain then."""
        domain = [
            ("company_id", "=", company_id),
            ("scope", "=", "order"),
            ("state", "in", STANDING_STATES),
        ]
        return bool(self.sudo().search_count(domain, limit=1))

    def _after_change(self):
        """Forget that no order is held, when the first one is."""
        super()._after_change()
        held = self.sudo().filtered(
            lambda hold: hold.scope == "order" and hold.state in STANDING_STATES
        )
        if not all(self._has_held_orders(root.id) for root in held.company_id):
            self.env.registry.clear_cache()

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
        expired._leave_to_newer()._expire()
        self._reopen_run_out(company, today)
        run._count(
            releases_expired=len(expired),
            exemptions_expired=self.env["ar.credit.exemption"]._run_out(company),
            limits_expired=self.env["ar.credit.limit"]._follow_expired(company),
        )
        # What ends by a date, or was changed past us, is found out now at the latest.
        self.env["ar.recheck"]._add_held(company)
        return 0

    def _leave_to_newer(self):
        """End releases that ran out and whose order was held anew before the night:
        one order waits for one decision.

        :return: the others
        """
        superseded = self.sudo().filtered(
            lambda hold: hold.order_id.ar_credit_hold_ids.filtered(
                lambda newer: newer.id > hold.id and newer.state in STANDING_STATES
            )
        )
        superseded._cancel(self.env._("The release has run out: held anew"))
        return self - superseded

    @api.model
    def _reopen_run_out(self, company, today):
        """Reasons that were cleared by hand until yesterday hold again."""
        self.env["ar.credit.hold.reason"].sudo().search(
            [
                ("hold_id.company_id", "=", company.id),
                ("hold_id.state", "in", STANDING_STATES),
                ("is_cleared_by_hand", "=", True),
                ("valid_until", "<", today),
            ]
        )._reopen()

    @api.model
    def _recheck(self, company, partners):
        """Clear the reasons of held orders that do not hold any more, and confirm what
        the company wants confirmed by itself. What a credit manager released stays
        released.

        :param company: res.company, a root
        :param partners: res.partner, commercial partners
        """
        holds = self._get_rechecked(company, partners)
        assessments = holds.order_id._assess_credit()
        holds -= holds._leave_to_other_payers(assessments)
        gone_codes = {
            hold: frozenset(hold._get_gone_codes(assessments[hold.order_id.id]))
            for hold in holds
        }
        for codes, alike in holds.grouped(gone_codes.get).items():
            if codes:
                alike._clear(self.env._("The reasons are gone"), codes=codes)
        self._confirm_due(company, partners)

    @api.model
    def _get_rechecked(self, company, partners):
        return self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("commercial_partner_id", "in", partners.ids),
                ("scope", "=", "order"),
                ("state", "in", STANDING_STATES),
                ("order_id.state", "in", ("draft", "sent")),
            ]
        )

    def _get_gone_codes(self, assessment):
        """Return the codes of the reasons that a check finds no more, or that an
        exemption answers."""
        self.ensure_one()
        still = assessment.standing if assessment.is_exempt else assessment.found
        standing = self.reason_ids.filtered(lambda reason: not reason.cleared_on)
        return set(standing.mapped("code")) - {violation.code for violation in still}

    def _leave_to_other_payers(self, assessments):
        """End the holds of orders that somebody else pays by now, since the customer
        belongs to another company or the order was changed, or that another company
        sells; the order is held anew, if the credit there says so.

        :return: the holds that ended
        """
        owners = {
            order.id: (order._get_credit_customers(), order.company_id.root_id)
            for order in self.order_id
        }
        left = self._cancel_left(owners)
        orders = left.order_id
        held = orders.filtered(lambda order: assessments[order.id].standing)
        held._hold(assessments)
        (orders - held)._set_credit_state("none")
        return left
