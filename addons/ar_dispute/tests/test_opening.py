from contextlib import contextmanager
from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestOpening(DisputeCommon):
    two_companies = True

    def test_freezes_what_was_open(self):
        move = self.invoice(amount=90, currency=self.eur, due="2026-02-20")
        dispute = self.dispute(move, description="20 pieces too dear")
        self.assertRecordValues(
            dispute,
            [
                {
                    "company_id": self.company.id,
                    "commercial_partner_id": self.customer.id,
                    "state": "new",
                    "user_id": self.accountant.id,
                    "date_opened": date(2026, 3, 2),
                    "amount_disputed": 180,
                    "description": "20 pieces too dear",
                }
            ],
        )
        self.pay(move, 40)
        move.button_draft()
        self.assertRecordValues(
            dispute.line_ids,
            [
                {
                    "move_name": move.name,
                    "date_maturity": date(2026, 2, 20),
                    "currency_id": self.eur.id,
                    "amount_open": 90,
                    "amount_disputed": 90,
                    "amount_disputed_company": 180,
                    "coverage": "all",
                }
            ],
        )

    def test_a_part_in_the_currency_of_the_item(self):
        move = self.invoice(amount=90, currency=self.eur)
        line = self.dispute(move, amount=33.33).line_ids
        self.assertEqual(line.coverage, "part")
        self.assertEqual(line.amount_disputed, 33.33)
        self.assertEqual(line.amount_disputed_company, 66.66)

    def test_a_part_as_large_as_the_item_is_the_item(self):
        self.assertEqual(
            self.dispute(self.invoice(amount=90), amount=90).line_ids.coverage, "all"
        )

    def test_numbered_by_company_and_year(self):
        first = self.dispute(self.invoice())
        self.assertEqual(first.name, "DIS/2026/0001")
        self.assertEqual(self.dispute(self.invoice()).name, "DIS/2026/0002")
        with self.at("2027-01-02"):
            self.assertEqual(self.dispute(self.invoice()).name, "DIS/2027/0001")
        self.switch_on(self.company_b, ar_dispute_active=True)
        other = self.invoice(company=self.company_b)
        theirs = (
            self.env["ar.dispute"]
            .with_company(self.company_b)
            ._open(self.receivable_lines(other), self.reason)
        )
        self.assertEqual(theirs.name, "DIS/2026/0001")

    def test_new_companies_have_their_own_numbers(self):
        company = self.env["res.company"].create({"name": "Fresh"})
        sequence = self.env["ir.sequence"].search(
            [("code", "=", "ar.dispute"), ("company_id", "=", company.id)]
        )
        self.assertEqual(len(sequence), 1)

    def test_several_items_of_one_customer(self):
        moves = self.invoice(amount=100) | self.invoice(amount=50)
        dispute = self.dispute(moves)
        self.assertEqual(dispute.amount_disputed, 150)
        self.assertEqual(
            self.suspensions(dispute).line_id, self.receivable_lines(moves)
        )

    def test_opening_is_an_event_and_an_activity_for_the_owner(self):
        dispute = self.dispute(self.invoice(), user_id=self.user_own.id)
        event = self.events(dispute)
        self.assertEqual(event.kind, "dispute")
        self.assertIn("Dispute opened: Price", event.text)
        self.assertEqual(event.figures["disputed"], 100)
        self.assertRecordValues(
            dispute.activity_ids,
            [{"user_id": self.user_own.id, "date_deadline": dispute.date_deadline}],
        )

    def test_activity_goes_with_owner_and_deadline(self):
        dispute = self.dispute(self.invoice())
        dispute.write({"user_id": self.user_own.id, "date_deadline": "2026-03-20"})
        self.assertRecordValues(
            dispute.activity_ids,
            [{"user_id": self.user_own.id, "date_deadline": date(2026, 3, 20)}],
        )

    def test_what_cannot_be_disputed(self):
        draft = self.invoice()
        draft.button_draft()
        cancelled = self.invoice()
        cancelled.button_draft()
        cancelled.button_cancel()
        paid = self.invoice()
        self.pay(paid)
        disputed = self.invoice()
        number = self.dispute(disputed).name
        bill = self.invoice(move_type="in_invoice")
        cases = [
            ("draft", draft, "is a draft: confirm it"),
            ("cancelled", cancelled, "is cancelled"),
            ("paid", paid, "is paid"),
            ("credit note", self.invoice(move_type="out_refund"), "is a credit"),
            ("bill", bill, "is not a customer invoice"),
            ("disputed", disputed, f"is disputed already by {number}"),
            ("nothing", self.env["account.move"], "Choose at least one"),
            ("company", self.invoice(company=self.company_b), "Disputes are switched"),
            (
                "two customers",
                self.invoice() | self.invoice(self.other_customer),
                "one customer and company at a time",
            ),
        ]
        for label, moves, sentence in cases:
            with self.subTest(label), self.assertRaisesRegex(UserError, sentence):
                lines = moves.line_ids.filtered(
                    lambda line: (
                        line.account_type in ("asset_receivable", "liability_payable")
                    )
                )
                self.env["ar.dispute"]._open(lines, self.reason)

    def test_another_companys_item_is_refused_by_name(self):
        self.switch_on(self.company_b, ar_dispute_active=True)
        move = self.invoice(company=self.company_b)
        with self.assertRaisesRegex(UserError, "Company B: switch to it"):
            self.dispute(move)

    def test_amounts_beyond_the_item(self):
        move = self.invoice(amount=100)
        self.pay(move, 40)
        for amount in (60.01, 100, 0, -5):
            with (
                self.subTest(amount=amount),
                self.assertRaisesRegex(UserError, "at most the open"),
            ):
                self.dispute(move, amount=amount)
        self.assertEqual(self.dispute(move, amount=59.99).amount_disputed, 59.99)

    def test_one_undecided_dispute_per_item_by_schema(self):
        """Two users at the same moment do not see each other's row: the index does."""
        move = self.invoice()
        line = self.dispute(move).line_ids
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                line.sudo().copy()

    def test_others_customers_items_are_refused(self):
        with self.assertRaisesRegex(AccessError, "your own customers"):
            self.dispute(self.invoice(self.other_customer), user=self.user_own)
        own = self.dispute(self.invoice(), user=self.user_own)
        self.assertEqual(own.user_id, self.user_own)

    def test_many_items_cost_no_more_checks_than_one(self):
        few = self.invoice() | self.invoice()
        many = self.env["account.move"].union(*(self.invoice() for _ in range(10)))
        violations = self.env["ar.dispute"]._get_opening_violations
        counts = []
        for moves in (few, few, many):
            lines = self.receivable_lines(moves).sudo()
            self.env.flush_all()
            self.env.invalidate_all()
            queries = []
            with contextmanager(self._patchExecute)(queries):
                self.assertFalse(violations(lines))
            counts.append(len(queries))
        _warming_up, one, many = counts
        self.assertEqual(one, many)
