from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from odoo.addons.payment.tests.common import PaymentCommon

from ..tools.violation import Violation
from .common import CreditCommon

#: The smallest picture: what a customer draws as a signature.
PIXEL = (
    b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9aw"
    b"AAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestOrderCheck(CreditCommon):
    two_companies = True

    def test_boundary_to_the_cent(self):
        self.invoice(amount=400.0)
        for amount, expected in ((600.0, "ok"), (600.01, "held")):
            with self.subTest(amount=amount):
                order = self.order(amount)
                order.action_confirm()
                self.assertEqual(order.ar_credit_state, expected)
                self.assertEqual(order.state == "sale", expected == "ok")
                order.action_cancel()

    def test_states_of_the_limit(self):
        prepaid = self.new_customer("Prepaid")
        self.invoice(prepaid, amount=500.0, move_type="out_refund")
        self.grant(prepaid, state="none")
        free = self.new_customer("Free")
        self.grant(free, state="unchecked")
        no_credit = self.new_customer("No Credit")
        self.grant(no_credit, state="none")
        for name, partner, amount, expected in (
            ("never decided", self.other_customer, 99999.0, "none"),
            ("not checked", free, 99999.0, "none"),
            ("no credit", no_credit, 0.01, "held"),
            ("no credit, nothing to pay", no_credit, 0.0, "ok"),
            ("no credit, paid in advance", prepaid, 500.0, "ok"),
        ):
            with self.subTest(name):
                order = self.order(amount, partner)
                order.action_confirm()
                self.assertEqual(order.ar_credit_state, expected)

    def test_violation_is_data(self):
        self.invoice(amount=300.0)
        self.confirmed(200.0)
        order = self.order(800.0)
        (violation,) = order._get_credit_violations()
        self.assertEqual(violation.code, "over_limit")
        self.assertEqual(
            violation.figures,
            {
                "limit": 1000.0,
                "open_items": 300.0,
                "ordered": 200.0,
                "exposure": 500.0,
                "order": 800.0,
                "total": 1300.0,
                "excess": 300.0,
                "currency": "USD",
            },
        )
        for part in ("Customer", "1,300.00", "300.00", "1,000.00"):
            self.assertIn(part, violation.sentence)
        self.assertEqual(order.ar_credit_state, "none", "asking decides nothing")
        self.assertFalse(order.ar_credit_hold_ids)

    def test_hold_freezes_reason_and_figures(self):
        self.invoice(amount=300.0)
        order = self.held(800.0)
        hold = order.ar_credit_hold_id
        self.assertRecordValues(
            hold,
            [
                {
                    "state": "held",
                    "scope": "order",
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "user_id": self.salesperson.id,
                    "amount": 800.0,
                    "exposure": 300.0,
                    "credit_limit": 1000.0,
                    "excess": 100.0,
                }
            ],
        )
        self.invoice(amount=200.0)
        self.assertEqual(hold.exposure, 300.0, "as it was")
        self.assertEqual(hold.reason_ids.code, "over_limit")
        self.assertIn(order.name, self.events("credit_hold")[0].text)

    def test_button_tells_the_reasons(self):
        order = self.order(1500.0)
        action = order.with_user(self.salesperson).action_confirm()
        self.assertEqual(action["tag"], "display_notification")
        self.assertIn("500.00 over the credit limit", action["params"]["message"])
        self.assertEqual(order.state, "draft")

    def test_held_again_keeps_one_hold(self):
        order = self.held(1500.0)
        hold = order.ar_credit_hold_id
        order.order_line.price_unit = 1600.0
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual(order.ar_credit_hold_ids, hold)
        self.assertEqual(hold.amount, 1600.0)
        self.assertEqual(len(hold.reason_ids), 1)

    def test_batch_sets_held_orders_aside(self):
        big, first, second, free = (
            self.order(1500.0),
            self.order(600.0),
            self.order(600.0),
            self.order(5000.0, self.other_customer),
        )
        action = (big | first | second | free).action_confirm()
        self.assertEqual(big.ar_credit_state, "held")
        self.assertEqual(first.state, "sale")
        self.assertEqual(
            second.ar_credit_state, "held", "together the two exceed the limit"
        )
        self.assertEqual(free.state, "sale")
        for held in big | second:
            self.assertIn(held.name, action["params"]["message"])
        self.assertNotIn(first.name, action["params"]["message"])

    def test_confirms_once_the_reason_is_gone(self):
        order = self.held(1500.0)
        hold = order.ar_credit_hold_id
        order.order_line.price_unit = 900.0
        order.action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "ok"))
        self.assertEqual(hold.state, "cleared")

    def test_order_of_a_branch_counts_against_the_root(self):
        self.confirmed(600.0)
        branch = self.new_branch()
        order = self.order(600.0, company=branch)
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held")
        self.assertEqual(order.ar_credit_hold_id.company_id, self.company)

    def test_currency_of_the_order(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.eur.id}
        )
        order = self.order(500.01, pricelist_id=pricelist.id)
        order.action_confirm()
        self.assertEqual(order.ar_credit_hold_id.amount, 1000.02)

    def test_observe_records_and_stops_nothing(self):
        self.company.ar_credit_limit_mode = "observe"
        order = self.confirmed(1500.0)
        self.assertEqual(order.ar_credit_state, "warning")
        self.assertFalse(order.ar_credit_hold_ids)
        event = self.events("credit_observed")
        self.assertEqual(event.source_id, order.id)
        self.assertEqual(event.figures["excess"], 500.0)

    def test_stop_of_a_customer_by_hand(self):
        self.stop_orders(self.other_customer)
        order = self.order(1.0, self.other_customer)
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held")
        self.assertEqual(order.ar_credit_hold_id.reason_ids.code, "manual_stop")
        self.assertIn("Cheque returned", order.partner_credit_warning)

    def test_banner_speaks_for_the_document(self):
        quotation = self.order(1500.0)
        self.assertIn("500.00 over", quotation.partner_credit_warning)
        self.assertFalse(self.order(900.0).partner_credit_warning)
        self.assertFalse(self.confirmed(900.0).partner_credit_warning)
        # Another company's document, seen from this one.
        self.company_b.ar_credit_limit_mode = "hold"
        self.grant(amount=10.0, company=self.company_b, user=self.env.user)
        foreign = self.order(500.0, company=self.company_b)
        self.assertIn(
            "490.00 over", foreign.with_company(self.company).partner_credit_warning
        )

    def test_banner_while_typing(self):
        form = Form(
            self.env["sale.order"]
            .with_user(self.salesperson)
            .with_context(default_user_id=self.salesperson.id)
        )
        form.partner_id = self.customer
        self.assertFalse(form.partner_credit_warning)
        with form.order_line.new() as line:
            line.product_id = self.product
            line.product_uom_qty = 11
            line.price_unit = 100.0
        self.assertIn("100.00 over", form.partner_credit_warning)

    def test_banner_of_a_draft_invoice(self):
        self.company.account_use_credit_limit = True
        self.invoice(amount=900.0)
        draft = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.customer.id,
                "invoice_line_ids": [
                    fields.Command.create(
                        {"name": "Goods", "price_unit": 150.0, "tax_ids": False}
                    )
                ],
            }
        )
        self.assertIn("50.00 over the credit limit", draft.partner_credit_warning)
        for mode in ("observe", "off"):
            with self.subTest(mode=mode):
                self.company.ar_credit_limit_mode = mode
                self.env.invalidate_all()
                self.assertIn("reached its credit limit", draft.partner_credit_warning)

    def test_invoice_of_an_order_weighs_once(self):
        self.company.account_use_credit_limit = True
        draft = self.confirmed(900.0)._create_invoices()
        self.assertFalse(draft.partner_credit_warning)

    def test_guard_stands_where_the_entry_points_are_passed(self):
        order = self.order(1500.0)
        self.assertIn("over the credit limit", order._confirmation_error_message())
        with self.assertRaisesRegex(UserError, "over the"):
            with self.env.cr.savepoint():
                order.write({"state": "sale"})
        order.order_line.price_unit = 900.0
        order.write({"state": "sale"})
        self.assertEqual(order.state, "sale")

    def test_amount_that_grows_on_the_way_is_checked_again(self):
        """Another addon may add lines between our check and core's guard."""
        order = self.order(900.0)
        with order._passing_credit():
            self.assertFalse(order._confirmation_error_message())
            order.order_line.price_unit = 1100.0
            self.assertIn("over the", order._confirmation_error_message())

    def test_context_keys_do_not_bypass(self):
        for key, value in (
            ("ar_credit_passed", True),
            ("ar_credit_hold_by_code", True),
            ("skip_credit_check", 1),
            ("bypass_risk", True),
        ):
            with self.subTest(key):
                order = self.order(1500.0)
                order.with_context(**{key: value}).action_confirm()
                self.assertEqual(order.state, "draft")

    def test_state_cannot_be_written(self):
        order = self.held(1500.0)
        for user in (self.salesperson, self.user_manager, self.env.user):
            with self.subTest(user.login), self.assertRaises(AccessError):
                order.with_user(user).sudo().write({"ar_credit_state": "released"})
        with self.assertRaises(AccessError):
            self.order(1.0, ar_credit_state="released")
        with self.assertRaises(AccessError):
            order.with_user(self.salesperson).write({"ar_credit_state": "none"})
        self.assertEqual(order.ar_credit_state, "held")
        Order = self.env["sale.order"].with_context(default_ar_credit_state="released")
        forged = Order.create({"partner_id": self.customer.id})
        self.assertEqual(forged.ar_credit_state, "none")
        self.assertEqual(order.copy().ar_credit_state, "none")

    def test_signature_of_the_customer(self):
        order = self.order(1500.0, require_signature=True)
        order.write(
            {
                "state": "sent",
                "signed_by": "Buyer",
                "signed_on": fields.Datetime.now(),
                "signature": PIXEL,
            }
        )
        order.with_user(self.env.ref("base.public_user")).sudo()._validate_order()
        self.assertEqual((order.state, order.ar_credit_state), ("sent", "held"))
        activity = order.activity_ids
        self.assertEqual(activity.user_id, self.salesperson, "who did not sign is told")
        self.assertEqual(activity.summary, "Held for credit")

    def test_cancelled_and_deleted_orders_end_their_holds(self):
        cancelled, deleted = self.held(1500.0), self.held(1500.0)
        holds = cancelled.ar_credit_hold_id | deleted.ar_credit_hold_id
        name = deleted.name
        cancelled.action_cancel()
        deleted.unlink()
        self.assertEqual(set(holds.mapped("state")), {"cancelled"})
        self.assertEqual(cancelled.ar_credit_state, "none")
        self.assertIn(name, holds.mapped("name"), "the hold still tells its document")

    def test_queries_over_plain_odoo(self):
        """At most four more than with the switch off."""
        counts = {}
        for mode in ("off", "hold"):
            self.company.ar_credit_limit_mode = mode
            # Twice: what the first one fills makes the second read other rules.
            for name in ("Warm", "Warmer", "Measured"):
                partner = self.new_customer(name)
                if mode == "hold":
                    self.grant(partner, amount=1000.0)
                order = self.order(600.0, partner)
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                order.action_confirm()
                self.env.flush_all()
                counts[mode] = self.env.cr.sql_log_count - before
                self.assertEqual(order.state, "sale")
        self.assertLessEqual(counts["hold"] - counts["off"], 4, counts)

    def test_batch_queries_do_not_grow(self):
        def asked(number):
            orders = self.env["sale.order"].browse()
            for index in range(number):
                partner = self.new_customer(f"{number} {index}")
                self.grant(partner, amount=1000.0)
                orders |= self.order(600.0, partner)
            self.env.flush_all()
            orders.mapped("partner_invoice_id.commercial_partner_id")
            before = self.env.cr.sql_log_count
            self.assertFalse(orders._set_aside())
            return self.env.cr.sql_log_count - before

        asked(1)
        self.assertEqual(asked(2), asked(7))

    def stop_orders(self, partner):
        return self.env["ar.credit.hold"]._place(
            partner,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )


@tagged("post_install", "-at_install")
class TestPayment(PaymentCommon, CreditCommon):
    def test_quotation_paid_in_part_is_held(self):
        order = self.order(1500.0, require_payment=True, prepayment_percent=0.2)
        order.action_quotation_sent()
        transaction = self._create_transaction(
            "direct",
            amount=order.amount_total * 0.2,
            currency_id=order.currency_id.id,
            partner_id=order.partner_id.id,
            sale_order_ids=[fields.Command.set(order.ids)],
            state="done",
        )
        confirmed = transaction._check_amount_and_confirm_order()
        self.assertFalse(confirmed, "its mail says paid, not confirmed")
        self.assertEqual((order.state, order.ar_credit_state), ("sent", "held"))
        self.grant(amount=2000.0)
        self.assertEqual(transaction._check_amount_and_confirm_order(), order)
        self.assertEqual(order.state, "sale")
