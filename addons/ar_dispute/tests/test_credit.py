from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestCredit(DisputeCommon):
    """What is accepted is credited to the cent, on what was disputed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tax = cls.env["account.tax"].create(
            {"name": "Odd", "amount": 19, "company_id": cls.company.id}
        )
        cls.other_tax = cls.tax.copy({"name": "Low", "amount": 7})

    def taxed(self, **values):
        return self.invoice(
            invoice_line_ids=[
                Command.create(
                    {"name": "A", "price_unit": 33.33, "tax_ids": self.tax.ids}
                ),
                Command.create(
                    {"name": "B", "price_unit": 9.99, "tax_ids": self.other_tax.ids}
                ),
                Command.create({"name": "C", "price_unit": 5.01, "tax_ids": False}),
            ],
            **values,
        )

    def decide(self, dispute, outcome, accepted=None, **values):
        action = getattr(dispute, f"action_decide_{outcome}")()
        wizard = self.env["ar.dispute.decide"].with_user(dispute.env.user)
        wizard = wizard.browse(action["res_id"])
        wizard.write({"answer": "We counted again", "is_told": False, **values})
        for line, amount in zip(wizard.line_ids, accepted or [], strict=False):
            line.amount_accepted = amount
        wizard.action_confirm()

    def test_all_of_an_invoice(self):
        move = self.taxed()
        dispute = self.dispute(move)
        self.decide(dispute, "accepted")
        note = dispute.credit_note_ids
        self.assertEqual((note.state, note.reversed_entry_id), ("posted", move))
        self.assertEqual(note.amount_total, move.amount_total)
        self.assertEqual(move.payment_state, "reversed")
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "accepted"))
        self.assertEqual(dispute.amount_credited, move.amount_total)

    def test_any_part_to_the_cent(self):
        for amount in (0.01, 0.02, 1, 7.77, 23.45, 49.99, 55):
            with self.subTest(amount), self.rolled_back():
                move = self.taxed()
                dispute = self.dispute(move)
                self.decide(dispute, "partly", [amount])
                note = dispute.credit_note_ids
                self.assertEqual(note.amount_total, amount)
                self.assertEqual(
                    move.amount_residual,
                    move.currency_id.round(move.amount_total - amount),
                )
                self.assertEqual(dispute.state, "partly")
                self.assertEqual(dispute.amount_accepted, amount)

    def test_taxes_are_credited_in_proportion(self):
        move = self.taxed()
        dispute = self.dispute(move)
        self.decide(dispute, "partly", [move.amount_total / 2])
        note = dispute.credit_note_ids
        self.assertAlmostEqual(note.amount_tax, move.amount_tax / 2, delta=0.02)
        self.assertEqual(
            note.invoice_line_ids.account_id, move.invoice_line_ids.account_id
        )
        self.assertIn(dispute.name, note.invoice_line_ids[0].name)

    def test_a_disputed_part_that_is_right(self):
        """Credited and done: what was never disputed is chased on."""
        move = self.invoice(amount=100)
        dispute = self.dispute(move, amount=30)
        self.decide(dispute, "accepted")
        self.assertEqual(move.amount_residual, 70)
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "accepted"))

    def test_in_a_foreign_currency(self):
        move = self.invoice(amount=80, currency=self.eur)
        dispute = self.dispute(move)
        self.decide(dispute, "partly", [30])
        note = dispute.credit_note_ids
        self.assertEqual((note.currency_id, note.amount_total), (self.eur, 30))
        self.assertEqual(move.amount_residual, 50)
        self.assertEqual(dispute.amount_accepted, 60)

    def test_the_disputed_instalment_comes_first(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "Two",
                "line_ids": [
                    Command.create({"value_amount": 50, "nb_days": days})
                    for days in (0, 30)
                ],
            }
        )
        move = self.invoice(amount=100, invoice_payment_term_id=term.id)
        first, second = self.receivable_lines(move).sorted("date_maturity")
        disputes = self.env["ar.dispute"].with_user(self.accountant)
        dispute = disputes._open(second, self.reason)
        self.decide(dispute, "partly", [20])
        self.assertEqual(first.amount_residual, 50)
        self.assertEqual(second.amount_residual, 30)

    def test_several_invoices_a_note_each(self):
        moves = self.invoice(amount=100) | self.invoice(amount=50)
        dispute = self.dispute(moves)
        self.decide(dispute, "partly", [40, 10])
        self.assertEqual(
            sorted(dispute.credit_note_ids.mapped("amount_total")), [10, 40]
        )
        self.assertEqual(dispute.amount_accepted, 50)

    def test_without_a_credit_note_it_can_follow_once(self):
        move = self.invoice()
        dispute = self.dispute(move)
        self.decide(dispute, "accepted", is_credited=False)
        self.assertFalse(dispute.credit_note_ids)
        self.assertEqual(dispute.state, "accepted")
        dispute.action_issue_credit_notes()
        self.assertEqual(dispute.state, "closed")
        with self.assertRaisesRegex(UserError, "only what was accepted"):
            dispute.action_issue_credit_notes()

    def test_not_twice(self):
        dispute = self.dispute(self.invoice())
        self.decide(dispute, "partly", [40])
        with self.assertRaisesRegex(UserError, "has a credit note already"):
            dispute.action_issue_credit_notes()

    def test_nothing_is_decided_where_the_note_fails(self):
        """Odoo refuses to post it: the decision is not made either."""
        move = self.invoice(date="2026-02-10")
        dispute = self.dispute(move)
        self.accountant.sudo().group_ids += self.env.ref("base.group_user")
        move.journal_id.sudo().refund_sequence = True
        self.company.sudo().sale_lock_date = False
        move.journal_id.sudo().active = True
        action = dispute.action_decide_accepted()
        wizard = self.env["ar.dispute.decide"].with_user(dispute.env.user)
        wizard = wizard.browse(action["res_id"])
        wizard.is_told = False
        self.customer.sudo().property_account_receivable_id.active = False
        with self.assertRaises(UserError), self.cr.savepoint():
            wizard.with_user(self.accountant).action_confirm()
        self.env.invalidate_all()
        self.assertEqual(dispute.state, "new")
        self.assertFalse(dispute.credit_note_ids)

    def test_collectors_without_billing_decide_alone(self):
        move = self.invoice()
        dispute = self.dispute(move, user=self.user_collector)
        action = dispute.action_decide_accepted()
        wizard = self.env["ar.dispute.decide"].with_user(self.user_collector)
        wizard = wizard.browse(action["res_id"])
        self.assertFalse(wizard.can_credit)
        self.assertFalse(wizard.is_credited)
        wizard.is_told = False
        wizard.action_confirm()
        self.assertEqual(dispute.state, "accepted")
        with self.assertRaisesRegex(AccessError, "issued by accountants"):
            dispute.action_issue_credit_notes()

    def test_more_than_disputed_is_refused(self):
        for amount in (-1, 100.01):
            with self.subTest(amount), self.assertRaises(UserError):
                with self.cr.savepoint():
                    self.decide(self.dispute(self.invoice()), "partly", [amount])

    def test_the_next_night_chases_the_rest_only(self):
        move = self.invoice(amount=100, due="2026-02-20")
        dispute = self.dispute(move)
        self.decide(dispute, "partly", [40])
        with self.at("2026-03-20"):
            item = self.items(move)
            self.assertEqual((item.amount_residual, item.amount_suspended), (60, 0))
            self.assertEqual(fields.Date.to_string(item.date_maturity), "2026-02-20")

    def test_only_invoices_are_credited(self):
        """Of an opening balance core reverses all, with what others owe in it."""
        account = self.company_data["default_account_receivable"]
        revenue = self.company_data["default_account_revenue"]
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": owner.id,
                            "debit": owed,
                        }
                    )
                    for owner, owed in ((self.customer, 100), (self.other_customer, 50))
                ]
                + [Command.create({"account_id": revenue.id, "credit": 150})]
            }
        )
        entry.action_post()
        item = self.receivable_lines(entry).filtered(
            lambda line: line.partner_id == self.customer
        )
        disputes = self.env["ar.dispute"].with_user(self.accountant)
        dispute = disputes._open(item, self.reason)
        with self.assertRaisesRegex(UserError, "by hand"), self.cr.savepoint():
            self.decide(dispute, "accepted", is_credited=True)
        self.decide(dispute, "accepted")
        self.assertEqual((dispute.state, dispute.amount_accepted), ("accepted", 100))
        self.assertFalse(dispute.is_credit_due)
        self.assertEqual(sum(self.receivable_lines(entry).mapped("balance")), 150)

    def test_a_receipt_is_credited(self):
        receipt = self.taxed(move_type="out_receipt")
        self.decide(self.dispute(receipt), "accepted")
        self.assertEqual(receipt.amount_residual, 0)

    def test_items_of_another_dispute_over_rpc(self):
        dispute, other = self.dispute(self.invoice()), self.dispute(self.invoice())
        other.action_accept()
        action = dispute.action_decide_partly()
        wizard = self.env["ar.dispute.decide"].with_user(self.accountant)
        wizard = wizard.browse(action["res_id"])
        wizard.write(
            {
                "answer": "No",
                "is_told": False,
                "line_ids": [
                    Command.create(
                        {"dispute_line_id": other.line_ids.id, "amount_accepted": 1}
                    )
                ],
            }
        )
        with self.assertRaisesRegex(AccessError, dispute.name):
            wizard.action_confirm()
        self.assertEqual(other.line_ids.amount_accepted, 100)
