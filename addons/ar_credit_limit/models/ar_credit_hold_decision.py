"""Requests, decisions and how a hold ends."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .ar_credit_hold import (
    ACTIVITY_REQUEST,
    ACTIVITY_TOLD,
    GROUP_MANAGER,
    STANDING_STATES,
)

#: States that a person's decision leads to.
DECIDED_STATES = ("released", "refused")
#: Reasons that put no more at risk than what exceeds a limit.
EXCESS_CODES = {"over_limit", "utilization", "over_group_limit"}


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    def _request(self, note):
        """Ask whoever may decide for a release.

        :param str note: what the salesperson says for it
        :raise UserError: not held any more
        """
        self.ensure_one()
        self.check_access("read")
        if self.state not in STANDING_STATES:
            raise UserError(
                self.env._("%(document)s is not held any more.", document=self.name)
            )
        self._by_code().write(
            {
                "state": "held",
                "requester_id": self.env.uid,
                "requester_ids": [fields.Command.link(self.env.uid)],
                "requested_on": fields.Datetime.now(),
                "request_note": note,
            }
        )
        self._log("credit_hold", self.env._("Release requested: %(note)s", note=note))
        self._by_code().activity_unlink([ACTIVITY_REQUEST])
        self._schedule_requests(note)

    def _schedule_requests(self, note):
        for decider in self._get_deciders():
            self._by_code().activity_schedule(
                ACTIVITY_REQUEST,
                user_id=decider.id,
                summary=self.env._("Release %(document)s?", document=self.name),
                note=note,
            )

    def _get_deciders(self):
        """Return the users who are asked for a release: whose authority reaches, with
        their substitutes of today; where it reaches nobody, all credit managers, who
        see to it that somebody may. Hook.
        """
        self.ensure_one()
        company = self.company_id
        Authority = self.env["ar.credit.authority"]
        holders = Authority._get_holders(
            company, self._get_measures(), self._get_subject()
        )
        lenders = holders - self._get_requesters()
        substitutes = self.env["ar.credit.substitute"]._get_substitutes(
            lenders, company
        )
        asked = lenders | substitutes
        if not asked - self.env.user:
            managers = self.env.ref(GROUP_MANAGER).sudo().all_user_ids
            asked = managers.filtered(
                lambda user: (
                    user.active
                    and not user.share
                    and company in user.company_ids.root_id
                )
            )
        return asked - self._get_requesters() - self.env.user

    def _get_requesters(self):
        """Return all who requested; of a hold that is not stored, too."""
        return self.sudo().requester_ids._origin

    def _get_measures(self, ceiling=None):
        """Return {basis of an authority: amount} that a release is measured by.

        :param float ceiling: up to which an order is released; none: as it was held
        """
        self.ensure_one()
        if self.scope != "order":
            customer = self.sudo().commercial_partner_id
            exposure = customer._get_exposure(self.company_id).get(customer.id)
            owed = max(exposure.total if exposure else 0.0, 0.0)
            return {"order": owed, "excess": owed}
        amount = self.amount if ceiling is None else ceiling
        standing = self.sudo().reason_ids.filtered(lambda r: not r.cleared_on)
        is_limit_alone = set(standing.mapped("code")) <= EXCESS_CODES
        # Held for another reason than its limit: the whole amount is at risk.
        excess = amount
        if self.excess > 0 and is_limit_alone:
            excess = self._get_excess(amount)
        return {"order": amount, "excess": excess}

    def _get_excess(self, amount):
        """Return by how much the limit is exceeded with the order at this amount: as it
        was held or, where it is more by now, as things stand."""
        excess = self.excess + amount - self.amount
        bounds = self.env["ar.credit.authority"]._get_bounds(self.company_id.id)
        order = self.sudo().order_id
        if order.state in ("draft", "sent") and any(
            bound.basis == "excess" and bound.amount < float("inf") for bound in bounds
        ):
            others = amount - order._get_credit_amount()
            found = order._assess_credit()[order.id].found
            now = [v.figures["excess"] + others for v in found if "excess" in v.figures]
            excess = max([excess, *now])
        return excess

    def _get_subject(self):
        """Return what a decision on this hold is about, for an authority."""
        self.ensure_one()
        hold = self.sudo()
        return self.env["ar.credit.authority"]._get_subject(
            hold.commercial_partner_id, hold.company_id, hold.order_id
        )

    def _get_refusal_to_decide(self):
        """Return why the user cannot decide on this hold, or False."""
        self.ensure_one()
        if not self._has_authority(self._get_subject()):
            return self._get_no_authority_text()
        if self.state not in STANDING_STATES:
            return self.env._("%(document)s is not held any more.", document=self.name)
        if self.env.user in self._get_requesters():
            return self._get_own_request_text()
        return False

    def _get_own_request_text(self):
        return self.env._(
            "You requested the release of %(document)s yourself: another credit "
            "manager has to decide.",
            document=self.name,
        )

    def _has_authority(self, subject=None):
        """Return whether the user may decide in this company, on however little.

        :param subject: only on this; none: on whatever
        """
        return bool(
            self.env["ar.credit.authority"]._get_lender(
                self.company_id, excluded=self._get_requesters(), subject=subject
            )
        )

    def _get_no_authority_text(self):
        company = self[:1].sudo().company_id
        if self.env["ar.credit.authority"]._get_bounds(company.id):
            return self.env._(
                "The authorities of %(company)s give you none to release or refuse "
                "what is held.",
                company=company.name,
            )
        return self.env._("Only credit managers release or refuse what is held.")

    def _get_refusal_to_release(self, ceiling=None):
        """Return why the user's authority does not reach for this release, or False.

        :param float ceiling: as in :meth:`_get_measures`
        """
        self.ensure_one()
        return self.env["ar.credit.authority"]._get_refusal(
            self.company_id,
            self._get_measures(ceiling),
            excluded=self._get_requesters(),
            subject=self._get_subject(),
        )

    def _check_may_decide(self):
        for hold in self.sudo().grouped("company_id").values():
            if not hold[:1].sudo(False)._has_authority():
                raise AccessError(self._get_no_authority_text())
        self.check_access("read")
        for hold in self:
            if refusal := hold._get_refusal_to_decide():
                raise UserError(refusal)

    @api.private
    def _release(self, reason, valid_until=None, ceiling=None):
        """Let held orders pass, or lift a stop of a customer.

        :param str reason: why, for the record
        :param date valid_until: last day; none: until the order is confirmed
        :param float ceiling: largest amount of the order that passes, in the company's
            currency; none: the amount of the order as it was held
        :raise AccessError: the user decides on no hold at all
        :raise UserError: not held any more, no reason, beyond the user's authority, or
            requested by the user
        """
        self._check_may_decide()
        self._check_decision_reason(reason)
        self.env["ar.credit.limit"]._check_ceiling(ceiling)
        for hold in self:
            if refusal := hold._get_refusal_to_release(ceiling):
                raise UserError(
                    self.env._(
                        "%(document)s: %(refusal)s", document=hold.name, refusal=refusal
                    )
                )
        for amount, holds in self.grouped("amount").items():
            up_to = amount if ceiling is None else ceiling
            holds._note_unchanged(up_to)
            holds._decide("released", reason, valid_until=valid_until, ceiling=up_to)
        self._set_order_states("released")
        self._after_decision(
            "credit_release",
            self.env._("Released: %(reason)s", reason=reason),
            self.env._("Released: you can confirm it"),
        )

    @api.private
    def _release_or_request(self, reason, valid_until=None, ceiling=None):
        """Release what the user's authority reaches for; the rest becomes a request to
        whoever may. Parameters as :meth:`_release`.

        :return: the holds that were requested
        """
        self._check_may_decide()
        self._check_decision_reason(reason)
        self.env["ar.credit.limit"]._check_ceiling(ceiling)
        beyond = self.filtered(lambda hold: hold._get_refusal_to_release(ceiling))
        within = self - beyond
        if within:
            within._release(reason, valid_until=valid_until, ceiling=ceiling)
        for hold in beyond:
            hold._request(reason)
        return beyond

    def _notify_requested(self, following):
        """Return the action that tells what became a request."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "title": self.env._("Requested, not released"),
                "message": self.env._(
                    "Beyond your authority: %(documents)s. Whoever may is asked for "
                    "the release.",
                    documents=", ".join(self.mapped("name")),
                ),
                "next": following,
            },
        }

    @api.private
    def _clear_by_hand(self, reasons, note, valid_until=None):
        """Decide that some reasons hold this document no longer; the others go on. With
        the last one the whole document is released.

        :param reasons: ar.credit.hold.reason of this hold
        :param str note: why, for the record
        :param date valid_until: last day; none: until the order is confirmed
        :raise UserError: as :meth:`_release`, or cleared already
        """
        self.ensure_one()
        self._check_may_decide()
        self._check_decision_reason(note)
        reasons = reasons.sudo().filtered(lambda r: not r.cleared_on)
        if not reasons or reasons.hold_id != self.sudo():
            raise UserError(self.env._("These reasons are cleared already."))
        if refusal := self._get_refusal_to_release():
            raise UserError(refusal)
        figures = self._get_decision_figures()
        reasons.write(
            {
                "cleared_on": fields.Datetime.now(),
                "cleared_by_id": self.env.uid,
                "cleared_note": note,
                "is_cleared_by_hand": True,
                "ceiling": self.amount,
                "valid_until": valid_until,
            }
        )
        if all(self.sudo().reason_ids.mapped("cleared_on")):
            self._release(note, valid_until=valid_until)
            return
        for reason in reasons:
            cleared = self.env._(
                "Cleared: %(reason)s %(note)s", reason=reason.sentence, note=note
            )
            self._log("credit_release", cleared, figures)
            self._by_code().message_post(body=cleared)
        self._after_change()

    @api.private
    def _refuse(self, reason):
        """Refuse the release: the order stays held. Parameters as :meth:`_release`."""
        self._check_may_decide()
        self._check_decision_reason(reason)
        self._decide("refused", reason)
        self._after_decision(
            "credit_release",
            self.env._("Release refused: %(reason)s", reason=reason),
            self.env._("Release refused"),
        )

    def _check_release_day(self, valid_until):
        for hold in self:
            if valid_until and valid_until < hold.company_id._ar_today():
                raise UserError(self.env._("The release would have run out already."))

    def _note_offer(self, text):
        """Keep that other terms were offered instead of the stop."""
        self._by_code().write({"is_offered": True})
        self._log("credit_hold", text)
        self._by_code().message_post(body=text)

    @api.model
    def _check_decision_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: a decision needs a reason."))

    def _decide(self, state, reason, **vals):
        now = fields.Datetime.now()
        if state in DECIDED_STATES:
            self.filtered(lambda hold: not hold.first_decided_on)._by_code().write(
                {"first_decided_on": now}
            )
            self._note_lenders(state == "released" and vals.get("ceiling"))
        self._by_code().write(
            {
                "state": state,
                "decision_reason": reason,
                "decided_by_id": self.env.uid,
                "decided_on": now,
                **vals,
            }
        )

    def _note_lenders(self, ceiling):
        """Keep in whose place a substitute decides."""
        for hold in self:
            lender = self.env["ar.credit.authority"]._get_lender(
                hold.company_id,
                None if ceiling is False else hold._get_measures(ceiling),
                excluded=hold._get_requesters(),
                subject=hold._get_subject(),
            )
            absent = lender if lender != self.env.user else lender.browse()
            if hold.sudo().decided_for_id != absent:
                hold._by_code().write({"decided_for_id": absent.id})

    def _after_decision(self, kind, text, summary):
        self._log(kind, text, self._get_decision_figures())
        self._by_code().activity_feedback([ACTIVITY_REQUEST], feedback=text)
        self._tell_salespeople(summary, text)
        self._queue_confirmation()
        self._after_change()

    def _clear(self, reason, codes=None):
        """End holds whose reasons are gone; nobody decides, so nobody is asked.

        :param str reason: what happened, for the record
        :param codes: only these reasons are gone; none: all
        :return: the holds that ended, none of their reasons being left
        """
        open_holds = self.filtered(
            lambda hold: hold.state in (*STANDING_STATES, "released")
        )
        gone = open_holds.sudo().reason_ids.filtered(
            lambda r: not r.cleared_on and (codes is None or r.code in codes)
        )
        gone.write({"cleared_on": fields.Datetime.now(), "cleared_by_id": self.env.uid})
        ended = open_holds.filtered(
            lambda hold: all(hold.sudo().reason_ids.mapped("cleared_on"))
        )
        decided = ended.filtered(
            lambda hold: (
                codes is not None
                and any(hold.sudo().reason_ids.mapped("is_cleared_by_hand"))
            )
        )
        decided._end("released", "released", reason)
        (ended - decided)._end("cleared", "none", reason)
        return ended

    def _end(self, state, order_state, reason):
        """End holds without a decision: nothing is left that stands. What somebody
        cleared by hand meanwhile goes on counting as released."""
        for amount, holds in self.grouped("amount").items():
            by_hand = holds.sudo().reason_ids.filtered("is_cleared_by_hand")
            days = [day for day in by_hand.mapped("valid_until") if day]
            holds._by_code().write(
                {
                    "state": state,
                    "decision_reason": reason,
                    "decided_by_id": (by_hand[-1:].cleared_by_id or self.env.user).id,
                    "decided_on": fields.Datetime.now(),
                    **({"ceiling": amount} if state == "released" else {}),
                    **({"valid_until": min(days)} if days else {}),
                }
            )
        self._set_order_states(order_state)
        if self:
            self._after_decision(
                "credit_hold",
                self.env._("Cleared: %(reason)s", reason=reason),
                self.env._("No longer held: you can confirm it"),
            )

    def _cancel(self, reason):
        """End the open holds of orders that are cancelled, deleted or of another
        customer."""
        open_holds = self.sudo().filtered(
            lambda hold: hold.state in (*STANDING_STATES, "released")
        )
        open_holds = open_holds.with_env(self.env)
        if not open_holds:
            return
        open_holds._decide("cancelled", reason)
        open_holds._log("credit_hold", reason)
        open_holds._by_code().activity_unlink([ACTIVITY_REQUEST])
        open_holds._after_change()

    def _expire(self):
        """Hold again what a release let pass until yesterday and did not pass."""
        self.sudo().reason_ids.filtered("is_cleared_by_hand")._reopen()
        self._by_code().write({"state": "held"})
        self._set_order_states("held")
        text = self.env._("The release has run out: held again")
        self._log("credit_hold", text)
        self._tell_salespeople(self.env._("Held for credit"), text)
        self._after_change()

    def _set_order_states(self, state):
        self.sudo().order_id.filtered(
            lambda order: order.state in ("draft", "sent")
        )._set_credit_state(state)

    def _tell_salespeople(self, summary, text):
        """Leave the salesperson of each order something to do."""
        for hold in self.sudo().filtered(
            lambda hold: hold.order_id and hold._get_told_user()
        ):
            hold.order_id.activity_schedule(
                ACTIVITY_TOLD,
                user_id=hold._get_told_user().id,
                summary=summary,
                note=text,
            )

    def _get_told_user(self):
        self.ensure_one()
        return self.requester_id or self.order_id._get_credit_salesperson()

    def _log(self, kind, text, figures=None):
        """Put on record what became of holds.

        :param dict figures: of a decision, as :meth:`_get_decision_figures` returns;
            none: as they were held
        """
        figures = figures or {}
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": kind,
                    "partner": hold.commercial_partner_id,
                    "company": hold.company_id,
                    "text": f"{hold.name}: {text}",
                    "figures": figures.get(hold.id) or hold._get_figures(),
                    "source": hold,
                }
                for hold in self.sudo()
            ]
        )

    def _get_figures(self):
        self.ensure_one()
        return {
            "reasons": self.reason_ids.mapped("sentence"),
            "amount": self.amount,
            "exposure": self.exposure,
            "limit": self.credit_limit,
            "currency": self.currency_id.name,
            "ceiling": self.ceiling,
            "valid_until": fields.Date.to_string(self.valid_until),
        }

    def _get_decision_figures(self):
        """Return what a decision on each of these holds keeps of its own moment: what
        is owed, the limit and what speaks against it now; under ``held``, as it was
        when it was held.

        :return: {hold id: dict}
        """
        found = self._get_sentences_now()
        figures = {}
        for company, holds in self.sudo().grouped("company_id").items():
            moments = holds.commercial_partner_id._get_moment_figures(company)
            for hold in holds:
                held = hold._get_figures()
                order = hold.order_id
                figures[hold.id] = {
                    **held,
                    **moments[hold.commercial_partner_id.id],
                    "reasons": found[hold.id],
                    "amount": order._get_credit_amount() if order else hold.amount,
                    "held": {
                        key: held[key]
                        for key in ("reasons", "amount", "exposure", "limit")
                    },
                }
        return figures

    def _get_sentences_now(self):
        """Return {hold id: what speaks against its order now}; where no quotation waits
        for it, the reasons that stand on record."""
        holds = self.sudo()
        quotations = holds.order_id.filtered(lambda o: o.state in ("draft", "sent"))
        assessments = quotations._assess_credit()
        return {
            hold.id: [each.sentence for each in assessments[hold.order_id.id].found]
            if hold.order_id in quotations
            else hold.reason_ids.filtered(lambda r: not r.cleared_on).mapped("sentence")
            for hold in holds
        }
