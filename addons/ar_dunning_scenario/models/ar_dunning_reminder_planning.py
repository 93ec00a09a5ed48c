from collections import defaultdict
from typing import NamedTuple

from markupsafe import Markup

from odoo import api, models
from odoo.fields import Command
from odoo.tools import SQL, is_html_empty

from ..channels import (
    CallChannel,
    EmailChannel,
    LetterChannel,
    NoticeChannel,
    RegisteredChannel,
    SmsChannel,
    UnknownChannel,
)
from .ar_dunning_reminder import OPEN_STATES

CUSTOMERS_PER_BATCH = 200
#: Cursor of a night that has read the books and planned for nobody yet.
BOOKS_READ = -1


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
    occurrence: int
    number: str
    invoice_date: object
    due_date: object
    days_overdue: int
    amount: float
    amount_open: float
    amount_company: float
    collector_id: int
    salesperson_id: int
    floor: float
    is_first: bool


class ArDunningReminderPlanning(models.Model):
    """Stages 1 and 2: who is asked for what today, and in which words."""

    _inherit = "ar.dunning.reminder"

    # -- Stage 1: plan -----------------------------------------------------------------

    @api.model
    def _run_night_batch(self, run):
        """Plan and prepare for the next customers of a root company.

        :param run: ar.run, its cursor is the last customer that was planned
        :return: the number of customers still to do
        """
        company = run.company_id
        if not run.cursor:
            self._begin_night(run)
            run.cursor = BOOKS_READ
            return 1
        if run.cursor == BOOKS_READ:
            self.env["ar.dunning.item"]._tick_due(company)
            self._get_open(company)._recheck()
            self._fail_where_channel_is_gone(company)
            self._note_problems(run)
            self._thank(run)
        # Who paid is not known: neither is whom to call, or what a draft would say.
        if company._get_ar_stale_books() or not company._begin_ar_dunning():
            return 0
        if company.ar_dunning_daily_cap:
            self._prepare_planned(run, self._plan_capped(company))
            return 0
        todo = self._get_due_customers(company, run.cursor)
        batch = todo[:CUSTOMERS_PER_BATCH]
        if not batch:
            return 0
        self._prepare_planned(run, self._plan(company, batch))
        run.cursor = batch[-1]
        return len(todo) - len(batch)

    @api.model
    def _begin_night(self, run):
        """Read the books, a batch of its own: PostgreSQL checks every reference of a
        row again where the transaction changes it that wrote it."""
        if stale := run.company_id._get_ar_stale_books():
            run._add_error(stale)
        self.env["ar.dunning.item"]._read_books(run.company_id)

    @api.model
    def _prepare_planned(self, run, reminders):
        failed = reminders._prepare()
        for reminder in failed:
            run._add_error(reminder.failure, reminder)
        for reminder in reminders.filtered(lambda r: r._lacks_task()):
            text = self.env._(
                "%(user)s may not open %(reminder)s, so it is nobody's task.",
                user=reminder.user_id.name,
                reminder=reminder.display_name,
            )
            run._add_error(text, reminder)
        run._count(planned=len(reminders), failed=len(failed))

    @api.model
    def _note_problems(self, run):
        """Hook: say on the run what keeps customers from being chased, and bring
        before the credit manager what does not move."""
        query = self.env["ar.dunning.item"]._get_fact_query()
        scenarios = self.env["ar.dunning.scenario"]
        for rule in scenarios._get_rules(run.company_id, query):
            if rule.problem:
                run._add_error(rule.problem, rule.scenario)
        escalated = self.env["ar.dunning.escalation"]._escalate(run.company_id)
        if escalated:
            run._count(escalated=len(escalated))

    @api.model
    def _fail_where_channel_is_gone(self, company):
        """What waits for a channel whose addon was uninstalled would wait for ever."""
        messages = self.env["ar.dunning.message"].search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "queued"),
                ("channel", "not in", list(self._get_channels())),
            ]
        )
        messages._fail_where_channel_is_gone()
        messages.reminder_id._settle()

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
    def _plan(self, company, partner_ids, limit=None):
        """Make the reminders that are due today, without their texts.

        One per customer and currency, at the step of the worst item; every item keeps
        its own step. Open credits are taken off: where they cover the items, nothing is
        planned. A constant number of queries for any number of customers.

        :param company: root res.company
        :param list partner_ids: ids of commercial partners
        :param int limit: so many of them are contacted at most, the first ones
        :return: the new reminders
        """
        due = self._get_due_items(company, partner_ids)
        credits = self._get_credits(company, partner_ids)
        contacts = self._get_contacts(company, partner_ids)
        contacted = self._get_contact_dates(company, partner_ids)
        weights = self._get_weights(company, partner_ids)
        steps = self.env["ar.dunning.step"].browse({row.step_id for row in due})
        steps.fetch()  # all at once, for the loops below
        values, waits = [], {}
        for (partner_id, currency_id, internal), rows in self._group_due(due).items():
            credit = credits.get((partner_id, currency_id), 0.0)
            net = sum(row.amount_open for row in rows) + credit
            wait = self._find_wait(
                company, rows, net, internal, contacted[partner_id], company._ar_today()
            )
            if wait:
                waits.update({row.line_id: wait for row in rows})
                continue
            values.append(
                {
                    **self._prepare_reminder(company, rows, credit),
                    "partner_id": contacts.get(partner_id, partner_id),
                    "priority": self._get_priority(rows, weights.get(partner_id, 1.0)),
                }
            )
        if limit is not None:
            values, capped = self._limit_customers(values, partner_ids, limit)
            waits.update(capped)
        reminders = self._create_silently(values)
        items = self.env["ar.dunning.item"]
        items._on_lines_changed(reminders.line_ids.line_id)
        items._note_waits(company, partner_ids, waits)
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
        groups = defaultdict(list)
        for row in due:
            step = self.env["ar.dunning.step"].browse(row.step_id)
            internal = not self._find_channel(step.channel).to_customer
            groups[row.partner_id, row.currency_id, internal].append(row)
        return groups

    @api.model
    def _get_worst(self, rows):
        """Return the item that gives the reminder its step."""
        steps = self.env["ar.dunning.step"]
        return max(rows, key=lambda r: (steps.browse(r.step_id).level, r.days_overdue))

    @api.model
    def _prepare_reminder(self, company, rows, credit):
        worst = self._get_worst(rows)
        step = self.env["ar.dunning.step"].browse(worst.step_id)
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
            "mode": self._get_planned_mode(step, rows),
            # The salesperson does not sign for the collector, but can be told instead.
            "user_id": users[0] or (users[1] if step.channel == "notice" else False),
            "amount_credit": credit,
            "line_ids": [
                Command.create({**self._prepare_line(row), "company_id": company.id})
                for row in rows
            ],
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
            "step_trigger": step.trigger,
            "cycle": row.cycle,
            "occurrence": row.occurrence,
        }

    @api.model
    def _get_due_items(self, company, partner_ids):
        """Return the items whose step is due, as :class:`Due`."""
        is_due = SQL(
            "item.next_date <= %s AND item.next_step_id IS NOT NULL",
            company._ar_today(),
        )
        return self._read_due_items(
            company, partner_ids, is_due, SQL("fact.amount_to_ask")
        )

    @api.model
    def _read_due_items(self, company, partner_ids, where, amount):
        """Return items as :class:`Due`; who left the company is nobody's collector or
        salesperson any more.

        :param where: SQL, which of the items
        :param amount: SQL, what is asked for of a ``fact``
        """
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT item.line_id, item.move_id, item.commercial_partner_id,
                          item.currency_id, item.scenario_id, item.version,
                          item.next_step_id, item.cycle, item.next_occurrence,
                          fact.move_name,
                          fact.invoice_date, item.due_date, fact.days_overdue,
                          line.amount_currency, %(amount)s,
                          fact.amount_residual,
                          collector.id, salesperson.id,
                          COALESCE(floor.customer_amount, 0), %(is_first)s
                     FROM ar_dunning_item item
                     JOIN (%(facts)s) fact ON fact.line_id = item.line_id
                     JOIN account_move_line line ON line.id = item.line_id
                          %(floors)s
                LEFT JOIN res_users collector
                       ON collector.id = fact.collector_id AND collector.active
                LEFT JOIN res_users salesperson
                       ON salesperson.id = fact.user_id AND salesperson.active
                    WHERE item.company_id = %(company)s
                      AND %(where)s
                      AND %(amount)s > 0
                      AND %(amount)s >= COALESCE(floor.item_amount, 0)
                 ORDER BY item.commercial_partner_id, item.due_date, item.line_id""",
                facts=self._get_facts_sql(partner_ids),
                floors=self.env["ar.dunning.scenario"]._get_floor_join(
                    SQL("item.scenario_id"), SQL("item.currency_id")
                ),
                is_first=company._get_ar_first_contact_sql(),
                company=company.id,
                where=where,
                amount=amount,
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

    # -- Stage 2: prepare --------------------------------------------------------------

    @api.model
    def _get_channels(self):
        """Return the channels by the key of the step. Hook: call super, add yours."""
        return {
            "email": EmailChannel(self.env),
            "sms": SmsChannel(self.env),
            "letter": LetterChannel(self.env),
            "registered": RegisteredChannel(self.env),
            "call": CallChannel(self.env),
            "notice": NoticeChannel(self.env),
        }

    @api.model
    def _find_channel(self, key):
        """Return a channel by its key, see :meth:`_get_channels`; where its addon is
        gone, one that says so."""
        return self._get_channels().get(key) or UnknownChannel(self.env)

    def _get_channel(self):
        self.ensure_one()
        return self._find_channel(self.channel)

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
            self._find_channel(channel).prepare(reminders)

    def _prepare_alone(self):
        try:
            with self.env.cr.savepoint():
                self._prepare_by_channel()
        except Exception as error:  # pylint: disable=broad-except
            # A broken template concerns whoever reads the reminder, not the night.
            self._set_unprepared(self._explain(error))

    def _explain(self, error):
        return str(error).strip().split("\n")[0] or type(error).__name__

    def _is_written(self):
        self.ensure_one()
        return self.subject and not is_html_empty(self.body)

    def _fill_texts(self, subject, body):
        """Write the texts where there are none: what somebody edited stays."""
        self.filtered(lambda reminder: not reminder.subject).subject = subject
        self.filtered(lambda reminder: is_html_empty(reminder.body)).body = body

    def _schedule_tasks(self, activity_type):
        """Give every reminder that somebody is responsible for to that person, or to
        somebody else where that one may not open it.

        :return: the reminders that became somebody's task
        """
        activity_type = self.env.ref(activity_type)
        assignees = self._get_assignees()
        self.env["mail.activity"].create(
            [
                {
                    "res_model_id": self.env["ir.model"]._get_id(self._name),
                    "res_id": reminder.id,
                    "activity_type_id": activity_type.id,
                    "date_deadline": reminder.date,
                    "summary": reminder.subject,
                    "note": reminder._get_task_note(),
                    "user_id": user.id,
                    "automated": True,
                }
                for reminder, user in assignees.items()
            ]
        )
        return self.browse([reminder.id for reminder in assignees])

    def _get_assignees(self):
        """Return {reminder: who is given its task}: the responsible, the collector of
        the customer, or to whom is escalated; the first one who may open it."""
        assignees, left = {}, self.filtered("user_id.active")
        for get_user in self._get_assignee_choices():
            for user, reminders in left.grouped(get_user).items():
                able = reminders._filter_readable_by(user)
                assignees.update(dict.fromkeys(able, user))
                left -= able
        return assignees

    @api.model
    def _get_assignee_choices(self):
        """Return whom to give the task of a reminder, best first, as functions of it.
        Hook: call super, add yours."""
        return [
            lambda r: r.user_id,
            lambda r: r._get_collector(),
            lambda r: r.company_id.sudo().ar_dunning_manager_id,
        ]

    def _get_collector(self):
        customer = self.commercial_partner_id.with_company(self.company_id)
        return customer.sudo().ar_root_collector_id

    def _filter_readable_by(self, user):
        """Return the reminders that a user may open: two queries per user."""
        if not user.active:
            return self.browse()
        companies = user.sudo().company_ids.ids
        own = self.with_user(user).with_context(allowed_company_ids=companies)
        return self.browse(own._filtered_access("read").ids)

    def _lacks_task(self):
        """Tell whether somebody is to call who may not open the reminder, and nobody
        else is there for it."""
        is_call = self.channel == "call" and self.state == "draft"
        return is_call and self.user_id.active and not self.sudo().activity_ids

    def _get_task_note(self):
        items = ", ".join(self._get_active_lines().mapped("number"))
        return (self.body or Markup()) + Markup("<p>%s</p>") % items
