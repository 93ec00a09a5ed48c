from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain

from odoo.addons.ar_dunning_scenario.models.ar_dunning_reminder import OPEN_STATES

#: States in which the customer waits for an answer: what is disputed is suspended.
UNDECIDED = ("new", "investigating", "waiting")
DECIDED = ("accepted", "partly", "rejected")

#: From which state a dispute may go where. The only place that says so.
TRANSITIONS = {
    "new": ("investigating", "waiting", *DECIDED, "closed"),
    "investigating": ("waiting", *DECIDED, "closed"),
    "waiting": ("investigating", *DECIDED, "closed"),
    "accepted": ("closed",),
    "partly": ("closed",),
    "rejected": ("closed",),
    "closed": (),
}

#: Written by opening, deciding and closing alone, whatever the interface.
FROZEN_FIELDS = frozenset(
    (
        "name",
        "company_id",
        "commercial_partner_id",
        "line_ids",
        "date_opened",
        "amount_disputed",
        "state",
        "outcome",
        "decided_on",
        "decided_by_id",
        "closed_on",
    )
)
#: What belongs to the decision: frozen with it.
DECISION_FIELDS = frozenset(("answer", "amount_accepted"))

GROUP_COLLECTOR = "ar_ledger.ar_ledger_group_collector"
ACTIVITY_TYPE = "ar_dispute.mail_activity_type_dispute"


class ArDispute(models.Model):
    """The customer has, or says to have, a good reason not to pay.

    Opening a dispute suspends exactly what is disputed. Deciding it ends the
    suspension with the company's days of grace: the items go on being chased where they
    were.
    """

    _name = "ar.dispute"
    _description = "Customer Dispute"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "priority desc, date_deadline, id desc"

    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    line_ids = fields.One2many(
        "ar.dispute.line", "dispute_id", string="Disputed Items", readonly=True
    )
    line_count = fields.Integer(compute="_compute_line_count", string="Items")
    reason_id = fields.Many2one(
        "ar.dispute.reason",
        required=True,
        ondelete="restrict",
        tracking=True,
        help="What the customer says is wrong.",
    )
    cause_id = fields.Many2one(
        "ar.dispute.cause",
        string="Root Cause",
        ondelete="restrict",
        tracking=True,
        help="Why it went wrong, as found out by the owner. Not what the customer "
        "says: that is the reason.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        tracking=True,
        index=True,
        help="Finds out what happened, by the deadline.",
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "High"), ("2", "Urgent")], default="0"
    )
    date_opened = fields.Date(string="Opened On", required=True, readonly=True)
    date_deadline = fields.Date(
        string="Deadline",
        required=True,
        tracking=True,
        help="The day by which the customer is to have an answer.",
    )
    is_late = fields.Boolean(
        compute="_compute_is_late",
        search="_search_is_late",
        help="Undecided although the deadline has passed.",
    )
    description = fields.Text(help="What the customer says, in the customer's words.")
    answer = fields.Text(
        help="What the customer is told. Needed to reject a dispute, to accept a part "
        "of it or to close it undecided."
    )
    amount_disputed = fields.Monetary(
        string="Disputed",
        currency_field="company_currency_id",
        compute="_compute_amount_disputed",
        store=True,
        help="What was disputed at opening, in company currency.",
    )
    amount_accepted = fields.Monetary(
        string="Accepted",
        currency_field="company_currency_id",
        copy=False,
        help="The part that the customer is right about, in company currency.",
    )
    state = fields.Selection(
        [
            ("new", "New"),
            ("investigating", "Investigating"),
            ("waiting", "Waiting"),
            ("accepted", "Accepted"),
            ("partly", "Partly accepted"),
            ("rejected", "Rejected"),
            ("closed", "Closed"),
        ],
        required=True,
        readonly=True,
        default="new",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    outcome = fields.Selection(
        [
            ("accepted", "Accepted"),
            ("partly", "Partly accepted"),
            ("rejected", "Rejected"),
            ("withdrawn", "Closed undecided"),
            ("settled", "Paid or credited meanwhile"),
        ],
        readonly=True,
        copy=False,
        tracking=True,
    )
    decided_on = fields.Datetime(readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)

    _number_unique = models.UniqueIndex(
        "(company_id, name)", "Two disputes of a company cannot have the same number."
    )

    @api.depends("line_ids")
    def _compute_line_count(self):
        for dispute in self:
            dispute.line_count = len(dispute.line_ids)

    @api.depends("line_ids.amount_disputed_company")
    def _compute_amount_disputed(self):
        for dispute in self:
            dispute.amount_disputed = sum(
                dispute.line_ids.mapped("amount_disputed_company")
            )

    @api.depends("state", "date_deadline", "company_id")
    def _compute_is_late(self):
        todays = self.env["res.company"]._ar_todays()
        for dispute in self:
            today = todays.get(dispute.company_id.id, date.min)
            dispute.is_late = (
                dispute.state in UNDECIDED
                and (dispute.date_deadline or date.max) < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", UNDECIDED) & Domain.OR(
            Domain("company_id", "=", company_id) & Domain("date_deadline", "<", today)
            for company_id, today in self.env["res.company"]._ar_todays().items()
        )
        matches = Domain.FALSE
        if True in value:
            matches |= late
        if False in value:
            matches |= ~late
        return matches

    @api.constrains("amount_accepted")
    def _check_amount_accepted(self):
        for dispute in self:
            beyond = dispute.company_currency_id.compare_amounts(
                dispute.amount_accepted, dispute.amount_disputed
            )
            if dispute.amount_accepted < 0 or beyond > 0:
                raise ValidationError(
                    self.env._(
                        "Of dispute %(dispute)s at least nothing and at most the "
                        "disputed %(amount)s can be accepted.",
                        dispute=dispute.name,
                        amount=dispute.company_currency_id.format(
                            dispute.amount_disputed
                        ),
                    )
                )

    @api.constrains("user_id")
    def _check_owner(self):
        for owner in self.user_id:
            if not owner.has_group("ar_ledger.ar_ledger_group_own"):
                raise ValidationError(
                    self.env._(
                        "%(user)s could not see the dispute: give them a role under "
                        "Receivables on their user form, or choose another owner.",
                        user=owner.name,
                    )
                )

    def write(self, vals):
        self._check_editable(vals)
        result = super().write(vals)
        if {"user_id", "date_deadline"} & vals.keys():
            self._move_activity()
        return result

    def _check_editable(self, vals):
        """Refuse by any interface what only opening and decisions write."""
        if self.env.su:
            return
        frozen = FROZEN_FIELDS & vals.keys()
        if any(dispute.state not in UNDECIDED for dispute in self):
            frozen |= DECISION_FIELDS & vals.keys()
        if frozen:
            labels = [self._fields[name].string for name in sorted(frozen)]
            raise AccessError(
                self.env._(
                    "%(fields)s: written by opening, deciding and closing the dispute, "
                    "never by hand. Use the buttons of the dispute.",
                    fields=", ".join(labels),
                )
            )

    # -- Buttons -----------------------------------------------------------------------

    def action_investigate(self):
        self.check_access("write")
        self._change_state("investigating")

    def action_wait(self):
        self.check_access("write")
        self._change_state("waiting")

    def action_accept(self):
        """The customer is right: all that is disputed is accepted."""
        self._check_may_decide()
        self._check_transition("accepted")
        for dispute in self:
            dispute.amount_accepted = dispute.amount_disputed
        self._change_state("accepted")

    def action_partly(self):
        """The customer is right about a part, given in :attr:`amount_accepted`."""
        self._check_may_decide()
        self._check_transition("partly")
        self._check_answered()
        for dispute in self:
            currency = dispute.company_currency_id
            rest = currency.round(dispute.amount_disputed - dispute.amount_accepted)
            if currency.is_zero(dispute.amount_accepted) or currency.is_zero(rest):
                raise UserError(
                    self.env._(
                        "Enter in “Accepted” which part of the disputed %(amount)s the "
                        "customer is right about; for all or nothing use the buttons "
                        "Accept and Reject.",
                        amount=currency.format(dispute.amount_disputed),
                    )
                )
        self._change_state("partly")

    def action_reject(self):
        """The customer is wrong and is told why."""
        self._check_may_decide()
        self._check_transition("rejected")
        self._check_answered()
        self.amount_accepted = 0.0
        self._change_state("rejected")

    def action_close(self):
        """File a decided dispute, or give an undecided one up with a word why."""
        self._check_may_decide()
        undecided = self._get_undecided()
        undecided._check_answered()
        undecided._change_state("closed", outcome="withdrawn")
        (self - undecided)._change_state("closed")

    def action_open_items(self):
        """Show the disputed items, each with its invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dispute.ar_dispute_line_action"
        )
        action["domain"] = [("dispute_id", "=", self.id)]
        action["context"] = {}
        return action

    def _check_may_decide(self):
        self.check_access("write")
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._(
                    "Only accountants and collectors decide and close disputes. Write "
                    "what you know into the dispute and ask one of them."
                )
            )

    def _check_answered(self):
        unanswered = self.filtered(lambda dispute: not (dispute.answer or "").strip())
        if unanswered:
            raise UserError(
                self.env._(
                    "%(disputes)s: first enter in “Answer” what the customer is told.",
                    disputes=", ".join(unanswered.mapped("name")),
                )
            )

    # -- Opening -----------------------------------------------------------------------

    @api.model
    def _open(self, lines, reason, *, amounts=None, details=None):
        """Open one dispute about items of one customer and suspend them.

        :param lines: account.move.line, open receivable items of one customer and one
            company
        :param reason: ar.dispute.reason
        :param dict amounts: {line id: disputed amount in the currency of the line} of
            the lines of which only a part is disputed
        :param dict details: further values: user_id, priority, date_deadline,
            description
        :return: the dispute
        :raise UserError: with all that speaks against it
        """
        lines = lines.sudo()
        amounts = self._drop_whole_amounts(lines, amounts or {})
        self._check_can_open(lines, amounts)
        opened = self.sudo().create(
            {**self._prepare_dispute(lines, reason, amounts), **(details or {})}
        )
        opened._suspend(amounts)
        opened._take_out_of_reminders()
        opened._schedule_activity()
        opened._log(self.env._("Dispute opened: %(reason)s", reason=reason.name))
        return opened.with_env(self.env)

    def _drop_whole_amounts(self, lines, amounts):
        """A part as large as the item is the item."""
        return {
            line.id: amounts[line.id]
            for line in lines
            if line.id in amounts
            and line.currency_id.compare_amounts(
                amounts[line.id], line.amount_residual_currency
            )
        }

    def _check_can_open(self, lines, amounts):
        """Check the user's authority first: a refusal tells nothing about items."""
        self._check_may_open(lines)
        violations = self._get_opening_violations(lines, amounts)
        if violations:
            raise UserError("\n".join(violations))

    def _check_may_open(self, lines):
        self.check_access("write")
        if self.env.su or self.env.user.has_group(GROUP_COLLECTOR):
            return
        salespeople = [
            customer.user_id for customer in lines.partner_id.commercial_partner_id
        ]
        if any(salesperson != self.env.user for salesperson in salespeople):
            raise AccessError(
                self.env._("You may only dispute the items of your own customers.")
            )

    @api.model
    def _get_opening_violations(self, lines, amounts=None):
        """Return the sentences that speak against disputing these items.

        Hook: floors above call super and add theirs.

        :param lines: account.move.line with superuser rights
        :param dict amounts: as in :meth:`_open`
        """
        if not lines:
            return [self.env._("Choose at least one open item to dispute.")]
        violations = self._get_scope_violations(lines)
        disputed = self._get_undecided_by_line(lines)
        for line in lines:
            violations += line._ar_get_undisputable_reasons()
            if line.id in disputed:
                violations.append(
                    self.env._(
                        "%(item)s is disputed already by %(dispute)s.",
                        item=line.move_id.name,
                        dispute=disputed[line.id].name,
                    )
                )
        return violations + self._get_amount_violations(lines, amounts or {})

    def _get_scope_violations(self, lines):
        violations = []
        if len(lines.company_id) > 1 or len(lines.partner_id.commercial_partner_id) > 1:
            violations.append(
                self.env._(
                    "A dispute is about items of one customer in one company: choose "
                    "them one customer and company at a time."
                )
            )
        for company in lines.company_id:
            if company not in self.env.companies:
                violations.append(
                    self.env._(
                        "The item belongs to %(company)s: switch to it first.",
                        company=company.name,
                    )
                )
            elif not company.ar_dispute_active:
                violations.append(
                    self.env._(
                        "Disputes are switched off for %(company)s. They are switched "
                        "on in the settings of Invoicing.",
                        company=company.name,
                    )
                )
        return violations

    def _get_amount_violations(self, lines, amounts):
        return [
            self.env._(
                "%(item)s: the disputed amount must be above zero and at most the open "
                "%(open)s.",
                item=line.move_id.name,
                open=line.currency_id.format(line.amount_residual_currency),
            )
            for line in lines.filtered(lambda line: line.id in amounts)
            if not 0 < amounts[line.id] <= line.amount_residual_currency
        ]

    @api.model
    def _get_undecided_by_line(self, lines):
        """Return {line id: the undecided dispute about it}, in one query."""
        undecided = (
            self.env["ar.dispute.line"]
            .sudo()
            .search([("line_id", "in", lines.ids), ("is_open", "=", True)])
        )
        return {line.line_id.id: line.dispute_id for line in undecided}

    def _prepare_dispute(self, lines, reason, amounts):
        company = lines.company_id
        today = company._ar_today()
        prepare = self.env["ar.dispute.line"]._prepare_from_item
        return {
            "name": self._next_number(company, today),
            "company_id": company.id,
            "commercial_partner_id": lines.partner_id.commercial_partner_id.id,
            "reason_id": reason.id,
            "user_id": reason.with_env(self.env)._get_owner().id,
            "date_opened": today,
            "date_deadline": reason._get_deadline(company),
            "line_ids": [
                fields.Command.create(prepare(line, amounts.get(line.id)))
                for line in lines
            ],
        }

    def _next_number(self, company, today):
        sequences = self.env["ir.sequence"].sudo().with_company(company)
        number = sequences.next_by_code("ar.dispute", sequence_date=today)
        if not number:
            raise UserError(
                self.env._(
                    "%(company)s has no sequence with the code ar.dispute to number "
                    "disputes: create one under Settings > Technical > Sequences.",
                    company=company.name,
                )
            )
        return number

    def _suspend(self, amounts):
        self.ensure_one()
        self.env["ar.suspension"].sudo()._suspend(
            self.line_ids.line_id,
            "dispute",
            self.env._(
                "Dispute %(number)s: %(reason)s",
                number=self.name,
                reason=self.reason_id.name,
            ),
            self,
            amounts=amounts,
        )

    def _take_out_of_reminders(self):
        """Reminders that are not sent yet no longer ask for what is disputed."""
        reminders = self.env["ar.dunning.reminder"].sudo()
        reminders.search(
            [
                ("state", "in", OPEN_STATES),
                ("line_ids.line_id", "in", self.line_ids.line_id.ids),
            ]
        )._recheck()

    # -- States ------------------------------------------------------------------------

    def _change_state(self, state, outcome=None):
        """Take disputes to another state: the only way to change it.

        A decision, and closing an undecided dispute, ends the suspension with the
        company's days of grace. Every change is an event.

        :param str state: a key of :data:`TRANSITIONS`
        :param str outcome: how an undecided dispute ends that is closed
        :raise UserError: when the state cannot be reached from the present one
        """
        self._check_transition(state)
        ending = self._get_undecided()
        labels = dict(self._fields["state"]._description_selection(self.env))
        was = {dispute.id: labels[dispute.state] for dispute in self}
        self.sudo().write(self._prepare_change(state))
        if state not in UNDECIDED:
            ending._end(outcome or state)
        self._log_many(
            {
                dispute: self.env._(
                    "%(before)s → %(after)s",
                    before=was[dispute.id],
                    after=labels[state],
                )
                for dispute in self
            }
        )

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
        if state in DECIDED:
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
            disputes._get_suspensions()._end(
                self.env._("Dispute decided or closed"),
                grace_days=company.sudo().ar_dispute_grace_days,
            )
        self.sudo().activity_feedback([ACTIVITY_TYPE])

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

    # -- Settling ----------------------------------------------------------------------

    @api.model
    def _get_settled_domain(self):
        """Return the domain of unclosed disputes of which no item is open any more."""
        # An invoice that is reset to draft comes back, or is cancelled or deleted.
        still_open = [
            "|",
            ("line_id.parent_state", "=", "draft"),
            "&",
            ("line_id.parent_state", "=", "posted"),
            ("line_id.reconciled", "=", False),
        ]
        return Domain("state", "!=", "closed") & ~Domain("line_ids", "any", still_open)

    @api.model
    def _settle(self, domain=Domain.TRUE):
        """Close what was paid, credited or cancelled meanwhile."""
        settled = self.sudo().search(self._get_settled_domain() & domain)
        settled._change_state("closed", outcome="settled")
        return settled

    @api.model
    def _run_settle(self, run):
        """Nightly stage: one batch, as :class:`ar.run` asks for it."""
        settled = self._settle(Domain("company_id", "child_of", run.company_id.id))
        run._count(settled=len(settled))
        return 0

    # -- Journal -----------------------------------------------------------------------

    def _schedule_activity(self):
        for dispute in self.filtered("user_id"):
            dispute.activity_schedule(
                ACTIVITY_TYPE,
                date_deadline=dispute.date_deadline,
                user_id=dispute.user_id.id,
                summary=dispute.reason_id.name,
            )

    def _move_activity(self):
        """The activity goes with the owner and the deadline."""
        for dispute in self._get_undecided():
            dispute.activity_reschedule(
                [ACTIVITY_TYPE],
                date_deadline=dispute.date_deadline,
                new_user_id=dispute.user_id.id,
            )

    def _log(self, text):
        self._log_many({dispute: text for dispute in self})

    def _log_many(self, texts):
        """Append an event for each dispute; texts by dispute."""
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "dispute",
                    "partner": dispute.commercial_partner_id,
                    "company": dispute.company_id,
                    "text": f"{dispute.name}: {text}",
                    "figures": dispute._get_figures(),
                    "source": dispute,
                }
                for dispute, text in texts.items()
            ]
        )

    def _get_figures(self):
        self.ensure_one()
        return {
            "disputed": self.amount_disputed,
            "accepted": self.amount_accepted,
            "currency": self.company_currency_id.name,
            "items": self.sudo().line_ids.mapped("move_name"),
        }
