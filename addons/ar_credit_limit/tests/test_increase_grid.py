from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common_policy import PolicyCommon
from .ways import WaysCommon

#: Who reads figures of a customer of the salesperson.
INFORMED = ("salesperson", "credit manager", "accountant")


@tagged("post_install", "-at_install")
class TestIncreaseGrid(WaysCommon, PolicyCommon):
    """Advice on a quotation and growth of a confirmed order: every role in every
    company, and every action of the policy."""

    two_companies = True

    def cases(self):
        return [
            (role, company_name)
            for company_name in self.companies
            for role in self.users
        ]

    def acting(self, records, role, company):
        return records.with_user(self.users[role]).with_context(
            allowed_company_ids=company.ids, lang="en_US"
        )

    def refused(self, line, price):
        """Return why the line cannot have the price."""
        before = line.order_id.amount_total
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            line.write({"price_unit": price})
        self.env.invalidate_all()
        self.assertEqual(line.order_id.amount_total, before, "nothing is written")
        return str(caught.exception)

    def test_growth_and_decrease(self):
        for role, company_name in self.cases():
            company = self.companies[company_name]
            with self.subTest(role=role, company=company_name), self.rolled_back():
                order = self.confirmed(600.0, company=company)
                line = self.acting(order.order_line, role, company)
                if company == self.company_b:
                    line.write({"price_unit": 1500.0})
                    self.assertEqual(order.amount_total, 1500.0)
                else:
                    refusal = self.refused(line, 1000.01)
                    self.assertIn("over the credit limit", refusal)
                    line.write({"price_unit": 1000.0})
                line.write({"price_unit": 500.0})
                self.assertEqual(order.amount_total, 500.0)

    def test_banner(self):
        for role, company_name in self.cases():
            company = self.companies[company_name]
            with self.subTest(role=role, company=company_name):
                over, fine = self.over_and_fine(company)
                self.env.invalidate_all()
                advice = self.acting(over, role, company).partner_credit_warning
                if company == self.company_b:
                    self.assertFalse(advice)
                elif role in INFORMED:
                    self.assertIn("500.00 over the credit limit", advice)
                else:
                    self.assertIn("not one of yours", advice)
                    self.assertNotRegex(advice, r"\d")
                self.assertFalse(
                    self.acting(fine, role, company).partner_credit_warning
                )

    def test_actions_of_the_policy(self):
        """What a real change meets: (action, whether it is made, event)."""
        for action, is_made, kind in (
            ("none", True, None),
            ("warn", True, "credit_warning"),
            ("refuse", False, None),
        ):
            with self.subTest(action), self.rolled_back():
                self.policy({"code": "over_limit", "at_increase": action})
                order = self.confirmed(600.0)
                events = self.env["ar.event"].search([])
                line = self.acting(order.order_line, "salesperson", self.company)
                sent = self.grow(line, is_made)
                self.assertEqual(order.amount_total, 1500.0 if is_made else 600.0)
                new = self.env["ar.event"].search([("kind", "!=", "credit_policy")])
                new -= events
                self.assertEqual(new.mapped("kind"), [kind] if kind else [])
                self.assertEqual(len(sent), 1 if kind else 0)
                if kind:
                    self.assertIn("500.00 over the credit limit", sent[0])
                    self.assertEqual(new.source_id, order.id)

    def grow(self, line, is_made):
        """Raise the order to 1,500 and return what its salesperson is told at once."""
        sent = []
        with patch.object(
            type(self.env["res.users"]),
            "_bus_send",
            lambda user, kind, message, **kwargs: sent.append((user, kind, message)),
        ):
            if is_made:
                line.write({"price_unit": 1500.0})
            else:
                self.assertIn("over the credit limit", self.refused(line, 1500.0))
        return [
            message["message"]
            for user, kind, message in sent
            if kind == "simple_notification" and user == self.salesperson
        ]
