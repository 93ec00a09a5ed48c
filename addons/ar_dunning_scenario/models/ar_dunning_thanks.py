from datetime import timedelta

import pytz

from odoo import api, fields, models
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
        twice for an item; a message that cannot be made does not keep the others from
        theirs. They leave by Odoo's own queue: it is no harm if one is lost.

        :param run: ar.run, gets the count and the errors
        """
        if not self.env["ar.dunning.scenario"].search_count(
            [("thank_template_id", "!=", False)], limit=1
        ):
            return
        for reminder_id, line_ids in self._get_to_thank(run.company_id):
            reminder = self.browse(reminder_id)
            lines = self.env["ar.dunning.reminder.line"].sudo().browse(line_ids)
            try:
                with self.env.cr.savepoint():
                    reminder._thank_for(lines)
            except Exception as error:  # pylint: disable=broad-except
                # A broken template concerns whoever reads the run, not the night.
                run._add_error(self._explain(error), reminder)
            else:
                run._count(thanked=1)

    def _thank_for(self, lines):
        """Write the thank-you for paid items, to whom the reminder went."""
        self.ensure_one()
        lines.thanked_on = self.company_id._ar_today()
        self.scenario_id.sudo().thank_template_id.send_mail(
            self.id,
            email_values={
                "email_from": self._get_sender(),
                "email_to": self.email_to,
                "recipient_ids": [],
                "reply_to": self._get_reply_to(),
                "scheduled_date": self._get_opening_time(),
            },
        )
        self._log_events(self.env._("Paid: the customer is thanked"))

    def _get_opening_time(self):
        """Return the moment of today, in UTC, from which messages may leave."""
        company = self.company_id
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
        return SQL(
            """SELECT MAX(source.date) AS last_on,
                      BOOL_OR(%s) AS has_credit
                 FROM account_partial_reconcile partial
                 JOIN account_move_line source ON source.id = partial.credit_move_id
                 JOIN account_move source_move ON source_move.id = source.move_id
                 JOIN account_journal journal ON journal.id = source_move.journal_id
                WHERE partial.debit_move_id = item.id""",
            self.env["ar.promise.line"]._get_is_credit_sql(),
        )
