from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestAnswer(DisputeCommon):
    """The customer is told what was decided, in the customer's language."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.env["ir.module.module"]._load_module_terms(["ar_dispute"], ["fr_FR"])
        cls.customer.email = "customer@example.com"

    def decide(self, dispute, outcome, **values):
        action = getattr(dispute, f"action_decide_{outcome}")()
        wizard = self.env["ar.dispute.decide"].with_user(dispute.env.user)
        wizard = wizard.browse(action["res_id"])
        wizard.write({"answer": "The 12 boxes were signed for", **values})
        if outcome == "partly":
            wizard.line_ids.amount_accepted = 40
        wizard.action_confirm()
        return wizard

    def letter(self, dispute):
        return dispute.message_ids.filtered(
            lambda message: self.customer in message.partner_ids
        )

    def test_rejected(self):
        dispute = self.dispute(self.invoice(amount=100))
        self.decide(dispute, "rejected")
        letter = self.letter(dispute)
        self.assertIn(dispute.name, letter.subject)
        self.assertIn("The 12 boxes were signed for", letter.body)
        self.assertIn("100.00", letter.body)
        self.assertEqual(letter.author_id, self.accountant.partner_id)

    def test_partly_names_both_amounts(self):
        dispute = self.dispute(self.invoice(amount=100))
        self.decide(dispute, "partly")
        letter = self.letter(dispute)
        self.assertIn("40.00", letter.body)
        self.assertIn("100.00", letter.body)

    def test_not_asked_for(self):
        dispute = self.dispute(self.invoice())
        self.decide(dispute, "rejected", is_told=False)
        self.assertFalse(self.letter(dispute))

    def test_nobody_to_write_to(self):
        self.customer.email = False
        dispute = self.dispute(self.invoice())
        action = dispute.action_decide_rejected()
        wizard = self.env["ar.dispute.decide"].with_user(dispute.env.user)
        wizard = wizard.browse(action["res_id"])
        self.assertFalse(wizard.is_told)
        wizard.write({"is_told": True, "answer": "No"})
        with self.assertRaisesRegex(UserError, "has no e-mail address"):
            wizard.with_user(self.accountant).action_confirm()
        self.assertEqual(dispute.state, "new")

    def test_in_french(self):
        self.customer.lang = "fr_FR"
        dispute = self.dispute(self.invoice(amount=100))
        self.decide(dispute, "rejected")
        letter = self.letter(dispute)
        self.assertIn("réclamation", letter.subject)
        self.assertIn("Bonjour", letter.body)
        self.assertNotIn("Please pay", letter.body)

    def test_in_the_currency_of_the_invoice(self):
        """200 euros are 400 dollars in these books."""
        for outcome, named in (
            ("accepted", ["200.00"]),
            ("partly", ["40.00", "200.00"]),
            ("rejected", ["200.00"]),
        ):
            with self.subTest(outcome):
                dispute = self.dispute(self.invoice(amount=200, currency=self.eur))
                self.decide(dispute, outcome, is_credited=False)
                body = self.letter(dispute).body
                for amount in named:
                    self.assertIn(amount, body)
                self.assertNotIn("400.00", body)

    def test_no_more_is_asked_for_than_is_open(self):
        move = self.invoice(amount=100)
        dispute = self.dispute(move)
        self.pay(move, 60)
        self.decide(dispute, "rejected")
        self.assertIn("40.00", self.letter(dispute).body)
        self.assertNotIn("100.00", self.letter(dispute).body)
