from collections import defaultdict
from datetime import timedelta

from odoo import api, models
from odoo.tools import SQL

WEEK = timedelta(days=7)


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
        channels = [
            key for key, ch in self._get_channels().items() if ch.to_customer
        ]
        self.env["ar.dunning.reminder.line"].flush_model()
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT DISTINCT reminder.commercial_partner_id,
                          COALESCE(line.done_on, reminder.date)
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
                channels=channels,
                since=company._ar_today() - timedelta(days=days),
            )
        )
        for partner_id, day in rows:
            dates[partner_id].add(day)
        return dates

    @api.model
    def _may_contact(self, company, dates):
        """Tell whether a customer may be contacted today.

        :param dates: of earlier contacts, see :meth:`_get_contact_dates`
        """
        today = company._ar_today()
        earlier = dates - {today}
        last = max(earlier, default=None)
        if last and (today - last).days < company.ar_dunning_min_days:
            return False
        most = company.ar_dunning_max_contacts
        this_week = [day for day in earlier if day > today - WEEK]
        return not most or len(this_week) < most

    @api.model
    def _is_wanted(self, company, rows, net, is_internal, contact_dates):
        """Tell whether what is due for a customer is asked for today.

        Hook: call super; False leaves it for another night.

        :param list rows: :class:`Due` items that would become one reminder
        :param float net: what the customer would be asked for
        """
        currency = self.env["res.currency"].browse(rows[0].currency_id)
        if currency.compare_amounts(net, 0.0) <= 0:
            return False
        if is_internal:
            return True
        floor = min(row.floor for row in rows)
        if currency.compare_amounts(net, floor) < 0:
            return False
        return self._may_contact(company, contact_dates)

    def _is_below_floor(self):
        """Tell whether what is left is too little to ask for."""
        self.ensure_one()
        if not self._get_channel().to_customer:
            return False
        floor = self.sudo().scenario_id.floor_ids.filtered(
            lambda floor: floor.currency_id == self.currency_id
        )
        return self.currency_id.compare_amounts(self.amount_net, floor.customer_amount) < 0
