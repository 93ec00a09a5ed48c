from datetime import timedelta

import pytz

from odoo import api, fields, models
from odoo.fields import Command
from odoo.tools import SQL

#: Whoever paid longer ago wonders why we write only now.
THANK_WITHIN = timedelta(days=7)


class ArDunningScenario(models.Model):
    """A closing word for those who paid what they were asked for."""

    _inherit = "ar.dunning.scenario"

    thank_template_id = fields.Many2one(
        "mail.template",
        string="Thank-You",
        domain="[('model', '=', 'ar.dunning.reminder')]",
        ondelete="restrict",
        help="Sent once when a customer has paid all that was overdue, after a message "
        "that asked for it. Empty: nobody is thanked.",
    )


class ArDunningReminderLine(models.Model):
    _inherit = "ar.dunning.reminder.line"

    thanked_on = fields.Date(readonly=True)


class ArDunningReminder(models.Model):
    """Who paid, is thanked: once, and only when nothing else is overdue."""

    _inherit = "ar.dunning.reminder"

    @api.model
    def _thank(self, run):
        """Thank the customers of a root company who paid what they were asked for.

        The mark on the lines and the message are one transaction, so nobody is thanked
        twice for an item. They leave by Odoo's own queue: it is no harm if one is lost.

        :param run: ar.run, gets the count and the errors
        """
        if not self.env["ar.dunning.scenario"].search_count(
            [("thank_template_id", "!=", False)], limit=1
        ):
            return
        paid = dict(self._get_to_thank(run.company_id))
        for reminders in self.browse(paid).grouped("scenario_id").values():
            reminders._thank_or_note(paid, run)

    def _thank_or_note(self, paid, run):
        """Thank all at once; where that fails one by one, so that an error stands on
        the run for the customer who caused it, and the others have their message.

        :param dict paid: {reminder id: ids of its paid lines and those before}
        """
        lines = self.env["ar.dunning.reminder.line"].sudo()
        lines = lines.browse([line_id for r in self for line_id in paid[r.id]])
        try:
            with self.env.cr.savepoint():
                self._thank_for(lines)
        except Exception as error:  # pylint: disable=broad-except
            if len(self) == 1:
                run._add_error(self._explain(error), self)
                return
            for reminder in self:
                reminder._thank_or_note(paid, run)
        else:
            run._count(thanked=len(self))

    def _thank_for(self, lines):
        """Write the thank-you for paid items, to whom the last reminder went.

        :param lines: ar.dunning.reminder.line, the items that are paid
        """
        template = self.scenario_id.sudo().thank_template_id
        company = self.company_id
        lines.thanked_on = company._ar_today()
        # A language may be gone since.
        self._set_languages()
        opening = self._get_opening_time(company)
        for mail in template.send_mail_batch(self.ids):
            reminder = self.browse(mail.res_id)
            mail.write(
                {
                    "email_from": reminder._get_sender(),
                    "email_to": reminder.email_to,
                    "recipient_ids": [Command.clear()],
                    "reply_to": reminder._get_reply_to(),
                    "scheduled_date": opening,
                }
            )
        self._log_events(self.env._("Paid: the customer is thanked"))

    @api.model
    def _get_opening_time(self, company):
        """Return the moment of today, in UTC, from which messages may leave."""
        now = company._ar_local_now(company._ar_timezone())
        midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
        opening = midnight + timedelta(hours=company.ar_dunning_hour_from)
        return max(opening, now).astimezone(pytz.utc).replace(tzinfo=None)

    @api.model
    def _get_to_thank(self, company):
        """Return (last reminder, its paid items and those of earlier ones) of each
        customer who paid lately, all of it, and owes nothing that is overdue."""
        self.env.flush_all()
        return self.env.execute_query(
            SQL(
                """SELECT MAX(line.reminder_id), array_agg(line.id)
                     FROM ar_dunning_reminder_line line
                     JOIN ar_dunning_reminder reminder
                       ON reminder.id = line.reminder_id
                      AND reminder.state IN ('sent', 'delivered')
                      AND reminder.email_to IS NOT NULL
                     JOIN ar_dunning_scenario scenario
                       ON scenario.id = reminder.scenario_id
                      AND scenario.thank_template_id IS NOT NULL
                     JOIN account_move_line item
                       ON item.id = line.line_id AND item.reconciled
                     JOIN LATERAL (%(paid)s) paid
                       ON paid.last_on >= GREATEST(line.done_on, %(since)s::date)
                      AND NOT paid.has_credit
                    WHERE line.company_id = %(company)s
                      AND line.state = 'done' AND line.thanked_on IS NULL
                      AND NOT EXISTS (
                          SELECT FROM (%(facts)s) fact
                           WHERE fact.commercial_partner_id
                                 = reminder.commercial_partner_id
                             AND fact.root_company_id = %(company)s
                             AND fact.amount_residual > 0 AND fact.days_overdue > 0)
                 GROUP BY reminder.commercial_partner_id
                 ORDER BY reminder.commercial_partner_id""",
                paid=self._get_last_payment_sql(),
                since=company._ar_today() - THANK_WITHIN,
                company=company.id,
                facts=self.env["ar.open.item"]._facts_sql(),
            )
        )

    @api.model
    def _get_last_payment_sql(self):
        partials = self.env["account.partial.reconcile"]
        return SQL(
            """SELECT MAX(source.date) AS last_on, BOOL_OR(%s) AS has_credit
                 FROM %s WHERE partial.debit_move_id = item.id""",
            partials._get_ar_is_credit_sql(),
            partials._get_ar_sources_sql(),
        )
