"""Exposure that stands in the books: open items, drafts, payments not cleared."""

from odoo import api, models
from odoo.tools import SQL

from .ar_exposure_item import Source


class ArExposureItem(models.Model):
    _inherit = "ar.exposure.item"

    @api.model
    def _get_sources(self, scope):
        return super()._get_sources(scope) + [
            self._get_ledger_source(scope),
            self._get_draft_source(scope),
            self._get_uncleared_source(scope),
        ]

    @api.model
    def _get_ledger_source(self, scope) -> Source:
        """Open items: they fall in four buckets and leave nothing out."""
        items = self.env["ar.open.item"]
        due = SQL("COALESCE(line.date_maturity, line.date)")
        return Source(
            number=1,
            setups=scope.setups,
            columns={
                "id": SQL("line.id"),
                "bucket": self._get_ledger_bucket(scope, due),
                "name": SQL("line.move_name"),
                "line_id": SQL("line.id"),
                "move_id": SQL("line.move_id"),
                "partner_id": SQL("COALESCE(move.partner_id, line.partner_id)"),
                "user_id": SQL("COALESCE(move.invoice_user_id, customer.user_id)"),
                "date": SQL("line.date"),
                "date_due": due,
                "currency_id": SQL("line.currency_id"),
                "amount_currency": SQL("line.amount_residual_currency"),
                "amount": SQL("line.amount_residual"),
                "amount_suspended": items._get_suspended_sql(),
                "amount_disputed": items._get_suspended_sql("dispute"),
                "amount_residual": SQL("line.amount_residual"),
                "days_overdue": SQL("GREATEST(setup.today - %s, 0)", due),
                "date_maturity": due,
            },
            tables=SQL(
                """account_move_line line
                JOIN account_account account
                  ON account.id = line.account_id
                 AND account.account_type = 'asset_receivable'
                JOIN %(setup)s ON setup.company_id = line.company_id
                LEFT JOIN res_partner partner ON partner.id = line.partner_id""",
                setup=self._get_setup_sql(scope.setups),
            ),
            joins=self._get_ledger_joins(scope),
            where=SQL(
                "line.parent_state = 'posted' AND line.reconciled IS NOT TRUE"
                " AND line.amount_residual != 0"
            ),
        )

    @api.model
    def _get_ledger_bucket(self, scope, due) -> SQL:
        if not scope.by_bucket:
            return SQL("'not_due'")
        return SQL(
            """CASE
                WHEN line.amount_residual < 0 THEN 'unapplied'
                WHEN %(returned)s THEN 'returned'
                WHEN setup.today - %(due)s > setup.margin_days THEN 'overdue'
                ELSE 'not_due'
            END""",
            returned=self._get_returned_sql(scope),
            due=due,
        )

    @api.model
    def _get_ledger_joins(self, scope) -> tuple:
        documents = SQL(
            """LEFT JOIN res_partner customer
                 ON customer.id = partner.commercial_partner_id
               LEFT JOIN account_move move ON move.id = line.move_id"""
        )
        currency = SQL(
            """LEFT JOIN res_currency company_currency
                 ON company_currency.id = setup.currency_id"""
        )
        disputed = SQL("running.kind = ANY(%s)", list(self._get_disputed_kinds()))
        return (
            (documents, {"user_id", "partner_id"}),
            (currency, {"amount_suspended", "amount_disputed"}),
            (self._get_suspension_join(scope, "suspension"), {"amount_suspended"}),
            (
                self._get_suspension_join(scope, "dispute", disputed),
                {"amount_disputed"},
            ),
        )

    @api.model
    def _get_disputed_kinds(self):
        """Hook: the kinds of suspension that are a dispute."""
        return ("dispute",)

    @api.model
    def _get_suspension_join(self, scope, alias, where=None) -> SQL:
        items = self.env["ar.open.item"]
        if not scope.is_narrow:
            return SQL(
                "LEFT JOIN (%(running)s) %(alias)s ON %(alias)s.line_id = line.id",
                running=items._get_suspensions_sql(where),
                alias=SQL.identifier(alias),
            )
        of_line = SQL("running.line_id = line.id")
        return SQL(
            "LEFT JOIN LATERAL (%s) %s ON TRUE",
            items._get_suspensions_sql(
                SQL("%s AND %s", of_line, where) if where else of_line
            ),
            SQL.identifier(alias),
        )

    @api.model
    def _get_returned_sql(self, scope) -> SQL:
        """Whether a payment of this item came back: it was rejected, or its entry was
        reversed. The item is open (again), and the customer has shown that they may
        not be able to pay."""
        if scope.is_narrow:
            return SQL(
                """EXISTS (
                    SELECT FROM account_move__account_payment link
                      JOIN account_payment back ON back.id = link.payment_id
                 LEFT JOIN account_move reversal
                        ON reversal.reversed_entry_id = back.move_id
                       AND reversal.state = 'posted'
                     WHERE link.invoice_id = line.move_id
                       AND (back.state = 'rejected' OR reversal.id IS NOT NULL))"""
            )
        return SQL(
            """line.move_id IN (
                SELECT link.invoice_id FROM account_move__account_payment link
                 WHERE link.payment_id IN (
                    SELECT rejected.id FROM account_payment rejected
                     WHERE rejected.state = 'rejected'
                 UNION ALL
                    SELECT paid.id FROM account_move reversal
                      JOIN account_payment paid
                        ON paid.move_id = reversal.reversed_entry_id
                     WHERE reversal.state = 'posted'
                       AND reversal.reversed_entry_id IS NOT NULL))"""
        )

    @api.model
    def _get_draft_source(self, scope) -> Source:
        """Draft invoices by instalment, less what they invoice of confirmed orders."""
        setups = [setup for setup in scope.setups if setup.draft]
        share = SQL("(1 - COALESCE(ordered.share, 0))")
        return Source(
            number=2,
            setups=setups,
            columns={
                "id": SQL("line.id"),
                "bucket": SQL("'draft'"),
                "name": SQL("COALESCE(NULLIF(move.name, '/'), move.ref, '/')"),
                "line_id": SQL("line.id"),
                "move_id": SQL("line.move_id"),
                "partner_id": SQL("move.partner_id"),
                "user_id": SQL("move.invoice_user_id"),
                "date": SQL("COALESCE(move.invoice_date, move.date)"),
                "date_due": SQL("COALESCE(line.date_maturity, setup.today)"),
                "currency_id": SQL("line.currency_id"),
                "amount_currency": SQL(
                    "ROUND(line.amount_currency * %s, currency.decimal_places)", share
                ),
                "amount": SQL("ROUND(line.balance * %s, setup.decimal_places)", share),
            },
            tables=SQL(
                """account_move move
                JOIN %(setup)s ON setup.company_id = move.company_id
                JOIN account_move_line line
                  ON line.move_id = move.id AND line.display_type = 'payment_term'
                LEFT JOIN (%(ordered)s) ordered ON ordered.move_id = move.id
                LEFT JOIN res_partner partner ON partner.id = move.partner_id""",
                setup=self._get_setup_sql(setups),
                ordered=self._get_ordered_share_sql(),
            ),
            joins=(
                (
                    SQL(
                        "LEFT JOIN res_currency currency"
                        " ON currency.id = line.currency_id"
                    ),
                    {"amount_currency"},
                ),
            ),
            where=SQL(
                "%s AND line.balance != 0 AND COALESCE(ordered.share, 0) != 1",
                self._get_draft_where("move"),
            ),
        )

    @api.model
    def _get_draft_where(self, alias) -> SQL:
        # Written like the partial index in exposure_indexes.py.
        return SQL(
            "%s = 'draft' AND %s IN ('out_invoice', 'out_refund', 'out_receipt')",
            SQL.identifier(alias, "state"),
            SQL.identifier(alias, "move_type"),
        )

    @api.model
    def _get_ordered_share_sql(self) -> SQL:
        """The part of a draft invoice that stems from confirmed orders."""
        return SQL(
            """SELECT item.move_id,
                      SUM(item.price_total) FILTER (WHERE EXISTS (
                          SELECT FROM sale_order_line_invoice_rel rel
                            JOIN sale_order_line order_line
                              ON order_line.id = rel.order_line_id
                            JOIN sale_order origin ON origin.id = order_line.order_id
                           WHERE rel.invoice_line_id = item.id
                             AND origin.state = 'sale')
                      ) / NULLIF(SUM(item.price_total), 0) AS share
                 FROM account_move draft_move
                 JOIN account_move_line item
                   ON item.move_id = draft_move.id AND item.display_type = 'product'
                WHERE %s
             GROUP BY item.move_id""",
            self._get_draft_where("draft_move"),
        )

    @api.model
    def _get_uncleared_source(self, scope) -> Source:
        """Payments that lessened the receivable before the bank paid."""
        setups = [setup for setup in scope.setups if setup.uncleared_method_ids]
        return Source(
            number=6,
            setups=setups,
            columns={
                "id": SQL("line.id"),
                "bucket": SQL("'uncleared'"),
                "name": SQL("line.move_name"),
                "line_id": SQL("line.id"),
                "move_id": SQL("line.move_id"),
                "payment_id": SQL("payment.id"),
                "partner_id": SQL("payment.partner_id"),
                "user_id": SQL("customer.user_id"),
                "date": SQL("payment.date"),
                "date_due": SQL("payment.date"),
                "currency_id": SQL("line.currency_id"),
                "amount_currency": SQL("-line.amount_currency"),
                "amount": SQL("-line.balance"),
            },
            tables=SQL(
                """account_payment payment
                JOIN %s ON setup.company_id = payment.company_id
                JOIN account_move_line line ON line.move_id = payment.move_id
                JOIN account_account account
                  ON account.id = line.account_id
                 AND account.account_type = 'asset_receivable'
                JOIN res_partner partner ON partner.id = line.partner_id""",
                self._get_setup_sql(setups),
            ),
            joins=(
                (
                    SQL(
                        "LEFT JOIN res_partner customer"
                        " ON customer.id = partner.commercial_partner_id"
                    ),
                    {"user_id"},
                ),
            ),
            where=SQL(
                """payment.is_matched IS NOT TRUE
                AND payment.payment_type = 'inbound'
                AND payment.state NOT IN ('draft', 'canceled')
                AND payment.payment_method_line_id = ANY(setup.uncleared_method_ids)
                AND payment.date >= setup.today - setup.uncleared_days
                AND line.parent_state = 'posted' AND line.balance != 0"""
            ),
        )
