from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.ar_ledger.models.ar_record import THREAD_FIELDS

from ..tools.promise import spread

ACTIVITY_APPROVE = "ar_dunning_scenario.mail_activity_type_promise"
ACTIVITY_TOLD = "mail.mail_activity_data_todo"
GROUP_COLLECTOR = "ar_ledger.ar_ledger_group_collector"
GROUP_MANAGER = "ar_ledger.ar_ledger_group_manager"


class ArPromiseMixin(models.AbstractModel):
    """What a customer agreed to pay: by one day (a promise) or by several (a plan).

    Put on record by a collector, approved by a credit manager where the policy asks for
    it, judged by the booked payments. Nobody writes it by hand.
    """

    _name = "ar.promise.mixin"
    _description = "Agreement to Pay"
    _inherit = ["ar.record", "mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _open_fields = THREAD_FIELDS

    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
        help="The root company: its branches are chased with it.",
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount = fields.Monetary(
        string="Promised",
        readonly=True,
        aggregator="sum_currency",
        help="In the currency of the items.",
    )
    amount_company = fields.Monetary(
        string="Promised in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        help="At the rate of the day it was recorded on.",
    )
    amount_paid = fields.Monetary(
        string="Paid",
        readonly=True,
        aggregator="sum_currency",
        help="By booked payments dated until the deadline.",
    )
    amount_credited = fields.Monetary(
        string="Credited",
        readonly=True,
        aggregator="sum_currency",
        help="No longer owed, because of credit notes or cancelled invoices: neither a "
        "payment nor a breach.",
    )
    amount_missing = fields.Monetary(
        string="Missing",
        compute="_compute_amount_missing",
        store=True,
        aggregator="sum_currency",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Promised By",
        readonly=True,
        ondelete="set null",
        help="The person at the customer's who gave his or her word.",
    )
    channel = fields.Selection(
        [
            ("call", "Call"),
            ("email", "E-mail"),
            ("letter", "Letter"),
            ("meeting", "Meeting"),
            ("portal", "Account page"),
        ],
        required=True,
        readonly=True,
        default="call",
        help="How the customer said so.",
    )
    user_id = fields.Many2one(
        "res.users", string="Recorded By", readonly=True, ondelete="restrict"
    )
    recorded_on = fields.Datetime(required=True, readonly=True)
    reminder_id = fields.Many2one(
        "ar.dunning.reminder",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The reminder, such as a call, that brought it about.",
    )
    note = fields.Text(readonly=True)
    tolerance_days = fields.Integer(
        readonly=True,
        aggregator=None,
        help="A payment so many days later still counts as in time.",
    )
    approval_reasons = fields.Text(
        string="Needs Approval Because",
        readonly=True,
        help="What of the policy it goes beyond.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_on = fields.Datetime(readonly=True)
    decision_reason = fields.Char(readonly=True)
    cancel_reason = fields.Char(string="Cancelled Because", readonly=True)
    closed_on = fields.Date(
        readonly=True, help="When it was found kept, broken or not to be paid."
    )
    can_decide = fields.Boolean(compute="_compute_can_decide")
    cannot_decide_reason = fields.Char(compute="_compute_can_decide")

    @api.depends("amount", "amount_paid", "amount_credited")
    def _compute_amount_missing(self):
        for record in self:
            record.amount_missing = (
                record.amount - record.amount_paid - record.amount_credited
            )

    @api.depends_context("uid")
    @api.depends("user_id")
    def _compute_can_decide(self):
        for record in self:
            record.cannot_decide_reason = record._get_refusal_to_decide()
            record.can_decide = not record.cannot_decide_reason

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "What a customer promised is neither written, changed nor deleted by hand: "
            "record it on the customer, or cancel it with a reason."
        )

    # -- Decisions ---------------------------------------------------------------------

    def action_approve(self):
        self._check_may_decide()
        return self._open_decision("approve", self.env._("Approve"))

    def action_refuse(self):
        self._check_may_decide()
        return self._open_decision("refuse", self.env._("Refuse"))

    def action_cancel(self):
        self._check_may_cancel()
        return self._open_decision("cancel", self.env._("Cancel"))

    def action_open_items(self):
        """Drill down: the open items that it is about."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Items"),
            "res_model": "ar.open.item",
            "view_mode": "list,form",
            "domain": [("line_id", "in", self.sudo()._get_lines().line_id.ids)],
        }

    def _open_decision(self, decision, name):
        field = "default_promise_ids"
        if self._name == "ar.payment.plan":
            field = "default_plan_ids"
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "ar.promise.decide",
            "view_mode": "form",
            "target": "new",
            "context": {field: self.ids, "default_decision": decision},
        }

    def _approve(self, reason):
        """Let what goes beyond the policy stand; the items are suspended from now on.

        :param str reason: why, for the record
        :raise AccessError: the user is no credit manager
        :raise UserError: decided already, recorded by the user, or too late
        """
        self._check_may_decide()
        self._check_reason(reason)
        for record in self:
            record._check_still_possible()
        self._decide(reason, state="open")
        self._suspend_items()
        self._tell(self.env._("Approved: %(reason)s", reason=reason))
        self._evaluate()

    def _refuse(self, reason):
        """Refuse it: the items are chased on. As :meth:`_approve`."""
        self._check_may_decide()
        self._check_reason(reason)
        self._decide(reason, state="cancelled", cancel_reason=reason)
        self._tell(self.env._("Refused: %(reason)s", reason=reason))

    def _cancel(self, reason):
        """End it by decision: the items are chased on where they stood.

        :param str reason: for the record
        """
        self._check_may_cancel()
        self._check_reason(reason)
        self._set_cancelled(reason)

    def _set_cancelled(self, reason):
        """Cancel without a check; the caller decided that it may."""
        text = self.env._("Cancelled: %(reason)s", reason=reason)
        self._by_code().write({"state": "cancelled", "cancel_reason": reason})
        self._get_suspensions()._end(text)
        self._log(text)
        self._by_code().activity_unlink([ACTIVITY_APPROVE])

    def _decide(self, reason, **values):
        self._by_code().write(
            {
                "decision_reason": reason,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                **values,
            }
        )

    def _tell(self, text):
        """Put a decision in the journal and before who asked for it."""
        self._log(text)
        self._by_code().activity_feedback([ACTIVITY_APPROVE], feedback=text)
        self._give_task(text)

    def _give_task(self, summary):
        """Give who recorded it a task."""
        active = self.sudo().filtered("user_id.active")
        for (user, company), records in active.grouped(
            lambda record: (record.user_id, record.company_id)
        ).items():
            records._by_code().activity_schedule(
                ACTIVITY_TOLD,
                date_deadline=company._ar_today(),
                user_id=user.id,
                summary=summary,
            )

    def _get_refusal_to_decide(self):
        """Return why the user cannot approve or refuse this, or False."""
        self.ensure_one()
        if self.state != "waiting":
            return self.env._(
                "%(name)s does not wait for an approval.", **self._named()
            )
        if not self.env.user.has_group(GROUP_MANAGER):
            return self.env._(
                "%(name)s goes beyond the policy: a credit manager decides.",
                **self._named(),
            )
        if self.user_id == self.env.user:
            return self.env._(
                "You recorded %(name)s yourself: another credit manager decides.",
                **self._named(),
            )
        return False

    def _named(self):
        return {"name": self.display_name}

    def _check_may_decide(self):
        if not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._(
                    "Only credit managers decide on what goes beyond the policy."
                )
            )
        self.check_access("read")
        for record in self:
            if refusal := record._get_refusal_to_decide():
                raise UserError(refusal)

    def _check_may_cancel(self):
        self._check_collector()
        self.check_access("read")
        for record in self:
            if record.state not in ("waiting", "open"):
                raise UserError(
                    self.env._(
                        "%(name)s has come to its end: it stays on record.",
                        **record._named(),
                    )
                )

    @api.model
    def _check_collector(self):
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._("Only collectors and credit managers record promises.")
            )

    @api.model
    def _check_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Give a reason: it stays on record."))

    # -- What follows ------------------------------------------------------------------

    def _start(self):
        """Suspend the items, or ask for an approval first."""
        waiting = self.filtered(lambda record: record.state == "waiting")
        waiting._ask_for_approval()
        (self - waiting)._suspend_items()

    def _ask_for_approval(self):
        for record in self:
            for manager in record._get_deciders():
                record._by_code().activity_schedule(
                    ACTIVITY_APPROVE,
                    date_deadline=record.company_id._ar_today(),
                    user_id=manager.id,
                    summary=self.env._("Approve %(name)s?", **record._named()),
                    note=record.approval_reasons,
                )

    def _get_deciders(self):
        """Return the credit managers who may decide. Hook."""
        self.ensure_one()
        group = self.env.ref(GROUP_MANAGER).sudo()
        return group.all_user_ids.filtered(
            lambda user: (
                user.active
                and not user.share
                and user != self.user_id
                and self.company_id in user.company_ids
            )
        )

    def _get_suspensions(self):
        return (
            self.env["ar.suspension"]
            .sudo()
            .search(
                [
                    ("kind", "=", "promise"),
                    ("source_model", "=", self._name),
                    ("source_id", "in", self.ids),
                    ("state", "!=", "ended"),
                ]
            )
        )

    def _suspend_items(self):
        """Suspend the items of each until its last day, as far as it is promised."""
        for record in self.sudo():
            record._suspend(*record._get_suspended_parts())
        self._recheck_reminders()

    def _suspend(self, items, parts):
        self.ensure_one()
        self.env["ar.suspension"]._suspend(
            items,
            "promise",
            self.display_name,
            self,
            date_until=self._get_last_day(),
            amounts=parts,
        )

    def _get_suspended_parts(self):
        """Return the items to suspend, and {line id: amount} of those in part.

        All in all what is still missing of the promise, and of each item no more than
        was promised of it.
        """
        self.ensure_one()
        units = 10**self.currency_id.decimal_places
        open_now = {}
        promised = {}
        for item, lines in self._get_lines().grouped("line_id").items():
            open_now[item] = round(item.amount_residual_currency * units)
            amount = round(sum(lines.mapped("amount")) * units)
            promised[item] = min(amount, open_now[item])
        missing = round(self.amount_missing * units)
        shares = spread([missing], list(promised.items()))[0]
        parts = {
            item.id: amount / units
            for item, amount in shares.items()
            if amount < open_now[item]
        }
        return self.env["account.move.line"].union(*shares), parts

    def _adjust_suspensions(self):
        """Let what is suspended in part follow what was paid of it: the rest of the
        item is asked for, neither more nor less."""
        standing = self.filtered(lambda record: record.state == "open")
        parts = standing._get_suspensions().filtered(lambda s: s.coverage == "part")
        for record_id, suspensions in parts.grouped("source_id").items():
            record = self.browse(record_id)
            _items, wanted = record._get_suspended_parts()
            stale = suspensions.filtered(
                lambda s, wanted=wanted: wanted.get(s.line_id.id) != s.amount
            )
            record._suspend_anew(stale)

    def _suspend_anew(self, stale):
        if not stale:
            return
        stale._end(self.env._("Paid in part"))
        items, parts = self._get_suspended_parts()
        self._suspend(items & stale.line_id, parts)

    def _follow(self, before):
        """Do what follows from new states: the items of what came to its end are chased
        again, those of what stands again are not.

        :param dict before: {id: state before}
        """
        labels = dict(self._fields["state"]._description_selection(self.env))
        for state, records in self.grouped("state").items():
            ended = records.filtered(lambda record: before[record.id] == "open")
            ended._get_suspensions()._end(labels[state])
        self.filtered(lambda record: record.state == "open")._suspend_items()
        self._log_many(
            {
                record: self.env._(
                    "%(before)s → %(after)s",
                    before=labels[before[record.id]],
                    after=labels[record.state],
                )
                for record in self
            }
        )

    def _recheck_reminders(self):
        """What waits to be sent does not ask for what was just promised."""
        lines = self.env["ar.dunning.reminder.line"].sudo()
        lines = lines.search(
            [
                ("line_id", "in", self.sudo()._get_lines().line_id.ids),
                ("state", "=", "planned"),
            ]
        )
        if lines:
            lines.reminder_id._recheck()

    def _get_lines(self):
        """Return the promised items, ar.promise.line."""
        raise NotImplementedError

    def _get_last_day(self):
        """Return the last day on which a payment is in time."""
        raise NotImplementedError

    def _check_still_possible(self):
        """:raise UserError: nothing is left to approve, as time went on"""
        self.ensure_one()
        if self._get_last_day() < self.company_id._ar_today():
            raise UserError(
                self.env._(
                    "The promised day of %(name)s is over: refuse it.", **self._named()
                )
            )

    def _log(self, text):
        self._log_many({record: text for record in self})

    def _log_many(self, texts):
        """Put one sentence on each in the journal.

        :param dict texts: {record: sentence}
        """
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "promise",
                    "partner": record.commercial_partner_id,
                    "company": record.company_id,
                    "text": f"{record.display_name}: {texts[record]}",
                    "figures": record.sudo()._get_figures(),
                    "source": record,
                }
                for record in texts
            ]
        )

    def _get_figures(self):
        self.ensure_one()
        return {
            "items": sorted(set(self._get_lines().mapped("number"))),
            "promised": self.amount,
            "paid": self.amount_paid,
            "credited": self.amount_credited,
            "currency": self.currency_id.name,
            "last_day": fields.Date.to_string(self._get_last_day()),
        }
