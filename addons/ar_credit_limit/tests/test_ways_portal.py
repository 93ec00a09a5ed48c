import re

from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import html2plaintext

from odoo.addons.account_payment.tests.common import AccountPaymentCommon

from ..tools.violation import Violation
from .test_order_check import PIXEL
from .ways import WaysCommon

#: What a customer must not read: that it is about money, and how much.
FORBIDDEN = re.compile(
    r"would owe|held for credit|credit limit|Cheque|(?<![\d,])(1,000|500|14,000)\.00",
    re.IGNORECASE,
)
REVIEWING = "We are reviewing"


class PortalCommon(WaysCommon, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.buyer = cls.new_customer(
            "Buyer", parent_id=cls.customer.id, is_company=False, email="b@example.com"
        )
        cls.buyer_user = new_test_user(
            cls.env,
            "ar_buyer",
            groups="base.group_portal",
            password="ar_buyer",
            partner_id=cls.buyer.id,
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )
        cls.visitors = {"portal user": "ar_buyer", "link of the mail": None}

    def visit(self, visitor):
        login = self.visitors[visitor]
        self.authenticate(login, login)

    def quotation(self, amount=1500.0, partner=None, **values):
        order = self.order(amount, partner or self.buyer, **values)
        order.action_quotation_sent()
        order._portal_ensure_token()
        self.env.flush_all()
        return order

    def page(self, order, query=""):
        response = self.url_open(order.get_portal_url(query_string=query), timeout=60)
        self.assertEqual(response.status_code, 200)
        return html2plaintext(response.text)

    def assert_reads_politely(self, order, text=REVIEWING):
        page = self.page(order)
        self.assertIn(text, " ".join(page.split()))
        self.assertNotRegex(page, FORBIDDEN)

    def assert_reads_nothing(self, order):
        page = self.page(order)
        self.assertNotIn(REVIEWING, page)
        self.assertNotRegex(page, FORBIDDEN)


@tagged("post_install", "-at_install")
class TestWaysSignature(PortalCommon):
    two_companies = True

    def sign(self, order):
        return self.make_jsonrpc_request(
            order.get_portal_url(suffix="/accept"),
            {"name": "The Buyer", "signature": PIXEL.decode()},
            timeout=60,
        )

    def test_signed_by_whoever_in_every_company(self):
        for company_name, company in self.companies.items():
            for visitor in self.visitors:
                with self.subTest(company=company_name, visitor=visitor):
                    over = self.quotation(company=company, require_signature=True)
                    fine = self.quotation(
                        100.0,
                        self.other_customer,
                        company=company,
                        require_signature=True,
                    )
                    self.visit(visitor)
                    for order in (over, fine):
                        answer = self.sign(order)
                        self.assertIn("message=sign_ok", answer["redirect_url"])
                    self.env.invalidate_all()
                    self.assert_outcome(over, fine, company)
                    self.assertEqual(over.signed_by, "The Buyer", "kept")
                    if company == self.company_b:
                        self.assert_reads_nothing(over)
                    else:
                        self.assertEqual(over.state, "sent")
                        self.assertEqual(self.told(over), self.salesperson)
                        self.assert_reads_politely(over)

    def test_one_who_has_not_signed_reads_nothing(self):
        """A salesperson's attempt to confirm is no business of the customer."""
        order = self.quotation(require_signature=True)
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual(order.ar_credit_state, "held")
        self.visit("portal user")
        self.assert_reads_nothing(order)
        self.sign(order)
        self.env.invalidate_all()
        self.assert_held(order)
        self.assertEqual(self.told(order), self.salesperson, "now there is news")
        self.assert_reads_politely(order)

    def test_notice_goes_with_the_hold(self):
        order = self.quotation(require_signature=True)
        self.visit("portal user")
        self.sign(order)
        self.env.invalidate_all()
        order.ar_credit_hold_id.with_user(self.user_manager)._release("They pay")
        self.env.flush_all()
        self.assert_reads_nothing(order)
        if order.state != "sale":
            order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assert_reads_nothing(order)

    def mails_of_confirmation(self, order):
        return order.message_ids.filtered(
            lambda message: (
                message.subtype_id == self.env.ref("mail.mt_comment")
                and message.author_id != self.buyer
                and "signed" not in message.body
            )
        )

    def test_customer_who_waits_is_told_of_the_confirmation(self):
        order, unsigned = self.quotation(require_signature=True), self.quotation()
        self.visit("portal user")
        self.sign(order)
        self.env.invalidate_all()
        unsigned.action_confirm()
        self.assertFalse(self.mails_of_confirmation(order), "held: no such mail")
        self.grant(amount=9000.0)
        (order | unsigned).with_user(self.users["accountant"]).action_confirm()
        self.assertEqual(set((order | unsigned).mapped("state")), {"sale"})
        self.assertEqual(len(self.mails_of_confirmation(order)), 1)
        self.assertFalse(self.mails_of_confirmation(unsigned), "as in plain Odoo")

    def test_language_of_each(self):
        """The customer signs in French; the reasons are for the company's people."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.buyer_user.lang = "fr_FR"
        self.salesperson.lang = "en_US"
        order = self.quotation(require_signature=True)
        self.visit("portal user")
        self.sign(order)
        self.env.invalidate_all()
        hold = order.ar_credit_hold_id
        self.assertIn("over the credit limit", hold.reasons_text)
        self.assertEqual(order.activity_ids.summary, "Held for credit")
        notice = order.with_context(lang="fr_FR")._get_credit_notice()
        self.assertTrue(notice.startswith("Merci"), notice)

    def test_order_without_anybody_in_charge(self):
        self.customer.user_id = False
        order = self.quotation(require_signature=True, user_id=False, team_id=False)
        self.visit("link of the mail")
        self.sign(order)
        self.env.invalidate_all()
        self.assert_held(order)
        self.assertFalse(self.told(order))

    def test_refusal_tells_a_customer_no_figures(self):
        order = self.quotation()
        as_customer = order.with_user(self.buyer_user).sudo()
        refusal = as_customer._get_credit_refusal()
        self.assertIn(order.name, refusal)
        self.assertNotRegex(refusal, FORBIDDEN)


@tagged("post_install", "-at_install")
class TestWaysPayment(AccountPaymentCommon, PortalCommon):
    """Paid through the portal, in part: what is paid is not credit, the rest is."""

    two_companies = True

    HELD = ("sent", "held")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.provider.journal_id.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == cls.provider
        ).payment_account_id = cls.inbound_payment_method_line.payment_account_id

    def to_pay(self, amount=15000.0, partner=None, **values):
        return self.quotation(
            amount,
            partner,
            require_signature=False,
            require_payment=True,
            prepayment_percent=0.1,
            **values,
        )

    def pay_online(self, order, state="done", amount=None, provider=None):
        """Start a payment as the portal page does; then what the provider says."""
        self.make_jsonrpc_request(
            order.get_portal_url(suffix="/transaction"),
            {
                "provider_id": (provider or self.provider).id,
                "payment_method_id": self.payment_method_id,
                "token_id": None,
                "amount": amount or order._get_prepayment_required_amount(),
                "flow": "direct",
                "tokenization_requested": False,
                "landing_route": order.get_portal_url(),
                "access_token": order.access_token,
            },
            timeout=60,
        )
        self.env.invalidate_all()
        transaction = order.sudo().transaction_ids.sorted("id")[-1:]
        if state == "pending":
            transaction._set_pending()
        elif state == "authorized":
            transaction.provider_id.support_manual_capture = "full_only"
            transaction._set_authorized()
        else:
            transaction._set_done()
        self.env.flush_all()
        # The page that the customer is sent to asks how it went.
        self.make_jsonrpc_request("/payment/status/poll", timeout=60)
        self.env.invalidate_all()
        return transaction

    def test_paid_in_part_by_whoever(self):
        for visitor in self.visitors:
            for state in ("done", "authorized"):
                with self.subTest(visitor=visitor, state=state):
                    order = self.to_pay()
                    self.visit(visitor)
                    transaction = self.pay_online(order, state)
                    self.assertEqual(transaction.state, state)
                    self.assertTrue(transaction.is_post_processed)
                    self.assertEqual((order.state, order.ar_credit_state), self.HELD)
                    self.assertEqual(self.told(order), self.salesperson)
                    arrived = "Your payment has arrived"
                    self.assert_reads_politely(
                        order, arrived if state == "done" else REVIEWING
                    )

    def test_paid_in_part_in_every_company(self):
        self.visit("link of the mail")
        for name, company in self.companies.items():
            with self.subTest(company=name):
                over = self.to_pay(company=company)
                fine = self.to_pay(100.0, self.other_customer, company=company)
                for order in (over, fine):
                    provider = self.provider_of(company.root_id)
                    transaction = self.pay_online(order, provider=provider)
                    self.assertEqual(transaction.company_id, company.root_id)
                    self.assertTrue(transaction.is_post_processed)
                self.assertEqual(fine.state, "sale")
                if company == self.company_b:
                    self.assertEqual(over.state, "sale")
                    self.assert_reads_nothing(over)
                else:
                    self.assertEqual((over.state, over.ar_credit_state), self.HELD)
                    self.assertEqual(over.ar_credit_hold_id.company_id, company.root_id)
                    self.assert_reads_politely(over, "Your payment has arrived")

    def provider_of(self, company):
        """Return the provider of a root company: each has its own."""
        if company == self.company:
            return self.provider
        journal = self.env["account.journal"].search(
            [("company_id", "=", company.id), ("type", "=", "bank")], limit=1
        )
        provider = self.provider.copy(
            {
                "company_id": company.id,
                "state": "test",
                "is_published": True,
                "journal_id": journal.id,
            }
        )
        method = journal.inbound_payment_method_line_ids.filtered(
            lambda line: line.payment_provider_id == provider
        )
        method.payment_account_id = journal.default_account_id.copy(
            {"account_type": "asset_current", "reconcile": True, "name": "Online"}
        )
        return provider

    def test_money_is_kept_and_found_again(self):
        order = self.to_pay()
        self.visit("portal user")
        transaction = self.pay_online(order)
        self.assertEqual(transaction.sale_order_ids, order)
        self.assertEqual(transaction.payment_id.amount, 1500.0)
        self.assertIn(transaction.payment_id.state, ("in_process", "paid"))
        self.assertEqual(order.amount_paid, 1500.0)
        order.ar_credit_hold_id.with_user(self.user_manager)._release("Paid 10 %")
        if order.state != "sale":  # by setting it confirms by itself
            order.with_user(self.salesperson).action_confirm()
        self.assertEqual(order.state, "sale")
        invoice = order._create_invoices()
        self.assertEqual(invoice.transaction_ids, transaction)
        invoice.action_post()
        self.assertEqual(invoice.amount_residual, 13500.0)

    def test_pending_money_confirms_nothing_and_holds_nothing(self):
        """A wire transfer that is only announced: as in plain Odoo, the quotation waits
        for the money; the check comes when it is there."""
        order = self.to_pay()
        self.visit("portal user")
        transaction = self.pay_online(order, "pending")
        self.assertEqual((order.state, order.ar_credit_state), ("sent", "none"))
        self.assertFalse(order.ar_credit_hold_ids)
        transaction._set_done()
        transaction._post_process()
        self.assertEqual((order.state, order.ar_credit_state), self.HELD)

    def test_stopped_customer_pays_all(self):
        self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )
        order = self.quotation(
            400.0, require_signature=False, require_payment=True, prepayment_percent=1.0
        )
        self.visit("portal user")
        transaction = self.pay_online(order)
        self.assertEqual(transaction.state, "done")
        if order.state != "sale":  # what is paid in full may pass
            self.assertEqual(order.ar_credit_state, "held")
            self.assert_reads_politely(order, "Your payment has arrived")

    def test_switched_off_confirms(self):
        self.company.ar_credit_limit_mode = "off"
        order = self.to_pay()
        self.visit("portal user")
        self.pay_online(order)
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "none"))
        self.assert_reads_nothing(order)

    def test_payment_found_by_the_nightly_job(self):
        order = self.to_pay()
        transaction = self._create_transaction(
            "direct",
            amount=1500.0,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[fields.Command.set(order.ids)],
            state="done",
            reference=order.name,
        )
        transaction.last_state_change = "2026-03-01 00:00:00"
        fine = self.to_pay(100.0, self.other_customer)
        with self.enter_registry_test_mode():
            self.env.ref("payment.cron_post_process_payment_tx").method_direct_trigger()
        self.env.invalidate_all()
        self.assertTrue(transaction.is_post_processed)
        self.assertEqual((order.state, order.ar_credit_state), self.HELD)
        self.assertEqual(fine.state, "sent", "nobody paid it")
