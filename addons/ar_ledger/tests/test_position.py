from odoo import fields, models
from odoo.tests import tagged
from odoo.tools import SQL

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestPosition(ReceivablesCommon):
    two_companies = True

    def test_figures_of_one_customer(self):
        self.invoice(amount=100, date="2026-01-01", due="2026-01-31")
        self.invoice(amount=40, date="2026-02-01", due="2026-02-20")
        self.invoice(amount=60, due="2026-04-01")
        self.invoice(amount=25, move_type="out_refund")
        self.assertRecordValues(
            self.position(self.customer),
            [
                {
                    "total_due": 175,
                    "total_overdue": 140,
                    "total_credit": -25,
                    "total_suspended": 0,
                    "oldest_due_date": fields.Date.to_date("2026-01-31"),
                    "days_overdue": 30,
                    "currency_id": self.company.currency_id.id,
                    "user_id": self.user_own.id,
                }
            ],
        )

    def test_due_is_not_due_plus_overdue_plus_credits(self):
        self.invoice(amount=60, due="2026-04-01")
        self.invoice(amount=40.01, date="2026-01-01", due="2026-01-31")
        self.invoice(amount=12.5, move_type="out_refund")
        row = self.position(self.customer)
        not_due = sum(
            self.env["ar.open.item"]
            .search(
                [
                    ("commercial_partner_id", "=", self.customer.id),
                    ("bucket", "=", "not_due"),
                    ("amount_residual", ">", 0),
                ]
            )
            .mapped("amount_residual")
        )
        self.assertAlmostEqual(
            row.total_due, not_due + row.total_overdue + row.total_credit
        )

    def test_branches_count_with_their_root_other_companies_apart(self):
        branch = self.new_branch()
        self.invoice(amount=100)
        self.invoice(amount=10, company=branch)
        self.invoice(amount=7, company=self.company_b)
        self.assertEqual(self.position(self.customer).total_due, 110)
        self.assertEqual(self.position(self.customer, self.company_b).total_due, 7)

    def test_three_currencies_are_converted_once(self):
        gbp = self.setup_other_currency("GBP", rates=[("2020-01-01", 0.25)])
        self.invoice(amount=100)
        self.invoice(amount=100, currency=self.eur)
        self.invoice(amount=100, currency=gbp)
        self.assertEqual(self.position(self.customer).total_due, 100 + 200 + 400)

    def test_totals_of_the_list_are_the_items(self):
        self.invoice(amount=100)
        self.invoice(self.other_customer, amount=50)
        self.env.flush_all()
        domain = [("company_id", "=", self.company.id)]
        [(due,)] = self.env["ar.position"]._read_group(
            domain, aggregates=["total_due:sum"]
        )
        items = self.env["ar.open.item"].search(
            [
                ("root_company_id", "=", self.company.id),
                ("commercial_partner_id", "!=", False),
            ]
        )
        self.assertEqual(due, sum(items.mapped("amount_residual")))

    def test_drill_down_reaches_the_very_items(self):
        move = self.invoice(amount=100)
        self.invoice(self.other_customer)
        action = self.position(self.customer).action_open_items()
        found = self.env["ar.open.item"].search(action["domain"])
        self.assertEqual(found, self.items(move))

    def test_one_query_for_any_number_of_customers(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {n}"} for n in range(30)]
        )
        for customer in customers[:3]:
            self.invoice(customer)
        self.env["ar.position"]._get_positions(customers, self.company)
        with self.assertQueryCount(1):
            positions = self.env["ar.position"]._get_positions(customers, self.company)
        self.assertEqual(len(positions), 3)

    def test_a_floor_above_adds_a_column_and_a_customer(self):
        class Position(models.Model):
            _inherit = "ar.position"

            shoe_size = fields.Integer()

            def _get_customer_sources(self):
                size_owner = SQL(
                    "SELECT id, %s FROM res_partner WHERE name = 'Barefoot'",
                    self.env.company.id,
                )
                return super()._get_customer_sources() + [size_owner]

            def _get_columns(self):
                size = SQL("length(partner.name)")
                return super()._get_columns() | {"shoe_size": size}

        self.add_test_model(Position)
        barefoot = self.new_customer("Barefoot")
        row = self.position(barefoot)
        self.assertEqual((row.total_due, row.shoe_size), (0, 8))
