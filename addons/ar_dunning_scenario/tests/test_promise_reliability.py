from odoo.tests import tagged

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseReliability(PromiseCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.unknown = cls.new_customer("Never promised")

    def setUp(self):
        super().setUp()
        self.decided(self.customer, ("kept", 100), ("broken", 200), ("kept", 300))
        self.decided(self.other_customer, ("partly", 100), ("credited", 100))

    def decided(self, customer, *promises):
        for state, amount in promises:
            move = self.invoice(customer, amount, due="2026-02-20")
            promise = self.promise(move, "2026-03-10")
            promise._by_code().write({"state": state, "closed_on": "2026-03-14"})

    def test_by_number_and_by_amount(self):
        for customer, count, by_number, by_amount in [
            (self.customer, 3, 2 / 3, 400 / 600),
            (self.other_customer, 1, 0, 0),
            (self.unknown, 0, 0, 0),
        ]:
            with self.subTest(customer.name):
                self.assertEqual(customer.ar_promise_decided_count, count)
                self.assertAlmostEqual(customer.ar_promise_reliability, by_number)
                self.assertAlmostEqual(
                    customer.ar_promise_reliability_amount, by_amount
                )
                position = self.position(customer)
                self.assertEqual(position.promise_count, count)
                self.assertAlmostEqual(position.promise_reliability, by_number)

    def test_of_the_last_twelve_months(self):
        for day, count in [("2027-03-09", 3), ("2027-03-10", 0)]:
            with self.subTest(day), self.at(day):
                self.assertEqual(self.customer.ar_promise_decided_count, count)

    def test_searched(self):
        everybody = self.customer | self.other_customer | self.unknown
        for operator, value, found in [
            ("<", 0.5, self.other_customer),
            (">=", 0.5, self.customer),
            ("<=", 0, self.other_customer),
            (">", 0.9, everybody.browse()),
        ]:
            with self.subTest(operator=operator, value=value):
                partners = self.env["res.partner"].search(
                    [
                        ("ar_promise_reliability", operator, value),
                        ("id", "in", everybody.ids),
                    ]
                )
                self.assertEqual(partners, found)

    def test_others_customers_are_not_found(self):
        partners = self.env["res.partner"].with_user(self.user_own)
        found = partners.search([("ar_promise_reliability", "<=", 1)])
        self.assertEqual(found, self.customer)

    def test_one_query_for_many(self):
        many = self.customer | self.other_customer | self.unknown
        many.mapped("ar_promise_reliability")
        self.env.flush_all()
        many.invalidate_recordset(["ar_promise_reliability"], flush=False)
        with self.assertQueryCount(1):
            many.mapped("ar_promise_reliability")

    def test_drill_down(self):
        action = self.position(self.customer).action_open_promises()
        promises = self.env["ar.promise"].search(action["domain"])
        self.assertEqual(len(promises), 3)
        move = promises[0].line_ids.move_id
        self.assertEqual(move.ar_promise_count, 1)
        action = move.action_open_ar_promises()
        self.assertEqual(self.env["ar.promise"].search(action["domain"]), promises[0])
