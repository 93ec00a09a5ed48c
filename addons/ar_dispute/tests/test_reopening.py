from odoo.exceptions import AccessError, UserError
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import file_path

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestReopening(DisputeCommon):
    def decided(self, outcome="rejected", amount=100, **values):
        dispute = self.dispute(self.invoice(amount=amount, **values))
        dispute.write({"answer": "We looked into it", "amount_accepted": 40})
        {
            "accepted": dispute.action_accept,
            "partly": dispute.action_partly,
            "rejected": dispute.action_reject,
            "withdrawn": dispute.action_close,
        }[outcome]()
        return dispute

    def reopen(self, dispute, reason="A photo came"):
        action = dispute.action_reopen()
        wizard = self.env[action["res_model"]].with_user(dispute.env.user)
        wizard.with_context(**action["context"]).create(
            {"reason": reason}
        ).action_confirm()

    def test_from_every_end(self):
        for outcome in ("accepted", "partly", "rejected", "withdrawn"):
            with self.subTest(outcome):
                dispute = self.decided(outcome)
                move = dispute.line_ids.move_id
                self.assertFalse(self.items(move).suspension_kind)
                self.reopen(dispute)
                self.assertEqual(dispute.state, "investigating")
                self.assertFalse(dispute.outcome)
                self.assertEqual(self.items(move).suspension_kind, "dispute")
                self.assertIn("A photo came", self.events(dispute)[-1].text)
                self.assertEqual(dispute.reopen_count, 1)
                self.assertTrue(dispute.activity_ids)
                dispute.action_accept()
                self.assertFalse(self.items(move).suspension_kind)

    def test_needs_a_word_why(self):
        dispute = self.decided()
        for reason in (False, "   "):
            with self.subTest(reason), self.assertRaisesRegex(UserError, "what is new"):
                self.reopen(dispute, reason)

    def test_open_ones_are_open(self):
        dispute = self.dispute(self.invoice())
        with self.assertRaisesRegex(UserError, "is open"):
            dispute.action_reopen()

    def test_nothing_open_any_more(self):
        dispute = self.decided()
        self.pay(dispute.line_ids.move_id)
        self.assertEqual(dispute.state, "closed")
        with self.assertRaisesRegex(UserError, "paid, credited or cancelled"):
            dispute.action_reopen()

    def test_disputed_anew_meanwhile(self):
        dispute = self.decided()
        self.dispute(dispute.line_ids.move_id)
        with self.assertRaisesRegex(UserError, "disputed anew"):
            dispute.action_reopen()

    def test_only_what_is_still_open(self):
        moves = self.invoice(amount=100) | self.invoice(amount=50)
        dispute = self.dispute(moves)
        dispute.answer = "No"
        dispute.action_reject()
        self.pay(moves[0])
        self.reopen(dispute)
        self.assertEqual(dispute.line_ids.filtered("is_open").move_id, moves[1])

    def test_by_accountants(self):
        dispute = self.decided().with_user(self.user_own)
        with self.assertRaises(AccessError):
            dispute.action_reopen()

    def test_a_part_is_suspended_as_a_part(self):
        move = self.invoice(amount=100)
        dispute = self.dispute(move, amount=30)
        dispute.answer = "No"
        dispute.action_reject()
        self.reopen(dispute)
        self.assertEqual(self.items(move).amount_suspended, 30)

    def test_paid_less_than_agreed(self):
        cases = [("partly", 50), ("rejected", 99)]
        for outcome, paid in cases:
            with self.subTest(outcome):
                dispute = self.decided(outcome)
                move = dispute.line_ids.move_id
                self.pay(move, paid)
                self.assertEqual(dispute.state, "investigating")
                self.assertIn("Paid less than agreed", self.events(dispute)[-1].text)
                self.assertEqual(self.items(move).suspension_kind, "dispute")

    def test_a_payment_is_never_refused(self):
        """The item is disputed anew already: there is nothing to reopen."""
        dispute = self.decided("rejected")
        move = dispute.line_ids.move_id
        self.dispute(move)
        self.pay(move, 40)
        self.assertEqual(move.amount_residual, 60)
        self.assertEqual(dispute.state, "rejected")

    def test_what_was_credited_is_not_credited_again(self):
        dispute = self.decided("partly")
        move = dispute.line_ids.move_id
        dispute.action_issue_credit_notes()
        self.assertEqual(move.amount_residual, 60)
        self.reopen(dispute)
        self.assertEqual(dispute.amount_disputed, 60)
        dispute.action_accept()
        self.assertEqual(dispute.amount_accepted, 60)
        self.assertTrue(dispute.is_credit_due)
        dispute.action_issue_credit_notes()
        self.assertFalse(dispute.is_credit_due)
        self.assertEqual(move.amount_residual, 0)
        self.assertEqual(sum(dispute.credit_note_ids.mapped("amount_total")), 100)

    def test_what_was_paid_is_not_decided_about(self):
        moves = self.invoice(amount=100) | self.invoice(amount=50)
        dispute = self.dispute(moves)
        dispute.answer = "No"
        dispute.action_reject()
        self.pay(moves[0])
        self.reopen(dispute)
        dispute.action_accept()
        self.assertEqual(dispute.amount_accepted, 50)
        dispute._issue_credit_notes()
        self.assertEqual(dispute.credit_note_ids.reversed_entry_id, moves[1])

    def test_a_cancelled_credit_note_can_be_issued_again(self):
        dispute = self.decided("partly")
        dispute.action_issue_credit_notes()
        self.assertFalse(dispute.is_credit_due)
        note = dispute.credit_note_ids
        note.button_draft()
        note.button_cancel()
        self.assertTrue(dispute.is_credit_due)
        dispute.action_issue_credit_notes()
        posted = dispute.credit_note_ids.filtered(lambda note: note.state == "posted")
        self.assertEqual(posted.amount_total, 40)

    def test_what_was_credited_before_an_update_is_not_due_again(self):
        dispute = self.decided("partly")
        dispute.action_issue_credit_notes()
        note, line = dispute.credit_note_ids, dispute.line_ids
        line.sudo().credit_note_id = False
        self.env.flush_all()
        script = file_path("ar_dispute/migrations/19.0.1.1.0/post-credit_notes.py")
        load_script(script, "credit_notes").migrate(self.cr, "19.0.1.0.0")
        self.env.invalidate_all()
        self.assertEqual(line.credit_note_id, note)
        self.assertFalse(dispute.is_credit_due)

    def test_only_once_by_itself(self):
        """Else every cent would buy time."""
        dispute = self.decided("rejected")
        move = dispute.line_ids.move_id
        self.pay(move, 1)
        dispute.answer = "Still no"
        dispute.action_reject()
        self.pay(move, 1)
        self.assertEqual(dispute.state, "rejected")

    def test_paid_in_full_closes(self):
        dispute = self.decided("rejected")
        self.pay(dispute.line_ids.move_id)
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "rejected"))

    def test_credited_is_not_paid(self):
        dispute = self.decided("partly")
        dispute.action_issue_credit_notes()
        self.assertEqual(dispute.state, "partly")
