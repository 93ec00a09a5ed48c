from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

#: All that a person may write on a reminder; the rest is written by its own methods.
EDITABLE_FIELDS = {"subject", "body", "user_id"}
#: Those of them that the customer reads.
WORDS = frozenset({"subject", "body"})
#: States in which a reminder can still change.
OPEN_STATES = ("draft", "ready", "failed")


class ArDunningReminder(models.Model):
    """What one customer is asked for on one day, in one currency.

    Planned, prepared, re-checked, delivered: each stage can be repeated, and leaves the
    same. The text is free to edit; the table of items stands beside it and is made from
    the lines when the reminder leaves.
    """

    _name = "ar.dunning.reminder"
    _description = "Reminder"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, priority desc, id desc"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", readonly=True, ondelete="restrict"
    )
    email_to = fields.Char(string="To", readonly=True)
    lang = fields.Selection(
        selection=lambda self: self.env["res.lang"].get_installed(),
        string="Language",
        readonly=True,
    )
    date = fields.Date(required=True, readonly=True, index=True)
    scenario_id = fields.Many2one(
        "ar.dunning.scenario", readonly=True, ondelete="restrict"
    )
    step_id = fields.Many2one(
        "ar.dunning.step", string="Scenario Step", readonly=True, ondelete="set null"
    )
    step_key = fields.Char(readonly=True)
    step_name = fields.Char(string="Step", readonly=True)
    channel = fields.Selection(
        selection=lambda self: self.env["ar.dunning.step"]._fields["channel"].selection,
        required=True,
        readonly=True,
    )
    mode = fields.Selection(
        selection=lambda self: self.env["ar.dunning.step"]._fields["mode"].selection,
        required=True,
        readonly=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False)]",
        index="btree_not_null",
    )
    state = fields.Selection(
        [
            ("draft", "To do"),
            ("ready", "Ready"),
            ("sending", "Sending"),
            ("sent", "Sent / Done"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("uncertain", "Uncertain"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="draft",
        index=True,
        copy=False,
    )
    subject = fields.Char()
    body = fields.Html(string="Text", sanitize_style=True)
    is_text_edited = fields.Boolean(readonly=True, copy=False)
    text_partner_id = fields.Many2one(
        "res.partner",
        string="Written For",
        readonly=True,
        ondelete="set null",
        help="The contact whom the text greets. Messages to others have a text of "
        "their own, unless somebody edited this one.",
    )
    text_lang = fields.Char(string="Language of the Text", readonly=True)
    items_html = fields.Html(
        string="Table of Items", compute="_compute_items_html", sanitize=False
    )
    line_ids = fields.One2many(
        "ar.dunning.reminder.line", "reminder_id", string="Items", readonly=True
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount_total = fields.Monetary(
        string="Total of Items",
        compute="_compute_figures",
        store=True,
        aggregator=None,
    )
    amount_credit = fields.Monetary(
        string="Open Credits",
        readonly=True,
        aggregator=None,
        help="Payments and credit notes not matched yet (negative).",
    )
    amount_net = fields.Monetary(
        string="To Pay",
        compute="_compute_figures",
        store=True,
        aggregator="sum_currency",
    )
    item_count = fields.Integer(
        string="Number of Items", compute="_compute_figures", store=True
    )
    days_overdue = fields.Integer(
        help="Of the oldest item.",
        compute="_compute_figures",
        store=True,
        aggregator="max",
    )
    failure = fields.Text(string="What Went Wrong", readonly=True)
    cancel_reason = fields.Char(readonly=True)
    sent_on = fields.Datetime(readonly=True, index=True)
    smtp_message_id = fields.Char(string="Message-ID", readonly=True, copy=False)

    @api.depends("step_name", "commercial_partner_id", "date")
    def _compute_display_name(self):
        for reminder in self:
            customer = reminder.commercial_partner_id.display_name
            reminder.display_name = f"{reminder.step_name} · {customer}"

    @api.depends(
        "amount_credit",
        "line_ids.amount_open",
        "line_ids.days_overdue",
        "line_ids.state",
    )
    def _compute_figures(self):
        for reminder in self:
            lines = reminder._get_active_lines()
            reminder.amount_total = sum(lines.mapped("amount_open"))
            reminder.amount_net = reminder.amount_total + reminder.amount_credit
            reminder.item_count = len(lines)
            reminder.days_overdue = max(lines.mapped("days_overdue"), default=0)

    @api.depends("line_ids.amount_open", "line_ids.state", "lang", "amount_net")
    def _compute_items_html(self):
        for reminder in self:
            reminder.items_html = reminder.id and reminder._render_items()

    def write(self, vals):
        """A person edits texts; states and figures move by the methods made for it."""
        if not self.env.su:
            self._check_edit(vals)
            if not WORDS.isdisjoint(vals):
                vals = {**vals, "is_text_edited": True}
        result = super().write(vals)
        if "user_id" in vals:
            self._hand_calls_over()
        return result

    def _check_edit(self, vals):
        forbidden = set(vals) - EDITABLE_FIELDS
        if forbidden:
            raise AccessError(
                self.env._(
                    "These fields of a reminder are not written by hand: %(names)s.",
                    names=", ".join(sorted(forbidden)),
                )
            )
        self._check_state(*OPEN_STATES)
        if not WORDS.isdisjoint(vals):
            self._check_not_printed()
        if vals.get("user_id"):
            self._check_may_open(self.env["res.users"].browse(vals["user_id"]))

    def _check_may_open(self, user):
        """Who is given a reminder can work with it."""
        for reminder in self - self._filter_readable_by(user.sudo()):
            raise UserError(
                self.env._(
                    "%(user)s may not open %(reminder)s: give it to somebody else, or "
                    "have the rights of the user changed first.",
                    user=user.sudo().name,
                    reminder=reminder.display_name,
                )
            )

    def _check_not_printed(self):
        for reminder in self.filtered(lambda r: r._is_printed()):
            raise UserError(
                self.env._(
                    "%(reminder)s lies printed: put its letters back before you change "
                    "it.",
                    reminder=reminder.display_name,
                )
            )

    def _is_printed(self):
        """Tell whether a letter lies on paper: its text and amounts stay as they are
        there."""
        return any(message._is_printed() for message in self.sudo().outbox_ids)

    def _hand_calls_over(self):
        """The task of a call goes to whoever is responsible now."""
        task = "mail.mail_activity_data_call"
        calls = self.sudo().filtered(lambda r: r.state == "draft")
        calls = calls.filtered(lambda r: r.channel == "call")
        for user, of_user in calls.grouped("user_id").items():
            if not user.active:
                of_user.activity_unlink([task])
                continue
            of_user.activity_reschedule([task], new_user_id=user.id)
            of_user.filtered(lambda r: not r.activity_ids)._schedule_tasks(task)

    # -- Decisions of a collector ------------------------------------------------------

    def action_confirm(self):
        """Release read reminders; they leave in the next working hours."""
        self._check_collector()
        drafts = self.filtered(lambda r: r.state == "draft" and r.outbox_ids)
        self._check_any(drafts, self.env._("None of these waits for a confirmation."))
        drafts.sudo().write({"state": "ready"})

    def action_send_now(self):
        """Send at once, at any hour; tells what became of them."""
        self._check_collector()
        machine = self.filtered(
            lambda r: r.state in ("draft", "ready") and r._has_mail()
        )
        self._check_any(machine, self.env._("None of these can be sent."))
        machine.company_id._check_ar_books()
        return self._notify_outcomes(machine._deliver(("draft", "ready")))

    def action_done(self):
        """The call was made."""
        self._check_collector()
        calls = self.filtered(lambda r: r.state == "draft" and r.channel == "call")
        self._check_any(calls, self.env._("None of these is a call to make."))
        calls.sudo().activity_feedback(["mail.mail_activity_data_call"])
        calls.sudo()._set_sent()

    def action_retry(self):
        """Try failed or uncertain reminders again, with today's address."""
        self._check_collector()
        again = self.filtered(lambda r: r.state in ("failed", "uncertain"))
        self._check_any(again, self.env._("None of these failed."))
        again._check_not_overtaken()
        uncertain = again.filtered(lambda r: r.state == "uncertain")
        uncertain._log_decision(self.env._("Sent again, though it may have arrived."))
        again.sudo().failure = False
        again.sudo()._requeue()
        again.sudo()._prepare()

    def action_mark_sent(self):
        """Somebody found out that an uncertain message did arrive."""
        self._check_collector()
        uncertain = self.filtered(lambda r: r.state == "uncertain")
        self._check_any(uncertain, self.env._("None of these is uncertain."))
        uncertain._log_decision(self.env._("It did arrive."))
        uncertain.sudo()._set_arrived()

    def action_cancel(self):
        """Ask for the reason, then cancel."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Cancel Reminders"),
            "res_model": "ar.dunning.reminder.cancel",
            "view_mode": "form",
            "target": "new",
            "context": {"default_reminder_ids": self.ids},
        }

    def action_open_items(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Open Items"),
            "res_model": "ar.open.item",
            "view_mode": "list,form",
            "domain": [("line_id", "in", self.line_ids.line_id.ids)],
        }

    def _cancel(self, reason):
        """Cancel by decision: the step counts as done, the next one comes in its time.

        :param str reason: for the journal
        """
        self._check_collector()
        self._check_state(*OPEN_STATES)
        self._get_active_lines()._close("skipped", reason)
        self._set_cancelled(reason)

    def _check_collector(self):
        if not self.env.user.has_group("ar_ledger.ar_ledger_group_collector"):
            raise AccessError(
                self.env._("Only collectors and credit managers decide on reminders.")
            )
        self.check_access("write")

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for reminder in self:
            if reminder.state not in states:
                raise UserError(
                    self.env._(
                        "%(reminder)s can no longer be changed: it is %(state)s.",
                        reminder=reminder.display_name,
                        state=labels[reminder.state],
                    )
                )

    def _check_not_overtaken(self):
        """An older reminder does not speak again after a newer one."""
        overtaken = self.sudo()._get_active_lines()._get_overtaken()
        if overtaken:
            raise UserError(
                self.env._(
                    "A later reminder asks for %(items)s: this one is not sent any "
                    "more. Cancel it, or say that it arrived.",
                    items=", ".join(sorted(set(overtaken.mapped("number")))),
                )
            )

    def _check_any(self, reminders, message):
        if not reminders:
            raise UserError(message)

    # -- States ------------------------------------------------------------------------

    def _get_active_lines(self):
        """The items that the reminder asks for."""
        return self.line_ids.filtered(lambda line: line.state in ("planned", "done"))

    def _set_sent(self):
        """The step is done for all items; their clocks go on from today, or from when
        it was first sent where that is only confirmed now."""
        self._note_asked()
        self.sudo().write({"state": "sent", "failure": False})
        self._log_events(self.env._("Done"))
        self.filtered("step_id.proposes_hold")._log_events(
            self.env._("New orders should be stopped until this is paid"),
            kind="hold_proposal",
        )

    def _set_failed(self, text):
        """Nothing was sent, and this is why. The items wait for somebody to act."""
        self.sudo().write({"state": "failed", "failure": text})
        self._log_events(self.env._("Failed: %(reason)s", reason=text))

    def _set_uncertain(self, text):
        """It may have arrived, so it is not sent again and the step counts as done."""
        self._note_asked()
        self.sudo().write({"state": "uncertain", "failure": text})
        self._log_events(self.env._("Uncertain: %(reason)s", reason=text))

    def _note_asked(self):
        """The customer was, or may have been, asked now; the first time counts."""
        self.filtered(lambda r: not r.sent_on).sudo().sent_on = fields.Datetime.now()
        self.line_ids.filtered(lambda line: line.state == "planned")._close("done")

    def _set_cancelled(self, reason):
        self.sudo().write({"state": "cancelled", "cancel_reason": reason})
        self.sudo().activity_ids.unlink()
        self._log_events(self.env._("Cancelled: %(reason)s", reason=reason))

    def _log_decision(self, text):
        self._log_events(text)
        for reminder in self:
            reminder._message_log(body=text)

    def _log_events(self, text, kind="reminder"):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": kind,
                    "partner": reminder.commercial_partner_id,
                    "company": reminder.company_id,
                    "text": f"{reminder.step_name}: {text}",
                    "figures": {
                        "amount": reminder.amount_net,
                        "currency": reminder.currency_id.name,
                        "items": reminder._get_active_lines().mapped("number"),
                    },
                    "source": reminder,
                }
                for reminder in self
            ]
        )
