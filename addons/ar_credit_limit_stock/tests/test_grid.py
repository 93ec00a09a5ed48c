from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DeliveryCommon

#: {role: (groups, whether it reads why a customer is stopped)}
ROLES = {
    "packer": ("stock.group_stock_user", False),
    "stock manager": ("stock.group_stock_manager", False),
    "salesperson": ("sales_team.group_sale_salesman,stock.group_stock_user", True),
    "another salesperson": (
        "sales_team.group_sale_salesman,stock.group_stock_user",
        False,
    ),
    "credit manager": (
        "ar_ledger.ar_ledger_group_manager,stock.group_stock_user",
        True,
    ),
}


@tagged("post_install", "-at_install")
class TestGrid(DeliveryCommon):
    """Every role validates in every company: stopped here, elsewhere for other
    reasons, or where nothing is checked."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        other_root = cls.setup_other_company(name="Other Root")["company"]
        cls.switch_on(other_root, **cls.switches)
        # {company: why its customer is stopped}
        cls.companies = {
            cls.company: "120 days overdue",
            cls.new_branch(): "120 days overdue",
            other_root: "Bankrupt",
            cls.company_b: None,
        }
        cls.users = {
            role: cls.new_user(f"grid_{role.replace(' ', '_')}", groups)
            for role, (groups, _reads) in ROLES.items()
        }
        for user in cls.users.values():
            user.company_ids = [
                fields.Command.set([company.id for company in cls.companies])
            ]
        cls.customer.user_id = cls.salesperson = cls.users["salesperson"]
        cls.pickings = {
            (role, company): cls.delivery(company=company)
            for role in ROLES
            for company in cls.companies
        }
        cls.stop(reason="120 days overdue")
        cls.stop(company=other_root, reason="Bankrupt")

    def acting(self, role, company):
        return (
            self.pickings[role, company]
            .with_user(self.users[role])
            .with_context(allowed_company_ids=company.ids, lang="en_US")
        )

    def test_each_role_in_each_company(self):
        for role, company in self.pickings:
            with self.subTest(role=role, company=company.name):
                picking = self.acting(role, company)
                self.assertEqual(picking.company_id, company)
                reason = self.companies[company]
                if reason:
                    self.assert_stopped(picking, reason if ROLES[role][1] else None)
                else:
                    self.assertEqual(picking.ar_delivery_state, "none")
                    picking.button_validate()
                    self.assertEqual(picking.state, "done")

    def assert_stopped(self, picking, reason):
        """It is refused, with the reason for those who may know it."""
        self.assertEqual(picking.ar_delivery_state, "held")
        with self.assertRaises(UserError) as caught, self.env.cr.savepoint():
            picking.button_validate()
        self.assertEqual(picking.state, "assigned")
        for text in (str(caught.exception), picking.ar_delivery_warning):
            self.assertIn(reason or "ask the credit manager", text)
            for other in {"120 days overdue", "Bankrupt"} - {reason}:
                self.assertNotIn(other, text)

    def test_released_in_one_company_only(self):
        """What the root releases goes in its branch, too, and nowhere else."""
        holds = self.env["ar.credit.hold"].search([("state", "=", "held")])
        own = holds.filtered(lambda hold: hold.company_id == self.company)
        own.with_user(self.user_manager)._release("Guarantee received")
        for company, reason in self.companies.items():
            with self.subTest(company.name):
                picking = self.acting("packer", company)
                if reason == "Bankrupt":
                    self.assert_stopped(picking, None)
                else:
                    picking.button_validate()
                    self.assertEqual(picking.state, "done")
