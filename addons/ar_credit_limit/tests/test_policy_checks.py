from unittest.mock import patch

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..tools.violation import Violation
from .common_policy import PolicyCommon

CHECKPOINTS = ("quotation", "confirm", "increase", "transfer")
FULL = {
    "at_quotation": "advise",
    "at_confirm": "hold",
    "at_increase": "refuse",
    "at_transfer": "hold",
}
SILENT = dict.fromkeys(FULL, "none")
WARNING = {
    **SILENT,
    "at_confirm": "warn",
    "at_increase": "warn",
    "at_transfer": "warn",
}


@tagged("post_install", "-at_install")
class TestPolicyChecks(PolicyCommon):
    """Every check finds what it is for, at the checkpoints of its policy."""

    def make_over_limit(self):
        return self.order(1500.0)

    def make_much_used(self):
        self.invoice(amount=500.0)
        return self.order(300.01)

    def make_big(self):
        return self.order(500.01)

    def make_overdue(self):
        self.invoice(amount=100.0, date="2026-01-01", due="2026-01-31")
        return self.order(50.0)

    def make_expired(self):
        with self.at("2026-02-01"):
            self.grant(self.other_customer, amount=900.0, date_until="2026-02-20")
        return self.order(50.0, self.other_customer)

    def make_review_overdue(self):
        with self.at("2026-02-01"):
            self.grant(amount=900.0, review_date="2026-02-20")
        return self.order(50.0)

    def make_ordered(self):
        self.confirmed(300.0)
        return self.order(50.0)

    def make_discount(self):
        return self.order(50.0, line={"discount": 12.5})

    def make_terms(self):
        return self.order(50.0, payment_term_id=self.term(60).id)

    def make_stopped(self):
        self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )
        return self.order(50.0)

    def get_cases(self):
        """Return {code: (values of the check, callable that makes the order)}."""
        return {
            "over_limit": ({}, self.make_over_limit),
            "utilization": ({"threshold": 80.0}, self.make_much_used),
            "order_amount": ({"threshold": 500.0}, self.make_big),
            "overdue_amount": ({"threshold": 99.99}, self.make_overdue),
            "days_overdue": ({"threshold": 29}, self.make_overdue),
            "grant_expired": ({}, self.make_expired),
            "review_overdue": ({}, self.make_review_overdue),
            "bucket_ceiling": (
                {"threshold": 349.99, "bucket": "undelivered"},
                self.make_ordered,
            ),
            "discount": ({"threshold": 10.0}, self.make_discount),
            "payment_terms": ({}, self.make_terms),
            "manual_stop": ({}, self.make_stopped),
        }

    def test_every_check_at_every_checkpoint(self):
        for code, (values, make) in self.get_cases().items():
            for name, actions in (
                ("full", FULL),
                ("silent", SILENT),
                ("warning", WARNING),
            ):
                with self.subTest(code, actions=name), self.rolled_back():
                    order = make()
                    self.policy({"code": code, **values, **actions})
                    self.assert_found(order, code, actions)

    def assert_found(self, order, code, actions):
        for checkpoint in CHECKPOINTS:
            action = actions[f"at_{checkpoint}"]
            found = order._assess_credit(checkpoint=checkpoint)[order.id]
            stops = action in ("advise", "hold", "refuse")
            codes = [v.code for v in found.standing]
            self.assertEqual(codes, [code] * stops, checkpoint)
            self.assertEqual(self.codes(order, checkpoint), codes)
            advice = [v.code for v in found.advice]
            self.assertEqual(advice, [code] * (action == "warn"), checkpoint)
            for violation in (*found.standing, *found.advice):
                self.assertTrue(violation.sentence)
                expected = "hold" if action == "refuse" else action
                self.assertEqual(violation.action, expected)

    def test_outcome_of_confirming(self):
        for code, (values, make) in self.get_cases().items():
            for name, actions, expected in (
                ("hold", FULL, ("draft", "held")),
                ("warn", WARNING, ("sale", "warning")),
            ):
                with self.subTest(code, actions=name), self.rolled_back():
                    order = make()
                    self.policy({"code": code, **values, **actions})
                    self.assertEqual(self.confirm(order), expected)
                    if name == "hold":
                        self.assertEqual(order.ar_credit_hold_id.reason_ids.code, code)

    def test_boundaries(self):
        """(check, order with what is just accepted, with what is not any more)."""
        for name, check, accepted, refused in (
            (
                "overdue amount",
                {"code": "overdue_amount", "threshold": 100.0},
                {"amount": 100.0, "due": "2026-03-01"},
                {"amount": 100.01, "due": "2026-03-01"},
            ),
            (
                "grace of overdue amount",
                {"code": "overdue_amount", "grace_days": 5},
                {"amount": 100.0, "due": "2026-02-25"},
                {"amount": 100.0, "due": "2026-02-24"},
            ),
            (
                "days overdue",
                {"code": "days_overdue", "threshold": 30},
                {"amount": 1.0, "due": "2026-01-31"},
                {"amount": 1.0, "due": "2026-01-30"},
            ),
            (
                "grace of days overdue",
                {"code": "days_overdue", "threshold": 30, "grace_days": 3},
                {"amount": 1.0, "due": "2026-01-28"},
                {"amount": 1.0, "due": "2026-01-27"},
            ),
        ):
            self.assert_boundary(name, check, accepted, refused)

    def assert_boundary(self, name, check, accepted, refused):
        for invoice, expected in ((accepted, []), (refused, [check["code"]])):
            with self.subTest(name, due=invoice["due"]), self.rolled_back():
                self.invoice(date="2026-01-01", **invoice)
                self.policy(check)
                self.assertEqual(self.codes(self.order(10.0)), expected)

    def test_share_of_the_limit(self):
        """To the cent, the order included; only where there is a limit to share."""
        self.invoice(amount=500.0)
        self.policy({"code": "utilization", "threshold": 80.0})
        for amount, expected in ((300.0, []), (300.01, ["utilization"])):
            with self.subTest(amount):
                self.assertEqual(self.codes(self.order(amount)), expected)
        order = self.order(400.0)
        (violation,) = order._get_credit_violations()
        self.assertIn("900.00, which is 90 % of", violation.sentence)
        self.assertIn("up to 80 % is accepted", violation.sentence)
        self.assertEqual(
            {key: violation.figures[key] for key in ("share", "total", "limit")},
            {"share": 90.0, "total": 900.0, "limit": 1000.0},
        )
        for state in ("none", "unchecked"):
            with self.subTest(state):
                self.grant(state=state)
                self.assertEqual(self.codes(order), [])

    def test_share_of_a_limit_in_another_currency(self):
        self.policy({"code": "utilization", "threshold": 80.0})
        self.grant(amount=500.0, currency=self.eur)
        self.assertEqual(self.codes(self.order(800.0)), [])
        (violation,) = self.order(801.0)._get_credit_violations()
        self.assertEqual(violation.figures["limit_in_currency"], 500.0)

    def test_size_of_one_order(self):
        """Whatever else is owed; as far as nothing is paid in advance."""
        self.grant(state="unchecked")
        self.invoice(amount=9000.0)
        self.policy({"code": "order_amount", "threshold": 500.0})
        for amount, expected in ((500.0, []), (500.01, ["order_amount"])):
            with self.subTest(amount):
                self.assertEqual(self.codes(self.order(amount)), expected)
        order = self.order(700.0)
        (violation,) = order._get_credit_violations()
        self.assertEqual(
            (violation.figures["amount"], violation.figures["accepted"]), (700.0, 500.0)
        )
        for cover, expected in ((199.99, ["order_amount"]), (200.0, [])):
            with (
                self.subTest(cover=cover),
                patch.object(
                    type(order),
                    "_get_credit_cover_by_order",
                    lambda orders, cover=cover: dict.fromkeys(orders.ids, cover),
                ),
            ):
                self.assertEqual(self.codes(order), expected)

    def test_size_in_the_currency_of_the_company(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.eur.id}
        )
        self.policy({"code": "order_amount", "threshold": 500.0})
        for amount, expected in ((250.0, []), (250.01, ["order_amount"])):
            with self.subTest(amount):
                order = self.order(amount, pricelist_id=pricelist.id)
                self.assertEqual(order.currency_id, self.eur)
                self.assertEqual(self.codes(order), expected)

    def test_a_share_is_at_most_the_whole(self):
        for code in ("utilization", "discount"):
            with self.subTest(code), self.assertRaises(ValidationError):
                self.policy({"code": code, "threshold": 100.01})

    def test_days_of_review_and_end(self):
        for code, make in (
            ("grant_expired", self.make_expired),
            ("review_overdue", self.make_review_overdue),
        ):
            for grace, expected in ((9, [code]), (10, [])):
                with self.subTest(code, grace=grace), self.rolled_back():
                    order = make()
                    self.policy({"code": code, "grace_days": grace})
                    self.assertEqual(self.codes(order), expected)

    def test_ceiling_of_each_bucket(self):
        """100.00 is accepted in a bucket, a cent more is not; what stands in other
        buckets does not count."""
        self.company.ar_exposure_draft = True
        self.company.ar_exposure_quotation_weight = 50
        buckets = {
            "not_due": lambda amount: self.invoice(amount=amount, due="2026-04-01"),
            "overdue": lambda amount: self.invoice(
                amount=amount, date="2026-01-01", due="2026-02-01"
            ),
            "draft": self.make_draft,
            "undelivered": lambda amount: self.confirmed(amount - 10.0),
            "delivered": self.make_delivered,
            "quotations": lambda amount: self.order(2 * amount).action_quotation_sent(),
        }
        self.grant(state="unchecked")
        for bucket, make in buckets.items():
            for amount, expected in ((100.0, []), (100.01, ["bucket_ceiling"])):
                with self.subTest(bucket, amount=amount), self.rolled_back():
                    for other in set(buckets) - {bucket}:
                        buckets[other](500.0)
                    make(amount)
                    self.policy(
                        {"code": "bucket_ceiling", "bucket": bucket, "threshold": 100.0}
                    )
                    self.assertEqual(self.codes(self.order(10.0)), expected)

    def make_draft(self, amount):
        invoice = self.invoice(amount=amount)
        invoice.button_draft()

    def make_delivered(self, amount):
        order = self.confirmed(amount)
        order.order_line.qty_delivered = 1

    def test_an_older_limit_takes_the_place(self):
        self.grant(amount=900.0, date_until="2026-03-05")
        self.policy({"code": "grant_expired"})
        with self.at("2026-03-06"):
            self.assertEqual(self.codes(self.order(50.0)), [])

    def test_credits_do_not_count_as_overdue(self):
        self.invoice(
            amount=500.0, date="2026-01-01", due="2026-01-31", move_type="out_refund"
        )
        self.policy({"code": "overdue_amount"}, {"code": "days_overdue"})
        self.assertEqual(self.codes(self.order(50.0)), [])

    def test_disputes_are_late_only_where_they_count(self):
        line = self.receivable_lines(
            self.invoice(amount=100.0, date="2026-01-01", due="2026-01-31")
        )
        self.policy({"code": "overdue_amount", "threshold": 30.0})
        dispute = {
            "kind": "dispute",
            "reason": "Broken",
            "source": self.env["ar.event"],
        }
        # whether disputes are left out, the disputed amount, whether it is held
        for left_out, disputed, is_held in (
            (False, 100.0, True),
            (True, 100.0, False),
            (True, 70.0, False),
            (True, 69.99, True),
        ):
            with self.subTest(left_out=left_out, amount=disputed), self.rolled_back():
                self.company.ar_exposure_without_disputed = left_out
                self.env["ar.suspension"]._suspend(
                    line, amounts={line.id: disputed}, **dispute
                )
                codes = self.codes(self.order(50.0))
                self.assertEqual(codes, ["overdue_amount"] if is_held else [])

    def test_tolerance(self):
        for values, accepted in (
            ({"tolerance_percent": 10.0}, 1100.0),
            ({"tolerance_amount": 30.0}, 1030.0),
            ({"tolerance_percent": 10.0, "tolerance_amount": 30.0}, 1030.0),
        ):
            with self.subTest(values), self.rolled_back():
                self.policy(**values)
                self.assertEqual(self.codes(self.order(accepted)), [])
                order = self.order(accepted + 0.01)
                (violation,) = order._get_credit_violations()
                self.assertAlmostEqual(violation.figures["excess"], accepted - 999.99)
                self.assertEqual(violation.figures["tolerated"], accepted - 1000.0)
        self.policy(tolerance_amount=500.0)
        self.grant(state="none")
        self.assertEqual(self.codes(self.order(1.0)), ["over_limit"], "none is none")

    def test_checks_of_the_customers_class(self):
        high = self.env.ref("ar_ledger.ar_risk_class_high")
        self.policy({"code": "days_overdue"}, risk_class_id=high.id)
        order = self.make_overdue()
        self.assertEqual(self.codes(order), [])
        self.set_class(high)
        self.assertEqual(self.codes(order), ["days_overdue"])

    def test_several_reasons_stand_beside_each_other(self):
        self.make_overdue()
        order = self.order(2000.0, line={"discount": 50.0})
        order.order_line.price_unit = 4000.0
        self.policy(
            {"code": "over_limit"},
            {"code": "overdue_amount"},
            {"code": "discount", "at_confirm": "warn"},
        )
        self.assertEqual(self.confirm(order), ("draft", "held"))
        self.assertEqual(
            order.ar_credit_hold_id.reason_ids.mapped("code"),
            ["over_limit", "overdue_amount"],
        )

    def test_free_order_and_credit_are_not_held(self):
        self.make_overdue()
        self.policy({"code": "overdue_amount"}, {"code": "discount"})
        free = self.order(0.0, line={"discount": 100.0})
        self.assertEqual(self.codes(free), [])

    def test_discount_for_early_payment(self):
        agreed, better = self.term(10, 2.0), self.term(10, 3.0)
        self.customer.property_payment_term_id = agreed
        self.policy({"code": "discount"})
        self.assertEqual(self.codes(self.order(50.0)), [])
        order = self.order(50.0, payment_term_id=better.id)
        self.assertEqual(self.codes(order), ["discount"])
        better.discount_percentage = 2.0
        self.assertEqual(self.codes(order), [])

    def test_payment_terms_against_what_is_agreed(self):
        agreed, longer, shorter = self.term(30), self.term(45), self.term(10)
        self.customer.property_payment_term_id = agreed
        policy = self.policy({"code": "payment_terms"})
        for term, expected in (
            (agreed, []),
            (shorter, []),
            (longer, ["payment_terms"]),
        ):
            with self.subTest(term.name):
                order = self.order(50.0, payment_term_id=term.id)
                self.assertEqual(self.codes(order), expected)
        policy.allowed_payment_term_ids = longer
        self.assertEqual(self.codes(order), [])
        policy.allowed_payment_term_ids = False
        policy.check_ids.filtered(lambda c: c.code == "payment_terms").grace_days = 15
        self.assertEqual(self.codes(order), [])
        longer.line_ids.nb_days = 46
        self.assertEqual(self.codes(order), ["payment_terms"])

    def test_required_terms_and_method_of_new_orders(self):
        required, own = self.term(0), self.term(60)
        method = self.env["account.payment.method.line"].search(
            [("company_id", "=", self.company.id), ("payment_type", "=", "inbound")],
            limit=1,
        )
        self.customer.property_payment_term_id = own
        before = self.order(50.0)
        self.policy(
            {"code": "payment_terms"},
            required_payment_term_id=required.id,
            required_payment_method_line_id=method.id,
        )
        order = self.order(50.0)
        self.assertEqual(order.payment_term_id, required)
        self.assertEqual(order.preferred_payment_method_line_id, method)
        self.assertEqual(self.codes(order), [])
        order.payment_term_id = own
        self.assertEqual(self.codes(order), ["payment_terms"])
        order.write(
            {
                "payment_term_id": required.id,
                "preferred_payment_method_line_id": False,
            }
        )
        self.assertEqual(self.codes(order), ["payment_terms"])
        self.assertEqual(before.payment_term_id, own, "what exists stays")
        self.company.ar_credit_limit_mode = "observe"
        self.assertEqual(self.order(50.0).payment_term_id, own)

    def test_required_terms_of_a_class(self):
        """Each customer's new orders get what is required of its class."""
        high = self.env.ref("ar_ledger.ar_risk_class_high")
        cash, usual = self.term(0), self.term(30)
        both = self.customer | self.other_customer
        both.property_payment_term_id = usual
        self.set_class(high)
        self.policy(
            {"code": "payment_terms"},
            risk_class_id=high.id,
            required_payment_term_id=cash.id,
        )
        self.policy({"code": "over_limit"})
        for partner, term in ((self.customer, cash), (self.other_customer, usual)):
            with self.subTest(partner.name):
                order = self.order(50.0, partner)
                self.assertEqual(order.payment_term_id, term)
                self.assertEqual(self.codes(order), [])
                order.payment_term_id = self.term(60)
                expected = ["payment_terms"] if partner == self.customer else []
                self.assertEqual(self.codes(order), expected)

    def test_warning_is_told_and_recorded_but_no_message(self):
        order = self.make_over_limit()
        self.policy({"code": "over_limit", **WARNING})
        messages = order.message_ids
        sent = []
        with patch.object(
            type(self.env["res.users"]),
            "_bus_send",
            lambda user, kind, message, **kwargs: sent.append((user, kind, message)),
        ):
            self.assertEqual(self.confirm(order), ("sale", "warning"))
        ((user, kind, message),) = [
            each for each in sent if each[1] == "simple_notification"
        ]
        self.assertEqual(user, self.salesperson)
        self.assertIn("500.00 over the credit limit", message["message"])
        self.assertEqual(self.events("credit_warning").source_id, order.id)
        self.assertFalse(self.events("credit_observed"))
        self.assertNotIn(
            "over the credit", " ".join((order.message_ids - messages).mapped("body"))
        )
        self.assertFalse(order.ar_credit_hold_ids)

    def test_observe_only_records(self):
        self.company.ar_credit_limit_mode = "observe"
        for actions in (FULL, WARNING):
            with self.subTest(actions["at_confirm"]), self.rolled_back():
                order = self.make_over_limit()
                self.policy({"code": "over_limit", **actions})
                self.assertEqual(self.confirm(order), ("sale", "warning"))
                self.assertEqual(self.events("credit_observed").source_id, order.id)
                self.assertFalse(self.events("credit_warning"))

    def test_banner_speaks_the_advice(self):
        order = self.make_overdue()
        policy = self.policy({"code": "overdue_amount", "at_confirm": "none"})
        self.env.invalidate_all()
        self.assertIn("100.00 overdue", order.partner_credit_warning)
        self.assertEqual(self.confirm(order), ("sale", "ok"))
        policy.check_ids.at_quotation = "none"
        self.assertFalse(self.order(50.0).partner_credit_warning)

    def test_hold_is_cleared_when_the_policy_only_warns(self):
        order = self.make_over_limit()
        policy = self.policy({"code": "over_limit"})
        self.assertEqual(self.confirm(order), ("draft", "held"))
        hold = order.ar_credit_hold_id
        policy.check_ids.filtered(lambda c: c.code == "over_limit").at_confirm = "warn"
        self.env.cr.flush()
        self.recheck()
        self.assertEqual(hold.state, "cleared")

    def test_hold_is_cleared_when_the_class_changes(self):
        low = self.env.ref("ar_ledger.ar_risk_class_low")
        self.policy({"code": "overdue_amount"})
        self.policy({"code": "manual_stop"}, risk_class_id=low.id)
        order = self.make_overdue()
        self.assertEqual(self.confirm(order), ("draft", "held"))
        hold = order.ar_credit_hold_id
        self.set_class(low)
        self.recheck()
        self.assertEqual(hold.state, "cleared")

    def test_payment_clears_what_was_overdue(self):
        invoice = self.invoice(amount=100.0, date="2026-01-01", due="2026-01-31")
        order = self.order(50.0)
        self.policy({"code": "overdue_amount"})
        self.assertEqual(self.confirm(order), ("draft", "held"))
        hold = order.ar_credit_hold_id
        self.pay(invoice)
        self.recheck()
        self.assertEqual(hold.state, "cleared")

    def test_customers_without_an_order(self):
        self.invoice(amount=1100.0, date="2026-01-01", due="2026-01-31")
        both = self.customer | self.other_customer
        self.policy(
            {"code": "over_limit", "at_transfer": "hold"},
            {"code": "days_overdue", "at_transfer": "warn"},
            {"code": "discount"},
        )
        found = both._get_customer_violations(self.company, "transfer")
        self.assertEqual(
            [(v.code, v.action) for v in found[self.customer.id]],
            [("over_limit", "hold"), ("days_overdue", "warn")],
        )
        self.assertEqual(found[self.other_customer.id], [])
        self.assertIn("100.00 over", found[self.customer.id][0].sentence)
        more = both._get_customer_violations(self.company, "confirm", 50.0)
        self.assertEqual(more[self.customer.id][0].figures["excess"], 150.0)

    def test_confirmed_order_counts_once_at_the_transfer(self):
        self.policy({"code": "over_limit", "at_transfer": "hold"})
        order = self.confirmed(1000.0)
        self.assertEqual(self.codes(order, "transfer"), [])
        self.grant(amount=999.0)
        self.assertEqual(self.codes(order, "transfer"), ["over_limit"])

    def test_wanted_amount_at_the_increase(self):
        order = self.confirmed(900.0)
        for amount, expected in ((1000.0, []), (1000.01, ["over_limit"])):
            with self.subTest(amount):
                found = order._assess_credit(
                    checkpoint="increase", amounts={order.id: amount}
                )
                codes = [v.code for v in found[order.id].standing]
                self.assertEqual(codes, expected)

    def test_seams_of_cover_and_exemption(self):
        order = self.order(1500.0)
        Order = type(order)
        for name, value, expected in (
            ("_get_credit_cover_by_order", {order.id: 499.99}, "held"),
            ("_get_credit_cover_by_order", {order.id: 500.0}, "ok"),
            ("_leave_exempt", ([], True), "exempt"),
        ):
            with self.subTest(name, value=value), self.rolled_back():
                with patch.object(Order, name, lambda *args, value=value: value):
                    self.assertEqual(self.confirm(order)[1], expected)

    def test_queries_of_the_fullest_policy(self):
        """At most four more than with the switch off, whatever is checked."""
        high = self.env.ref("ar_ledger.ar_risk_class_high")
        self.policy(
            *(
                {"code": code, "threshold": 99.0}
                for code in (
                    "over_limit",
                    "utilization",
                    "overdue_amount",
                    "days_overdue",
                    "grant_expired",
                    "review_overdue",
                    "discount",
                    "payment_terms",
                )
            ),
            {"code": "order_amount", "threshold": 9999.0},
            {"code": "bucket_ceiling", "bucket": "undelivered", "threshold": 9999.0},
            risk_class_id=high.id,
        )
        self.policy({"code": "overdue_amount", "grace_days": 8, "threshold": 99.0})
        counts = {}
        for mode in ("off", "hold"):
            self.company.ar_credit_limit_mode = mode
            for name in ("Warm", "Warmer", "Measured"):
                counts[mode] = self.count_queries(name, mode, high)
        self.assertLessEqual(counts["hold"] - counts["off"], 4, counts)

    def count_queries(self, name, mode, risk_class):
        partner = self.new_customer(name)
        self.set_class(risk_class, partner)
        if mode == "hold":
            self.grant(
                partner, amount=900.0, currency=self.eur, review_date="2026-05-01"
            )
        order = self.order(600.0, partner)
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        order.action_confirm()
        self.env.flush_all()
        self.assertEqual(order.state, "sale")
        return self.env.cr.sql_log_count - before
