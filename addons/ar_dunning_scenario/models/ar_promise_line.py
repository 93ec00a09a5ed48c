from collections import defaultdict
from datetime import date

from odoo import fields, models
from odoo.tools import SQL


class ArPromiseLine(models.Model):
    """What was promised for one item, with the figures of that moment."""

    _name = "ar.promise.line"
    _description = "Promised Item"
    _order = "promise_id, due_date, id"
    _rec_name = "number"

    promise_id = fields.Many2one(
        "ar.promise", required=True, readonly=True, index=True, ondelete="cascade"
    )
    line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    move_id = fields.Many2one(
        "account.move",
        string="Invoice",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
    )
    number = fields.Char(readonly=True)
    due_date = fields.Date(readonly=True)
    currency_id = fields.Many2one(related="promise_id.currency_id")
    amount = fields.Monetary(string="Promised", readonly=True)
    amount_open = fields.Monetary(
        string="Open Then",
        readonly=True,
        help="What was open of the item when the promise was recorded.",
    )
    paid_before = fields.Json(
        readonly=True,
        help="Payments and credits that were matched already when the promise was "
        "recorded, by their journal item: they do not count for it.",
    )

    def _get_receipts(self):
        """Return what is matched with the items, to be read by :meth:`_read_receipts`.

        One query.

        :return: {journal item id: [(counterpart id, amount in the currency of the
            item, date, is credit)]}
        """
        receipts = defaultdict(list)
        for line_id, *match in self._get_matches(self.line_id.ids):
            receipts[line_id].append(match)
        return receipts

    def _read_receipts(self, receipts):
        """Return what of it came in since this item was promised.

        :param dict receipts: see :meth:`_get_receipts`
        :return: list of (amount, date, is credit)
        """
        self.ensure_one()
        if self.line_id.parent_state != "posted":
            # The invoice was cancelled, reset or deleted: nothing of it is owed.
            return [(self.amount_open, date.min, True)]
        before = self.paid_before or {}
        since = (
            (float(amount) - before.get(str(source_id), 0.0), day, is_credit)
            for source_id, amount, day, is_credit in receipts.get(self.line_id.id, [])
        )
        return [receipt for receipt in since if receipt[0] > 0]

    def _get_matches(self, line_ids):
        """Return (item, its counterpart, amount in the item's currency, date of the
        counterpart, whether it is no payment) of booked matches."""
        partials = self.env["account.partial.reconcile"]
        partials.flush_model()
        self.env["account.move.line"].flush_model()
        return self.env.execute_query(
            SQL(
                """SELECT partial.debit_move_id, source.id,
                          SUM(partial.debit_amount_currency), source.date,
                          %s
                     FROM %s
                    WHERE partial.debit_move_id = ANY(%s)
                      AND source.parent_state = 'posted'
                 GROUP BY partial.debit_move_id, source.id, source_move.id, journal.id
                   HAVING SUM(partial.debit_amount_currency) > 0""",
                partials._get_ar_is_credit_sql(),
                partials._get_ar_sources_sql(),
                list(line_ids),
            )
        )

    def _get_already_matched(self, line_ids):
        """Return {item id: :attr:`paid_before`} as of now."""
        matched = defaultdict(dict)
        for line_id, source_id, amount, _day, _is_credit in self._get_matches(line_ids):
            matched[line_id][str(source_id)] = float(amount)
        return matched
