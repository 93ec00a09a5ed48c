"""The states of a dispute: the only place that changes them."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from .ar_dispute import ACTIVITY_TYPE, GROUP_COLLECTOR, REOPENABLE, UNDECIDED

#: From which state a dispute may go where. Reopening needs a word why and has a way of
#: its own.
TRANSITIONS = {
    "new": ("investigating", "waiting", "accepted", "partly", "rejected", "closed"),
    "investigating": ("waiting", "accepted", "partly", "rejected", "closed"),
    "waiting": ("investigating", "waiting", "accepted", "partly", "rejected", "closed"),
    "accepted": ("closed",),
    "partly": ("closed",),
    "rejected": ("closed",),
    "closed": (),
}


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    def action_investigate(self):
        self.check_access("write")
        self._change_state("investigating")

    def action_wait_for_customer(self):
        """The customer is to send something first: a photo, a count, a number."""
        self.check_access("write")
        self._change_state("waiting", waiting_for="customer")

    def action_wait_internally(self):
        """A colleague is to find out something first."""
        self.check_access("write")
        self._change_state("waiting", waiting_for="internal")

    def action_ask(self):
        """Ask somebody without a login."""
        self.ensure_one()
        self.check_access("write")
        self._check_transition("waiting")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Ask about %(dispute)s", dispute=self.name),
            "res_model": "ar.dispute.ask",
            "context": {"default_dispute_id": self.id},
            "views": [[False, "form"]],
            "target": "new",
        }

    def _ask(self, email, text, days):
        """Send a question with a signed link; the dispute waits for the answer.

        :param str email: one address
        :param int days: how long the link is valid
        :return: ar.dispute.question
        """
        self.ensure_one()
        question = (
            self.env["ar.dispute.question"]
            ._by_code()
            .create(
                {
                    "dispute_id": self.id,
                    "email": email,
                    "text": text,
                    "asked_on": fields.Datetime.now(),
                    "asked_by_id": self.env.uid,
                }
            )
        )
        link, token = self.env["ar.link"]._issue(
            "dispute_question", question, self.company_id, email, days
        )
        question.link_id = link
        question.sudo(False).with_user(self.env.user)._send(token)
        self._log(self.env._("Asked %(email)s: %(text)s", email=email, text=text))
        self.message_post(
            body=self.env._("Asked %(email)s: %(text)s", email=email, text=text)
        )
        if self.waiting_for != "internal":
            self._change_state("waiting", waiting_for="internal")
        return question

    def action_close(self):
        """File a decided dispute, or give an undecided one up with a word why."""
        self._check_may_decide()
        undecided = self._get_undecided()
        undecided._check_answered()
        undecided._change_state("closed", outcome="withdrawn")
        (self - undecided)._change_state("closed")

    def _check_may_decide(self):
        self.check_access("write")
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._(
                    "Only accountants and collectors decide, close and reopen "
                    "disputes. Write what you know into the dispute and ask one of "
                    "them."
                )
            )

    def _change_state(self, state, *, outcome=None, waiting_for=False):
        """Take disputes to another state: the only way to change it.

        A decision, and closing an undecided dispute, ends the suspension with the
        company's days of grace. Every change is an event.

        :param str state: a key of :data:`TRANSITIONS`
        :param str outcome: how an undecided dispute ends that is closed
        :param waiting_for: whom a waiting dispute waits for
        :raise UserError: when the state cannot be reached from the present one
        """
        self._check_transition(state)
        ending = self._get_undecided()
        was = {dispute.id: dispute._get_state_label() for dispute in self}
        self.sudo().write({**self._prepare_change(state), "waiting_for": waiting_for})
        if state not in UNDECIDED:
            ending._end(outcome or state)
        self._log_many(
            {
                dispute: self.env._(
                    "%(before)s → %(after)s",
                    before=was[dispute.id],
                    after=dispute._get_state_label(),
                )
                for dispute in self
            }
        )

    def _get_state_label(self):
        """Return the state as users read it, with whom it waits for."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        if not self.waiting_for:
            return labels[self.state]
        whom = dict(self._fields["waiting_for"]._description_selection(self.env))
        return f"{labels[self.state]} ({whom[self.waiting_for]})"

    def _get_undecided(self):
        return self.filtered(lambda dispute: dispute.state in UNDECIDED)

    def _check_transition(self, state):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for dispute in self:
            if state not in TRANSITIONS[dispute.state]:
                raise UserError(
                    self.env._(
                        "Dispute %(number)s is in state “%(present)s” and cannot go to "
                        "“%(wanted)s” from there.",
                        number=dispute.name,
                        present=labels[dispute.state],
                        wanted=labels[state],
                    )
                )

    def _prepare_change(self, state):
        now = fields.Datetime.now()
        if state in ("accepted", "partly", "rejected"):
            return {
                "state": state,
                "outcome": state,
                "decided_on": now,
                "decided_by_id": self.env.uid,
            }
        return {"state": state, "closed_on": now if state == "closed" else False}

    def _end(self, outcome):
        """The items are free again: chased on after the grace, disputable again."""
        if not self:
            return
        self.sudo().write({"outcome": outcome})
        self.sudo().line_ids.write({"is_open": False})
        for company, disputes in self.grouped("company_id").items():
            today = company._ar_today()
            for dispute in disputes.sudo():
                dispute.resolve_days = (today - dispute.date_opened).days
            disputes._get_suspensions()._end(
                self.env._("Dispute decided or closed"),
                grace_days=company.sudo().ar_dispute_grace_days,
            )
        self.sudo().activity_feedback([ACTIVITY_TYPE])

    def _end_in(self, other):
        """What these disputes were about goes on as another one."""
        for dispute in self:
            text = self.env._(
                "The invoice came back with other instalments: %(closed)s goes on as "
                "%(dispute)s.",
                closed=dispute.name,
                dispute=other.name,
            )
            dispute.message_post(body=text)
            other.message_post(body=text)
        self._change_state("closed", outcome="withdrawn")

    def _get_suspensions(self):
        return (
            self.env["ar.suspension"]
            .sudo()
            .search(
                [
                    ("kind", "=", "dispute"),
                    ("source_model", "=", self._name),
                    ("source_id", "in", self.ids),
                ]
            )
        )

    # -- Reopening ---------------------------------------------------------------------

    def action_reopen(self):
        """Ask why it is looked into again."""
        self.ensure_one()
        self._check_may_decide()
        lines = self.sudo().line_ids.line_id
        violation = self._get_reopening_violation(self._get_undecided_by_line(lines))
        if violation:
            raise UserError(violation)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reopen %(dispute)s", dispute=self.name),
            "res_model": "ar.dispute.reopen",
            "context": {"default_dispute_id": self.id},
            "views": [[False, "form"]],
            "target": "new",
        }

    def _reopen(self, reason):
        """Look into decided or closed disputes again: what is still open of their items
        is suspended again, from today on.

        :param str reason: one sentence, kept in the journal and the chatter
        :raise UserError: when a dispute is undecided or has nothing open any more
        """
        disputed = self._get_undecided_by_line(self.sudo().line_ids.line_id)
        for dispute in self:
            violation = dispute._get_reopening_violation(disputed)
            if violation:
                raise UserError(violation)
        for dispute in self.sudo():
            dispute._take_up_again(reason, disputed)
        self._log_many(
            {
                dispute: self.env._("Reopened: %(reason)s", reason=reason)
                for dispute in self
            }
        )

    def _get_reopening_violation(self, disputed):
        """Return the sentence that speaks against reopening this dispute.

        :param dict disputed: as :meth:`_get_undecided_by_line` returns
        """
        self.ensure_one()
        if self.state not in REOPENABLE:
            return self.env._("Dispute %(number)s is open.", number=self.name)
        if not self.sudo().line_ids._get_reopenable(disputed):
            return self.env._(
                "Nothing that dispute %(number)s was about is open and free any more: "
                "it was paid, credited or cancelled, or is disputed anew.",
                number=self.name,
            )
        return ""

    def _take_up_again(self, reason, disputed):
        self.ensure_one()
        again = self.line_ids._get_reopenable(disputed)
        again.write({"is_open": True})
        self.write(
            {
                "state": "investigating",
                "outcome": False,
                "decided_on": False,
                "decided_by_id": False,
                "closed_on": False,
                "resolve_days": 0,
                "amount_accepted": 0.0,
                "reopen_count": self.reopen_count + 1,
                "reminded_on": False,
                "escalated_on": False,
                "date_deadline": self.reason_id._get_deadline_in(
                    self.company_id, self.reason_id.deadline_days
                ),
            }
        )
        self.line_ids.write({"amount_accepted": 0.0})
        self.message_post(body=self.env._("Reopened: %(reason)s", reason=reason))
        again._suspend_again()
        self._take_out_of_reminders()
        self._schedule_activity()

    # -- Settling ----------------------------------------------------------------------

    @api.model
    def _get_settled_domain(self):
        """Return the domain of unclosed disputes of which no item is open any more."""
        # An invoice that is reset to draft comes back, perhaps with other instalments,
        # or is cancelled or deleted.
        still_open = [
            "|",
            "|",
            "&",
            ("line_id", "=", False),
            ("move_id.state", "=", "draft"),
            ("line_id.parent_state", "=", "draft"),
            "&",
            ("line_id.parent_state", "=", "posted"),
            ("line_id.reconciled", "=", False),
        ]
        # What arrived by e-mail is about no item until somebody adds some.
        return (
            Domain("state", "!=", "closed")
            & Domain("line_ids", "!=", False)
            & ~Domain("line_ids", "any", still_open)
        )

    @api.model
    def _settle(self, domain=Domain.TRUE):
        """Close what was paid, credited or cancelled meanwhile."""
        settled = self.sudo().search(self._get_settled_domain() & domain)
        settled._change_state("closed", outcome="settled")
        return settled
