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

    def decided(self, accepted, **values):
        """A dispute about 120 of which a part was accepted, without a credit note."""
        move = self.invoice(amount=120, due="2026-02-20")
        dispute = self.dispute(move, **values)
        if accepted == dispute.amount_disputed:
            dispute.action_accept()
        else:
            dispute.write({"answer": "We counted", "amount_accepted": accepted})
            dispute.action_partly()
        return move, dispute

    def test_what_was_agreed_is_no_short_payment(self):
        """The credit note is still to come: who pays the rest pays as agreed."""
        self.company.ar_dispute_short_payment_percent = 20
        for accepted, values in ((20, {}), (5, {"amount": 5})):
            with self.subTest(accepted=accepted):
                move, dispute = self.decided(accepted, **values)
                self.pay(move, 120 - accepted)
                self.assertIn(dispute.state, ("partly", "accepted"))
                self.assertEqual(dispute.amount_accepted, accepted)
                self.assertEqual(self.disputes_about(move), dispute)

    def test_a_cent_less_than_agreed(self):
        move, dispute = self.decided(20)
        self.pay(move, 99.99)
        self.assertEqual(dispute.state, "investigating")

    def test_filed_and_paid_less_than_agreed(self):
        move, dispute = self.decided(20)
        dispute._issue_credit_notes()
        dispute.action_close()
        self.pay(move, 50)
        self.assertEqual(dispute.state, "investigating")

    def test_only_the_last_decision_is_reopened(self):
        """Two disputes were rejected one after the other: the payment is booked."""
        move = self.invoice(amount=100)
        first, last = self.env["ar.dispute"], self.env["ar.dispute"]
        for _time in range(2):
            first, last = last, self.dispute(move)
            last.answer = "No"
            last.action_reject()
        self.pay(move, 50)
        self.assertEqual((first.state, last.state), ("rejected", "investigating"))

    def test_booked_by_a_machine(self):
        """Nobody who left or never was here owns the dispute: the collector does."""
        self.company.ar_dispute_short_payment_percent = 10
        self.customer.ar_collector_id = self.user_collector
        move = self.invoice(amount=100, due="2026-02-20")
        self.company.ar_dispute_active = False
        self.pay(move, 95)
        self.company.ar_dispute_active = True
        machine = self.env["ar.dispute"].with_user(self.env.ref("base.user_root"))
        machine._after_short_payment(
            machine.env["account.move.line"].browse(self.receivable_lines(move).ids)
        )
        self.assertEqual(self.disputes_about(move).user_id, self.user_collector)
