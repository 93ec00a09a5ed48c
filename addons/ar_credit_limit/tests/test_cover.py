from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged
from odoo.tools import SQL

from odoo.addons.payment.tests.common import PaymentCommon

from .common import CreditCommon
from .test_order_check import PIXEL


class CoverCommon(PaymentCommon, CreditCommon):
    def paid(self, order, amount, state="done", **values):
        transaction = self._create_transaction(
            "direct",
            reference=f"{order.name} {amount} {state} {len(order.transaction_ids)}",
            amount=amount,
            currency_id=values.pop("currency", order.currency_id).id,
            partner_id=order.partner_id.id,
            sale_order_ids=[fields.Command.set(order.ids)],
            state="draft" if state == "authorized" else state,
            **values,
        )
        if state == "authorized":
            # The provider of the tests cannot: no write gets past its constraint.
            self.env.flush_all()
            self.env.cr.execute(
                SQL(
                    "UPDATE payment_transaction SET state = 'authorized' WHERE id = %s",
                    transaction.id,
                )
            )
            self.env.invalidate_all()
        return transaction


@tagged("post_install", "-at_install")
class TestCover(CoverCommon):
    def test_which_payments_cover(self):
        for state, amount, expected in (
            ("done", 500.0, 500.0),
            ("authorized", 500.0, 500.0),
            ("pending", 500.0, 0.0),
            ("draft", 500.0, 0.0),
            ("cancel", 500.0, 0.0),
            ("error", 500.0, 0.0),
        ):
            with self.subTest(state):
                order = self.order(1500.0)
                self.paid(order, amount, state)
                self.assertEqual(order._get_credit_cover(), expected)
                order.action_confirm()
                self.assertEqual(order.state == "sale", bool(expected))
                order._action_cancel()

    def test_boundary_to_the_cent(self):
        for amount, expected in ((499.99, "held"), (500.0, "released")):
            with self.subTest(amount=amount):
                order = self.order(1500.0)
                self.paid(order, amount, "authorized")
                order.action_confirm()
                self.assertEqual(order.state == "sale", expected != "held")
                if expected == "held":
                    hold = order.ar_credit_hold_id
                    self.assertIn("paid or authorised in advance", hold.reasons_text)
                    self.assertEqual((hold.amount, hold.excess), (1500.0, 0.01))
                    self.assertEqual(hold.reason_ids.figures["cover"], 499.99)
                order._action_cancel()

    def test_covered_in_full_passes_without_credit(self):
        no_credit = self.new_customer("No Credit")
        self.grant(no_credit, state="none")
        order = self.order(700.0, no_credit)
        self.paid(order, 700.0, "authorized")
        order.action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "ok"))

    def test_what_a_person_stopped_is_not_bought_free(self):
        order = self.order(700.0)
        self.paid(order, 700.0)
        order._hold_by_hand("Wrong address")
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held")

    def test_what_is_booked_counts_once(self):
        """A posted payment lessens what is owed; it is no cover besides."""
        order = self.order(1500.0)
        transaction = self.paid(order, 500.0)
        payment = self.env["account.payment"].create(
            {"partner_id": self.customer.id, "amount": 500.0}
        )
        payment.action_post()
        transaction.payment_id = payment
        booked = payment.move_id.state == "posted"
        self.assertEqual(order._get_credit_cover(), 0.0 if booked else 500.0)
        self.assertEqual(order._get_credit_cover() - self.exposure(), 500.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_what_was_voided_or_paid_back_covers_nothing(self):
        order = self.order(1500.0)
        transaction = self.paid(order, 500.0, "authorized")
        child = {
            "provider_id": transaction.provider_id.id,
            "payment_method_id": transaction.payment_method_id.id,
            "currency_id": order.currency_id.id,
            "partner_id": order.partner_id.id,
            "source_transaction_id": transaction.id,
        }
        Transaction = self.env["payment.transaction"]
        Transaction.create(
            {**child, "reference": "void", "amount": 100.0, "state": "cancel"}
        )
        self.assertEqual(order._get_credit_cover(), 400.0)
        Transaction.create(
            {
                **child,
                "reference": "refund",
                "amount": -150.0,
                "state": "done",
                "operation": "refund",
            }
        )
        self.assertEqual(order._get_credit_cover(), 250.0)

    def test_currencies(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.eur.id}
        )
        order = self.order(600.0, pricelist_id=pricelist.id)
        self.paid(order, 100.0)
        self.assertEqual(order._get_credit_cover(), 200.0, "at the rate of the order")
        self.paid(order, 50.0, currency=self.company.currency_id)
        self.assertEqual(order._get_credit_cover(), 250.0)

    def test_paid_down_payment(self):
        order = self.order(1500.0)
        line = self.env["sale.order.line"].create(
            {
                "order_id": order.id,
                "name": "Down payment",
                "is_downpayment": True,
                "product_uom_qty": 0.0,
                "price_unit": 600.0,
                "tax_ids": False,
            }
        )
        invoice = self.invoice(amount=600.0)
        invoice.invoice_line_ids.sale_line_ids = line
        self.assertEqual(order._get_credit_cover(), 0.0, "owed, not paid")
        self.pay(invoice, 200.0)
        self.assertEqual(order._get_credit_cover(), 200.0)
        self.pay(invoice)
        self.assertEqual(order._get_credit_cover(), 600.0)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_costs_no_query_within_the_limit(self):
        orders = self.order(100.0) | self.order(200.0)
        orders._assess_credit()
        with self.assertQueryCount(2):
            orders._assess_credit()
        dear = self.order(5000.0) | self.order(6000.0) | self.order(7000.0)
        dear._assess_credit()
        with self.assertQueryCount(4):  # and one for the covers, one for exemptions
            dear._assess_credit()


@tagged("post_install", "-at_install")
class TestOffer(CoverCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.waiting = cls.held(1500.0)
        cls.hold = cls.waiting.ar_credit_hold_id

    def offer(self, user=None, **values):
        user = user or self.salesperson
        action = self.waiting.with_user(user).action_offer_terms()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
        )
        for name, value in {"reason": "Old customer", **values}.items():
            wizard[name] = value
        return wizard.save()

    def test_deposit_lets_the_rest_fit(self):
        wizard = self.offer()
        self.assertEqual(wizard.percent, 0.34, "500 of 1,500, in whole percents")
        self.assertEqual(wizard.deposit, 510.0)
        wizard.action_offer()
        self.assertTrue(self.waiting.require_payment)
        self.assertEqual(self.waiting.prepayment_percent, 0.34)
        self.assertTrue(self.hold.is_offered)
        self.assertIn("510.00 in advance", self.events("credit_hold")[0].text)
        self.assertEqual(self.hold.state, "held", "an offer is no payment")
        transaction = self.paid(self.waiting, 510.0)
        confirmed = transaction._check_amount_and_confirm_order()
        self.assertEqual(confirmed, self.waiting)
        self.assertEqual((self.waiting.state, self.hold.state), ("sale", "cleared"))

    def test_prepayment_in_full(self):
        self.offer(kind="prepayment").action_offer()
        self.assertEqual(self.waiting.prepayment_percent, 1.0)
        self.paid(self.waiting, 1499.99)._check_amount_and_confirm_order()
        self.assertEqual(self.waiting.state, "draft")
        self.paid(self.waiting, 0.01)._check_amount_and_confirm_order()
        self.assertEqual(self.waiting.state, "sale")

    def test_cash_terms_by_who_may(self):
        self.offer(self.env.user, kind="cash").action_offer()
        immediate = self.env.ref("account.account_payment_term_immediate")
        self.assertEqual(self.waiting.payment_term_id, immediate)
        self.assertEqual(self.hold.state, "released")
        self.assertIn("Old customer", self.hold.decision_reason)
        self.assertFalse(self.hold.is_released_unchanged, "on other terms")

    def test_cash_terms_by_the_salesperson(self):
        told = self.offer(kind="cash").action_offer()
        self.assertEqual(told["params"]["title"], "Requested, not released")
        self.assertTrue(self.hold.is_requested)
        self.assertIn("Cash terms", self.hold.request_note)
        self.assertEqual(self.waiting.ar_credit_state, "held")

    def test_bad_input(self):
        for percent in (0.0, -0.5, 1.01):
            with self.subTest(percent=percent):
                wizard = self.offer(percent=percent)
                with self.assertRaisesRegex(UserError, "above zero"):
                    wizard.action_offer()
        wizard = self.offer()
        self.hold.with_user(self.user_manager)._release("Fine")
        with self.assertRaisesRegex(UserError, "not held"):
            wizard.action_offer()
        with self.assertRaisesRegex(UserError, "not held"):
            self.waiting.action_offer_terms()

    def test_who_may(self):
        colleague = self.new_user("colleague", "sales_team.group_sale_salesman")
        for user in (colleague, self.user_viewer):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["ar.credit.offer"].with_user(user).create(
                    {"order_id": self.waiting.id, "reason": "Mine"}
                )


@tagged("post_install", "-at_install")
class TestConfirmation(CoverCommon):
    """Released orders that were signed or prepaid confirm themselves."""

    def accepted(self, signed=False, paid=0.0, **values):
        order = self.order(1500.0, require_signature=signed is not None, **values)
        order.action_quotation_sent()
        if signed:
            order.write(
                {
                    "signed_by": "Buyer",
                    "signed_on": fields.Datetime.now(),
                    "signature": PIXEL,
                }
            )
        if paid:
            self.paid(order, paid)
        order._validate_order()
        self.assertEqual(order.ar_credit_state, "held")
        return order

    def test_by_setting_and_by_what_the_customer_did(self):
        deposit = {"require_payment": True, "prepayment_percent": 0.2}
        for name, setting, values, expected in (
            ("signed", True, {"signed": True}, "sale"),
            ("signed, off", False, {"signed": True}, "sent"),
            ("not signed", True, {}, "sent"),
            ("paid", True, {"signed": None, "paid": 300.0, **deposit}, "sale"),
            (
                "paid too little",
                True,
                {"signed": None, "paid": 299.0, **deposit},
                "sent",
            ),
            ("paid, not signed", True, {"paid": 300.0, **deposit}, "sent"),
            ("nothing asked", True, {"signed": None}, "sent"),
        ):
            with self.subTest(name):
                self.company.ar_credit_confirm_released = setting
                order = self.accepted(**values)
                hold = order.ar_credit_hold_id
                hold.with_user(self.user_manager)._release("Fine")
                self.recheck()
                self.assertEqual(order.state, expected)
                self.assertFalse(hold.is_confirmation_due)
                order._action_cancel()

    def test_paid_orders_are_invoiced_as_core_does(self):
        self.company.ar_credit_confirm_released = True
        self.product.invoice_policy = "order"
        outstanding = self.env["account.account"].create(
            {
                "name": "Outstanding",
                "code": "OUTST",
                "account_type": "asset_current",
                "reconcile": True,
            }
        )
        journal = self.company_data["default_journal_bank"]
        journal.inbound_payment_method_line_ids.payment_account_id = outstanding
        for automatic in (False, True):
            with self.subTest(automatic=automatic):
                self.env["ir.config_parameter"].set_param(
                    "sale.automatic_invoice", str(automatic)
                )
                order = self.order(1500.0, require_payment=True)
                order.require_signature = False
                order._hold_by_hand("Wait")
                payment = self.paid(order, 1500.0)
                # As account_payment does when it arrives; it is kept from it in tests.
                payment.payment_id = self.env["account.payment"].create(
                    {
                        "partner_id": self.customer.id,
                        "amount": 1500.0,
                        "journal_id": journal.id,
                    }
                )
                payment.payment_id.action_post()
                self.assertEqual((order.state, order.invoice_ids.ids), ("draft", []))
                order.ar_credit_hold_id.with_user(self.user_manager)._release("Fine")
                self.recheck()
                self.assertEqual(order.state, "sale")
                invoice = order.invoice_ids
                self.assertEqual(bool(invoice), automatic)
                if automatic:
                    self.assertEqual(invoice.state, "posted")
                    self.assertEqual(invoice.transaction_ids, payment)
                    self.assertFalse(invoice.amount_residual)

    def test_when_the_reason_goes(self):
        self.company.ar_credit_confirm_released = True
        order = self.accepted(signed=True)
        self.grant(amount=5000.0)
        self.recheck()
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "ok"))
        self.assertIn("confirmed by itself", self.events("credit_release")[0].text)

    def test_held_again_meanwhile(self):
        self.company.ar_credit_confirm_released = True
        order = self.accepted(signed=True)
        order.ar_credit_hold_id.with_user(self.user_manager)._release("Fine")
        order.order_line.price_unit = 1600.0
        self.recheck()
        self.assertEqual((order.state, order.ar_credit_state), ("sent", "held"))

    def test_one_that_fails_stops_no_other(self):
        self.company.ar_credit_confirm_released = True
        bad, good = self.accepted(signed=True), self.accepted(signed=True)
        holds = bad.ar_credit_hold_id | good.ar_credit_hold_id
        holds.with_user(self.user_manager)._release("Fine")
        original = type(bad)._validate_order
        message = "The product is gone"

        def validate(orders):
            if bad in orders:
                raise UserError(message)
            return original(orders)

        self.patch(type(bad), "_validate_order", validate)
        self.recheck()
        self.assertEqual((bad.state, good.state), ("sent", "sale"))
        self.assertIn("Let go, but not confirmed", bad.activity_ids.mapped("summary"))
        self.assertFalse(any(holds.mapped("is_confirmation_due")), "tried once")
