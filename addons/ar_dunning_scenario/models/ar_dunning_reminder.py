from collections import defaultdict
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import SQL

from ..channels import CallChannel, EmailChannel, NoticeChannel
from ..tools import clock

#: All that a person may write on a reminder; the rest is written by its own methods.
EDITABLE_FIELDS = {"subject", "body", "user_id"}
#: States in which a reminder can still change.
OPEN_STATES = ("draft", "ready", "failed")
CUSTOMERS_PER_BATCH = 200


class Due(NamedTuple):
    """An item whose next step is due: one row of :meth:`_get_due_items`."""

    line_id: int
    move_id: int
    partner_id: int
    currency_id: int
    scenario_id: int
    version: int
    step_id: int
    cycle: int
    number: str
    invoice_date: object
    due_date: object
    days_overdue: int
    amount: float
    amount_open: float
    collector_id: int
    salesperson_id: int


class ArDunningReminder(models.Model):
    """What one customer is asked for on one day, in one currency.

    Planned, prepared, re-checked, delivered: each stage can be repeated, and leaves the
    same. The text is free to edit; the table of items stands beside it and is made from
    the lines when the reminder leaves.
    """

    _name = "ar.dunning.reminder"
    _description = "Reminder"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, amount_net desc, id desc"

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
        string="To Pay", compute="_compute_figures", store=True,
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
    failure = fields.Char(string="What Went Wrong", readonly=True)
    cancel_reason = fields.Char(readonly=True)
    sent_on = fields.Datetime(readonly=True, index=True)
    smtp_message_id = fields.Char(string="Message-ID", readonly=True, copy=False)

    @api.depends("step_name", "commercial_partner_id", "date")
    def _compute_display_name(self):
        for reminder in self:
            customer = reminder.commercial_partner_id.display_name
            reminder.display_name = f"{reminder.step_name} · {customer}"

    @api.depends(
        "amount_credit", "line_ids.amount_open", "line_ids.days_overdue",
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
        return super().write(vals)

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

    # -- Decisions of a collector ------------------------------------------------------

    def action_confirm(self):
        """Release read reminders; they leave in the next working hours."""
        self._check_collector()
        drafts = self.filtered(lambda r: r.state == "draft" and r.channel == "email")
        self._check_any(drafts, self.env._("None of these waits for a confirmation."))
        drafts.sudo().write({"state": "ready"})

    def action_send_now(self):
        """Send at once, at any hour; tells what became of them."""
        self._check_collector()
        channels = self._get_channels()
        machine = self.filtered(
            lambda r: r.state in ("draft", "ready") and channels[r.channel].by_machine
        )
        self._check_any(machine, self.env._("None of these can be sent."))
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
        uncertain = again.filtered(lambda r: r.state == "uncertain")
        uncertain._log_decision(self.env._("Sent again, though it may have arrived."))
        again.sudo().failure = False
        again.sudo()._set_contacts()
        again.sudo()._prepare()

    def action_mark_sent(self):
        """Somebody found out that an uncertain message did arrive."""
        self._check_collector()
        uncertain = self.filtered(lambda r: r.state == "uncertain")
        self._check_any(uncertain, self.env._("None of these is uncertain."))
        uncertain._log_decision(self.env._("It did arrive."))
        uncertain.sudo().write({"state": "sent", "failure": False})

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

    def _check_any(self, reminders, message):
        if not reminders:
            raise UserError(message)

    # -- Stage 1: plan -----------------------------------------------------------------

    @api.model
    def _run_night_batch(self, run):
        """Plan and prepare for the next customers of a root company.

        :param run: ar.run, its cursor is the last customer that was planned
        :return: the number of customers still to do
        """
        company = run.company_id
        if not run.cursor:
            self.env["ar.dunning.item"]._refresh(company)
            self._get_open(company)._recheck()
        todo = self._get_due_customers(company, run.cursor)
        batch = todo[:CUSTOMERS_PER_BATCH]
        if not batch:
            return 0
        reminders = self._plan(company, batch)
        failed = reminders._prepare()
        for reminder in failed:
            run._add_error(reminder.failure, reminder)
        run._count(planned=len(reminders), failed=len(failed))
        run.cursor = batch[-1]
        return len(todo) - len(batch)

    @api.model
    def _get_open(self, company):
        return self.search(
            [("company_id", "=", company.id), ("state", "in", OPEN_STATES)]
        )

    @api.model
    def _get_due_customers(self, company, after=0):
        """Return the ids of the customers with a due step, from ``after`` on."""
        self.env["ar.dunning.item"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT commercial_partner_id FROM ar_dunning_item
                    WHERE company_id = %s AND next_date <= %s
                      AND commercial_partner_id > %s
                 ORDER BY commercial_partner_id""",
                company.id,
                company._ar_today(),
                after,
            )
        )
        return [partner_id for (partner_id,) in rows]

    @api.model
    def _plan(self, company, partner_ids):
        """Make the reminders that are due today, without their texts.

        One per customer and currency, at the step of the worst item; every item keeps
        its own step. Open credits are taken off: where they cover the items, nothing is
        planned. A constant number of queries for any number of customers.

        :param company: root res.company
        :param list partner_ids: ids of commercial partners
        :return: the new reminders
        """
        due = self._get_due_items(company, partner_ids)
        credits = self._get_credits(company, partner_ids)
        contacts = self._get_contacts(partner_ids)
        steps = self.env["ar.dunning.step"].browse({row.step_id for row in due})
        steps.fetch()  # all at once, for the loops below
        values = []
        for (partner_id, currency_id, _internal), rows in self._group_due(due).items():
            credit = credits.get((partner_id, currency_id), 0.0)
            currency = self.env["res.currency"].browse(currency_id)
            net = sum(row.amount_open for row in rows) + credit
            if currency.compare_amounts(net, 0.0) > 0:
                values.append(
                    {
                        **self._prepare_reminder(company, rows, credit),
                        "partner_id": contacts.get(partner_id, partner_id),
                    }
                )
        reminders = self._create_silently(values)
        self.env["ar.dunning.item"]._on_lines_changed(reminders.line_ids.line_id)
        return reminders

    @api.model
    def _create_silently(self, values):
        """A planned reminder has no followers and no "created" note: its lines tell."""
        return self.with_context(
            mail_create_nolog=True, mail_create_nosubscribe=True, tracking_disable=True
        ).create(values)

    @api.model
    def _group_due(self, due):
        """Group due items by what becomes one reminder; what only colleagues read never
        stands in for what the customer gets."""
        channels = self._get_channels()
        groups = defaultdict(list)
        for row in due:
            step = self.env["ar.dunning.step"].browse(row.step_id)
            internal = not channels[step.channel].to_customer
            groups[row.partner_id, row.currency_id, internal].append(row)
        return groups

    @api.model
    def _prepare_reminder(self, company, rows, credit):
        steps = self.env["ar.dunning.step"]
        worst = max(rows, key=lambda r: (steps.browse(r.step_id).days, r.days_overdue))
        step = steps.browse(worst.step_id)
        users = [worst.collector_id, worst.salesperson_id]
        if step.responsible == "salesperson":
            users.reverse()
        return {
            "company_id": company.id,
            "commercial_partner_id": worst.partner_id,
            "currency_id": worst.currency_id,
            "date": company._ar_today(),
            "scenario_id": worst.scenario_id,
            "step_id": step.id,
            "step_key": step.step_key,
            "step_name": step.name,
            "channel": step.channel,
            "mode": step.mode,
            # The salesperson does not sign for the collector, but can be told instead.
            "user_id": users[0] or (users[1] if step.channel == "notice" else False),
            "amount_credit": credit,
            "line_ids": [Command.create(self._prepare_line(row)) for row in rows],
        }

    @api.model
    def _prepare_line(self, row):
        step = self.env["ar.dunning.step"].browse(row.step_id)
        return {
            "line_id": row.line_id,
            "move_id": row.move_id,
            "number": row.number,
            "invoice_date": row.invoice_date,
            "due_date": row.due_date,
            "days_overdue": row.days_overdue,
            "currency_id": row.currency_id,
            "amount": row.amount,
            "amount_open": row.amount_open,
            "scenario_id": row.scenario_id,
            "version": row.version,
            "step_key": step.step_key,
            "step_name": step.name,
            "step_days": step.days,
            "cycle": row.cycle,
        }

    @api.model
    def _get_due_items(self, company, partner_ids):
        """Return the items whose step is due, as :class:`Due`."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT item.line_id, item.move_id, item.commercial_partner_id,
                          item.currency_id, item.scenario_id, item.version,
                          item.next_step_id, item.cycle, fact.move_name,
                          fact.invoice_date, item.due_date, fact.days_overdue,
                          line.amount_currency, fact.amount_to_ask,
                          fact.collector_id, fact.user_id
                     FROM ar_dunning_item item
                     JOIN (%(facts)s) fact ON fact.line_id = item.line_id
                     JOIN account_move_line line ON line.id = item.line_id
                    WHERE item.company_id = %(company)s
                      AND item.next_date <= %(today)s
                      AND item.next_step_id IS NOT NULL
                      AND fact.amount_to_ask > 0
                 ORDER BY item.commercial_partner_id, item.due_date, item.line_id""",
                facts=self._get_facts_sql(partner_ids),
                company=company.id,
                today=company._ar_today(),
            )
        )
        return [Due(*row) for row in rows]

    @api.model
    def _get_credits(self, company, partner_ids):
        """Return {(customer id, currency id): open credits, negative}."""
        rows = self.env.execute_query(
            SQL(
                """SELECT fact.commercial_partner_id, fact.currency_id,
                          SUM(fact.amount_residual_currency)
                     FROM (%s) fact
                    WHERE fact.root_company_id = %s AND fact.amount_residual < 0
                 GROUP BY fact.commercial_partner_id, fact.currency_id""",
                self._get_facts_sql(partner_ids),
                company.id,
            )
        )
        return {tuple(key): float(amount) for *key, amount in rows}

    @api.model
    def _get_facts_sql(self, partner_ids):
        return self.env["ar.open.item"]._facts_sql(
            SQL("customer.id = ANY(%s)", list(partner_ids))
        )

    @api.model
    def _get_contacts(self, partner_ids):
        """Return {customer id: contact id}: the invoice address if it has an e-mail,
        else the customer itself, else any invoice address."""
        self.env["res.partner"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT ON (commercial_partner_id)
                          commercial_partner_id, id
                     FROM res_partner
                    WHERE commercial_partner_id = ANY(%s) AND active
                      AND (id = commercial_partner_id OR type = 'invoice')
                 ORDER BY commercial_partner_id, COALESCE(email, '') = '',
                          id = commercial_partner_id, id""",
                list(partner_ids),
            )
        )
        return dict(rows)

    def _set_contacts(self):
        contacts = self._get_contacts(self.commercial_partner_id.ids)
        for reminder in self:
            customer = reminder.commercial_partner_id
            reminder.partner_id = contacts.get(customer.id, customer.id)
            reminder.email_to = reminder.partner_id.email_formatted

    # -- Stage 2: prepare --------------------------------------------------------------

    @api.model
    def _get_channels(self):
        """Return the channels by the key of the step. Hook: call super, add yours."""
        return {
            "email": EmailChannel(self.env),
            "call": CallChannel(self.env),
            "notice": NoticeChannel(self.env),
        }

    def _get_channel(self):
        self.ensure_one()
        return self._get_channels()[self.channel]

    def _prepare(self):
        """Write the texts and make planned reminders ready, or tasks of somebody.

        All at once; where that fails, one by one, so that an error stands on the
        reminder that caused it and the others go on.

        :return: the reminders that failed
        """
        silent = self.with_context(tracking_disable=True)
        try:
            with self.env.cr.savepoint():
                silent._prepare_by_channel()
        except Exception:  # pylint: disable=broad-except
            for reminder in silent:
                reminder._prepare_alone()
        return self.filtered(lambda reminder: reminder.state == "failed")

    def _prepare_by_channel(self):
        for channel, reminders in self.grouped("channel").items():
            self._get_channels()[channel].prepare(reminders)

    def _prepare_alone(self):
        try:
            with self.env.cr.savepoint():
                self._prepare_by_channel()
        except Exception as error:  # pylint: disable=broad-except
            # A broken template concerns whoever reads the reminder, not the night.
            self._set_failed(self._explain(error))

    def _explain(self, error):
        return str(error).strip().split("\n")[0] or type(error).__name__

    def _schedule_tasks(self, activity_type):
        """Give every reminder that somebody is responsible for to that person."""
        activity_type = self.env.ref(activity_type)
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": reminder.id,
                    "activity_type_id": activity_type.id,
                    "date_deadline": reminder.date,
                    "summary": reminder.subject,
                    "note": reminder._get_task_note(),
                    "user_id": reminder.user_id.id,
                    "automated": True,
                }
                for reminder in self.filtered("user_id")
            ]
        )

    def _get_task_note(self):
        items = ", ".join(self._get_active_lines().mapped("number"))
        return (self.body or Markup()) + Markup("<p>%s</p>") % items

    # -- Stage 3: re-check -------------------------------------------------------------

    def _recheck(self):
        """Compare open reminders with the books as they are now.

        Items that were paid, credited, suspended or re-dated are taken out, amounts are
        brought up to date, and a reminder without items is cancelled. A constant number
        of queries, plus one update per group of changes.
        """
        lines = self._get_active_lines()
        facts = self._get_line_facts(lines.line_id.ids)
        pauses = self.env["ar.dunning.item"]._get_pauses(lines.line_id.ids)
        by_reason = defaultdict(lines.browse)
        for line in lines:
            fact = facts.get(line.line_id.id)
            reason = self._get_obsolete_reason(line, fact, pauses)
            by_reason[reason] |= line
        for reason, obsolete in by_reason.items():
            if reason:
                obsolete._close("cancelled", reason)
        by_reason[None]._update_amounts(facts)
        self._recheck_totals()

    def _recheck_totals(self):
        """Take today's open credits off, and cancel what nobody owes any more."""
        self._update_credits()
        covered = self.env._("Open credits cover the items")
        by_reason = defaultdict(self.browse)
        for reminder in self:
            if not reminder._get_active_lines():
                by_reason[reminder._get_line_reasons()] |= reminder
            elif reminder.currency_id.compare_amounts(reminder.amount_net, 0.0) <= 0:
                by_reason[covered] |= reminder
        for reason, settled in by_reason.items():
            settled._get_active_lines()._close("cancelled", reason)
            settled._set_cancelled(reason)

    def _update_credits(self):
        for company, reminders in self.grouped("company_id").items():
            credits = self._get_credits(company, reminders.commercial_partner_id.ids)
            for reminder in reminders.sudo():
                key = (reminder.commercial_partner_id.id, reminder.currency_id.id)
                credit = credits.get(key, 0.0)
                if reminder.amount_credit != credit:
                    reminder.amount_credit = credit

    def _get_line_reasons(self):
        return ", ".join(sorted(set(self.line_ids.mapped("cancel_reason")) - {False}))

    @api.model
    def _get_line_facts(self, line_ids):
        """Return {journal item id: its row of ar.open.item} of the open ones."""
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT fact.line_id, fact.amount_to_ask, fact.date_maturity,
                          fact.days_overdue, fact.not_chased_reason
                     FROM (%s) fact""",
                self.env["ar.open.item"]._facts_sql(
                    SQL("line.id = ANY(%s)", list(line_ids))
                ),
            )
        )
        return {row["line_id"]: row for row in self.env.cr.dictfetchall()}

    @api.model
    def _get_obsolete_reason(self, line, fact, pauses):
        """Return why an item is no longer asked for, or None.

        :param fact: a row of :meth:`_get_line_facts`, None if it is not open any more
        """
        if not fact:
            posted = line.sudo().line_id.parent_state == "posted"
            return self.env._("Paid") if posted else self.env._("No longer posted")
        if fact["not_chased_reason"]:
            field = self.env["ar.open.item"]._fields["not_chased_reason"]
            labels = dict(field._description_selection(self.env))
            return labels[fact["not_chased_reason"]]
        if fact["date_maturity"] != line.due_date:
            return self.env._("Due date changed")
        today = line.company_id._ar_today()
        paused = clock.stands_still(pauses.get(line.line_id.id, []), today)
        if paused or fact["amount_to_ask"] <= 0:
            return self.env._("Suspended")
        return None

    # -- States ------------------------------------------------------------------------

    def _get_active_lines(self):
        """The items that the reminder asks for."""
        return self.line_ids.filtered(lambda line: line.state in ("planned", "done"))

    def _set_sent(self):
        """The step is done for all items; their clocks go on from today."""
        self.sudo().write(
            {"state": "sent", "sent_on": fields.Datetime.now(), "failure": False}
        )
        self._get_active_lines()._close("done")
        self._log_events(self.env._("Done"))

    def _set_failed(self, text):
        """Nothing was sent, and this is why. The items wait for somebody to act."""
        self.sudo().write({"state": "failed", "failure": text})
        self._log_events(self.env._("Failed: %(reason)s", reason=text))

    def _set_uncertain(self, text):
        """It may have arrived. Never sent again by itself, so the step counts as done."""
        self.sudo().write(
            {"state": "uncertain", "sent_on": fields.Datetime.now(), "failure": text}
        )
        self._get_active_lines()._close("done")
        self._log_events(self.env._("Uncertain: %(reason)s", reason=text))

    def _set_cancelled(self, reason):
        self.sudo().write({"state": "cancelled", "cancel_reason": reason})
        self.sudo().activity_ids.unlink()
        self._log_events(self.env._("Cancelled: %(reason)s", reason=reason))

    def _log_decision(self, text):
        self._log_events(text)
        for reminder in self:
            reminder._message_log(body=text)

    def _log_events(self, text):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "reminder",
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
