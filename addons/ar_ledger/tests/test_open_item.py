from odoo import fields
from odoo.tests import tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestOpenItem(ReceivablesCommon):
    two_companies = True

    def test_ages_and_buckets(self):
        cases = [
            # (due date, days overdue, bucket) on Monday 2 March 2026
            ("2026-03-20", 0, "not_due"),
            ("2026-03-02", 0, "not_due"),
            ("2026-03-01", 1, "1_30"),
            ("2026-01-31", 30, "1_30"),
            ("2026-01-30", 31, "31_60"),
            ("2025-12-01", 91, "91_180"),
            ("2025-09-02", 181, "over_180"),
        ]
        for due, days_overdue, bucket in cases:
            with self.subTest(due=due):
                move = self.invoice(date="2025-08-01", due=due)
                self.assertRecordValues(
                    self.items(move),
                    [
                        {
                            "date_maturity": fields.Date.to_date(due),
                            "days_overdue": days_overdue,
                            "bucket": bucket,
                            "amount_residual": 100.0,
                        }
                    ],
                )

    def test_leap_day_counts(self):
        move = self.invoice(date="2028-01-15", due="2028-02-28")
        with self.at("2028-03-01"):
            self.assertEqual(self.items(move).days_overdue, 2)

    def test_one_row_per_instalment(self):
        move = self.invoice(
            date="2026-01-10", amount=1000, invoice_payment_term_id=self.pay_terms_b.id
        )
        rows = [
            (fields.Date.to_string(item.date_maturity), item.amount_residual)
            for item in self.items(move)
        ]
        self.assertEqual(rows, [("2026-01-10", 300), ("2026-02-28", 700)])

    def test_partial_payment_leaves_the_rest(self):
        move = self.invoice(amount=100)
        self.pay(move, 30)
        self.assertEqual(self.items(move).amount_residual, 70)

    def test_paid_and_cancelled_disappear(self):
        paid, cancelled, draft = (self.invoice() for _i in range(3))
        self.pay(paid)
        cancelled.button_draft()
        cancelled.button_cancel()
        draft.button_draft()
        self.assertFalse(self.items(paid | cancelled | draft))

    def test_foreign_residual_is_in_both_currencies(self):
        move = self.invoice(amount=100, currency=self.eur)
        self.pay(move, 40)
        self.assertRecordValues(
            self.items(move),
            [
                {
                    "currency_id": self.eur.id,
                    "amount_residual_currency": 60,
                    "amount_residual": 120,
                }
            ],
        )

    def test_rows_add_up_to_the_receivable_accounts(self):
        """Whatever stands on receivable accounts is in the rows, to the cent."""
        self.invoice(amount=123.45)
        self.invoice(amount=77.7, currency=self.eur)
        self.invoice(amount=50, move_type="out_refund")
        self.pay(self.invoice(amount=10), 4)
        self._post_entry_without_partner(12.34)
        self._post_unapplied_payment(30)
        self.env.flush_all()
        items = self.env["ar.open.item"].search(
            [("root_company_id", "=", self.company.id)]
        )
        [balance] = self.env["account.move.line"]._read_group(
            [
                ("account_id.account_type", "=", "asset_receivable"),
                ("parent_state", "=", "posted"),
                ("company_id", "=", self.company.id),
            ],
            aggregates=["balance:sum"],
        )
        self.assertAlmostEqual(sum(items.mapped("amount_residual")), balance[0])

    def test_branch_items_name_their_root(self):
        branch = self.new_branch()
        move = self.invoice(company=branch)
        item = self.items(move)
        self.assertEqual(item.company_id, branch)
        self.assertEqual(item.root_company_id, self.company)

    def test_why_an_item_is_not_chased(self):
        group_partner = self.company_b.partner_id
        no_followup = self.invoice()
        no_followup.no_followup = True
        blocked = self.invoice()
        blocked.action_toggle_block_payment()
        pos_account = self.copy_account(self.company_data["default_account_receivable"])
        self.company.account_default_pos_receivable_account_id = pos_account
        cases = [
            ("normal", self.invoice(), False),
            ("own group", self.invoice(group_partner), "own_group"),
            ("no follow-up", no_followup, "no_followup"),
            ("blocked", blocked, "blocked"),
            ("no partner", self._post_entry_without_partner(10), "no_partner"),
            (
                "point of sale",
                self._post_entry(10, self.customer, pos_account),
                "point_of_sale",
            ),
        ]
        for label, move, reason in cases:
            with self.subTest(label):
                self.assertEqual(self.items(move).not_chased_reason, reason)

    def test_payment_without_entry_is_on_its_way(self):
        """Without an outstanding account a payment has no entry until the bank shows
        it, where an accounting module has switched core to that way of working."""
        self.patch(
            self.registry["account.move"],
            "_get_invoice_in_payment_state",
            lambda move: "in_payment",
        )
        bank = self.company_data["default_journal_bank"]
        bank.inbound_payment_method_line_ids.payment_account_id = False
        move = self.invoice()
        payment = self.pay(move)
        self.assertFalse(payment.move_id)
        self.assertEqual(self.items(move).not_chased_reason, "payment_pending")

    def test_moves_of_another_customer_follow_a_merge(self):
        move = self.invoice(self.other_customer)
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | self.other_customer).ids, self.customer, False
        )
        self.assertEqual(self.items(move).commercial_partner_id, self.customer)

    def test_invoice_of_a_contact_belongs_to_the_company(self):
        contact = self.new_customer("Ann", is_company=False, parent_id=self.customer.id)
        self.assertEqual(
            self.items(self.invoice(contact)).commercial_partner_id, self.customer
        )

    def test_search_costs_the_same_for_one_and_for_many(self):
        self.invoice()
        self.env["ar.open.item"].search([]).mapped("amount_residual")
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            self.env["ar.open.item"].search_fetch([], ["amount_residual"])
        for _i in range(10):
            self.invoice()
        self.env.flush_all()
        self.env.invalidate_all()
        with self.assertQueryCount(1):
            self.env["ar.open.item"].search_fetch([], ["amount_residual"])

    def _post_entry_without_partner(self, amount):
        return self._post_entry(
            amount,
            self.env["res.partner"],
            self.company_data["default_account_receivable"],
        )

    def _post_entry(self, amount, partner, account):
        counterpart = self.company_data["default_account_revenue"]
        move = self.env["account.move"].create(
            {
                "move_type": "entry",
                "line_ids": [
                    fields.Command.create(
                        {
                            "account_id": line_account.id,
                            "partner_id": partner.id,
                            "balance": balance,
                        }
                    )
                    for line_account, balance in (
                        (account, amount),
                        (counterpart, -amount),
                    )
                ],
            }
        )
        move.action_post()
        return move

    def _post_unapplied_payment(self, amount):
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.customer.id,
                "payment_type": "inbound",
                "partner_type": "customer",
                "amount": amount,
            }
        )
        payment.action_post()
        return payment
