from contextlib import contextmanager

from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestSettling(DisputeCommon):
    def test_closes_itself_when_paid(self):
        move = self.invoice(amount=100)
        dispute = self.dispute(move)
        self.pay(move, 60)
        self.assertEqual(dispute.state, "new", "40 are still open and disputed")
        self.pay(move)
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "settled"))
        self.assertFalse(self.suspensions(dispute).filtered(lambda s: not s.date_until))
        self.assertIn("New → Closed", self.events(dispute)[-1].text)

    def test_closes_itself_when_credited(self):
        move = self.invoice()
        dispute = self.dispute(move)
        self._reverse_invoice(move, post=True, is_modify=True)
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "settled"))

    def test_waits_for_the_last_of_its_items(self):
        first, second = self.invoice(), self.invoice()
        dispute = self.dispute(first | second)
        self.pay(first)
        self.assertEqual(dispute.state, "new")
        self.pay(second)
        self.assertEqual(dispute.state, "closed")

    def test_a_decision_outlives_the_payment(self):
        move = self.invoice()
        dispute = self.dispute(move)
        dispute.action_accept()
        self.pay(move)
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "accepted"))

    def test_night_closes_what_left_the_books(self):
        cancelled, deleted, stays = (self.invoice() for _ in range(3))
        disputes = [self.dispute(move) for move in (cancelled, deleted, stays)]
        number = deleted.name
        cancelled.button_draft()
        cancelled.button_cancel()
        deleted.button_draft()
        deleted.with_context(force_delete=True).unlink()
        self.run_night()
        self.assertEqual(
            [dispute.state for dispute in disputes], ["closed", "closed", "new"]
        )
        self.assertEqual(disputes[1].line_ids.move_name, number, "nothing is lost")
        run = self.env["ar.run"].search([("stage", "=", "disputes")])
        self.assertEqual(run.counts["settled"], 2)

    def test_night_leaves_companies_alone_that_are_off(self):
        move = self.invoice()
        dispute = self.dispute(move)
        self.company.ar_dispute_active = False
        move.button_draft()
        move.button_cancel()
        self.run_night()
        self.assertEqual(dispute.state, "new")
        self.assertFalse(self.env["ar.run"].search([("stage", "=", "disputes")]))

    def test_paying_costs_nothing_where_disputes_are_off(self):
        self.company.ar_dispute_active = False
        move = self.invoice()
        queries = []
        with contextmanager(self._patchExecute)(queries):
            self.pay(move)
        self.assertTrue(queries)
        self.assertFalse([query for query in queries if "ar_dispute" in str(query)])
