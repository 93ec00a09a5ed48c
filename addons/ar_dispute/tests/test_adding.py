from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestAdding(DisputeCommon):
    """More items for a dispute that is open."""

    def add(self, dispute, moves, user=None):
        lines = self.receivable_lines(moves)
        dispute.with_user(user or self.accountant)._add_items(lines)

    def test_more_items_are_suspended_too(self):
        dispute = self.dispute(self.invoice(amount=100))
        more = self.invoice(amount=50)
        self.add(dispute, more)
        self.assertEqual(dispute.amount_disputed, 150)
        self.assertEqual(self.items(more).suspension_kind, "dispute")
        self.assertIn(more.name, self.events(dispute)[-1].text)
        dispute.action_accept()
        self.assertFalse(self.items(more).suspension_kind)

    def test_refused(self):
        dispute = self.dispute(self.invoice())
        decided = self.dispute(self.invoice())
        decided.action_accept()
        paid = self.invoice()
        self.pay(paid)
        cases = [
            (decided, self.invoice(), "is decided"),
            (dispute, self.invoice(self.other_customer), "only their items"),
            (dispute, dispute.line_ids.move_id, "disputed already"),
            (dispute, paid, "is paid"),
        ]
        for target, moves, expected in cases:
            with self.subTest(expected), self.assertRaisesRegex(UserError, expected):
                self.add(target, moves)

    def test_viewers_do_not(self):
        dispute = self.dispute(self.invoice())
        with self.assertRaises(AccessError):
            self.add(dispute, self.invoice(), self.user_viewer)
