from collections import Counter

from odoo.tests import BaseCase, tagged

from odoo.addons.ar_demo.tools import plan, tables
from odoo.addons.ar_demo.tools.habits import HABITS


@tagged("post_install", "-at_install")
class TestTables(BaseCase):
    def test_every_customer_is_complete_and_knows_its_habit(self):
        for customer in tables.customers():
            with self.subTest(customer.name):
                needed = customer._replace(state="-", currency="-")
                self.assertTrue(all(needed), "a column is empty")
                self.assertEqual(bool(customer.state), customer.country == "US")
                self.assertIn(customer.habit, HABITS)
                self.assertIn(customer.terms, plan.TERMS)
                self.assertIn(customer.size, plan.INVOICES)
                self.assertLessEqual(set(customer.companies), {"eu", "us"})
                self.assertIn(customer.currency or "EUR", plan.PRICE_LEVEL)

    def test_the_wholesaler_has_all_sorts_of_customers(self):
        customers = tables.customers()
        self.assertGreaterEqual(len(customers), 40)
        self.assertEqual(len({customer.country for customer in customers}), 6)
        self.assertEqual({customer.habit for customer in customers}, set(HABITS))
        self.assertTrue(any(len(customer.companies) == 2 for customer in customers))

    def test_keys_are_unique(self):
        rows = [
            *(customer.key for customer in tables.customers()),
            *(product.code for product in tables.products()),
            *(colleague.login for colleague in tables.colleagues()),
        ]
        repeated = [key for key, count in Counter(rows).items() if count > 1]
        self.assertFalse(repeated)

    def test_no_address_leaves_the_reserved_domain(self):
        for customer in tables.customers():
            self.assertRegex(customer.domain, r"^[a-z0-9-]+\.example$")

    def test_every_customer_belongs_to_a_colleague(self):
        logins = {colleague.login for colleague in tables.colleagues()}
        sellers = {customer.salesperson for customer in tables.customers()}
        self.assertLessEqual(sellers, logins)
