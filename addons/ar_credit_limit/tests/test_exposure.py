from odoo import fields
from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestExposure(CreditCommon):
    two_companies = True

    def test_open_items_and_orders_add_up(self):
        self.invoice(amount=300.0)
        self.confirmed(200.0)
        self.order(9999.0)
        exposure = self.customer._get_exposure(self.company)[self.customer.id]
        self.assertEqual(
            (exposure.open_items, exposure.ordered, exposure.total), (300, 200, 500)
        )

    def test_payments_and_credit_notes_lessen(self):
        invoice = self.invoice(amount=300.0)
        self.pay(invoice, 100.0)
        self.invoice(amount=50.0, move_type="out_refund")
        self.assertEqual(self.exposure(), 150.0)

    def test_an_order_turns_into_an_open_item(self):
        order = self.confirmed(600.0, quantity=6)
        invoice = order._create_invoices()
        self.assertEqual(self.exposure(), 600.0, "a draft is no open item yet")
        invoice.invoice_line_ids.quantity = 2
        self.assertEqual(self.exposure(), 600.0)
        invoice.action_post()
        self.env.invalidate_all()
        self.assertEqual(self.customer.ar_total_due, 200.0)
        self.assertEqual(self.exposure(), 600.0, "200 open, 400 ordered")
        self.pay(invoice)
        self.assertEqual(self.exposure(), 400.0)
        order._create_invoices().action_post()
        self.assertEqual(self.exposure(), 400.0)
        self.assertFalse(self.ordered_items(order), "all is invoiced")

    def test_invoice_in_another_unit(self):
        order = self.confirmed(1200.0, partner=self.other_customer, quantity=24)
        invoice = order._create_invoices()
        dozen = self.env.ref("uom.product_uom_dozen")
        invoice.invoice_line_ids.write({"product_uom_id": dozen.id, "quantity": 1})
        self.env.flush_all()
        self.assertEqual(self.exposure(self.other_customer), 1200.0, "still a draft")
        invoice.invoice_line_ids.price_unit = 600.0
        invoice.action_post()
        ordered = self.other_customer._get_exposure(self.company)
        self.assertEqual(ordered[self.other_customer.id].ordered, 600.0)

    def test_cancelled_order_counts_no_more(self):
        order = self.confirmed(600.0)
        order.action_cancel()
        self.assertEqual(self.exposure(), 0.0)

    def test_over_delivery_counts(self):
        order = self.confirmed(600.0, quantity=6)
        order.order_line.qty_delivered = 8
        self.assertEqual(self.exposure(), 800.0)

    def test_down_payment_is_not_counted_twice(self):
        order = self.confirmed(600.0)
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": order.ids,
                "advance_payment_method": "fixed",
                "fixed_amount": 200.0,
            }
        )
        wizard.create_invoices()
        down_payment = order.invoice_ids
        down_payment.action_post()
        self.assertEqual(self.exposure(), 600.0, "200 open, 400 to come")
        self.pay(down_payment)
        self.assertEqual(self.exposure(), 400.0)
        final = order._create_invoices(final=True)
        final.action_post()
        self.assertEqual(self.exposure(), 400.0, "400 open, nothing to come")

    def test_taxes_are_included(self):
        order = self.order(600.0)
        order.order_line.tax_ids = self.env["account.tax"].create(
            {"name": "Tax 20", "amount": 20.0, "type_tax_use": "sale"}
        )
        order.action_confirm()
        self.assertEqual(self.exposure(), 720.0)

    def test_currency_is_converted_once(self):
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": self.eur.id}
        )
        order = self.confirmed(250.0, pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, self.eur)
        self.assertEqual(self.exposure(), 500.0, "one euro is two dollars")
        self.invoice(amount=100.0, currency=self.eur)
        self.assertEqual(self.exposure(), 700.0)

    def test_key_is_who_is_invoiced(self):
        buyer = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.other_customer.id}
        )
        self.confirmed(100.0, partner=buyer)
        self.assertEqual(self.exposure(self.other_customer), 100.0)
        self.confirmed(
            70.0, partner=self.other_customer, partner_invoice_id=self.customer.id
        )
        self.assertEqual(self.exposure(self.other_customer), 100.0)
        self.assertEqual(self.exposure(self.customer), 70.0)

    def test_branches_count_other_companies_do_not(self):
        branch = self.new_branch()
        self.confirmed(100.0)
        self.confirmed(70.0, company=branch)
        self.confirmed(5000.0, company=self.company_b)
        self.assertEqual(self.exposure(), 170.0)
        self.assertEqual(self.exposure(company=branch), 170.0)
        self.assertEqual(self.exposure(company=self.company_b), 5000.0)

    def test_negative_lines_lessen(self):
        order = self.order(600.0)
        order.order_line = [
            fields.Command.create(
                {
                    "product_id": self.product.id,
                    "product_uom_qty": -1,
                    "price_unit": 100.0,
                    "tax_ids": False,
                }
            ),
            fields.Command.create(
                {
                    "product_id": self.product.id,
                    "product_uom_qty": 1,
                    "price_unit": -50.0,
                    "tax_ids": False,
                }
            ),
        ]
        order.action_confirm()
        self.assertEqual(self.exposure(), 450.0)

    def test_position_says_the_same(self):
        self.invoice(amount=300.0)
        self.confirmed(200.0)
        self.grant(self.other_customer, amount=50.0)
        self.assertRecordValues(
            self.position(self.customer),
            [
                {
                    "total_due": 300.0,
                    "ordered": 200.0,
                    "exposure": 500.0,
                    "credit_limit": 1000.0,
                    "credit_available": 500.0,
                    "utilization": 0.5,
                    "limit_state": "amount",
                    "is_over_limit": False,
                }
            ],
        )
        self.assertEqual(self.position(self.other_customer).credit_available, 50.0)
        self.assertEqual(self.customer.ar_exposure, 500.0)
        self.assertEqual(self.customer.ar_credit_available, 500.0)
        self.assertEqual(self.customer.ar_utilization, 0.5)

    def test_lines_add_up_to_the_position(self):
        self.confirmed(200.0)
        self.confirmed(150.0)
        items = self.ordered_items(self.customer.sale_order_ids)
        position = self.position(self.customer)
        self.assertEqual(sum(items.mapped("amount")), position.ordered)
        domain = position.action_ordered_items()["domain"]
        self.assertEqual(self.env["ar.exposure.item"].search(domain), items)

    def test_search_over_limit(self):
        self.invoice(amount=1000.0)
        exactly = self.customer
        over, no_credit, free = (
            self.new_customer(name) for name in ("Over", "None", "Free")
        )
        self.grant(over, amount=99.99)
        self.invoice(over, amount=100.0)
        self.grant(no_credit, state="none")
        self.invoice(no_credit, amount=1.0)
        self.invoice(free, amount=99999.0)
        known = exactly | over | no_credit | free
        self.env.flush_all()
        for domain, expected in (
            ([("is_over_limit", "=", True)], over | no_credit),
            ([("utilization", ">", 0.8)], exactly | over),
            ([("limit_state", "=", "none")], no_credit),
        ):
            with self.subTest(domain=domain):
                rows = self.env["ar.position"].search(
                    domain + [("commercial_partner_id", "in", known.ids)]
                )
                self.assertEqual(rows.commercial_partner_id, expected)
        for domain, expected in (
            ([("ar_credit_available", "<", 0)], over | no_credit),
            ([("ar_exposure", ">=", 1000)], exactly | free),
            ([("ar_limit_state", "=", "unchecked")], free),
            ([("ar_limit_state", "!=", "unchecked")], known - free),
        ):
            with self.subTest(domain=domain):
                found = self.env["res.partner"].search(
                    domain + [("id", "in", known.ids)]
                )
                self.assertEqual(found, expected)

    def test_queries_do_not_grow_with_customers(self):
        customers = self.env["res.partner"]
        for number in range(6):
            customer = self.new_customer(f"Customer {number}")
            customers |= customer
            self.invoice(customer)
            self.confirmed(10.0, partner=customer)
        self.env.flush_all()
        customers._get_exposure(self.company)  # remembers the switches
        for some in (customers[:1], customers):
            with self.subTest(len(some)), self.assertQueryCount(1):
                self.assertEqual(len(some._get_exposure(self.company)), len(some))
        self.env.invalidate_all()
        customers.mapped("user_id")
        with self.assertQueryCount(4):
            customers.mapped("ar_credit_available")

    def ordered_items(self, orders):
        self.env.flush_all()
        return self.env["ar.exposure.item"].search([("order_id", "in", orders.ids)])
