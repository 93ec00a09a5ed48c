from collections import defaultdict
from datetime import date, timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL, split_every

from .ar_dunning_item_wait import Wait
from .ar_dunning_reminder_planning import CUSTOMERS_PER_BATCH

WEEK = timedelta(days=7)


class Contact(NamedTuple):
    """A day on which a customer was, or will be, written to or called."""

    partner_id: int
    currency_id: int
    reminder_id: int
    day: date
    is_made: bool


class ArDunningReminderLimits(models.Model):
    """How small an amount, and how often, a customer is asked for.

    What is not asked for today stays due: the next night looks again.
    """

    _inherit = "ar.dunning.reminder"

    @api.model
    def _get_contact_limits(self, company):
        """Return for how many days back contacts matter, 0 if they do not."""
        weekly = WEEK.days if company.ar_dunning_max_contacts else 0
        return max(weekly, company.ar_dunning_min_days)

    @api.model
    def _get_contact_dates(self, company, partner_ids):
        """Return {customer id: dates of contacts} as far back as they matter.

        Contacts are what reached the customer and what is about to.
        """
        dates = defaultdict(set)
        days = self._get_contact_limits(company)
        if not days:
            return dates
        for contact in self._read_contacts(company, partner_ids, days):
            dates[contact.partner_id].add(contact.day)
        return dates

    @api.model
    def _read_contacts(self, company, partner_ids, days):
        """Return the contacts of so many days back, as :class:`Contact`."""
        self.env["ar.dunning.reminder.line"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT reminder.commercial_partner_id,
                          reminder.currency_id, reminder.id,
                          COALESCE(line.done_on, reminder.date), line.state = 'done'
                     FROM ar_dunning_reminder reminder
                     JOIN ar_dunning_reminder_line line
                       ON line.reminder_id = reminder.id
                      AND line.state IN ('planned', 'done')
                    WHERE reminder.company_id = %(company)s
                      AND reminder.commercial_partner_id = ANY(%(partners)s)
                      AND reminder.channel = ANY(%(channels)s)
                      AND reminder.state NOT IN ('failed', 'cancelled')
                      AND COALESCE(line.done_on, reminder.date) > %(since)s""",
                company=company.id,
                partners=list(partner_ids),
                channels=self._get_customer_channels(),
                since=company._ar_today() - timedelta(days=days),
            )
        )
        return list(map(Contact._make, rows))

    def _filter_quiet(self):
        """Return the reminders that have to wait because the customer heard from us
        since they were planned; never two of them a day in one currency.

        A constant number of queries for each company.
        """
        quiet = self.browse()
        for company, reminders in self.grouped("company_id").items():
            days = max(self._get_contact_limits(company), 1)
            partners = reminders.commercial_partner_id.ids
            made = defaultdict(list)
            for contact in self._read_contacts(company, partners, days):
                if contact.is_made:
                    made[contact.partner_id].append(contact)
            quiet |= reminders.filtered(
                lambda r, made=made: r._is_quiet(made[r.commercial_partner_id.id])
            )
        return quiet

    def _is_quiet(self, contacts):
        """Tell whether a reminder waits.

        :param contacts: :class:`Contact` made with its customer
        """
        company, today = self.company_id, self.company_id._ar_today()
        others = [contact for contact in contacts if contact.reminder_id != self.id]
        if (self.currency_id.id, today) in {(c.currency_id, c.day) for c in others}:
            return True
        return not self._may_contact(company, {c.day for c in others}, today)

    @api.model
    def _get_customer_channels(self):
        return [key for key, ch in self._get_channels().items() if ch.to_customer]

    @api.model
    def _may_contact(self, company, dates, today):
        """Tell whether a customer may be contacted on a day.

        :param dates: of earlier contacts, see :meth:`_get_contact_dates`
        """
        earlier = {day for day in dates if day < today}
        last = max(earlier, default=None)
        if last and (today - last).days < company.ar_dunning_min_days:
            return False
        most = company.ar_dunning_max_contacts
        this_week = [day for day in earlier if day > today - WEEK]
        return not most or len(this_week) < most

    @api.model
    def _get_next_contact_date(self, company, dates, day):
        """Return the first day from ``day`` on on which a customer may be contacted."""
        while not self._may_contact(company, dates, day):
            day += timedelta(days=1)
        return day

    @api.model
    def _find_wait(self, company, rows, net, is_internal, contact_dates, today):
        """Return why what is due for a customer is not asked for on a day, or None.

        Hook: call super; the next night looks again.

        :param list rows: :class:`Due` items that would become one reminder
        :param float net: what the customer would be asked for
        :return: Wait
        """
        currency = self.env["res.currency"].browse(rows[0].currency_id)
        if currency.compare_amounts(net, 0.0) <= 0:
            return Wait("credit")
        if is_internal:
            # Nobody has read yet what the first run is about.
            return Wait("first_run") if company._is_ar_first_run() else None
        floor = min(row.floor for row in rows)
        if currency.compare_amounts(net, floor) < 0:
            return Wait("amount")
        day = self._get_next_contact_date(company, contact_dates, today)
        return Wait("quiet", day) if day > today else None

    def _is_below_floor(self):
        """Tell whether what is left is too little to ask for."""
        self.ensure_one()
        if not self._get_channel().to_customer:
            return False
        floor = self.sudo().scenario_id.floor_ids.filtered(
            lambda floor: floor.currency_id == self.currency_id
        )
        return (
            self.currency_id.compare_amounts(self.amount_net, floor.customer_amount) < 0
        )

    @api.model
    def _get_planned_mode(self, step, rows):
        """What was overdue before dunning began is read by somebody first."""
        if step.mode == "automatic" and any(row.is_first for row in rows):
            return "confirm"
        return step.mode

    # -- So many customers a day -------------------------------------------------------

    @api.model
    def _plan_capped(self, company):
        """Plan for the customers with the largest and oldest debts, as many as the
        company wants to contact in a day; what colleagues are told is not counted."""
        planned = self.browse()
        left = company.ar_dunning_daily_cap - self._count_contacted(company)
        for ids in split_every(CUSTOMERS_PER_BATCH, self._get_ranked(company)):
            if left <= 0:
                ids = self._note_capped(company, list(ids))
            reminders = self._plan(company, list(ids), limit=max(left, 0))
            outside = reminders.filtered(
                lambda r: r.channel in self._get_customer_channels()
            )
            left -= len(outside.commercial_partner_id)
            planned |= reminders
        return planned

    @api.model
    def _note_capped(self, company, partner_ids):
        """Say on the due items of customers that enough are contacted today, without
        planning for them.

        :return: the ids of those about whom colleagues may have to be told
        """
        self.env["ar.dunning.item"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT item.line_id, item.commercial_partner_id,
                          step.channel = ANY(%(channels)s)
                     FROM ar_dunning_item item
                     JOIN ar_dunning_step step ON step.id = item.next_step_id
                    WHERE item.company_id = %(company)s
                      AND item.commercial_partner_id = ANY(%(partners)s)
                      AND item.next_date <= %(today)s""",
                channels=self._get_customer_channels(),
                company=company.id,
                partners=partner_ids,
                today=company._ar_today(),
            )
        )
        told = {partner_id for _line_id, partner_id, outside in rows if not outside}
        capped = [line_id for line_id, partner_id, _ in rows if partner_id not in told]
        self.env["ar.dunning.item"]._note_waits(
            company, set(partner_ids) - told, dict.fromkeys(capped, Wait("cap"))
        )
        return [partner_id for partner_id in partner_ids if partner_id in told]

    @api.model
    def _count_contacted(self, company):
        """Return how many customers are contacted today already."""
        self.flush_model()
        [(count,)] = self.env.execute_query(
            SQL(
                """SELECT COUNT(DISTINCT commercial_partner_id)
                     FROM ar_dunning_reminder
                    WHERE company_id = %s AND date = %s AND channel = ANY(%s)
                      AND state NOT IN ('failed', 'cancelled')""",
                company.id,
                company._ar_today(),
                self._get_customer_channels(),
            )
        )
        return count

    @api.model
    def _get_ranked(self, company):
        """Return the ids of the customers with a due step, by debt and age."""
        self.env["ar.dunning.item"].flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT item.commercial_partner_id
                     FROM ar_dunning_item item
                     JOIN account_move_line line ON line.id = item.line_id
                    WHERE item.company_id = %(company)s
                      AND item.next_date <= %(today)s
                 GROUP BY item.commercial_partner_id
                 ORDER BY SUM(line.amount_residual
                              * GREATEST(%(today)s - item.due_date, 1)) DESC,
                          item.commercial_partner_id""",
                company=company.id,
                today=company._ar_today(),
            )
        )
        return [partner_id for (partner_id,) in rows]

    @api.model
    def _limit_customers(self, values, partner_ids, limit):
        """Return the values of the reminders for the first customers only, and of
        those for colleagues; and {journal item id: Wait} of all others.

        :param list values: of :meth:`_prepare_reminder`
        """
        channels = self._get_customer_channels()
        outside = [vals for vals in values if vals["channel"] in channels]
        reached = {vals["commercial_partner_id"] for vals in outside}
        chosen = [partner_id for partner_id in partner_ids if partner_id in reached]
        capped = reached - set(chosen[:limit])
        kept, waits = [], {}
        for vals in values:
            if vals["channel"] in channels and vals["commercial_partner_id"] in capped:
                items = [command[2]["line_id"] for command in vals["line_ids"]]
                waits.update(dict.fromkeys(items, Wait("cap")))
            else:
                kept.append(vals)
        return kept, waits
