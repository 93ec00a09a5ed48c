from odoo import fields
from odoo.tests import tagged

from odoo.addons.base.tests.test_ir_cron import CronMixinCase

from ..tools.violation import Violation
from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestRecheck(CronMixinCase, CreditCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.debt = cls.invoice(amount=800.0)
        cls.waiting = cls.held(600.0)
        cls.hold = cls.waiting.ar_credit_hold_id
        cls.env["ar.recheck"].sudo().search([]).unlink()

    def queued(self):
        return self.env["ar.recheck"].sudo().search([]).commercial_partner_id

    def test_a_payment_clears(self):
        with self.capture_triggers("ar_credit_limit.ir_cron_recheck") as captured:
            self.pay(self.debt)
        self.assertTrue(captured.records, "it does not wait for the hour")
        due_at = max(captured.records.mapped("call_at"))
        self.assertLessEqual(due_at, fields.Datetime.now())
        self.assertEqual(self.queued(), self.customer)
        self.recheck()
        self.assertFalse(self.queued())
        self.assertEqual(self.hold.state, "cleared")
        self.assertTrue(self.hold.reason_ids.cleared_on)
        self.assertEqual(self.waiting.ar_credit_state, "none")
        self.assertEqual(self.waiting.state, "draft", "confirming stays a decision")
        activity = self.waiting.activity_ids
        self.assertEqual(activity.user_id, self.salesperson)
        self.assertEqual(activity.summary, "No longer held: you can confirm it")
        self.waiting.with_user(self.salesperson).action_confirm()
        self.assertEqual(self.waiting.state, "sale")

    def test_what_puts_a_customer_in_the_queue(self):
        order = self.confirmed(100.0)
        payment = self.env["account.payment"].create(
            {"partner_id": self.customer.id, "amount": 50.0}
        )
        reconciled = self.invoice(self.customer, amount=10.0)
        for name, change in {
            "grant": lambda: self.grant(amount=1001.0),
            "payment, not matched": lambda: payment.action_post(),
            "payment, matched": lambda: self.pay(self.debt, 10.0),
            "credit note": lambda: self.invoice(amount=5.0, move_type="out_refund"),
            "suspension": lambda: self.suspend(reconciled),
            "cancelled order": lambda: order.action_cancel(),
            "un-matched": lambda: self.receivable_lines(
                self.debt
            ).remove_move_reconcile(),
        }.items():
            with self.subTest(name):
                self.env["ar.recheck"].sudo().search([]).unlink()
                change()
                self.assertEqual(self.queued(), self.customer)

    def test_what_lessens_the_exposure_otherwise(self):
        self.company.ar_exposure_quotation_weight = 100
        self.company.ar_exposure_draft = True
        smaller, shorter = self.confirmed(20.0), self.confirmed(20.0)
        passed_on = self.confirmed(20.0)
        quotation = self.order(20.0)
        quotation.action_quotation_sent()
        draft, dropped = self.draft(), self.draft()
        at_bank = self.pay_by_cheque(self.invoice(amount=30.0))
        less = fields.Command.update(shorter.order_line.id, {"product_uom_qty": 0})
        for name, change in {
            "cheque cleared": at_bank.reconcile,
            "invoice to draft": self.debt.button_draft,
            "draft invoice cancelled": draft.button_cancel,
            "draft invoice deleted": dropped.unlink,
            "lower price": lambda: smaller.order_line.write({"price_unit": 19.0}),
            "smaller order": lambda: shorter.write({"order_line": [less]}),
            "sent quotation cancelled": quotation.action_cancel,
            "another customer pays": lambda: passed_on.write(
                {"partner_invoice_id": self.other_customer.id}
            ),
        }.items():
            with self.subTest(name):
                self.env["ar.recheck"].sudo().search([]).unlink()
                change()
                self.assertEqual(self.queued(), self.customer)

    def draft(self):
        invoice = self.invoice(amount=5.0)
        return invoice.copy({"invoice_date": fields.Date.today()})

    def pay_by_cheque(self, invoice, on="2026-03-02"):
        """Return the two items whose reconciliation says that the bank has paid."""
        outstanding = self.count_cheques()
        payment = self.pay(invoice, on=on)
        at_bank = self.env["account.bank.statement.line"].create(
            {
                "journal_id": payment.journal_id.id,
                "date": fields.Date.today(),
                "amount": payment.amount,
                "payment_ref": "Cheque 4711",
            }
        )
        _bank, counterpart, _others = at_bank._seek_for_lines()
        counterpart.account_id = outstanding
        cheque = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == outstanding
        )
        return counterpart | cheque

    def count_cheques(self):
        """Let payments count until the bank has paid."""
        journal = self.company_data["default_journal_bank"]
        methods = journal.inbound_payment_method_line_ids
        outstanding = journal.default_account_id.copy(
            {"account_type": "asset_current", "reconcile": True, "name": "Cheques"}
        )
        methods.payment_account_id = outstanding
        self.company.ar_exposure_uncleared_method_ids = methods
        return outstanding

    def test_a_cleared_cheque_clears(self):
        at_bank = self.pay_by_cheque(self.debt)
        self.recheck()
        self.assertEqual(self.hold.state, "held", "the bank may still refuse it")
        at_bank.reconcile()
        self.recheck()
        self.assertEqual(self.hold.state, "cleared")

    def test_the_night_looks_at_all_that_is_held(self):
        """What ends by a date frees what waits, though nothing happens that day."""
        holds = {}
        for name, weigh in {
            "quotation runs out": self.quote_until_today,
            "cheque is old enough": self.pay_by_cheque_long_ago,
        }.items():
            partner = self.new_customer(name)
            self.grant(partner, amount=1000.0)
            weigh(partner)
            holds[name] = self.held(600.0, partner).ar_credit_hold_id
        for day, expected in (("2026-03-02", "held"), ("2026-03-03", "cleared")):
            with self.at(day):
                self.run_night()
                self.recheck()
                for name, hold in holds.items():
                    with self.subTest(name, day=day):
                        self.assertEqual(hold.state, expected)

    def quote_until_today(self, partner):
        self.company.ar_exposure_quotation_weight = 100
        quotation = self.order(500.0, partner, validity_date="2026-03-02")
        quotation.action_quotation_sent()

    def pay_by_cheque_long_ago(self, partner):
        self.company.ar_exposure_uncleared_days = 10
        invoice = self.invoice(partner, amount=500.0, date="2026-02-01")
        self.pay_by_cheque(invoice, on="2026-02-20")

    def test_where_nothing_is_held_a_smaller_order_asks_nothing(self):
        self.hold._cancel("No more")
        self.env.registry.clear_cache()
        order = self.confirmed(20.0)
        order.order_line.price_unit = 19.0
        self.assertFalse(self.queued())
        self.held(5000.0)
        order.order_line.price_unit = 18.0
        self.assertEqual(self.queued(), self.customer, "the first hold is noticed")

    def test_what_lessens_it_in_another_company_of_the_group(self):
        """Where a company looks at what is owed to all of them, also to one that checks
        nothing itself."""
        there = self.invoice(amount=50.0, company=self.company_b)
        self.env["ar.recheck"].sudo().search([]).unlink()
        self.pay(there, 10.0)
        self.assertFalse(self.queued(), "each for itself")
        self.company.ar_exposure_group_companies = True
        order = self.confirmed(10.0, company=self.company_b)
        for name, change in {
            "payment": lambda: self.pay(there, 10.0),
            "invoice to draft": there.button_draft,
            "cancelled order": order.action_cancel,
        }.items():
            with self.subTest(name):
                self.env["ar.recheck"].sudo().search([]).unlink()
                change()
                waiting = self.env["ar.recheck"].sudo().search([])
                self.assertEqual(waiting.commercial_partner_id, self.customer)
                self.assertEqual(waiting.company_id, self.company)

    def test_what_does_not(self):
        self.invoice(amount=5.0)
        self.assertFalse(self.queued(), "more debt clears no hold")
        self.company.ar_credit_limit_mode = "off"
        self.pay(self.debt)
        self.grant(amount=5000.0)
        self.assertFalse(self.queued())

    def test_one_look_serves_all_that_wait(self):
        self.pay(self.debt, 10.0)
        self.pay(self.debt)
        self.assertEqual(self.queued(), self.customer)
        self.recheck()
        self.assertFalse(self.queued())
        self.assertEqual(self.hold.state, "cleared")

    def test_what_still_holds_stays_held(self):
        self.pay(self.debt, 100.0)
        self.recheck()
        self.assertEqual(self.hold.state, "held")
        self.assertEqual(self.waiting.ar_credit_state, "held")

    def test_an_own_reason_of_the_customer_stays(self):
        """Paying does not lift what somebody stopped by hand."""
        stop = self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )
        self.waiting.action_confirm()
        self.assertEqual(
            set(self.hold.reason_ids.mapped("code")), {"over_limit", "manual_stop"}
        )
        self.pay(self.debt)
        self.recheck()
        self.assertEqual(stop.state, "held")
        self.assertEqual(self.hold.state, "held")
        self.assertEqual(self.hold.reasons_text, "Cheque returned")
        stop.with_user(self.user_manager)._release("Cleared with the bank")
        self.env["ar.recheck"]._add(self.customer.ids, self.company)
        self.recheck()
        self.assertEqual(self.hold.state, "cleared")

    def test_what_is_released_stays_released(self):
        self.hold.with_user(self.user_manager)._release("Payment announced")
        payment = self.pay(self.debt)
        self.recheck()
        self.assertEqual(self.hold.state, "released")
        self.assertEqual(self.waiting.ar_credit_state, "released")
        self.assertTrue(payment)
        self.invoice(amount=800.0)
        self.waiting.action_confirm()
        self.assertEqual(self.waiting.state, "sale", "the decision still counts")

    def test_switched_off_meanwhile(self):
        self.pay(self.debt)
        self.company.ar_credit_limit_mode = "off"
        self.recheck()
        self.assertFalse(self.queued())
        self.assertEqual(self.hold.state, "held")
        self.waiting.action_confirm()
        self.assertEqual(self.waiting.state, "sale", "off: plain Odoo")
        self.assertEqual(self.hold.state, "cancelled", "nobody has to decide any more")
        self.assertEqual(self.waiting.ar_credit_state, "none")

    def test_only_observed_meanwhile(self):
        self.company.ar_credit_limit_mode = "observe"
        self.waiting.action_confirm()
        self.assertEqual(self.waiting.state, "sale")
        self.assertEqual(self.waiting.ar_credit_state, "warning")
        self.assertEqual(self.hold.state, "cancelled")

    def test_queries_do_not_grow_with_what_stays_held(self):
        for number in range(5):
            partner = self.new_customer(f"Customer {number}")
            self.grant(partner, amount=10.0)
            self.held(600.0, partner)
        held = self.env["ar.credit.hold"].search([("state", "=", "held")])
        customers = held.commercial_partner_id
        counts = []
        for some in (customers[:2], customers):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["ar.credit.hold"]._recheck(self.company, some)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[0], counts[1])
