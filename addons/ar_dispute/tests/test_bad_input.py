from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestBadInput(DisputeCommon):
    """What happens to the records around a dispute has a defined outcome."""

    def test_invoice_reset_to_draft_and_posted_again(self):
        move = self.invoice()
        dispute = self.dispute(move)
        move.button_draft()
        self.run_night()
        self.assertEqual(dispute.state, "new", "it waits for what becomes of it")
        move.action_post()
        self.assertEqual(self.items(move).suspension_kind, "dispute")
        self.assertTrue(move.ar_is_disputed)

    def test_invoice_posted_again_before_the_night_stays_disputed(self):
        move = self.invoice()
        dispute = self.dispute(move)
        line = self.receivable_lines(move)
        move.button_draft()
        move.action_post()
        self.run_night()
        self.assertEqual(self.receivable_lines(move), line)
        self.assertEqual(dispute.state, "new")
        self.assertEqual(self.items(move).suspension_kind, "dispute")

    def split(self, move, shares=(50, 50)):
        """Reset an invoice and post it with other instalments."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Instalments",
                "line_ids": [
                    (0, 0, {"value_amount": share, "nb_days": 30 * number})
                    for number, share in enumerate(shares)
                ],
            }
        )
        move.button_draft()
        move.invoice_payment_term_id = term
        self.run_night()
        move.action_post()

    def test_invoice_split_into_other_instalments(self):
        for amount, suspended in ((None, [50, 50]), (70, [50, 20]), (30, [30, 0])):
            with self.subTest(amount=amount):
                move = self.invoice(amount=100)
                dispute = self.dispute(move, amount=amount)
                self.split(move)
                self.assertEqual(dispute.state, "new", "not settled by the night")
                items = self.items(move)
                self.assertEqual(items.mapped("amount_suspended"), suspended)
                self.assertEqual(dispute.amount_disputed, amount or 100)
                came_back = "other instalments" in self.events(dispute)[-1].text
                self.assertEqual(came_back, amount != 30, "30 fit the first one")
                dispute.action_accept()
                self.assertFalse(any(self.items(move).mapped("amount_suspended")))

    def test_instalments_put_together(self):
        move = self.invoice(amount=100)
        self.split(move)
        first, second = self.receivable_lines(move).sorted("date_maturity")
        disputes = self.env["ar.dispute"].with_user(self.accountant)
        dispute = disputes._open(second, self.reason)
        self.split(move, (100,))
        self.assertEqual(self.items(move).amount_suspended, 50)
        self.assertEqual(dispute.state, "new")

    def test_disputed_instalments_put_together(self):
        """An item has one dispute: it goes on with what both were about."""
        for amounts, suspended in (((None, None), 100), ((20, 10), 30)):
            with self.subTest(amounts=amounts):
                move = self.invoice(amount=100)
                self.split(move)
                items = self.receivable_lines(move).sorted("date_maturity")
                disputes = self.env["ar.dispute"].with_user(self.accountant)
                first, second = (
                    disputes._open(
                        item, self.reason, amounts={item.id: amount} if amount else {}
                    )
                    for item, amount in zip(items, amounts, strict=True)
                )
                self.split(move, (100,))
                self.run_night()
                self.assertEqual(self.items(move).amount_suspended, suspended)
                self.assertEqual((first.state, second.outcome), ("new", "withdrawn"))
                self.assertEqual(first.amount_disputed, suspended)
                said = "".join(second.message_ids.mapped("body"))
                self.assertIn(f"goes on as {first.name}", said)
                first.action_accept()
                self.assertFalse(self.items(move).amount_suspended)

    def test_invoice_came_back_with_another_amount(self):
        """As much is disputed as was said, and as much is suspended."""
        for amount, disputed in ((240, 120), (120, 120), (60, 60)):
            with self.subTest(amount=amount):
                move = self.invoice(amount=120)
                dispute = self.dispute(move)
                move.button_draft()
                move.invoice_line_ids.price_unit = amount
                move.action_post()
                self.assertEqual(dispute.amount_disputed, disputed)
                self.assertEqual(self.items(move).amount_suspended, disputed)

    def test_invoice_came_back_in_another_currency(self):
        """A euro is two dollars in these books."""
        move = self.invoice(amount=120)
        dispute = self.dispute(move)
        move.button_draft()
        move.currency_id = self.eur
        move.action_post()
        line = dispute.line_ids
        self.assertEqual((line.currency_id, line.amount_disputed), (self.eur, 60))
        self.assertEqual(self.items(move).amount_suspended, 120)

    def test_merged_customers(self):
        twin = self.new_customer("Twin", email="twin@example.com")
        dispute = self.dispute(self.invoice(twin))
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((twin | self.other_customer).ids, self.other_customer)
        self.env.invalidate_all()
        self.assertEqual(dispute.commercial_partner_id, self.other_customer)
        self.assertEqual(dispute.line_ids.line_id.partner_id, self.other_customer)
        dispute.action_accept()
        self.assertEqual(dispute.state, "accepted")

    def test_invoice_cancelled(self):
        move = self.invoice()
        dispute = self.dispute(move)
        move.button_draft()
        move.button_cancel()
        self.run_night()
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "settled"))
        self.assertEqual(dispute.line_ids.move_name, move.name)

    def test_invoice_dated_anew_stays_disputed(self):
        move = self.invoice(due="2026-02-20")
        dispute = self.dispute(move)
        self.receivable_lines(move).date_maturity = "2026-04-20"
        self.run_night()
        self.assertEqual(dispute.state, "new")
        self.assertEqual(dispute.line_ids.date_maturity, date(2026, 2, 20), "frozen")
        self.assertEqual(self.items(move).suspension_kind, "dispute")

    def test_paid_in_part_below_the_disputed_amount(self):
        move = self.invoice(amount=100)
        dispute = self.dispute(move, amount=80)
        self.pay(move, 70)
        item = self.items(move)
        self.assertEqual((item.amount_residual, item.amount_suspended), (30, 30))
        self.assertEqual((dispute.state, dispute.amount_disputed), ("new", 80))

    def test_payment_taken_back_after_the_dispute_was_settled(self):
        move = self.invoice()
        dispute = self.dispute(move)
        self.pay(move)
        self.receivable_lines(move).remove_move_reconcile()
        self.assertEqual(dispute.outcome, "settled")
        self.assertFalse(self.items(move).suspension_kind)
        self.assertEqual(self.dispute(move).state, "new", "disputed anew")

    def test_owner_leaves(self):
        dispute = self.dispute(self.invoice(), user_id=self.user_own.id)
        self.user_own.active = False
        dispute.action_investigate()
        dispute.user_id = self.user_collector
        self.assertEqual(dispute.activity_ids.user_id, self.user_collector)

    def test_default_owner_who_cannot_answer(self):
        stranger = self.new_user("stranger", "base.group_user")
        gone = self.new_user("gone", "ar_ledger.ar_ledger_group_own")
        gone.active = False
        for owner in (stranger, gone):
            with self.subTest(owner.login):
                self.reason.user_id = owner
                self.assertEqual(self.dispute(self.invoice()).user_id, self.accountant)

    def test_owner_without_a_role(self):
        stranger = self.new_user("stranger", "base.group_user")
        with self.assertRaisesRegex(ValidationError, "give them a role"):
            self.dispute(self.invoice(), user_id=stranger.id)
        dispute = self.dispute(self.invoice())
        with self.assertRaisesRegex(ValidationError, "give them a role"):
            dispute.user_id = stranger

    def test_switched_off_meanwhile(self):
        """Nothing new is opened; what is open is decided as ever."""
        move = self.invoice()
        dispute = self.dispute(move)
        self.company.ar_dispute_active = False
        self.assertTrue(self.items(move).suspension_kind)
        dispute.action_accept()
        self.assertFalse(self.items(move).suspension_kind)
        self.assertEqual(dispute.state, "accepted")

    def test_numbering_was_deleted(self):
        self.env["ir.sequence"].sudo().search([("code", "=", "ar.dispute")]).unlink()
        with self.assertRaisesRegex(UserError, "create one under Settings"):
            self.dispute(self.invoice())

    def test_negative_grace(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            with self.cr.savepoint():
                self.company.ar_dispute_grace_days = -1
