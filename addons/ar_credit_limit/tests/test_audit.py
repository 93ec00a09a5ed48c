from odoo import fields
from odoo.tests import Form, tagged

from .test_increase import IncreaseCommon


@tagged("post_install", "-at_install")
class TestFrozenFigures(IncreaseCommon):
    """A decision keeps what was owed, the limit and what spoke against it at its own
    moment: 300 were owed as the order of 800 was held, 500 as somebody decided, and the
    limit had been lowered from 1,000 to 950 meanwhile."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sold.action_cancel()
        cls.invoice(amount=300.0, due="2026-02-20")
        cls.waiting = cls.held(800.0)
        cls.hold = cls.waiting.ar_credit_hold_id.with_user(cls.user_manager)
        cls.second = cls.order(10.0)
        cls.invoice(amount=200.0)
        cls.grant(amount=950.0)

    def newest(self, kind):
        return self.events(kind)[:1]

    def assert_moment(self, figures, exposure=500.0, limit=950.0):
        self.assertEqual(figures["exposure"], exposure)
        self.assertEqual(figures["overdue"], 300.0)
        self.assertEqual(figures["limit"], limit)
        self.assertEqual(figures["limit_state"], "amount")
        self.assertEqual(figures["currency"], self.company.currency_id.name)

    def test_hold_keeps_those_of_its_own(self):
        self.assertRecordValues(
            self.hold, [{"exposure": 300.0, "credit_limit": 1000.0, "excess": 100.0}]
        )

    def test_release_refusal_and_end(self):
        for name, decide in {
            "release": lambda: self.hold._release("Guaranteed"),
            "refusal": lambda: self.hold._refuse("Too late already"),
            "release of what was refused": lambda: self.hold._release("After all"),
        }.items():
            with self.subTest(name):
                if self.hold.state == "released":
                    self.hold._by_code().write({"state": "held"})
                decide()
                figures = self.newest("credit_release").figures
                self.assert_moment(figures)
                self.assertEqual(figures["amount"], 800.0)
                (reason,) = figures["reasons"]
                self.assertIn("1,300.00, which is", reason)
                self.assertEqual(
                    (figures["held"]["exposure"], figures["held"]["limit"]),
                    (300.0, 1000.0),
                )
                self.assertIn("1,100.00, which is", figures["held"]["reasons"][0])

    def test_nothing_of_it_changes_later(self):
        self.hold._release("Guaranteed")
        event = self.newest("credit_release")
        before = event.figures
        self.invoice(amount=77.0)
        self.grant(amount=5000.0)
        event.invalidate_recordset()
        self.assertEqual(event.figures, before)
        self.assert_moment(event.figures)

    def test_reasons_that_went_by_themselves(self):
        self.grant(amount=5000.0)
        self.recheck()
        figures = self.newest("credit_hold").figures
        self.assert_moment(figures, limit=5000.0)
        self.assertEqual(figures["reasons"], [], "nothing speaks against it")
        self.assertIn("over the credit limit", figures["held"]["reasons"][0])

    def test_one_reason_cleared(self):
        self.waiting._hold_by_hand("Wrong address")
        stop = self.hold.reason_ids.filtered(lambda r: r.code == "order_stop")
        self.hold._clear_by_hand(stop, "Corrected")
        figures = self.newest("credit_release").figures
        self.assert_moment(figures)
        self.assertIn("Wrong address", figures["reasons"])
        self.assertIn("1,300.00, which is", " ".join(figures["reasons"]))

    def test_grant(self):
        self.grant(amount=2000.0)
        figures = self.newest("credit_limit").figures
        self.assertEqual(figures["amount"], 2000.0)
        self.assert_moment(figures["before"])
        self.customer.credit_limit = 2100.0
        self.assert_moment(self.newest("credit_limit").figures["before"], limit=2000.0)

    def test_exemption_and_its_end(self):
        exemption = (
            self.env["ar.credit.exemption"]
            .with_user(self.user_manager)
            ._grant(self.customer, self.company, "Agreed", fields.Date.today())
        )
        self.assert_moment(self.newest("credit_exemption").figures)
        self.invoice(amount=1.0)
        exemption._end("Not any more")
        self.assert_moment(self.newest("credit_exemption").figures, exposure=501.0)

    def test_stops_by_hand(self):
        wizard = Form(
            self.env["ar.credit.stop"]
            .with_user(self.user_manager)
            .with_context(default_partner_ids=self.customer.ids)
        )
        wizard.reason = "Cheque returned"
        wizard.save().action_stop()
        of_customer = self.env["ar.credit.hold"].search([], limit=1)
        self.assertEqual(of_customer.scope, "customer_orders")
        of_order = self.second._hold_by_hand("Wrong address")
        for hold in (of_customer, of_order):
            with self.subTest(hold.name):
                self.assertRecordValues(
                    hold, [{"exposure": 500.0, "credit_limit": 950.0}]
                )
        of_customer.with_user(self.user_manager)._release("Paid")
        figures = self.newest("credit_release").figures
        self.assert_moment(figures)
        self.assertEqual(figures["reasons"], ["Cheque returned"])

    def test_changes(self):
        """The order of 400 is to become one of 900."""
        order = self.confirmed(400.0)
        for decision in ("approve", "refuse"):
            with self.subTest(decision), self.cr.savepoint() as savepoint:
                change = self.request_price(order, 900.0)
                self.invoice(amount=7.0)
                change = change.with_user(self.user_manager)
                getattr(change, f"_{decision}")("Decided")
                figures = self.newest("credit_release").figures
                self.assert_moment(figures, exposure=907.0)
                self.assertEqual(figures["requested"]["exposure"], 1400.0)
                if decision == "approve":
                    self.assertIn("1,407.00, which is", figures["reasons"][0])
                savepoint.rollback()
                self.env.invalidate_all()

    def request_price(self, order, price):
        action = order.with_user(self.salesperson).action_request_credit_change()
        form = Form(
            self.env[action["res_model"]]
            .with_user(self.salesperson)
            .with_context(**action["context"])
        )
        with form.line_ids.edit(0) as line:
            line.price_unit = price
        form.note = "They take it all"
        form.save().action_request()
        return self.env["ar.credit.change"].search([], limit=1)
