from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestShortPayment(DisputeCommon):
    def disputes_about(self, move):
        return self.env["ar.dispute"].search([("line_ids.move_id", "=", move.id)])

    def test_table(self):
        cases = [
            # percent, due, paid, opens
            (0, "2026-02-20", 95, False),
            (10, "2026-02-20", 95, True),
            (10, "2026-02-20", 90, True),
            (10, "2026-02-20", 89.99, False),
            (10, "2026-03-02", 95, True),
            (10, "2026-03-03", 95, False),
        ]
        for percent, due, paid, opens in cases:
            with self.subTest(percent=percent, due=due, paid=paid):
                self.company.ar_dispute_short_payment_percent = percent
                move = self.invoice(amount=100, due=due)
                self.pay(move, paid)
                dispute = self.disputes_about(move)
                self.assertEqual(bool(dispute), opens)
                if opens:
                    self.assertEqual(dispute.reason_id.name, "Short payment")
                    self.assertAlmostEqual(dispute.amount_disputed, 100 - paid)

    def test_not_of_credit_notes(self):
        self.company.ar_dispute_short_payment_percent = 10
        move = self.invoice(amount=100, due="2026-02-20")
        refund = self.invoice(amount=95, move_type="out_refund")
        lines = self.receivable_lines(move | refund)
        lines.reconcile()
        self.assertFalse(self.disputes_about(move))

    def test_switched_off(self):
        self.company.write(
            {"ar_dispute_short_payment_percent": 10, "ar_dispute_active": False}
        )
        move = self.invoice(amount=100, due="2026-02-20")
        self.pay(move, 95)
        self.assertFalse(self.disputes_about(move))

    def test_a_payment_is_never_refused(self):
        """Nothing numbers disputes: none is opened, the payment is booked."""
        self.company.ar_dispute_short_payment_percent = 10
        self.env["ir.sequence"].sudo().search([("code", "=", "ar.dispute")]).unlink()
        move = self.invoice(amount=100, due="2026-02-20")
        with self.assertLogs("odoo.addons.ar_dispute", level="WARNING"):
            self.pay(move, 95)
        self.assertEqual(move.amount_residual, 5)
        self.assertFalse(self.disputes_about(move))

    def test_disputed_already(self):
        self.company.ar_dispute_short_payment_percent = 10
        move = self.invoice(amount=100, due="2026-02-20")
        dispute = self.dispute(move)
        self.pay(move, 95)
        self.assertEqual(self.disputes_about(move), dispute)
