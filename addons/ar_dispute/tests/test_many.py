from odoo.exceptions import UserError
from odoo.tests import tagged

from ..models.ar_dispute_opening import Opening
from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestMany(DisputeCommon):
    """Many disputes at once: as one by one, in a constant number of queries."""

    def open_many(self, moves):
        disputes = self.env["ar.dispute"].with_user(self.accountant)
        return disputes._open_many(
            [Opening(self.receivable_lines(m), self.reason, {}, {}) for m in moves]
        )

    def count_queries(self, number):
        moves = self.env["account.move"].union(
            *(self.invoice() for _each in range(number))
        )
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        disputes = self.open_many(moves)
        self.env.flush_all()
        return disputes, self.cr.sql_log_count - before

    def test_queries_do_not_grow(self):
        self.count_queries(2)
        _few, base = self.count_queries(5)
        disputes, more = self.count_queries(25)
        self.assertLessEqual(more, base + 2)
        self.assertEqual(len(set(disputes.mapped("name"))), 25)
        self.assertEqual(len(disputes._get_suspensions()), 25)
        self.assertEqual(len(disputes.activity_ids), 25)

    def test_numbers_follow(self):
        first, second = self.open_many(self.invoice() | self.invoice())
        third = self.dispute(self.invoice())
        numbers = [int(d.name.split("/")[-1]) for d in (first, second, third)]
        self.assertEqual(numbers, list(range(numbers[0], numbers[0] + 3)))

    def test_numbering_without_gaps(self):
        sequence = self.env["ar.dispute"]._get_sequence(self.company)
        sequence.implementation = "no_gap"
        disputes = self.open_many(self.invoice() | self.invoice())
        self.assertEqual(len(set(disputes.mapped("name"))), 2)

    def test_all_or_none(self):
        good, paid = self.invoice(), self.invoice()
        self.pay(paid)
        with self.assertRaisesRegex(UserError, "is paid"):
            self.open_many(good | paid)
        self.assertFalse(good.ar_is_disputed)

    def test_an_item_given_twice(self):
        move = self.invoice()
        opening = Opening(self.receivable_lines(move), self.reason, {}, {})
        disputes = self.env["ar.dispute"].with_user(self.accountant)
        with self.assertRaisesRegex(UserError, "given twice"):
            disputes._open_many([opening, opening])
