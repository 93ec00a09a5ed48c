from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.ageing import BUCKETS, bucket_sql


class ArOpenItem(models.Model):
    """One row per posted receivable line that is not reconciled; its id is the line's.

    A view on the books, read by SQL at the moment of asking. Nothing is left out: the
    rows of a company add up to the balance of its receivable accounts. What is not to
    be chased says so in ``not_chased_reason``.
    """

    _name = "ar.open.item"
    _description = "Open Item"
    _auto = False
    _order = "date_maturity, id"
    _rec_name = "move_name"
    _depends = {
        "account.move": [
            "ar_sent_date",
            "ar_sent_state",
            "invoice_date",
            "invoice_user_id",
            "name",
            "payment_state",
        ],
        "account.move.line": [
            "account_id",
            "amount_residual",
            "amount_residual_currency",
            "company_id",
            "currency_id",
            "date",
            "date_maturity",
            "journal_id",
            "move_id",
            "no_followup",
            "parent_state",
            "partner_id",
            "reconciled",
        ],
        "account.account": ["account_type"],
        "ar.suspension": ["amount", "coverage", "date_from", "date_until", "line_id"],
        "res.company": ["account_default_pos_receivable_account_id", "partner_id"],
        "res.partner": ["ar_root_collector_id", "commercial_partner_id", "user_id"],
    }

    line_id = fields.Many2one("account.move.line", string="Journal Item", readonly=True)
    move_id = fields.Many2one("account.move", string="Entry", readonly=True)
    move_name = fields.Char(string="Number", readonly=True)
    move_type = fields.Selection(
        selection=lambda self: self.env["account.move"]._fields["move_type"].selection,
        string="Type",
        readonly=True,
    )
    ref = fields.Char(string="Reference", readonly=True)
    journal_id = fields.Many2one("account.journal", readonly=True)
    account_id = fields.Many2one("account.account", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Contact", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    root_company_id = fields.Many2one("res.company", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    collector_id = fields.Many2one("res.users", readonly=True)
    date = fields.Date(string="Accounting Date", readonly=True)
    invoice_date = fields.Date(readonly=True)
    sent_date = fields.Date(string="Sent On", readonly=True)
    sent_state = fields.Selection(
        selection=lambda self: (
            self.env["account.move"]._fields["ar_sent_state"].selection
        ),
        string="Sending",
        readonly=True,
    )
    date_maturity = fields.Date(string="Due Date", readonly=True)
    days_overdue = fields.Integer(readonly=True, aggregator="max")
    bucket = fields.Selection(
        [(key, label) for key, label, _last_day in BUCKETS],
        string="Ageing",
        readonly=True,
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    amount_residual = fields.Monetary(
        string="Open", currency_field="company_currency_id", readonly=True
    )
    amount_residual_currency = fields.Monetary(
        string="Open in Currency", readonly=True, aggregator=None
    )
    amount_suspended = fields.Monetary(
        string="Suspended",
        currency_field="company_currency_id",
        readonly=True,
        help="The disputed, promised or paused part. It is still open and still "
        "counted, but not chased.",
    )
    amount_marked = fields.Monetary(
        string="Suspended in Currency",
        readonly=True,
        aggregator=None,
        help="What is suspended of the item by the kind that is named, in the currency "
        "of the item.",
    )
    suspension_kind = fields.Selection(
        selection=lambda self: self.env["ar.suspension"]._fields["kind"].selection,
        string="Suspended By",
        readonly=True,
    )
    not_chased_reason = fields.Selection(
        [
            ("no_partner", "No customer"),
            ("own_group", "Own group"),
            ("point_of_sale", "Point of sale"),
            ("no_followup", "Excluded from follow-up"),
            ("blocked", "Payment blocked"),
            ("payment_pending", "Payment on its way"),
        ],
        string="Not Chased Because",
        readonly=True,
    )

    @property
    def _table_query(self) -> SQL:
        return self._facts_sql()

    def action_open_entry(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    @api.model
    def _facts_sql(self, where: SQL | None = None) -> SQL:
        """Return the select of the open items, to be embedded as a sub-query.

        :param where: a further condition on the aliases of :meth:`_get_from`
        """
        columns = SQL(", ").join(
            SQL("%s AS %s", expression, SQL.identifier(name))
            for name, expression in self._get_columns().items()
        )
        conditions = [self._get_where()]
        if where:
            conditions.append(SQL("(%s)", where))
        return SQL(
            "SELECT %s FROM %s WHERE %s",
            columns,
            self._get_from(),
            SQL(" AND ").join(conditions),
        )

    @api.model
    def _get_columns(self) -> dict[str, SQL]:
        """Return the columns by name. Hook: floors above call super and add theirs."""
        days_overdue = SQL("(today.date - COALESCE(line.date_maturity, line.date))")
        return {
            "id": SQL("line.id"),
            "line_id": SQL("line.id"),
            "move_id": SQL("line.move_id"),
            "move_name": SQL("line.move_name"),
            "move_type": SQL("move.move_type"),
            "ref": SQL("line.ref"),
            "journal_id": SQL("line.journal_id"),
            "account_id": SQL("line.account_id"),
            "partner_id": SQL("line.partner_id"),
            "commercial_partner_id": SQL("customer.id"),
            "company_id": SQL("line.company_id"),
            "root_company_id": self._get_root_company_sql(),
            "user_id": SQL("COALESCE(move.invoice_user_id, customer.user_id)"),
            "collector_id": SQL(
                "(customer.ar_root_collector_id ->> %s::text)::int",
                self._get_root_company_sql(),
            ),
            "date": SQL("line.date"),
            "invoice_date": SQL("move.invoice_date"),
            "sent_date": SQL("move.ar_sent_date"),
            "sent_state": SQL("COALESCE(move.ar_sent_state, 'none')"),
            "date_maturity": SQL("COALESCE(line.date_maturity, line.date)"),
            "days_overdue": SQL("GREATEST(%s, 0)", days_overdue),
            "bucket": bucket_sql(days_overdue),
            "currency_id": SQL("line.currency_id"),
            "company_currency_id": SQL("line.company_currency_id"),
            "amount_residual": SQL("line.amount_residual"),
            "amount_residual_currency": SQL("line.amount_residual_currency"),
            "amount_suspended": self._get_suspended_sql(),
            "amount_marked": self._get_marked_sql(),
            "suspension_kind": SQL("suspension.kind"),
            "not_chased_reason": self._get_not_chased_reason_sql(),
        }

    @api.model
    def _get_root_company_sql(self) -> SQL:
        return SQL("split_part(company.parent_path, '/', 1)::int")

    @api.model
    def _get_from(self) -> SQL:
        """Return the joined tables. Hook: floors above append joins of their own."""
        return SQL(
            """account_move_line line
            JOIN account_account account
              ON account.id = line.account_id
             AND account.account_type = 'asset_receivable'
            JOIN account_move move ON move.id = line.move_id
            JOIN res_company company ON company.id = line.company_id
            JOIN res_currency company_currency
              ON company_currency.id = line.company_currency_id
            JOIN %(todays)s AS today(company_id, date)
              ON today.company_id = line.company_id
            LEFT JOIN res_partner partner ON partner.id = line.partner_id
            LEFT JOIN res_partner customer
              ON customer.id = partner.commercial_partner_id
            LEFT JOIN (%(suspensions)s) suspension ON suspension.line_id = line.id""",
            todays=self.env["res.company"]._ar_todays_sql(),
            suspensions=self._get_suspensions_sql(),
        )

    @api.model
    def _get_where(self) -> SQL:
        return SQL("line.parent_state = 'posted' AND line.reconciled IS NOT TRUE")

    @api.model
    def _get_suspensions_sql(self, where: SQL | None = None) -> SQL:
        """Return (line_id, whole, amount, kind) of the suspensions in force today.

        :param where: a further condition on the alias ``running``
        """
        return SQL(
            """SELECT line_id,
                      bool_or(whole) AS whole,
                      SUM(amount) AS amount,
                      (array_agg(kind ORDER BY last_id DESC))[1] AS kind,
                      (array_agg(whole ORDER BY last_id DESC))[1] AS kind_whole,
                      (array_agg(amount ORDER BY last_id DESC))[1] AS kind_amount
                 FROM (SELECT running.line_id,
                              running.kind,
                              bool_or(running.coverage = 'all') AS whole,
                              SUM(running.amount) AS amount,
                              MAX(running.id) AS last_id
                         FROM ar_suspension running
                         JOIN %s AS today(company_id, date)
                           ON today.company_id = running.company_id
                        WHERE running.line_id IS NOT NULL
                          AND running.date_from <= today.date
                          AND COALESCE(running.date_until, 'infinity') >= today.date
                          AND %s
                     GROUP BY running.line_id, running.kind) of_kind
             GROUP BY line_id""",
            self.env["res.company"]._ar_todays_sql(),
            where or SQL("TRUE"),
        )

    @api.model
    def _get_marked_sql(self) -> SQL:
        return SQL(
            """CASE
                WHEN suspension.line_id IS NULL THEN 0
                WHEN suspension.kind_whole THEN line.amount_residual_currency
                ELSE LEAST(suspension.kind_amount, ABS(line.amount_residual_currency))
            END"""
        )

    @api.model
    def _get_suspended_sql(self, suspension: str = "suspension") -> SQL:
        """A part is kept in the currency of the item; its share of the residual is
        taken at the item's own rate, so that part and rest add up to the residual.

        :param suspension: alias of :meth:`_get_suspensions_sql`
        """
        return SQL(
            """CASE
                WHEN %(line)s IS NULL THEN 0
                WHEN %(whole)s OR %(amount)s >= ABS(line.amount_residual_currency)
                THEN line.amount_residual
                ELSE ROUND(
                    line.amount_residual * %(amount)s
                    / ABS(line.amount_residual_currency),
                    company_currency.decimal_places)
            END""",
            line=SQL.identifier(suspension, "line_id"),
            whole=SQL.identifier(suspension, "whole"),
            amount=SQL.identifier(suspension, "amount"),
        )

    @api.model
    def _get_not_chased_reason_sql(self) -> SQL:
        return SQL(
            """CASE
                WHEN customer.id IS NULL THEN 'no_partner'
                WHEN customer.id IN (
                    SELECT group_partner.commercial_partner_id
                      FROM res_company group_company
                      JOIN res_partner group_partner
                        ON group_partner.id = group_company.partner_id
                ) THEN 'own_group'
                WHEN line.account_id
                     = company.account_default_pos_receivable_account_id
                THEN 'point_of_sale'
                WHEN line.no_followup THEN 'no_followup'
                WHEN move.payment_state = 'blocked' THEN 'blocked'
                WHEN move.payment_state = 'in_payment' THEN 'payment_pending'
            END"""
        )
