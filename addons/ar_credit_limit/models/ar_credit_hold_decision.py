"""Requests, decisions and how a hold ends."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .ar_credit_hold import GROUP_MANAGER, STANDING_STATES

ACTIVITY_REQUEST = "ar_credit_limit.mail_activity_type_release_request"
ACTIVITY_TOLD = "ar_credit_limit.mail_activity_type_hold_answer"


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    def _request(self, note):
        """Ask the credit managers for a release.

        :param str note: what the salesperson says for it
        :raise UserError: not held any more
        """
        self.ensure_one()
        self.check_access("read")
        if self.state not in STANDING_STATES:
            raise UserError(
                self.env._("%(document)s is not held any more.", document=self.name)
            )
        self._as_decider().write(
            {
                "state": "held",
                "requester_id": self.env.uid,
                "requested_on": fields.Datetime.now(),
                "request_note": note,
            }
        )
        self._log("credit_hold", self.env._("Release requested: %(note)s", note=note))
        self._schedule_requests(note)

    def _schedule_requests(self, note):
        for manager in self._get_deciders():
            self._as_decider().activity_schedule(
                ACTIVITY_REQUEST,
                user_id=manager.id,
                summary=self.env._("Release %(document)s?", document=self.name),
                note=note,
            )

    def _get_deciders(self):
        """Return the users who are asked for a release. Hook."""
        self.ensure_one()
        managers = self.env.ref(GROUP_MANAGER).sudo().all_user_ids
        return managers.filtered(
            lambda user: (
                user.active
                and not user.share
                and self.company_id in user.company_ids.root_id
                and user != self.env.user
            )
        )

    def _get_refusal_to_decide(self):
        """Return why the user cannot decide on this hold, or False."""
        self.ensure_one()
        if not self.env.user.has_group(GROUP_MANAGER):
            return self.env._("Only credit managers release or refuse what is held.")
        if self.state not in STANDING_STATES:
            return self.env._("%(document)s is not held any more.", document=self.name)
        if self.requester_id == self.env.user:
            return self.env._(
                "You requested the release of %(document)s yourself: another credit "
                "manager has to decide.",
                document=self.name,
            )
        return False

    def _check_may_decide(self):
        if not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._("Only credit managers release or refuse what is held.")
            )
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
        :raise AccessError: the user is no credit manager
        :raise UserError: not held any more, no reason, or requested by the user
        """
        self._check_may_decide()
        self._check_decision_reason(reason)
        for amount, holds in self.grouped("amount").items():
            holds._decide(
                "released",
                reason,
                valid_until=valid_until,
                ceiling=amount if ceiling is None else ceiling,
            )
        self._set_order_states("released")
        self._after_decision(
            "credit_release",
            self.env._("Released: %(reason)s", reason=reason),
            self.env._("Released: you can confirm it"),
        )

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

    @api.model
    def _check_decision_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: a decision needs a reason."))

    def _decide(self, state, reason, **vals):
        self._as_decider().write(
            {
                "state": state,
                "decision_reason": reason,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                **vals,
            }
        )

    def _after_decision(self, kind, text, summary):
        self._log(kind, text)
        self._as_decider().activity_feedback([ACTIVITY_REQUEST], feedback=text)
        self._tell_salespeople(summary, text)
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
        if ended:
            ended._decide("cleared", reason)
            ended._set_order_states("none")
            ended._after_decision(
                "credit_hold",
                self.env._("Cleared: %(reason)s", reason=reason),
                self.env._("No longer held: you can confirm it"),
            )
        return ended

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
        open_holds._as_decider().activity_unlink([ACTIVITY_REQUEST])
        open_holds._after_change()

    def _expire(self):
        """Hold again what a release let pass until yesterday and did not pass."""
        self._as_decider().write({"state": "held"})
        self._set_order_states("held")
        self._log("credit_hold", self.env._("The release has run out: held again"))
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
        return self.requester_id or self.order_id.user_id

    def _log(self, kind, text):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": kind,
                    "partner": hold.commercial_partner_id,
                    "company": hold.company_id,
                    "text": f"{hold.name}: {text}",
                    "figures": hold._get_figures(),
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
