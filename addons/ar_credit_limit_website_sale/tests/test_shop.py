from odoo import fields
from odoo.tests import HttpCase, new_test_user, tagged
from odoo.tools import html2plaintext

from odoo.addons.ar_credit_limit.tests.ways import WaysCommon
from odoo.addons.ar_credit_limit.tools.violation import Violation
from odoo.addons.payment.tests.common import PaymentCommon

ADDRESS = {
    "street": "1 Harbour Road",
    "city": "Antwerp",
    "zip": "2000",
    "phone": "+32 3 123 45 67",
    "email": "buyer@example.com",
}
FORBIDDEN = r"over the credit limit|would owe|Cheque|[Hh]eld for credit|[Cc]redit limit"
REVIEWING = "We are reviewing"
MAY_REVIEW = "We may review this order"


class ShopCommon(PaymentCommon, WaysCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.website = cls.env["website"].get_current_website()
        cls.website.company_id = cls.company
        cls.website.salesperson_id = False
        cls.cash_on_delivery = cls.custom_provider("cash_on_delivery")
        address = {**ADDRESS, "country_id": cls.env.ref("base.be").id}
        cls.customer.write(address)
        cls.other_customer.write(address)
        cls.buyers = {
            customer: new_test_user(
                cls.env,
                f"ar_shop_{customer.id}",
                groups="base.group_portal",
                password="a real Password 1",
                partner_id=cls.new_customer(
                    "Buyer", parent_id=customer.id, is_company=False, **address
                ).id,
                company_id=cls.company.id,
                company_ids=[fields.Command.set(cls.company.ids)],
            )
            for customer in (cls.customer, cls.other_customer)
        }

    @classmethod
    def custom_provider(cls, mode):
        """Return a provider that takes no money now: the customer promises it."""
        provider = cls.env["payment.provider"].search(
            [("code", "=", "custom"), ("custom_mode", "=", mode)], limit=1
        )
        return provider.copy({"company_id": cls.company.id, "state": "test"})

    def cart(self, amount=1500.0, partner=None, company=None, **values):
        """Return a cart as the shop makes it: without a salesperson."""
        company = company or self.company
        self.website.company_id = company
        return self.order(
            amount,
            partner,
            company=company,
            website_id=self.website.id,
            user_id=False,
            **values,
        )

    def check_out(self, cart, state="done", provider=None):
        """Let the provider say how the payment went, and the shop look at it."""
        transaction = self._create_transaction(
            "direct",
            provider_id=(provider or self.provider).id,
            amount=cart.amount_total,
            currency_id=cart.currency_id.id,
            partner_id=cart.partner_id.id,
            sale_order_ids=[fields.Command.set(cart.ids)],
            reference=cart.name,
        )
        if state == "pending":
            transaction._set_pending()
        else:
            transaction._set_done()
        public = self.website.user_id
        transaction.with_user(public).sudo()._post_process()
        return transaction

    def stop(self, customer):
        self.env["ar.credit.hold"]._place(
            customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )

    def assert_quotation(self, order, salesperson):
        """Held, out of the cart, in somebody's hands."""
        self.assertEqual((order.state, order.ar_credit_state), ("sent", "held"))
        self.assertFalse(order.is_abandoned_cart)
        self.assertEqual(order.user_id, salesperson)
        self.assertEqual(order.ar_credit_hold_id.user_id, salesperson)
        self.assertEqual(self.told(order), salesperson)


@tagged("post_install", "-at_install")
class TestShopOrders(ShopCommon):
    two_companies = True

    def test_pay_on_delivery_in_every_company(self):
        """Confirmed without money: the very case that a credit limit is for."""
        for name, company in self.companies.items():
            with self.subTest(company=name):
                over = self.cart(company=company)
                fine = self.cart(100.0, self.other_customer, company)
                for cart in (over, fine):
                    transaction = self.check_out(cart, "pending", self.cash_on_delivery)
                    self.assertEqual(transaction.state, "pending")
                self.assert_outcome(over, fine, company)
                if company != self.company_b:
                    self.assert_quotation(over, self.salesperson)

    def test_wire_transfer_waits_for_its_money(self):
        """As in plain Odoo: nothing is confirmed, so nothing is held."""
        wire = self.custom_provider("wire_transfer")
        cart = self.cart()
        transaction = self.check_out(cart, "pending", wire)
        self.assertEqual((cart.state, cart.ar_credit_state), ("sent", "none"))
        self.assertFalse(cart._get_credit_notice())
        self.assertEqual(transaction.sale_order_ids, cart)
        cart.with_user(self.salesperson).action_confirm()
        self.assertEqual((cart.state, cart.ar_credit_state), ("sent", "held"))

    def test_paid_online(self):
        self.stop(self.customer)
        cart = self.cart(500.0)
        transaction = self.check_out(cart)
        self.assertEqual(transaction.sale_order_ids, cart)
        self.assertEqual(cart.amount_paid, 500.0)
        if cart.state != "sale":  # what is paid in full may pass
            self.assert_quotation(cart, self.salesperson)
            self.assertIn("Your payment has arrived", cart._get_credit_notice())
            hold = cart.ar_credit_hold_ids | self.env["ar.credit.hold"].search(
                [
                    ("commercial_partner_id", "=", self.customer.id),
                    ("scope", "=", "customer_orders"),
                ]
            )
            hold.with_user(self.user_manager)._release("Paid")
            if cart.state != "sale":
                cart.action_confirm()
        self.assertEqual(cart.state, "sale")

    def test_batch_of_the_shop(self):
        """Alone and in a batch, website_sale does its work for those that pass only."""
        self.website.salesperson_id = self.users["accountant"]
        over, fine = self.cart(), self.cart(100.0, self.other_customer)
        (over | fine).action_confirm()
        self.assert_outcome(over, fine, self.company)
        self.assert_quotation(over, self.users["accountant"])
        self.assertEqual(fine.user_id, self.users["accountant"])
        alone = self.cart()
        alone.action_confirm()
        self.assert_quotation(alone, self.users["accountant"])

    def test_no_mail_of_a_confirmation(self):
        self.customer.email = "customer@example.com"
        over = self.cart()
        over.with_user(self.website.user_id).sudo()._validate_order()
        self.assertEqual(over.ar_credit_state, "held")
        comments = over.message_ids.filtered(
            lambda message: message.subtype_id == self.env.ref("mail.mt_comment")
        )
        self.assertFalse(comments)
        self.assertFalse(over.pending_email_template_id)

    def test_cart_confirmed_by_the_office_thanks_nobody(self):
        cart = self.cart()
        cart.action_confirm()
        self.assertEqual((cart.state, cart.ar_credit_state), ("sent", "held"))
        self.assertFalse(cart._get_credit_notice())

    def test_foreword_only_where_it_would_be_held(self):
        self.assertIn(MAY_REVIEW, self.cart()._get_credit_foreword())
        for name, cart in {
            "within the limit": self.cart(900.0),
            "not checked": self.cart(1500.0, self.other_customer),
            "switched off": self.cart(company=self.company_b),
        }.items():
            with self.subTest(name):
                self.assertFalse(cart._get_credit_foreword())
        self.company.ar_credit_limit_mode = "observe"
        self.assertFalse(self.cart()._get_credit_foreword())

    def test_switched_off_adds_no_query(self):
        cart = self.cart(company=self.company_b)
        self.env.flush_all()
        cart.company_id.sudo().mapped("ar_credit_limit_mode")
        cart.sudo().mapped("ar_credit_state")
        with self.assertQueryCount(0):
            cart._get_credit_foreword()
            cart._get_credit_notice()


@tagged("post_install", "-at_install")
class TestShopPages(ShopCommon, HttpCase):
    """The shop as a customer walks through it, with real requests."""

    def walk_in(self, customer, price):
        """Log in, put the product into the cart."""
        self.product.write(
            {"list_price": price, "website_published": True, "sale_ok": True}
        )
        self.env.flush_all()
        self.authenticate(self.buyers[customer].login, "a real Password 1")
        self.make_jsonrpc_request(
            "/shop/cart/add",
            {
                "product_template_id": self.product.product_tmpl_id.id,
                "product_id": self.product.id,
                "quantity": 1,
            },
            timeout=60,
        )
        self.read_page("/shop/checkout?try_skip_step=true")
        return self.env["sale.order"].search(
            [
                ("partner_id", "=", self.buyers[customer].partner_id.id),
                ("website_id", "=", self.website.id),
            ],
            order="id desc",
            limit=1,
        )

    def read_page(self, url):
        response = self.url_open(url, timeout=60)
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        page = " ".join(html2plaintext(response.text).split())
        self.assertNotRegex(page, FORBIDDEN)
        return page

    def pay(self, cart, provider, state):
        self.make_jsonrpc_request(
            f"/shop/payment/transaction/{cart.id}",
            {
                "provider_id": provider.id,
                "payment_method_id": provider.payment_method_ids[:1].id
                or self.payment_method_id,
                "token_id": None,
                "amount": cart.amount_total,
                "flow": "direct",
                "tokenization_requested": False,
                "landing_route": "/shop/payment/validate",
                "access_token": cart._portal_ensure_token(),
            },
            timeout=60,
        )
        self.env.invalidate_all()
        getattr(cart.transaction_ids, f"_set_{state}")()
        self.env.flush_all()
        self.make_jsonrpc_request("/payment/status/poll", timeout=60)
        self.env.invalidate_all()

    def test_checkout_with_pay_on_delivery(self):
        cart = self.walk_in(self.customer, 1500.0)
        self.assertEqual(cart.amount_total, 1500.0)
        self.assertIn(MAY_REVIEW, self.read_page("/shop/payment"))
        self.pay(cart, self.cash_on_delivery, "pending")
        self.assert_quotation(cart, self.salesperson)
        page = self.read_page("/shop/payment/validate")
        self.assertIn(REVIEWING, page)
        self.assertIn(cart.name, page)
        self.assertNotEqual(
            self.walk_in(self.customer, 1500.0), cart, "the cart is another one"
        )

    def test_checkout_within_the_limit(self):
        cart = self.walk_in(self.customer, 100.0)
        self.assertNotIn(MAY_REVIEW, self.read_page("/shop/payment"))
        self.pay(cart, self.cash_on_delivery, "pending")
        self.assertEqual(cart.state, "sale")
        self.assertNotIn(REVIEWING, self.read_page("/shop/payment/validate"))

    def test_checkout_of_a_stopped_customer_with_nothing_to_pay(self):
        self.stop(self.customer)
        cart = self.walk_in(self.customer, 0.0)
        page = self.read_page("/shop/payment/validate")
        self.assert_quotation(cart, self.salesperson)
        self.assertIn(REVIEWING, page)
        self.assertIn(REVIEWING, self.read_page("/shop/confirmation"), "read once more")

    def test_checkout_paid_online(self):
        self.stop(self.customer)
        cart = self.walk_in(self.customer, 500.0)
        self.pay(cart, self.provider, "done")
        self.assertEqual(cart.transaction_ids.state, "done")
        page = self.read_page("/shop/payment/validate")
        if cart.state != "sale":  # what is paid in full may pass
            self.assert_quotation(cart, self.salesperson)
            self.assertIn("Your payment has arrived", page)

    def test_switched_off(self):
        self.company.ar_credit_limit_mode = "off"
        cart = self.walk_in(self.customer, 1500.0)
        self.assertNotIn(MAY_REVIEW, self.read_page("/shop/payment"))
        self.pay(cart, self.cash_on_delivery, "pending")
        self.assertEqual(cart.state, "sale")
        self.assertNotIn(REVIEWING, self.read_page("/shop/payment/validate"))
