from odoo import fields, models
from odoo.tools import SQL

#: After so many days it is asked what a step brought in.
PERIODS = (7, 14, 30)


class ArDunningEffect(models.Model):
    """What each step brought in: one row per item of a reminder that was sent.

    A payment counts for the last step that was taken before it, by the day it is booked
    on. Credit notes and write-offs are no payments; what was taken back is none either.
    Amounts are in the company's currency, at the rate of the invoice.
    """

    _name = "ar.dunning.effect"
    _description = "Effect of Dunning Steps"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "step_name"
    _depends = {
        "account.move": [
            "move_type",
            "origin_payment_id",
            "statement_line_id",
            "journal_id",
        ],
        "account.move.line": ["amount_currency", "balance", "date", "parent_state"],
        "account.partial.reconcile": ["amount", "credit_move_id", "debit_move_id"],
        "ar.dunning.reminder": ["channel", "date", "state", "step_id", "user_id"],
        "ar.dunning.reminder.line": [
            "amount_open",
            "done_on",
            "line_id",
            "scenario_id",
            "state",
            "step_key",
            "step_name",
            "version",
        ],
        "ar.dunning.step": ["template_id"],
    }

    date = fields.Date(string="Done On", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    reminder_id = fields.Many2one("ar.dunning.reminder", readonly=True)
    move_id = fields.Many2one("account.move", string="Invoice", readonly=True)
    user_id = fields.Many2one("res.users", string="Responsible", readonly=True)
    scenario_id = fields.Many2one("ar.dunning.scenario", readonly=True)
    version = fields.Integer(readonly=True, aggregator=None)
    step_name = fields.Char(string="Step", readonly=True)
    step_days = fields.Integer(
        string="Days of the Step", readonly=True, aggregator=None
    )
    channel = fields.Selection(
        selection=lambda self: self.env["ar.dunning.step"]._fields["channel"].selection,
        readonly=True,
    )
    template_id = fields.Many2one("mail.template", string="Text", readonly=True)
    amount_asked = fields.Monetary(
        string="Asked For", currency_field="company_currency_id", readonly=True
    )
    amount_paid = fields.Monetary(
        string="Paid Before the Next Step",
        currency_field="company_currency_id",
        readonly=True,
    )
    paid_7 = fields.Monetary(
        string="Paid Within 7 Days",
        currency_field="company_currency_id",
        readonly=True,
    )
    paid_14 = fields.Monetary(
        string="Paid Within 14 Days",
        currency_field="company_currency_id",
        readonly=True,
    )
    paid_30 = fields.Monetary(
        string="Paid Within 30 Days",
        currency_field="company_currency_id",
        readonly=True,
    )
    rate_7 = fields.Float(
        string="Share Paid Within 7 Days", readonly=True, aggregator="avg"
    )
    rate_14 = fields.Float(
        string="Share Paid Within 14 Days", readonly=True, aggregator="avg"
    )
    rate_30 = fields.Float(
        string="Share Paid Within 30 Days", readonly=True, aggregator="avg"
    )
    days_to_pay = fields.Integer(
        string="Days to the First Payment", readonly=True, aggregator="avg"
    )

    @property
    def _table_query(self):
        return SQL(
            """SELECT sent.*, COALESCE(paid.amount, 0) AS amount_paid,
                      paid.first_on - sent.date AS days_to_pay, %(periods)s
                 FROM (%(sent)s) sent
            LEFT JOIN LATERAL (%(paid)s) paid ON TRUE""",
            periods=SQL(", ").join(map(self._get_period_sql, PERIODS)),
            sent=self._get_sent_sql(),
            paid=self._get_paid_sql(),
        )

    def _get_period_sql(self, days):
        amount = SQL("COALESCE(%s, 0)", SQL.identifier("paid", f"within_{days}"))
        return SQL(
            "%s AS %s, LEAST(%s / NULLIF(sent.amount_asked, 0), 1) AS %s",
            amount,
            SQL.identifier(f"paid_{days}"),
            amount,
            SQL.identifier(f"rate_{days}"),
        )

    def _get_sent_sql(self):
        """Items of reminders that were sent, with the day of the next step that was
        taken for the same item."""
        return SQL(
            """SELECT line.id, line.done_on AS date, line.line_id, line.move_id,
                      line.reminder_id, line.company_id,
                      company.currency_id AS company_currency_id,
                      reminder.commercial_partner_id, reminder.user_id,
                      line.scenario_id, line.version, line.step_name, line.step_days,
                      reminder.channel, step.template_id,
                      ROUND(line.amount_open * CASE
                          WHEN item.amount_currency = 0 THEN 1
                          ELSE item.balance / item.amount_currency END,
                          currency.decimal_places) AS amount_asked,
                      LEAD(line.done_on) OVER (
                          PARTITION BY line.line_id ORDER BY line.done_on, line.id
                      ) AS next_on
                 FROM ar_dunning_reminder_line line
                 JOIN ar_dunning_reminder reminder ON reminder.id = line.reminder_id
                 JOIN account_move_line item ON item.id = line.line_id
                 JOIN res_company company ON company.id = line.company_id
                 JOIN res_currency currency ON currency.id = company.currency_id
            LEFT JOIN ar_dunning_step step ON step.id = reminder.step_id
                WHERE line.state = 'done'
                  AND reminder.state IN ('sent', 'delivered')"""
        )

    def _get_paid_sql(self):
        """Payments of one item booked from its step on, before the next one."""
        partials = self.env["account.partial.reconcile"]
        return SQL(
            """SELECT SUM(partial.amount) AS amount, MIN(source.date) AS first_on,
                      %(within)s
                 FROM %(sources)s
                WHERE partial.debit_move_id = sent.line_id
                  AND source.parent_state = 'posted'
                  AND NOT %(is_credit)s
                  AND source.date >= sent.date
                  AND (sent.next_on IS NULL OR source.date < sent.next_on)""",
            within=SQL(", ").join(
                SQL(
                    "SUM(partial.amount) FILTER (WHERE source.date <= sent.date + %s)"
                    " AS %s",
                    days,
                    SQL.identifier(f"within_{days}"),
                )
                for days in PERIODS
            ),
            sources=partials._get_ar_sources_sql(),
            is_credit=partials._get_ar_is_credit_sql(),
        )

    def action_open_reminder(self):
        self.ensure_one()
        return self.reminder_id.get_formview_action()
