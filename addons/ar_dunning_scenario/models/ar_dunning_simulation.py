from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..tools.clock import Done

DAY = timedelta(days=1)


class Planned(NamedTuple):
    """A reminder that would be planned: amounts are to pay, after open credits, in its
    currency, and of the items in the company's."""

    date: date
    partner_id: int
    currency_id: int
    scenario_id: int
    step_id: int
    line_ids: tuple
    amount: float
    amount_company: float
    days_overdue: int


class ArDunningScenario(models.Model):
    """What the coming nights would do, if nobody paid and nothing were booked."""

    _inherit = "ar.dunning.scenario"

    @api.model
    def _simulate(self, date_from, date_to, company=None):
        """Return the reminders that the nights of some days would plan.

        Supposes that nobody pays, that every reminder is sent on its day, and that
        calls are made on theirs. How many customers a day are contacted at most is not
        looked at. Nothing is written but the rows of the items, as the night does.

        :param date date_from: the first night, today at the soonest
        :param date date_to: the last night
        :param company: root res.company, the current one's if not given
        :return: list of :class:`Planned`, in order of their dates
        """
        company = (company or self.env.company).root_id
        self.env["ar.dunning.item"].sudo()._refresh(company)
        return _Simulation(self.env, company).run(
            max(date_from, company._ar_today()), date_to
        )


class _Simulation:
    """The nights of one company, day by day, on what the books say today."""

    def __init__(self, env, company):
        self.company = company
        self.reminders = env["ar.dunning.reminder"].sudo()
        self.steps = env["ar.dunning.step"].sudo()
        self.items = env["ar.dunning.item"].sudo()
        self.taken = defaultdict(list)  # item id -> steps supposed to be done
        self.coming = defaultdict(set)  # day -> ids of items that are due
        self.readings = {}  # item id -> what its clock shows
        self.load()

    def load(self):
        items = self.items.search([("company_id", "=", self.company.id)])
        self.item_ids = {item.line_id.id: item.id for item in items}
        partner_ids = items.commercial_partner_id.ids
        # What is suspended as a whole today is asked for as a whole after that.
        amount = SQL(
            """CASE WHEN fact.amount_to_ask > 0 THEN fact.amount_to_ask
                    ELSE fact.amount_residual_currency END"""
        )
        rows = self.reminders._read_due_items(
            self.company, partner_ids, SQL("TRUE"), amount
        )
        self.rows = {self.item_ids[row.line_id]: row for row in rows}
        self.credits = self.reminders._get_credits(self.company, partner_ids)
        self.contacts = self.reminders._get_contact_dates(self.company, partner_ids)
        self.step_ids = {
            (step.scenario_id.id, step.step_key): step.id
            for step in items.scenario_id.step_ids
        }
        today = self.company._ar_today()
        planned = items.filtered("reminder_id")
        self.look_at(items, today)
        # What is on its way leaves today.
        self.take(planned.ids, today)

    def look_at(self, items, day):
        """Read clocks as they stand on a day, and note what is due when."""
        readings = items._read_clocks(day, self.taken)
        for item in items:
            reading = readings[item.id]
            self.readings[item.id] = reading
            if reading.next_date and item.id in self.rows:
                self.coming[reading.next_date].add(item.id)

    def take(self, item_ids, day):
        """Suppose that the steps that the clocks show were done on a day."""
        for item_id in item_ids:
            self.coming[self.readings[item_id].next_date].discard(item_id)
            step = self.readings[item_id].next_step
            if step:
                self.taken[item_id].append(
                    Done(
                        step.key,
                        step.offset,
                        day,
                        step.trigger,
                        self.readings[item_id].occurrence,
                    )
                )
        self.look_at(self.items.browse(item_ids), day + DAY)

    def run(self, date_from, date_to):
        planned = []
        day = self.company._ar_today()
        while day <= date_to:
            tonight = self.plan(day)
            if day >= date_from:
                planned += tonight
            day += DAY
        return planned

    def plan(self, day):
        planned, taken = [], []
        due = [self.get_row(item_id) for item_id in sorted(self.coming.pop(day, ()))]
        for key, rows in self.reminders._group_due(due).items():
            found = self.plan_group(day, *key, rows)
            if found:
                planned.append(found)
                taken += [self.item_ids[row.line_id] for row in rows]
            else:
                self.coming[day + DAY].update(self.item_ids[r.line_id] for r in rows)
        self.take(taken, day)
        return planned

    def get_row(self, item_id):
        row = self.rows[item_id]
        key = self.readings[item_id].next_step.key
        return row._replace(step_id=self.step_ids[row.scenario_id, key])

    def plan_group(self, day, partner_id, currency_id, is_internal, rows):
        """Return what one customer would be asked for, or None."""
        net = sum(row.amount_open for row in rows)
        net += self.credits.get((partner_id, currency_id), 0.0)
        contacts = self.contacts[partner_id]
        if self.reminders._find_wait(
            self.company, rows, net, is_internal, contacts, day
        ):
            return None
        worst = self.reminders._get_worst(rows)
        if not is_internal:
            contacts.add(day)
        return Planned(
            day,
            partner_id,
            currency_id,
            worst.scenario_id,
            worst.step_id,
            tuple(row.line_id for row in rows),
            net,
            sum(row.amount_company for row in rows),
            max(row.days_overdue for row in rows),
        )
