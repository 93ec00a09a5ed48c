from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, HttpCase, JsonRpcException, tagged

from ..models.sale_order_increase import without_increase_check
from ..tools.violation import Violation
from .common import CreditCommon


class IncreaseCommon(CreditCommon):
    """A confirmed order of 600 of a customer who may owe 1,000."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sold = cls.confirmed(600.0, quantity=6)
        cls.line = cls.sold.order_line
        cls.env.flush_all()

    @classmethod
    def new_term(cls, name, days):
        return cls.env["account.payment.term"].create(
            {
                "name": name,
                "line_ids": [
                    fields.Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": days}
                    )
                ],
            }
        )

    def assert_refused(self, attempt, message="over the credit limit"):
        """The change is refused and nothing of it is left."""
        facts = self.facts()
        with self.assertRaisesRegex(UserError, message):
            with self.env.cr.savepoint():
                attempt()
        self.assertEqual(self.facts(), facts, "nothing is written")

    def facts(self):
        self.env.flush_all()
        return (
            self.sold.read(["amount_total", "partner_invoice_id", "payment_term_id"]),
            self.sold.order_line.read(
                ["product_id", "product_uom_qty", "price_unit", "discount", "tax_ids"]
            ),
            len(self.sold.message_ids),
        )


@tagged("post_install", "-at_install")
class TestIncrease(IncreaseCommon):
    def test_boundary_to_the_cent(self):
        self.invoice(amount=300.0)
        self.line.price_unit = 700.0 / 6
        self.assertEqual(self.sold.amount_total, 700.0)
        self.assert_refused(lambda: self.line.write({"price_unit": 701.0 / 6}))

    def test_what_makes_an_order_grow(self):
        tax = self.env["account.tax"].create({"name": "90 %", "amount": 90.0})
        generous = self.confirmed(
            500.0, self.other_customer, line={"price_unit": 1000.0, "discount": 50.0}
        )
        self.grant(self.other_customer, amount=900.0)
        new_line = {
            "order_id": self.sold.id,
            "product_id": self.product.id,
            "product_uom_qty": 5,
            "price_unit": 100.0,
            "tax_ids": False,
        }
        lines = self.env["sale.order.line"]
        dozen = self.env.ref("uom.product_uom_dozen")
        for name, attempt in {
            "quantity": lambda: self.line.write({"product_uom_qty": 11}),
            "price": lambda: self.line.write({"price_unit": 200.0}),
            "unit": lambda: self.line.write(
                {"product_uom_id": dozen.id, "price_unit": 1200.0}
            ),
            "tax": lambda: self.line.write({"tax_ids": [(6, 0, tax.ids)]}),
            "discount": lambda: generous.order_line.write({"discount": 0.0}),
            "line": lambda: lines.create(new_line),
            "line by a default": lambda: lines.with_context(
                default_order_id=self.sold.id
            ).create({**new_line, "order_id": self.sold.id}),
            "line on the order": lambda: self.sold.write(
                {"order_line": [fields.Command.create(new_line)]}
            ),
            "line of the order": lambda: self.sold.write(
                {
                    "order_line": [
                        fields.Command.update(self.line.id, {"price_unit": 200.0})
                    ]
                }
            ),
            "line moved here": lambda: self.order(
                900.0, self.other_customer
            ).order_line.write({"order_id": self.sold.id}),
        }.items():
            with self.subTest(name):
                self.assert_refused(attempt)

    def test_line_with_a_default_order(self):
        lines = self.env["sale.order.line"].with_context(default_order_id=self.sold.id)
        self.assert_refused(
            lambda: lines.create(
                {"product_id": self.product.id, "price_unit": 500.0, "tax_ids": False}
            )
        )

    def test_line_that_lessens_the_order_cannot_go(self):
        rebate = self.env["sale.order.line"].create(
            {
                "order_id": self.sold.id,
                "product_id": self.product.id,
                "price_unit": -500.0,
                "tax_ids": False,
                "is_downpayment": True,
            }
        )
        self.line.price_unit = 1000.0 / 6
        self.grant(amount=900.0)
        self.assert_refused(lambda: rebate.unlink())

    def test_currency_and_rate(self):
        euro = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.eur.id}
        )
        # 400 euro are 800 dollars.
        order = self.confirmed(200.0, pricelist_id=euro.id)
        self.assertEqual(self.exposure(), 1000.0)
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            order.order_line.price_unit = 200.01
        self.env.invalidate_all()
        self.eur.rate_ids.create(
            {"name": "2026-02-01", "rate": 0.25, "currency_id": self.eur.id}
        )
        order.date_order = "2020-06-01"
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            order.date_order = "2026-03-01"

    def test_another_customer(self):
        """Who pays follows who buys."""
        self.grant(self.other_customer, amount=500.0)
        self.assert_refused(
            lambda: self.sold.write({"partner_id": self.other_customer.id})
        )

    def test_another_customer_pays(self):
        self.grant(self.other_customer, amount=599.99)
        address = self.new_customer(
            "Accounts", parent_id=self.other_customer.id, is_company=False
        )
        self.assert_refused(
            lambda: self.sold.write({"partner_invoice_id": address.id}),
            "Other Customer would owe",
        )
        own = self.new_customer("Desk", parent_id=self.customer.id, is_company=False)
        self.grant(amount=10.0)
        self.sold.partner_invoice_id = own
        self.grant(self.other_customer, amount=600.0)
        self.sold.partner_invoice_id = address
        self.assertEqual(self.exposure(self.other_customer), 600.0)

    def test_longer_terms(self):
        short, long = self.new_term("10 days", 10), self.new_term("90 days", 90)
        self.sold.payment_term_id = short
        self.sold.payment_term_id = long
        self.sold.payment_term_id = short
        self.grant(amount=500.0)
        self.assert_refused(lambda: self.sold.write({"payment_term_id": long.id}))
        self.sold.payment_term_id = False
        self.assert_refused(lambda: self.sold.write({"payment_term_id": short.id}))

    def test_decreases_always_pass(self):
        self.grant(amount=1.0)
        for name, values in {
            "quantity": {"product_uom_qty": 5},
            "price": {"price_unit": 90.0},
            "discount": {"discount": 10.0},
            "same": {"price_unit": 90.0},
            "nothing left": {"product_uom_qty": 0},
        }.items():
            with self.subTest(name):
                self.line.write(values)
                self.env.flush_all()

    def test_increase_within_the_free_credit_passes(self):
        self.line.product_uom_qty = 10
        self.assertEqual(self.exposure(), 1000.0)
        self.assertEqual(self.sold.ar_credit_state, "ok")

    def test_one_change_is_judged_by_its_sum(self):
        second = self.env["sale.order.line"].create(
            {
                "order_id": self.sold.id,
                "product_id": self.product.id,
                "price_unit": 400.0,
                "tax_ids": False,
            }
        )
        self.sold.write(
            {
                "order_line": [
                    fields.Command.update(self.line.id, {"price_unit": 150.0}),
                    fields.Command.update(second.id, {"price_unit": 100.0}),
                ]
            }
        )
        self.assertEqual(self.sold.amount_total, 1000.0)
        (self.line | second).write({"discount": 5.0})
        self.assertEqual(self.sold.amount_total, 950.0)

    def test_updating_prices_and_taxes(self):
        self.product.list_price = 200.0
        self.line.technical_price_unit = 100.0
        self.assert_refused(lambda: self.sold.action_update_prices())
        tax = self.env["account.tax"].create({"name": "90 %", "amount": 90.0})
        self.product.taxes_id = tax
        self.assert_refused(lambda: self.sold.action_update_taxes())

    def test_form(self):
        form = Form(self.sold.with_user(self.salesperson))
        with form.order_line.edit(0) as line:
            line.product_uom_qty = 11
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            form.save()
        with form.order_line.edit(0) as line:
            line.product_uom_qty = 9
        form.save()
        self.assertEqual(self.sold.amount_total, 900.0)

    def test_import(self):
        xmlid = self.line.export_data(["id"])["datas"][0][0]
        result = self.env["sale.order.line"].load(
            ["id", "price_unit"], [[xmlid, "500"]]
        )
        self.assertIn("over the credit limit", result["messages"][0]["message"])
        self.env.invalidate_all()
        self.assertEqual(self.line.price_unit, 100.0)

    def test_context_keys_do_not_bypass(self):
        for key in ("ar_credit_passed", "ar_credit_is_exempt", "bypass_risk"):
            with self.subTest(key):
                line = self.line.with_context(**{key: True}).sudo()
                self.assert_refused(lambda line=line: line.write({"price_unit": 500.0}))

    def test_forged_amounts(self):
        """A client that writes what Odoo computes hides nothing."""
        forged = {"price_subtotal": 1.0, "price_total": 1.0, "price_tax": 0.0}
        for name, attempt in {
            "line": lambda: self.line.write({"price_unit": 500.0, **forged}),
            "order": lambda: self.sold.write(
                {
                    "amount_total": 1.0,
                    "order_line": [
                        fields.Command.update(self.line.id, {"price_unit": 500.0})
                    ],
                }
            ),
            "new line": lambda: self.line.create(
                {
                    "order_id": self.sold.id,
                    "product_id": self.product.id,
                    "price_unit": 500.0,
                    "tax_ids": False,
                    **forged,
                }
            ),
        }.items():
            with self.subTest(name):
                self.assert_refused(attempt)
        self.sold.write({"amount_total": 1.0})
        self.sold.write({"currency_rate": 1e9})
        self.assertEqual(self.sold._get_credit_amount(), 600.0)

    def test_forged_figures_hide_no_exposure(self):
        """Neither what Odoo computes nor the name of a down payment."""
        for values in (
            {"qty_invoiced": 6.0},
            {"untaxed_amount_to_invoice": 0.0},
            {"price_total": 1.0},
            {"is_downpayment": True},
        ):
            with self.subTest(values):
                self.line.with_user(self.salesperson).write(values)
                self.env.flush_all()
                self.assertEqual(self.exposure(), 600.0)

    def test_forged_amounts_of_a_quotation(self):
        """What Odoo computes of a quotation is what is checked."""
        order = self.order(1500.0).with_user(self.salesperson)
        for forge in (
            lambda: order.write({"amount_total": 1.0, "amount_untaxed": 1.0}),
            lambda: order.write({"currency_rate": 1e9}),
            lambda: order.order_line.write({"price_total": 1.0, "price_subtotal": 1.0}),
        ):
            forge()
            self.env.flush_all()
            order.action_confirm()
            self.assertEqual((order.state, order.ar_credit_state), ("draft", "held"))
        small = self.order(300.0).with_user(self.salesperson)
        small.order_line.write({"price_total": 1.0})
        small.action_confirm()
        self.env.flush_all()
        self.assertEqual(self.exposure(), 900.0)

    def test_forged_amounts_of_a_new_order(self):
        line = {"product_id": self.product.id, "price_unit": 1500.0, "tax_ids": False}
        for state in ("draft", "sale"):
            with self.subTest(state):
                order = self.sold.with_user(self.salesperson).create(
                    {
                        "partner_id": self.customer.id,
                        "state": state,
                        "amount_total": 1.0,
                        "currency_rate": 1e9,
                        "order_line": [
                            fields.Command.create({**line, "price_total": 1.0})
                        ],
                    }
                )
                order.action_confirm()
                self.env.flush_all()
                self.assertEqual(order._get_credit_amount(), 1500.0)
                self.assertEqual(order.ar_credit_state, "held")

    def test_confirming_with_a_change_at_once(self):
        """What is confirmed was checked without the change."""
        order = self.order(300.0)
        self.env.flush_all()
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            order.write(
                {
                    "state": "sale",
                    "order_line": [
                        fields.Command.update(order.order_line.id, {"price_unit": 999})
                    ],
                }
            )

    def test_stop_of_a_customer_refuses_growth_only(self):
        self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )
        self.assert_refused(lambda: self.line.write({"price_unit": 101.0}), "Cheque")
        self.line.price_unit = 99.0

    def test_release_covers_growth_up_to_its_ceiling(self):
        order = self.held(1500.0)
        hold = order.ar_credit_hold_id.with_user(self.user_manager)
        hold._release("Guaranteed", ceiling=1700.0)
        order.action_confirm()
        order.order_line.price_unit = 1700.0
        with self.assertRaisesRegex(UserError, "over the credit limit"):
            order.order_line.price_unit = 1700.01

    def test_several_orders_at_once(self):
        other = self.confirmed(100.0)
        (self.line | other.order_line).write({"price_unit": 120.0})
        self.assert_refused(
            lambda: (self.line | other.order_line).write({"price_unit": 200.0})
        )

    def test_locked_orders(self):
        self.sold.action_lock()
        with self.assertRaisesRegex(UserError, "locked"):
            self.line.price_unit = 500.0
        self.assert_refused(
            lambda: self.line.create(
                {
                    "order_id": self.sold.id,
                    "product_id": self.product.id,
                    "price_unit": 500.0,
                    "tax_ids": False,
                }
            )
        )
        self.sold.action_unlock()
        self.assert_refused(lambda: self.line.write({"price_unit": 500.0}))

    def test_observe_records_and_stops_nothing(self):
        self.company.ar_credit_limit_mode = "observe"
        self.line.price_unit = 200.0
        self.assertEqual(self.sold.amount_total, 1200.0)
        self.assertEqual(self.sold.ar_credit_state, "warning")
        self.assertEqual(self.events("credit_observed").figures["excess"], 200.0)

    def test_off(self):
        self.company.ar_credit_limit_mode = "off"
        self.line.price_unit = 5000.0
        self.assertEqual(self.sold.ar_credit_state, "ok")

    def test_decided_alone_only_where_it_grew(self):
        account = self.env["ar.credit.account"].sudo()
        account = account.search([("commercial_partner_id", "=", self.customer.id)])
        for name, values, expected in (
            ("description", {"name": "Crates"}, 0),
            ("delivered", {"qty_delivered": 2}, 0),
            ("less", {"product_uom_qty": 5}, 0),
            ("more", {"product_uom_qty": 7}, 1),
        ):
            with self.subTest(name):
                before = account.decision_no
                self.line.write(values)
                account.invalidate_recordset()
                self.assertEqual(account.decision_no - before, expected)

    def test_reasons_are_for_those_with_a_role(self):
        plain = self.new_user("no_role", "base.group_user")
        with self.assertRaises(UserError) as caught:
            self.line.with_user(plain).sudo().price_unit = 500.0
        self.assertNotIn("1,000", str(caught.exception))
        self.assertIn("ask the salesperson", str(caught.exception))
        self.assertEqual(caught.exception.ar_violations[0].code, "over_limit")


@tagged("post_install", "-at_install")
class TestReopening(IncreaseCommon):
    def test_cancelled_and_confirmed_again(self):
        order = self.held(800.0)
        order.ar_credit_hold_id.with_user(self.user_manager)._release("Guaranteed")
        order.action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "released"))
        order.action_cancel()
        order.action_draft()
        order.action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("draft", "held"))

    def test_grown_while_it_was_open_again(self):
        self.sold.action_cancel()
        self.sold.action_draft()
        self.line.price_unit = 500.0
        self.sold.action_confirm()
        self.assertEqual(
            (self.sold.state, self.sold.ar_credit_state), ("draft", "held")
        )

    def test_back_to_sale_by_writing(self):
        self.sold.action_cancel()
        self.line.price_unit = 500.0
        for state in ("draft", "sale"):
            with self.subTest(state):
                if state == "draft":
                    self.sold.write({"state": "draft"})
                    continue
                with self.assertRaisesRegex(UserError, "over the credit limit"):
                    self.sold.write({"state": "sale"})

    def test_duplicate(self):
        copy = self.sold.copy()
        copy.action_confirm()
        self.assertEqual((copy.state, copy.ar_credit_state), ("draft", "held"))
        copy.order_line.price_unit = 60.0
        copy.action_confirm()
        self.assertEqual((copy.state, copy.ar_credit_state), ("sale", "ok"))


@tagged("post_install", "-at_install")
class TestTechnicalWrites(IncreaseCommon):
    """What Odoo itself does to a confirmed order passes although nothing is free."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grant(amount=1.0)

    def test_delivered_and_invoiced(self):
        self.line.qty_delivered = 50
        invoice = self.sold._create_invoices()
        invoice.action_post()
        self.assertEqual(self.line.qty_invoiced, 6)

    def test_down_payment(self):
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": self.sold.ids,
                "advance_payment_method": "percentage",
                "amount": 50,
            }
        )
        wizard.create_invoices()
        self.assertTrue(self.sold.order_line.filtered("is_downpayment"))

    def test_price_of_what_is_delivered_beyond_the_order(self):
        extra = self.env["sale.order.line"].create(
            {
                "order_id": self.sold.id,
                "product_id": self.product.id,
                "product_uom_qty": 0,
                "tax_ids": False,
            }
        )
        extra.qty_delivered = 5
        self.env.flush_all()
        extra.product_uom_qty = 5
        self.assertEqual(self.sold.amount_total, 1100.0, "already owed: no growth")
        extra.product_uom_qty = 0
        self.assert_refused(lambda: extra.write({"price_unit": 101.0}))
        extra.price_unit = 99.0

    def test_cost_of_the_delivery(self):
        if "carrier_id" not in self.sold._fields:
            self.skipTest("delivery is not installed here")
        carrier = self.env["delivery.carrier"].create(
            {"name": "Van", "product_id": self.product.id, "fixed_price": 20.0}
        )
        self.assert_refused(lambda: self.sold.set_delivery_line(carrier, 20.0))
        with without_increase_check():
            self.sold.set_delivery_line(carrier, 20.0)
        self.assertEqual(self.sold.amount_total, 620.0)
        # Another carrier at the same price is no growth.
        self.sold.set_delivery_line(carrier, 20.0)
        self.assertEqual(self.sold.amount_total, 620.0)
        self.assert_refused(lambda: self.sold.set_delivery_line(carrier, 20.01))
        self.assert_refused(
            lambda: self.line.create(
                {
                    "order_id": self.sold.id,
                    "product_id": self.product.id,
                    "price_unit": 20.0,
                    "is_delivery": True,
                    "tax_ids": False,
                }
            )
        )

    def test_rewards(self):
        if "reward_id" not in self.line._fields:
            self.skipTest("sale_loyalty is not installed here")
        program = self.env["loyalty.program"].create(
            {
                "name": "Ten percent",
                "program_type": "promotion",
                "trigger": "auto",
                "applies_on": "current",
                "rule_ids": [fields.Command.create({})],
                "reward_ids": [
                    fields.Command.create(
                        {
                            "reward_type": "discount",
                            "discount": 10,
                            "required_points": 1,
                        }
                    )
                ],
            }
        )
        self.sold._update_programs_and_rewards()
        coupon = self.sold.coupon_point_ids.coupon_id.filtered(
            lambda card: card.program_id == program
        )
        self.sold._apply_program_reward(program.reward_ids, coupon)
        self.assertEqual(self.sold.amount_total, 540.0)
        self.sold._update_programs_and_rewards()
        self.assertEqual(self.sold.amount_total, 540.0)
        reward = self.sold.order_line.filtered("reward_id")
        self.assert_refused(lambda: reward.write({"price_unit": 0.0}))

    def test_innocuous_writes_ask_nothing(self):
        """Not one query more than with the check off."""
        order, line = self.sold, self.line
        product = {"product_id": self.product.id, "product_uom_qty": 0}
        for name, attempt in {
            "description": lambda text: line.write({"name": text}),
            "delivered": lambda text: line.write({"qty_delivered": len(text)}),
            "reference": lambda text: order.write({"client_order_ref": text}),
            "lines on the order": lambda text: order.write(
                {"order_line": [fields.Command.update(line.id, {"name": text})]}
            ),
            "line without quantity": lambda text: line.create(
                {"order_id": order.id, "name": text, **product}
            ),
        }.items():
            with self.subTest(name):
                self.assert_no_query_more(attempt, "warm up", "a", "of three", "four")

    def test_decrease_asks_nothing(self):
        self.assert_no_query_more(
            lambda price: self.line.write({"price_unit": price}), 99.0, 98.0, 97.0, 96.0
        )

    def assert_no_query_more(self, attempt, warm_up, off, again, hold):
        """An attempt asks as much with the check on as off; both are warmed up."""
        self.company.ar_credit_limit_mode = "off"
        attempt(warm_up)
        expected = self.count_queries(lambda: attempt(off))
        self.company.ar_credit_limit_mode = "hold"
        attempt(again)
        self.env.flush_all()
        self.company._has_credit_check()
        with self.assertQueryCount(expected):
            attempt(hold)
            self.env.flush_all()

    def count_queries(self, attempt):
        self.env.flush_all()
        before = self.env.cr.sql_log_count
        attempt()
        self.env.flush_all()
        return self.env.cr.sql_log_count - before


@tagged("post_install", "-at_install")
class TestIncreaseRpc(HttpCase, IncreaseCommon):
    def test_over_rpc(self):
        self.salesperson.password = "a real Password 1"
        self.authenticate(self.salesperson.login, "a real Password 1")
        update = fields.Command.update(self.line.id, {"price_unit": 500.0})
        for model, method, args in (
            ("sale.order.line", "write", [self.line.ids, {"price_unit": 500.0}]),
            ("sale.order", "write", [self.sold.ids, {"order_line": [update]}]),
            ("sale.order", "web_save", [self.sold.ids, {"order_line": [update]}]),
            (
                "sale.order.line",
                "create",
                [
                    {
                        "order_id": self.sold.id,
                        "product_id": self.product.id,
                        "price_unit": 500.0,
                    }
                ],
            ),
        ):
            kwargs = {"context": {"ar_credit_is_exempt": True}}
            if method == "web_save":
                kwargs["specification"] = {}
            with self.subTest(f"{model}.{method}"):
                try:
                    self.rpc(model, method, *args, **kwargs)
                    self.fail("it was let through")
                except JsonRpcException as error:
                    self.assertEqual(str(error), "odoo.exceptions.UserError")
                self.env.invalidate_all()
                self.assertEqual(self.sold.amount_total, 600.0)

    def rpc(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )
