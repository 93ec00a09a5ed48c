from odoo import fields

from .common import DunningCommon


class PromiseCommon(DunningCommon):
    """The policy as shipped: 30 days ahead, twice an item, 3 days of tolerance."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.promises = cls.env["ar.promise"].sudo()
        cls.plans = cls.env["ar.payment.plan"].sudo()
        cls.suspensions = cls.env["ar.suspension"].sudo()
        cls.user_manager_2 = cls.new_user(
            "manager_2", "ar_ledger.ar_ledger_group_manager"
        )

    def on(self, iso):
        return fields.Date.from_string(iso)

    def promise(self, moves, date, amount=None, user=None, **details):
        """Record a promise of invoices, or of a part of one."""
        lines = self.receivable_lines(moves)
        amounts = None if amount is None else {lines.id: amount}
        promises = self.promises.with_user(user or self.user_collector)
        promise = promises._record(
            lines, self.on(date), amounts=amounts, details=details
        )
        return promise.sudo()

    def agree(self, moves, *instalments, user=None, **details):
        """Record a plan of (date, amount)."""
        lines = self.receivable_lines(moves)
        total = sum(amount for _date, amount in instalments)
        amounts = {lines.id: total} if len(lines) == 1 else None
        plan = self.plans.with_user(user or self.user_collector)._record(
            lines,
            [(self.on(date), amount) for date, amount in instalments],
            amounts=amounts,
            details=details,
        )
        return plan.sudo()

    def running(self, moves):
        return self.suspensions.search(
            [
                ("line_id", "in", self.receivable_lines(moves).ids),
                ("kind", "=", "promise"),
                ("state", "=", "running"),
            ]
        )

    def events(self, record):
        events = self.env["ar.event"].sudo()
        return events.search(
            [("source_model", "=", record._name), ("source_id", "=", record.id)],
            order="id",
        )

    def unmatch(self, move):
        lines = self.receivable_lines(move)
        lines.remove_move_reconcile()

    def credit(self, move, amount, on):
        """Post a credit note dated that day and match it with the invoice."""
        note = self.invoice(
            move.partner_id, amount, move_type="out_refund", date=on, due=on
        )
        self.receivable_lines(move | note).reconcile()
        return note

    def assertNext(self, move, step, date):
        item = self.item(move)
        self.assertEqual(item.next_step_id.step_key or None, step)
        self.assertEqual(item.next_date or None, self.on(date) if date else None)
