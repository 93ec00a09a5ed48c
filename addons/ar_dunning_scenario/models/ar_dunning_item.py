from datetime import date
from typing import NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.fields import Domain
from odoo.tools import SQL, Query, split_every

from odoo.addons.ar_ledger.models.res_partner import GROUP_COLLECTOR

from ..tools import clock

ITEMS_PER_BATCH = 5000


class ClockRow(NamedTuple):
    """What of an item the clock is read from. Read by one query: through records it
    takes several times as long, and a first night reads all that is overdue."""

    id: int
    line_id: int
    company_id: int
    scenario_id: int
    due_date: date
    discount_date: date | None
    sent_date: date | None
    amount_open: float
    calendar_id: int | None


class ClockFacts(NamedTuple):
    """All that clocks are read from: ``rows`` of :class:`ClockRow`, what was done by
    item id, and pauses by journal item id."""

    rows: list
    history: dict
    pauses: dict


class ArDunningItem(models.Model):
    """Where each chased item stands in its scenario, and what comes next.

    Everything here is read from the books, the suspensions and the lines of the
    reminders: the table can be emptied and comes back the same.
    """

    _name = "ar.dunning.item"
    _description = "Next Dunning Action"
    _order = "next_date, due_date, id"
    _rec_name = "move_id"
    # Made of facts, by nobody: who and when would say nothing, and every reference is
    # checked for each row.
    _log_access = False

    line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    scenario_id = fields.Many2one(
        "ar.dunning.scenario",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    version = fields.Integer(
        readonly=True, aggregator=None, help="Of the scenario, when it was read."
    )
    due_date = fields.Date(required=True, readonly=True)
    discount_date = fields.Date(
        readonly=True, help="Last day of the early-payment discount, if there is one."
    )
    sent_date = fields.Date(
        string="Sent On", readonly=True, help="When the invoice left, if it did."
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Currency of the Company"
    )
    amount_open = fields.Monetary(
        string="Open in Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        help="By this amount the steps are chosen that are for large or small items.",
    )
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Days",
        readonly=True,
        ondelete="set null",
        help="Steps are taken on these days: of the customer, the country or the "
        "company. Empty: every day.",
    )
    is_unsent = fields.Boolean(
        string="Never Sent",
        readonly=True,
        help="A step is counted from the sending of the invoice, and nothing says that "
        "it was sent: that step waits.",
    )
    cycle = fields.Integer(
        readonly=True,
        aggregator=None,
        help="Rises when the due date changes or the invoice is posted again: the "
        "steps then start anew.",
    )
    step_done = fields.Char(
        readonly=True, help="Key of the last step that was done in this cycle."
    )
    next_step_id = fields.Many2one(
        "ar.dunning.step", readonly=True, ondelete="set null"
    )
    next_date = fields.Date(
        readonly=True,
        help="Empty while a reminder is being prepared, while a suspension has no end, "
        "or when all steps are done.",
    )
    next_occurrence = fields.Integer(
        readonly=True, aggregator=None, help="Counts repeats of the next step."
    )
    reminder_id = fields.Many2one(
        "ar.dunning.reminder",
        string="Waiting For",
        readonly=True,
        ondelete="set null",
        index="btree_not_null",
        help="The reminder that must be sent or cancelled before the next step.",
    )
    is_changed = fields.Boolean(readonly=True, help="The clock has to be read again.")
    days_counted = fields.Integer(
        compute="_compute_days_counted",
        help="Days since the due date on which the clock ran; suspended days do not "
        "count.",
    )
    amount_residual_currency = fields.Monetary(
        related="line_id.amount_residual_currency", string="Open"
    )

    _line_unique = models.UniqueIndex("(line_id)")
    _next_idx = models.Index("(company_id, next_date) WHERE next_date IS NOT NULL")
    _changed_idx = models.Index("(company_id) WHERE is_changed")

    @api.depends("due_date", "line_id")
    def _compute_days_counted(self):
        readings = self._read_clocks()
        for item in self:
            item.days_counted = readings[item.id].days_counted if item.id else 0

    def action_open_reminder(self):
        self.ensure_one()
        return self.reminder_id.get_formview_action()

    def action_mark_sent(self):
        """The customer got the invoices another way; their steps wait no longer."""
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._("Only collectors mark invoices as sent by hand.")
            )
        self.check_access("read")
        # A collector need not have rights in accounting.
        self.sudo().move_id._mark_ar_sent()
        self.sudo()._refresh_lines(self.line_id.ids)

    @api.model
    def _refresh_lines(self, line_ids):
        """Bring some items up to the books now, not only in the night."""
        only = SQL("line.id = ANY(%s)", list(line_ids))
        for company in self.browse().search([("line_id", "in", line_ids)]).company_id:
            self._sync_with_books(company, only)
        self.search([("line_id", "in", line_ids), ("is_changed", "=", True)])._tick()

    @api.model
    def _refresh(self, company):
        """Bring the rows of a root company up to the books and read their clocks.

        New items are added, paid ones removed, changed ones read again. A constant
        number of queries, whatever the number of customers.
        """
        self._read_books(company)
        self._tick_due(company)

    @api.model
    def _read_books(self, company):
        """Bring the rows of a root company up to the books."""
        self._sync_with_books(company)
        if company._sync_ar_workdays():
            self._mark_changed(SQL("company_id = %s", company.id))

    @api.model
    def _tick_due(self, company):
        """Read the clocks of a root company that are due or changed."""
        of_company = Domain("company_id", "=", company.id)
        self.search(of_company & self._get_due_domain(company._ar_today()))._tick()

    @api.model
    def _get_due_domain(self, today):
        """Return the items whose clock has to be read today. Hook."""
        return Domain("is_changed", "=", True) | Domain("next_date", "<=", today)

    @api.model
    def _rebuild(self, company):
        """Empty the rows of a root company and read them again from the facts."""
        self.search([("company_id", "=", company.id)]).unlink()
        self._refresh(company)

    @api.model
    def _sync_with_books(self, company, where: SQL | None = None):
        """Add, remove and update rows as the books say.

        :param where: for some items only, see ``ar.open.item._facts_sql``
        """
        names = self._get_book_columns()
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """WITH wanted AS MATERIALIZED (%(wanted)s),
                -- A full join is never done row by row, which is what comes to the
                -- planner's mind where it takes both tables for small.
                gone AS (
                    DELETE FROM ar_dunning_item WHERE id IN (
                        SELECT item.id
                          FROM (SELECT id, line_id FROM ar_dunning_item
                                 WHERE company_id = %(company)s AND %(removable)s) item
                     FULL JOIN wanted ON wanted.line_id = item.line_id
                         WHERE wanted.line_id IS NULL OFFSET 0)
                )
                INSERT INTO ar_dunning_item AS item (
                    line_id, %(names)s, cycle, is_changed)
                SELECT wanted.line_id, %(wanted_values)s, 0, TRUE FROM wanted
                ON CONFLICT (line_id) DO UPDATE
                   SET (%(names)s, is_changed) = (%(new_values)s, TRUE)
                 WHERE (%(item_values)s) IS DISTINCT FROM (%(new_values)s)""",
                wanted=self._get_wanted_sql(company, where),
                # Some items say nothing about the others.
                removable=SQL("FALSE") if where else SQL("TRUE"),
                company=company.id,
                names=SQL(", ").join(map(SQL.identifier, names)),
                wanted_values=self._get_columns_of("wanted", names),
                item_values=self._get_columns_of("item", names),
                new_values=self._get_columns_of("excluded", names),
            )
        )
        self.env.invalidate_all(flush=False)

    @api.model
    def _mark_changed(self, where):
        """Have the clocks of many items read again with the next refresh."""
        self.flush_model()
        self.env.cr.execute(
            SQL(
                "UPDATE ar_dunning_item SET is_changed = TRUE"
                " WHERE is_changed IS NOT TRUE AND (%s)",
                where,
            )
        )
        self.invalidate_model(["is_changed"])

    @api.model
    def _get_book_columns(self):
        """Return the columns that are read from the books, see
        :meth:`_get_wanted_sql`; a row on which one changed is read again."""
        return [
            "move_id",
            "commercial_partner_id",
            "company_id",
            "currency_id",
            "scenario_id",
            "version",
            "due_date",
            "discount_date",
            "sent_date",
            "amount_open",
            "calendar_id",
        ]

    @api.model
    def _get_columns_of(self, alias, names):
        return SQL(", ").join(SQL.identifier(alias, name) for name in names)

    @api.model
    def _get_wanted_sql(self, company, where: SQL | None = None) -> SQL:
        """Return the select of the items to be chased, with their scenario.

        An archived scenario chases nobody.

        :param where: a further condition, see ``ar.open.item._facts_sql``
        """
        return SQL(
            """SELECT assigned.line_id, assigned.move_id,
                      assigned.commercial_partner_id, assigned.company_id,
                      assigned.currency_id, scenario.id AS scenario_id,
                      scenario.version, assigned.due_date, assigned.discount_date,
                      assigned.sent_date, assigned.amount_open,
                      assigned.calendar_id
                 FROM (%s) assigned
                 JOIN ar_dunning_scenario scenario
                   ON scenario.active AND scenario.id = assigned.scenario_id""",
            self._get_assigned_sql(company, where),
        )

    @api.model
    def _get_assigned_sql(self, company, where: SQL | None = None) -> SQL:
        """Return the select of all items that can be chased, with the scenario that is
        for them, if any."""
        query = self._get_fact_query(where)
        scenario = self._get_scenario_sql(company, query)
        return SQL(
            """SELECT fact.line_id, fact.move_id, fact.commercial_partner_id,
                      fact.root_company_id AS company_id, fact.currency_id,
                      %(scenario)s AS scenario_id, fact.date_maturity AS due_date,
                      fact.discount_date, fact.sent_date,
                      fact.amount_residual AS amount_open,
                      %(calendar)s AS calendar_id
                 FROM %(tables)s
                WHERE fact.root_company_id = %(company)s
                  AND fact.not_chased_reason IS NULL
                  AND fact.amount_residual > 0""",
            scenario=scenario,
            calendar=self.env["ar.dunning.calendar"]._get_calendar_sql(),
            tables=query.from_clause,
            company=company.id,
        )

    @api.model
    def _get_scenario_sql(self, company, query):
        """Return which scenario an item is chased by: the customer's own, else the
        first whose rule is true, else the default of the company.

        Where a rule cannot be read, it is not known what it would have said: an item
        stays with the scenario it has, and a new one gets none.
        """
        own = SQL("(customer.ar_root_dunning_scenario_id ->> company.id::text)::int")
        cases = [SQL("WHEN %s IS NOT NULL THEN %s", own, own)]
        for rule in self.env["ar.dunning.scenario"]._get_rules(company, query):
            if rule.problem:
                cases.append(SQL("WHEN TRUE THEN (%s)", self._get_present_sql()))
                break
            cases.append(SQL("WHEN %s THEN %s", rule.condition, rule.scenario.id))
        return SQL(
            "CASE %s ELSE company.ar_dunning_scenario_id END", SQL(" ").join(cases)
        )

    @api.model
    def _get_present_sql(self):
        """Return the select of the scenario by which a ``fact`` is chased already."""
        return SQL(
            """SELECT present.scenario_id FROM ar_dunning_item present
                WHERE present.line_id = fact.line_id"""
        )

    @api.model
    def _get_fact_query(self, where: SQL | None = None) -> Query:
        """Return the open items as ``fact``, joined by ``company`` (the root company)
        and ``customer``."""
        facts = self.env["ar.open.item"]._facts_sql(where)
        query = Query(self.env, "fact", SQL("(%s)", facts))
        company = SQL("company.id = fact.root_company_id")
        query.add_join("JOIN", "company", "res_company", company)
        customer = SQL("customer.id = fact.commercial_partner_id")
        query.add_join("JOIN", "customer", "res_partner", customer)
        return query

    @api.model
    def _on_lines_changed(self, lines):
        """Read the clocks of some journal items again, because a fact changed."""
        items = self.sudo().search([("line_id", "in", lines.ids)])
        items._tick()

    def _tick(self):
        """Read the clock of each item and keep what it shows; so many at a time that
        memory does not grow with their number."""
        for ids in split_every(ITEMS_PER_BATCH, self.ids):
            self.browse(ids)._tick_batch()

    def _tick_batch(self):
        facts = self._get_clock_facts()
        readings = self._read_clocks(facts=facts)
        scenarios = self._get_scenarios(facts)
        steps = {
            (step.scenario_id.id, step.step_key): step.id for step in scenarios.step_ids
        }
        self._store_rows(
            [
                self._prepare_row(row, readings[row.id], facts.history[row.id], steps)
                for row in facts.rows
            ]
        )

    @api.model
    def _prepare_row(self, row, reading, past, steps):
        """Return the id and the values of :meth:`_get_clock_columns`.

        :param row: :class:`ClockRow`
        :param dict steps: {(scenario id, step key): step id}
        """
        key = reading.next_step and reading.next_step.key
        return (
            row.id,
            past.cycle,
            past.done[-1].key if past.done else None,
            steps.get((row.scenario_id, key)),
            None if past.reminder_id else reading.next_date,
            reading.occurrence,
            reading.is_unsent,
            past.reminder_id,
            reading.phase_end,
            reading.must_decide,
        )

    @api.model
    def _get_clock_columns(self):
        """Return {column that the clock fills: its type in SQL}."""
        return {
            "cycle": SQL("int"),
            "step_done": SQL("varchar"),
            "next_step_id": SQL("int"),
            "next_date": SQL("date"),
            "next_occurrence": SQL("int"),
            "is_unsent": SQL("bool"),
            "reminder_id": SQL("int"),
            "phase_end": SQL("date"),
            "must_decide": SQL("bool"),
        }

    @api.model
    def _store_rows(self, rows):
        self.flush_model()
        types = self._get_clock_columns()
        names = SQL(", ").join(map(SQL.identifier, types))
        values = list(map(list, zip(*rows, strict=True)))
        arrays = SQL(", ").join(
            SQL("%s::%s[]", column, kind)
            for column, kind in zip(values, [SQL("int"), *types.values()], strict=True)
        )
        self.env.cr.execute(
            SQL(
                """UPDATE ar_dunning_item item
                      SET (%(names)s, is_changed) = (%(values)s, FALSE)
                     FROM unnest(%(arrays)s) AS row(id, %(names)s)
                    WHERE item.id = row.id""",
                names=names,
                values=self._get_columns_of("row", types),
                arrays=arrays,
            )
        )
        self.browse(values[0]).invalidate_recordset()

    def _get_clock_facts(self):
        """Return what the clocks of these items are read from, in a constant number
        of queries."""
        rows = self._get_clock_rows()
        due_dates = {row.line_id: row.due_date for row in rows}
        past = self.env["ar.dunning.reminder.line"]._get_history(due_dates)
        return ClockFacts(
            rows,
            {row.id: past[row.line_id] for row in rows},
            self._get_pauses(list(due_dates)),
        )

    def _get_clock_rows(self):
        self.flush_model(ClockRow._fields[1:])
        types = {"amount_open": SQL("COALESCE(amount_open, 0)::float8")}
        columns = SQL(", ").join(
            types.get(name, SQL.identifier(name)) for name in ClockRow._fields
        )
        rows = self.env.execute_query(
            SQL("SELECT %s FROM ar_dunning_item WHERE id = ANY(%s)", columns, self.ids)
        )
        return list(map(ClockRow._make, rows))

    @api.model
    def _get_scenarios(self, facts):
        return self.env["ar.dunning.scenario"].browse(
            {row.scenario_id for row in facts.rows}
        )

    def _read_clocks(self, today=None, taken=None, facts=None):
        """Return what the clock shows for each item.

        :param date today: the day on which it is read, if not the company's today
        :param dict taken: {item id: [clock.Done]}, steps supposed to be done as well
        :param facts: :class:`ClockFacts` of these items; read where not given
        :return: {item id: :class:`clock.Reading`}
        """
        taken = taken or {}
        facts = facts or self._get_clock_facts()
        rows, history, pauses = facts
        todays = self.env["res.company"]._ar_todays()
        calendars = {row.calendar_id for row in rows if row.calendar_id}
        workdays = (
            self.env["resource.calendar"].sudo().browse(calendars)._get_ar_workdays()
        )
        ladders = {s.id: s._get_bounded_steps() for s in self._get_scenarios(facts)}
        return {
            row.id: clock.read(
                row.due_date,
                clock.for_amount(ladders[row.scenario_id], row.amount_open),
                [*history[row.id].done, *taken.get(row.id, ())],
                pauses.get(row.line_id, ()),
                today or todays[row.company_id],
                discount=row.discount_date,
                sent=row.sent_date,
                workdays=workdays[row.calendar_id or False],
                start=history[row.id].start,
            )
            for row in rows
        }

    def _get_history(self):
        """Return {item id: History} from the lines of the reminders."""
        due_dates = {item.line_id.id: item.due_date for item in self}
        by_line = self.env["ar.dunning.reminder.line"]._get_history(due_dates)
        return {item.id: by_line[item.line_id.id] for item in self}

    def _with_history(self):
        """Yield each item with its history."""
        history = self._get_history()
        for item in self:
            yield item, history[item.id]

    @api.model
    def _get_pauses(self, line_ids):
        """Return {journal item id: [clock.Pause]}: suspensions of the whole item, and
        pauses of its customer, scenario or company.

        A part that is suspended makes the reminder ask for less; the clock goes on.
        """
        suspensions = self.env["ar.suspension"]
        names = ["line_id", "date_from", "date_until", "grace_days"]
        suspensions.flush_model([*names, "coverage"])
        rows = self.env.execute_query(
            SQL(
                """SELECT line_id, date_from, date_until, COALESCE(grace_days, 0)
                     FROM ar_suspension
                    WHERE line_id = ANY(%s) AND coverage = 'all'""",
                list(line_ids),
            )
        )
        pauses = self.env["ar.dunning.pause"].sudo()._get_of_lines(line_ids)
        for line_id, *pause in rows:
            pauses[line_id].append(clock.Pause(*pause))
        return pauses
