import json
import re

from odoo.tests import tagged

from .answer_common import AnswerCommon


@tagged("post_install", "-at_install")
class TestOnlinePayment(AnswerCommon):
    """Paying what is chosen on the account page. Today is 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Odoo's own provider for trying out, which the test database has.
        cls.provider = (
            cls.env.ref("payment.payment_provider_demo")
            .sudo()
            .copy({"company_id": cls.company.id, "state": "test", "is_published": True})
        )
        cls.provider.journal_id = cls.company_data["default_journal_bank"]
        cls.method = cls.provider.payment_method_ids[:1]
        cls.method.active = True

    def choose(self, *moves, amount="", token=None):
        self.env.flush_all()
        return self.url_open(
            f"/ar/account/{token or self.token}/pay",
            params={"items": [self.item(move) for move in moves], "amount": amount},
        )

    def begin(self, items, token=None, **params):
        self.env.flush_all()
        values = {
            "provider_id": self.provider.id,
            "payment_method_id": self.method.id,
            "token_id": None,
            "amount": 1250.0,
            "flow": "direct",
            "tokenization_requested": True,
            "landing_route": "https://evil.example.com",
            "is_validation": False,
            **params,
        }
        chosen = "-".join(str(item) for item in items)
        response = self.url_open(
            f"/ar/account/{token or self.token}/pay/{chosen}",
            data=json.dumps({"jsonrpc": "2.0", "params": values}),
            headers={"Content-Type": "application/json"},
        )
        self.env.invalidate_all()
        return response.json()

    def payments(self):
        return self.env["payment.transaction"].search(
            [("provider_id", "=", self.provider.id)]
        )

    def test_choose(self):
        text = self.choose(self.old, self.new).text
        self.assertIn("1,550.00", text)
        self.assertIn(f"/pay/{self.item(self.old)}-{self.item(self.new)}", text)
        self.assertFalse(self.payments(), "looking changes nothing")

    def test_what_cannot_be_chosen(self):
        foreign = self.invoice(due="2026-02-27", amount=80, currency=self.eur)
        for moves, amount, words in [
            ([], "", "at least one item"),
            ([self.others], "", "at least one item"),
            ([self.old, foreign], "", "one currency"),
            ([self.old], "0", "above zero"),
            ([self.old], "-1", "above zero"),
            ([self.old], "1250.01", "is open"),
            ([self.old], "much", "as a number"),
        ]:
            with self.subTest(words=words, amount=amount):
                response = self.choose(*moves, amount=amount)
                self.assertEqual(response.status_code, 422)
                self.assertIn(words, response.text)

    def test_part_of_several(self):
        """The payment is matched with the chosen invoices, oldest first."""
        items = [self.item(self.old), self.item(self.new)]
        answer = self.begin(items, amount=1400.0)
        payment = self.payments()
        self.assertEqual(answer["result"]["reference"], payment.reference)
        self.assertEqual(payment.amount, 1400)
        self.assertEqual(payment.currency_id, self.company.currency_id)
        self.assertEqual(payment.partner_id, self.customer)
        self.assertEqual(payment.invoice_ids, self.old | self.new)
        self.assertFalse(payment.tokenize)
        self.assertTrue(payment.landing_route.startswith("/ar/account/"))
        payment._set_done()
        payment._post_process()
        self.assertEqual(self.old.amount_residual, 0)
        self.assertEqual(self.new.amount_residual, 150)

    def test_what_is_not_begun(self):
        """Nothing but what the page offers, whatever is sent."""
        other_provider = self.provider.copy({"state": "disabled"})
        old = [self.item(self.old)]
        for items, params in [
            ([self.item(self.others)], {}),
            ([*old, self.item(self.others)], {}),
            ([0], {}),
            (old, {"amount": 0}),
            (old, {"amount": -5}),
            (old, {"amount": 1250.01}),
            (old, {"amount": "nan"}),
            (old, {"amount": None}),
            (old, {"flow": "token", "token_id": 1}),
            (old, {"provider_id": other_provider.id}),
            (old, {"provider_id": "x"}),
            (old, {"payment_method_id": 0}),
            (old, {"partner_id": self.other_customer.id}),
            (old, {"custom_create_values": {"state": "done"}}),
            (old, {"invoice_ids": [1]}),
            (old, {"token": "x"}),
        ]:
            with self.subTest(items=items, params=params):
                answer = self.begin(items, **params)
                self.assertIn("error", answer)
                self.assertFalse(self.payments())
        self.assertIn("error", self.begin(old, token=self.token[:-1]))
        self.assertFalse(self.payments())

    def test_paid_meanwhile(self):
        item = self.item(self.old)
        self.pay(self.old)
        answer = self.begin([item])
        self.assertIn("paid or changed meanwhile", str(answer["error"]))

    def test_failing_midway(self):
        """What the provider refuses changes nothing, and can be tried again."""
        self.begin([self.item(self.old)])
        self.payments()._set_error("Card declined")
        self.payments()._post_process()
        self.assertEqual(self.old.amount_residual, 1250)
        page = self.url_open(f"/ar/account/{self.token}").text
        self.assertIn(self.old.name, page)
        self.assertNotIn('name="ar_running"', self.choose(self.old).text)
        self.begin([self.item(self.old)])
        self.assertEqual(len(self.payments()), 2)

    def test_under_way(self):
        self.begin([self.item(self.old)])
        self.payments()._set_pending()
        text = self.choose(self.old).text
        self.assertIn('name="ar_running"', text)
        self.assertTrue(re.search(self.payments().reference, text))

    def test_no_provider(self):
        self.provider.state = "disabled"
        self.env["payment.provider"].search([]).state = "disabled"
        self.env.flush_all()
        page = self.url_open(f"/ar/account/{self.token}").text
        self.assertNotIn("ar_pay_amount", page)
        self.assertIn("by bank", self.choose(self.old).text)
