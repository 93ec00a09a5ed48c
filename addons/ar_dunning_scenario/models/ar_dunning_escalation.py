from odoo import api, fields, models
from odoo.tools import SQL

from .ar_dunning_outcome import FINAL


class ArDunningEscalation(models.Model):
    """An item that does not move, or has become too old, was brought before the credit
    manager."""

    _name = "ar.dunning.escalation"
    _description = "Escalated Item"
    _inherit = ["ar.record"]
    _order = "date desc, id desc"
    _rec_name = "number"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    number = fields.Char(readonly=True)
    due_date = fields.Date(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    amount = fields.Monetary(string="Open", readonly=True, aggregator=None)
    date = fields.Date(required=True, readonly=True)
    cause = fields.Selection(
        [("stagnation", "No progress"), ("age", "Too old")],
        required=True,
        readonly=True,
    )
    is_open = fields.Boolean(compute="_compute_is_open", search="_search_is_open")

    @api.depends("line_id.reconciled")
    def _compute_is_open(self):
        for escalation in self.sudo():
            line = escalation.line_id
            escalation.is_open = bool(line) and not line.reconciled

    def _search_is_open(self, operator, value):
        if operator != "in" or set(value) - {True}:
            return NotImplemented
        lines = (
            self.env["account.move.line"].sudo()._search([("reconciled", "=", False)])
        )
        return [("line_id", "in", lines)]

    @api.model
    def _get_by_hand_text(self):
        return self.env._("Items are escalated by the nightly run.")

    @api.model
    def _escalate(self, company):
        """Bring before the credit manager what does not move or is too old, each item
        once per cause and, for stagnation, again after as many days.

        A constant number of queries, whatever the number of items.

        :return: the new escalations
        """
        rows = self._get_stuck(company)
        escalations = self._by_code().create(
            [
                {**row, "company_id": company.id, "date": company._ar_today()}
                for row in rows
            ]
        )
        escalations._log()
        escalations._assign(company.ar_dunning_manager_id)
        return escalations.with_env(self.env)

    @api.model
    def _get_stuck(self, company):
        """Return the values of the escalations that are due."""
        if not company.ar_dunning_old_days and not company.ar_dunning_stagnation_days:
            return []
        self.env.flush_all()
        self.env.cr.execute(
            SQL(
                """SELECT item.line_id, item.commercial_partner_id, item.due_date,
                          move.name AS number, item.currency_id,
                          line.amount_residual_currency::float AS amount, stuck.cause
                     FROM ar_dunning_item item
                     JOIN account_move_line line ON line.id = item.line_id
                     JOIN account_move move ON move.id = line.move_id
               CROSS JOIN LATERAL (%(causes)s) stuck
                    WHERE item.company_id = %(company)s
                      AND stuck.limit_days > 0 AND stuck.days > stuck.limit_days
                      AND NOT %(left_alone)s AND NOT %(known)s
                 ORDER BY item.commercial_partner_id, item.due_date, item.line_id""",
                causes=self._get_causes_sql(company),
                company=company.id,
                left_alone=self._get_left_alone_sql(company._ar_today()),
                known=self._get_known_sql(),
            )
        )
        return self.env.cr.dictfetchall()

    @api.model
    def _get_causes_sql(self, company) -> SQL:
        """Return the select of why an ``item`` may be escalated: after how many days,
        how many there are, and since when an escalation counts that was made."""
        return SQL(
            """SELECT 'age' AS cause, %(today)s - item.due_date AS days,
                      %(old)s AS limit_days, NULL::date AS since
                UNION ALL
               SELECT 'stagnation', %(today)s - %(progress)s, %(still)s,
                      %(today)s - %(still)s""",
            today=company._ar_today(),
            old=company.ar_dunning_old_days,
            still=company.ar_dunning_stagnation_days,
            progress=self._get_progress_sql(company._ar_today()),
        )

    @api.model
    def _get_progress_sql(self, today) -> SQL:
        """Return the day of the last progress of an ``item``: a step, a payment, a
        decision, or a suspension or pause that ended. Hook."""
        return SQL(
            """GREATEST(
                   item.due_date,
                   (SELECT MAX(done_on) FROM ar_dunning_reminder_line done
                     WHERE done.line_id = item.line_id AND done.state != 'cancelled'),
                   (SELECT MAX(date) FROM ar_dunning_placement placement
                     WHERE placement.line_id = item.line_id),
                   (SELECT MAX(date) FROM ar_dunning_outcome outcome
                     WHERE outcome.line_id = item.line_id),
                   (SELECT MAX(max_date) FROM account_partial_reconcile paid
                     WHERE paid.debit_move_id = item.line_id),
                   (SELECT MAX(COALESCE(date_until, %(today)s))
                      FROM ar_suspension suspension
                     WHERE suspension.line_id = item.line_id
                       AND suspension.coverage = 'all'
                       AND suspension.date_from <= %(today)s),
                   (SELECT MAX(pause.date_until) FROM ar_dunning_pause pause
                     WHERE %(is_about)s AND pause.date_from <= %(today)s))""",
            today=today,
            is_about=self.env["ar.dunning.pause"]._get_match_sql("item"),
        )

    @api.model
    def _get_left_alone_sql(self, today) -> SQL:
        """Return the condition that somebody decided to leave an ``item`` alone: for
        good, or by a pause that runs."""
        return SQL(
            """(EXISTS (SELECT FROM ar_dunning_pause pause
                         WHERE %(is_about)s
                           AND %(today)s BETWEEN pause.date_from AND pause.date_until)
                OR EXISTS (SELECT FROM ar_dunning_outcome final
                            WHERE final.line_id = item.line_id
                              AND final.due_date = item.due_date
                              AND final.outcome = ANY(%(final)s)
                              AND final.id = (SELECT MAX(id) FROM ar_dunning_outcome
                                               WHERE line_id = item.line_id)))""",
            is_about=self.env["ar.dunning.pause"]._get_match_sql("item"),
            today=today,
            final=list(FINAL),
        )

    @api.model
    def _get_known_sql(self) -> SQL:
        """Return the condition that an ``item`` was escalated for this already."""
        return SQL(
            """EXISTS (SELECT FROM ar_dunning_escalation known
                        WHERE known.line_id = item.line_id
                          AND known.cause = stuck.cause
                          AND known.due_date = item.due_date
                          AND (stuck.since IS NULL OR known.date >= stuck.since))"""
        )

    def _log(self):
        labels = dict(self._fields["cause"]._description_selection(self.env))
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "reminder",
                    "partner": escalation.commercial_partner_id,
                    "company": escalation.company_id,
                    "text": self.env._(
                        "%(item)s escalated: %(cause)s",
                        item=escalation.number,
                        cause=labels[escalation.cause],
                    ),
                    "source": escalation,
                }
                for escalation in self
            ]
        )

    def _assign(self, manager):
        """Give the credit manager one task per customer."""
        if not self or not manager.active:
            return
        partner_model = self.env["ir.model"]._get_id("res.partner")
        todo = self.env.ref("mail.mail_activity_data_todo")
        self.env["mail.activity"].sudo().create(
            [
                {
                    "res_model_id": partner_model,
                    "res_id": customer.id,
                    "activity_type_id": todo.id,
                    "date_deadline": of_customer[0].date,
                    "summary": self.env._("Receivables do not move"),
                    "note": ", ".join(of_customer.mapped("number")),
                    "user_id": manager.id,
                    "automated": True,
                }
                for customer, of_customer in self.grouped(
                    "commercial_partner_id"
                ).items()
                if customer
            ]
        )
