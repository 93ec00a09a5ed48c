"""What the tests of the ways into a confirmed order share: roles and companies."""

from odoo import fields

from .common import CreditCommon

#: name: groups. The salesperson confirms own orders, the others somebody else's.
ROLES = {
    "salesperson": "sales_team.group_sale_salesman",
    "sales manager": "sales_team.group_sale_manager",
    "credit manager": (
        "ar_ledger.ar_ledger_group_manager,sales_team.group_sale_salesman_all_leads"
    ),
    "accountant": (
        "account.group_account_manager,sales_team.group_sale_salesman_all_leads"
    ),
}


class WaysCommon(CreditCommon):
    """Four companies, in all but the last of which the customer may owe 1,000."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other_root = cls.setup_other_company(name="Other Root")["company"]
        cls.switch_on(cls.other_root, **cls.switches)
        cls.grant(amount=1000.0, company=cls.other_root, user=cls.env.user)
        cls.companies = {
            "own": cls.company,
            "branch": cls.new_branch(),
            "other root": cls.other_root,
            "switched off": cls.company_b,
        }
        everywhere = [
            fields.Command.set([company.id for company in cls.companies.values()])
        ]
        cls.salesperson.company_ids = everywhere
        cls.users = {"salesperson": cls.salesperson}
        for name, groups in ROLES.items():
            if name not in cls.users:
                cls.users[name] = cls.new_user(name.replace(" ", "_"), groups)
                cls.users[name].company_ids = everywhere

    def over_and_fine(self, company):
        """Return an order over the limit of its customer and one that is checked
        nowhere."""
        return (
            self.order(1500.0, company=company),
            self.order(100.0, self.other_customer, company=company),
        )

    def needs(self, *modules):
        missing = set(modules) - self.env.registry._init_modules
        if missing:
            self.skipTest(f"not installed here: {', '.join(sorted(missing))}")

    def assert_outcome(self, over, fine, company):
        """The fine order is confirmed; the other one is held, unless nothing is checked
        in its company."""
        self.assertEqual(fine.state, "sale")
        if company == self.company_b:
            self.assertEqual((over.state, over.ar_credit_state), ("sale", "none"))
            self.assertFalse(over.ar_credit_hold_ids)
            self.assertFalse(self.told(over))
        else:
            self.assert_held(over)
            self.assertEqual(over.ar_credit_hold_id.company_id, company.root_id)

    def assert_held(self, order, amount=1500.0):
        self.assertIn(order.state, ("draft", "sent"))
        self.assertEqual(order.ar_credit_state, "held")
        hold = order.ar_credit_hold_ids
        self.assertEqual(len(hold), 1, "one hold, however often somebody tries")
        self.assertEqual((hold.state, hold.amount), ("held", amount))
        self.assertEqual(hold.reason_ids.code, "over_limit")

    def told(self, order):
        """Return who has an activity that the order is held."""
        return order.activity_ids.filtered(
            lambda activity: activity.summary == "Held for credit"
        ).user_id
