from datetime import date

from odoo.tests import tagged

from ..hooks import uninstall_hook
from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestDisputeSuspension(DisputeCommon):
    def test_exactly_the_disputed_amount(self):
        whole, part, other = (self.invoice(amount=100) for _ in range(3))
        self.dispute(whole)
        self.dispute(part, amount=30)
        cases = [(whole, 100, "dispute"), (part, 30, "dispute"), (other, 0, False)]
        for move, amount, kind in cases:
            with self.subTest(amount=amount):
                item = self.items(move)
                self.assertEqual(item.amount_suspended, amount)
                self.assertEqual(item.suspension_kind, kind)
                self.assertEqual(item.amount_residual, 100, "open and counted")

    def test_only_the_disputed_instalment(self):
        move = self.invoice(
            amount=1000, invoice_payment_term_id=self.pay_terms_b.id, date="2026-01-02"
        )
        first, second = self.receivable_lines(move).sorted("date_maturity")
        self.env["ar.dispute"]._open(first, self.reason)
        items = {item.line_id: item for item in self.items(move)}
        self.assertEqual(items[first].suspension_kind, "dispute")
        self.assertFalse(items[second].suspension_kind)

    def test_until_the_decision_with_grace(self):
        self.company.ar_dispute_grace_days = 4
        for action in (
            "action_accept",
            "action_partly",
            "action_reject",
            "action_close",
        ):
            move = self.invoice()
            dispute = self.dispute(move)
            dispute.write({"answer": "No", "amount_accepted": 40})
            with self.subTest(action), self.at("2026-03-12"):
                self.assertTrue(self.items(move).suspension_kind)
                getattr(dispute, action)()
                self.assertFalse(self.items(move).suspension_kind)
                suspension = self.suspensions(dispute)
                self.assertEqual(suspension.date_until, date(2026, 3, 11))
                self.assertEqual(suspension.grace_days, 4)

    def test_investigating_and_waiting_go_on_suspending(self):
        move = self.invoice()
        dispute = self.dispute(move)
        for action in ("action_investigate", "action_wait_internally"):
            getattr(dispute, action)()
            with self.subTest(action):
                self.assertTrue(self.items(move).suspension_kind)

    def test_closing_after_the_decision_does_not_end_it_twice(self):
        dispute = self.dispute(self.invoice())
        with self.at("2026-03-12"):
            dispute.action_accept()
        with self.at("2026-03-20"):
            dispute.action_close()
        self.assertEqual(self.suspensions(dispute).date_until, date(2026, 3, 11))

    def test_after_a_decision_the_item_can_be_disputed_again(self):
        move = self.invoice()
        first = self.dispute(move)
        first.answer = "Price as agreed"
        first.action_reject()
        again = self.dispute(move)
        self.assertEqual(first.line_ids.line_id, again.line_ids.line_id)
        self.assertTrue(self.items(move).suspension_kind)

    def test_another_suspension_of_the_item_stays(self):
        move = self.invoice()
        pause = self.suspend(move)
        dispute = self.dispute(move)
        dispute.action_accept()
        self.assertEqual(pause.state, "running")
        self.assertEqual(self.items(move).suspension_kind, "pause")

    def test_uninstalling_frees_the_items_and_keeps_the_days(self):
        move = self.invoice()
        dispute = self.dispute(move)
        suspension = self.suspensions(dispute)
        with self.at("2026-03-12"):
            uninstall_hook(self.env(su=True))
            self.assertFalse(self.items(move).suspension_kind)
        self.assertEqual(suspension.date_until, date(2026, 3, 11))
        self.assertFalse(suspension.source_model, "another dispute may get its id")
        self.assertFalse(dispute.exists())
        ours = ("ar.dispute", "ar.dispute.reason", "ar.dispute.cause")
        for model, field in (
            ("mail.message", "model"),
            ("mail.activity", "res_model"),
            ("mail.followers", "res_model"),
        ):
            rows = self.env[model].sudo().with_context(active_test=False)
            self.assertFalse(rows.search([(field, "in", ours)]), model)
        numbering = self.env["ir.sequence"].sudo()
        self.assertFalse(numbering.search([("code", "=", "ar.dispute")]))

    def test_owner_is_done_with_the_decision(self):
        dispute = self.dispute(self.invoice())
        self.assertTrue(dispute.activity_ids)
        dispute.action_accept()
        self.assertFalse(dispute.activity_ids)
