from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from odoo.addons.ar_risk_alerts.tools.rule_kind import KINDS

from .score_common import ScoreCommon


@tagged("post_install", "-at_install")
class TestRuleKinds(ScoreCommon):
    """One test per kind: it opens, says why, and closes when the cause is gone."""

    two_companies = True

    @classmethod
    def set_rule(cls, kind, opens=0, closes=0, days=0, **values):
        amounts = KINDS[kind].unit == "amount"
        names = (
            ("open_amount", "close_amount")
            if amounts
            else ("open_value", "close_value")
        )
        cls.rule.write(
            {
                "kind": kind,
                "action": "none",
                "open_days": days,
                "close_days": 0,
                "open_amount": 0,
                "close_amount": 0,
                "open_value": 0,
                "close_value": 0,
                **dict(zip(names, (opens, closes), strict=True)),
                **values,
            }
        )

    def assert_alert(self, is_open, *words, partner=None, msg=None):
        self.evaluate()
        alert = self.open_alert(partner)
        self.assertEqual(bool(alert), is_open, msg)
        for word in words:
            self.assertIn(word, alert.sentence)
        return alert

    def set_score(self, points, day="2026-03-02", is_new=False, **values):
        return (
            self.env["ar.risk.score"]
            .sudo()
            .create(
                {
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "date": day,
                    "points": points,
                    "is_new": is_new,
                    **values,
                }
            )
        )

    def test_every_kind_runs_and_speaks(self):
        """On a company with all sorts of data, for all customers and for some, in
        every kind one query."""
        self.paid(20)
        self.overdue(1200)
        self.env["ar.risk.score"].sudo()._score_all(self.company)
        for kind in KINDS:
            with self.subTest(kind):
                self.set_rule(kind)
                opened, _closed = self.evaluate()
                for alert in opened:
                    self.assertIn(self.rule.name, alert.sentence)
                self.evaluate(self.customer)
                self.open_alert()._close("resolved")

    def test_a_constant_number_of_queries(self):
        many = self.env["res.partner"]
        for number in range(6):
            many |= self.new_customer(f"C {number}")
        for kind in KINDS:
            self.set_rule(kind, opens=10**9, closes=10**9)
            self.evaluate()
        for partner in many:
            self.overdue(1200, partner)
        for kind in KINDS:
            with self.subTest(kind):
                self.set_rule(kind, opens=10**9, closes=10**9)
                self.env.flush_all()
                self.env.invalidate_all()
                with self.assertQueryCount(12):
                    self.evaluate()

    def test_over_or_near_the_limit(self):
        self.set_rule("utilization", opens=90, closes=80)
        self.invoice(amount=900)
        self.assert_alert(False)
        move = self.invoice(amount=1)
        self.assert_alert(True, "90 % of the limit", "901.00")
        self.pay(move)
        self.assert_alert(True, msg="between 80 and 90")
        self.grant(amount=1125)
        self.assert_alert(False)

    def test_no_credit_and_owing(self):
        self.set_rule("utilization", opens=100, closes=100)
        self.grant(state="none")
        self.assert_alert(False)
        self.invoice(amount=1)
        self.assert_alert(True, "no credit is given")

    def test_risk_points_rising(self):
        self.set_rule("worsening", opens=15, closes=5)
        self.set_score(20, "2025-11-01")
        self.set_score(35, "2026-03-01")
        self.assert_alert(False)
        self.set_score(36)
        self.assert_alert(True, "16 risk points more")
        with self.at("2026-06-01"):
            self.assert_alert(False, msg="as three months ago")

    def test_many_points(self):
        self.set_rule("points", opens=65, closes=55)
        self.set_score(90, "2026-03-01", is_new=True)
        self.assert_alert(False, msg="too little known")
        self.set_score(66)
        self.assert_alert(True, "66 risk points")

    def test_promise_broken_until_paid_in_full(self):
        self.set_rule("promise_broken", action="hold_orders")
        self.grant(amount=100000)
        move = self.overdue(300)
        self.env["ar.promise"].with_user(self.user_collector)._record(
            self.receivable_lines(move), date(2026, 3, 4)
        )
        self.assert_alert(False)
        with self.at("2026-03-20"):
            self.env["ar.promise"].sudo().search([])._evaluate()
            alert = self.assert_alert(True, "300.00 was promised")
            order = self.order(100)
            order.with_user(self.salesperson).action_confirm()
            self.assertEqual(order.ar_credit_state, "held")
            self.pay(move, 299, on="2026-03-20")
            self.recheck()
            self.assertEqual(alert.state, "open", "not in full")
            self.pay(move, 1, on="2026-03-20")
            self.recheck()
            self.assertEqual(alert.state, "closed")

    def test_dispute_late(self):
        self.set_rule("dispute_late", opens=3)
        reason = self.env["ar.dispute.reason"].search([], limit=1)
        lines = self.receivable_lines(self.overdue(300))
        dispute = (
            self.env["ar.dispute"].with_user(self.user_collector)._open(lines, reason)
        )
        dispute.date_deadline = "2026-03-05"
        with self.at("2026-03-08"):
            self.assert_alert(False)
        with self.at("2026-03-09"):
            self.assert_alert(True, "4 days ago", "300.00")
            dispute.answer = "No"
            dispute.action_reject()
            self.assert_alert(False)

    def test_limit_running_out(self):
        self.set_rule("expiring", opens=14, closes=30)
        self.grant(amount=1000, date_until=date(2026, 3, 31))
        with self.at("2026-03-16"):
            self.assert_alert(False, msg="15 days left")
        with self.at("2026-03-17"):
            self.assert_alert(True, "03/31/2026")
            self.grant(amount=1000, date_until=date(2026, 4, 16))
            self.assert_alert(True, msg="30 days left")
            self.grant(amount=1000, date_until=date(2026, 4, 17))
            self.assert_alert(False)

    def test_review_of_a_new_customer(self):
        self.set_rule("expiring", opens=0, closes=0)
        self.set_score(0, is_new=True, review_date="2026-03-03")
        self.assert_alert(False)
        with self.at("2026-03-03"):
            self.assert_alert(True)

    def test_delivered_not_invoiced(self):
        self.set_rule("not_invoiced", days=5)
        self.product.invoice_policy = "delivery"
        order = self.confirmed(500)
        order.date_order = "2026-02-24"
        self.assert_alert(False, msg="not delivered")
        order.order_line.qty_delivered = 1
        self.assert_alert(True, "500.00", "6 days ago")
        order._create_invoices().action_post()
        self.assert_alert(False)

    def test_never_sent(self):
        self.set_rule("never_sent", days=3)
        move = self.invoice(amount=100, date="2026-02-27")
        self.assert_alert(False, msg="three days old")
        with self.at("2026-03-03"):
            self.assert_alert(True, "100.00 never left")
            move._set_ar_sent()
            self.assert_alert(False)

    def test_came_back(self):
        self.set_rule("bounced")
        move = self.invoice(amount=100)
        self.assert_alert(False)
        move.sudo().ar_sent_state = "bounced"
        self.assert_alert(True, "came back")
        self.pay(move)
        self.assert_alert(False)

    def test_no_address(self):
        self.set_rule("no_email")
        self.invoice(amount=100)
        self.assert_alert(True, "nowhere to write to")
        contact = self.env["res.partner"].create(
            {
                "name": "Accounts",
                "parent_id": self.customer.id,
                "email": "a@example.com",
            }
        )
        self.assert_alert(False)
        contact.active = False
        self.assert_alert(True)

    def test_nobody_looks_after_it(self):
        self.set_rule("no_collector", opens=50, closes=0)
        self.invoice(amount=100)
        self.assert_alert(True)
        self.customer.ar_collector_id = self.user_collector
        self.assert_alert(False)

    def test_no_limit_decided(self):
        self.set_rule("no_limit")
        self.invoice(amount=100)
        self.assert_alert(False)
        self.invoice(self.other_customer, 100)
        self.assert_alert(True, partner=self.other_customer)
        self.grant(self.other_customer, amount=10)
        self.assert_alert(False, partner=self.other_customer)

    def test_other_terms_than_agreed(self):
        self.set_rule("terms")
        agreed, other = self.pay_terms_a, self.pay_terms_b
        self.customer.with_company(self.company).property_payment_term_id = agreed
        self.invoice(amount=100, invoice_payment_term_id=agreed.id)
        self.assert_alert(False)
        self.invoice(amount=200, invoice_payment_term_id=other.id)
        self.assert_alert(True, "200.00")

    def test_concentration(self):
        self.set_rule("concentration", opens=60, closes=50)
        self.invoice(amount=500)
        self.invoice(self.other_customer, 500)
        self.assert_alert(False)
        self.invoice(amount=500)
        self.assert_alert(True, "67 %")
        self.invoice(self.other_customer, 500)
        self.assert_alert(False)

    def test_bank_not_booked(self):
        self.set_rule("stale_ledger", opens=10, closes=3)
        self.paid(0, due="2026-02-20")
        own = self.company.partner_id
        with self.at("2026-03-02"):
            self.assert_alert(False, partner=own)
        with self.at("2026-03-03"):
            self.assert_alert(True, "11 days", partner=own)
            move = self.overdue(10)
            self.pay(move, on="2026-03-01")
            self.assert_alert(False, partner=own)

    def test_asked_in_vain(self):
        self.set_rule("reminders", opens=1)
        line = self.receivable_lines(self.overdue(300))
        reminders = self.env["ar.dunning.reminder"]
        self.assertIn("line_ids", reminders._fields)
        self.assert_alert(False)
        self.add_reminders(line, 1)
        self.assert_alert(False)
        self.add_reminders(line, 1)
        self.assert_alert(True, "asked 2 times")

    def add_reminders(self, line, count):
        """Reminders that went out, as the nights leave them."""
        for _number in range(count):
            self.env.cr.execute(
                """INSERT INTO ar_dunning_reminder_line
                       (line_id, currency_id, step_key, cycle, occurrence, state,
                        reminder_id)
                   SELECT %s, %s, 'first', 0, (
                              SELECT COUNT(*) FROM ar_dunning_reminder_line
                               WHERE line_id = %s), 'sent', %s""",
                [line.id, line.currency_id.id, line.id, self.make_reminder(line).id],
            )

    def make_reminder(self, line):
        return (
            self.env["ar.dunning.reminder"]
            .sudo()
            .create(
                {
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "currency_id": line.currency_id.id,
                    "channel": "email",
                    "mode": "automatic",
                    "date": "2026-03-01",
                }
            )
        )

    # -- Thresholds by class -----------------------------------------------------------

    def test_thresholds_by_class(self):
        self.set_rule("utilization", opens=90, closes=80)
        self.rule.threshold_ids = [
            (0, 0, {"risk_class_id": self.high.id, "open_value": 50, "close_value": 40})
        ]
        self.invoice(amount=600)
        self.assert_alert(False)
        self.customer.ar_risk_class_id = self.high
        self.assert_alert(True)
        self.customer.ar_risk_class_id = self.low
        self.assert_alert(False)

    def test_thresholds_of_a_class_do_not_flap_either(self):
        self.set_rule("utilization", opens=90, closes=80)
        with self.assertRaisesRegex(ValidationError, "as soon as it opens"):
            self.rule.threshold_ids = [
                (
                    0,
                    0,
                    {"risk_class_id": self.high.id, "open_value": 1, "close_value": 2},
                )
            ]

    # -- For whom ----------------------------------------------------------------------

    def test_for_some_customers(self):
        self.set_rule("no_email")
        for partner in self.customer | self.other_customer:
            self.invoice(partner, 100)
        self.rule.partner_domain = "[('name', '=', 'Other Customer')]"
        self.assert_alert(True, partner=self.other_customer)
        self.assertFalse(self.open_alert())
        self.rule.partner_domain = "[('name', '=', 'Nobody')]"
        self.assert_alert(False, partner=self.other_customer)

    def test_a_broken_domain_is_refused(self):
        for domain in ("[('nothing', '=', 1)]", "[(", "[1]", "unknown", "[('id')]"):
            with self.subTest(domain), self.assertRaises(ValidationError):
                self.rule.partner_domain = domain

    def test_an_archived_owner_gets_nothing(self):
        self.set_rule("no_email", owner_kind="salesperson")
        self.rule.user_id = self.user_manager
        self.invoice(amount=100)
        self.salesperson.active = False
        self.assertEqual(self.assert_alert(True).user_id, self.user_manager)
