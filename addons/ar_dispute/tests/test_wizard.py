from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestWizard(DisputeCommon):
    def launched(self, action, user=None):
        """Open the wizard as the web client does."""
        self.assertEqual(action["res_model"], "ar.dispute.open")
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        return wizard.with_user(user or self.accountant)

    def confirmed(self, wizard):
        action = wizard.action_confirm()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_from_the_invoice(self):
        move = self.invoice(amount=100)
        wizard = self.launched(move.with_user(self.accountant).action_ar_dispute())
        with Form(wizard) as form:
            form.reason_id = self.reason
            self.assertEqual(form.date_deadline, date(2026, 3, 5), "3 working days")
            form.description = "Agreed was 90"
            with form.line_ids.edit(0) as line:
                line.amount_disputed = 10
        dispute = self.confirmed(wizard)
        self.assertRecordValues(
            dispute,
            [
                {
                    "amount_disputed": 10,
                    "reason_id": self.reason.id,
                    "user_id": self.accountant.id,
                    "description": "Agreed was 90",
                }
            ],
        )
        self.assertTrue(move.ar_is_disputed)

    def test_reason_names_its_owner(self):
        self.reason.user_id = self.user_own
        wizard = self.launched(
            self.invoice().with_user(self.accountant).action_ar_dispute()
        )
        with Form(wizard) as form:
            form.reason_id = self.reason
            self.assertEqual(form.user_id, self.user_own)
        self.assertEqual(self.confirmed(wizard).user_id, self.user_own)

    def test_from_the_open_items(self):
        moves = self.invoice() | self.invoice()
        items = self.items(moves).with_user(self.user_collector)
        wizard = self.launched(items.action_dispute(), self.user_collector)
        wizard.reason_id = self.reason
        self.assertEqual(self.confirmed(wizard).line_ids.move_id, moves)

    def test_from_the_customer_the_items_are_ticked(self):
        first, second = self.invoice(amount=100), self.invoice(amount=50)
        self.dispute(self.invoice())
        wizard = self.launched(
            self.customer.with_user(self.user_own).action_ar_dispute(), self.user_own
        )
        self.assertEqual(
            set(wizard.line_ids.mapped("move_name")),
            set((first | second).mapped("name")),
        )
        wizard.reason_id = self.reason
        with self.assertRaisesRegex(UserError, "Choose at least one"):
            wizard.action_confirm()
        wizard.line_ids.filtered(lambda line: line.amount_open == 50).selected = True
        self.assertEqual(self.confirmed(wizard).line_ids.move_id, second)

    def test_menu_entries_of_lists_and_customers(self):
        """The entries of the action menus work for people without accounting."""
        item = self.items(self.invoice())
        for xmlid, record in (
            ("ar_dispute.ar_open_item_action_dispute", item),
            ("ar_dispute.res_partner_action_ar_dispute", self.customer),
        ):
            entry = self.env.ref(xmlid).with_user(self.user_own)
            context = {"active_model": record._name, "active_ids": record.ids}
            with self.subTest(xmlid):
                action = entry.with_context(**context, active_id=record.id).run()
                self.assertEqual(action["res_model"], "ar.dispute.open")

    def test_open_instalments_only(self):
        move = self.invoice(amount=1000, invoice_payment_term_id=self.pay_terms_b.id)
        self.pay(move, 300)
        wizard = self.launched(move.with_user(self.accountant).action_ar_dispute())
        self.assertEqual(wizard.line_ids.mapped("amount_open"), [700])

    def test_the_button_says_why_not(self):
        draft = self.invoice()
        draft.button_draft()
        paid = self.invoice()
        self.pay(paid)
        disputed = self.invoice()
        self.dispute(disputed)
        cases = [
            (draft, "is a draft"),
            (paid, "is paid"),
            (disputed, "disputed already"),
        ]
        for move, sentence in cases:
            with self.subTest(sentence), self.assertRaisesRegex(UserError, sentence):
                move.with_user(self.accountant).action_ar_dispute()

    def test_a_customer_who_owes_nothing(self):
        with self.assertRaisesRegex(UserError, "nothing that is not disputed"):
            self.customer.with_user(self.accountant).action_ar_dispute()

    def test_a_reason_is_needed(self):
        action = self.invoice().with_user(self.accountant).action_ar_dispute()
        with self.assertRaisesRegex(UserError, "what the customer says is wrong"):
            self.launched(action).action_confirm()

    def test_paid_between_opening_and_confirming(self):
        move = self.invoice()
        wizard = self.launched(move.with_user(self.accountant).action_ar_dispute())
        wizard.reason_id = self.reason
        self.pay(move)
        with self.assertRaisesRegex(UserError, "is paid"):
            wizard.action_confirm()

    def test_wizards_of_others_are_not_read(self):
        """What the customers of others owe stands in them."""
        move = self.invoice(self.other_customer).with_user(self.accountant)
        wizard = self.env["ar.dispute.open"].browse(move.action_ar_dispute()["res_id"])
        for records in (wizard, wizard.line_ids):
            with self.subTest(records._name), self.assertRaises(AccessError):
                records.with_user(self.user_own).read(["create_date"])
