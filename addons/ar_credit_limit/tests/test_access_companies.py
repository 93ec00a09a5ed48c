from datetime import date

from odoo import fields
from odoo.tests import tagged

from .common import CreditCommon

#: {model: the field that says whose its rows are}
CUSTOMER_FIELDS = {
    "ar.credit.limit": "commercial_partner_id",
    "ar.credit.hold": "commercial_partner_id",
    "ar.credit.hold.reason": "hold_id.commercial_partner_id",
    "ar.credit.exemption": "commercial_partner_id",
    "ar.credit.change": "commercial_partner_id",
    "ar.credit.change.line": "change_id.commercial_partner_id",
    "ar.exposure.item": "commercial_partner_id",
    "ar.exposure.projection": "commercial_partner_id",
    "ar.exposure.snapshot": "commercial_partner_id",
}
MANAGER = "ar_ledger.ar_ledger_group_manager"


@tagged("post_install", "-at_install")
class TestCompanies(CreditCommon):
    """Whoever does not work in a company reads none of it, whatever the role; who works
    in a branch reads what its root company decides."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls.customer | cls.other_customer
        colleague = cls.new_user("colleague", "sales_team.group_sale_salesman")
        cls.other_customer.user_id = colleague
        cls.branch = cls.new_branch()
        cls.user_b = cls.works_in("of_b", cls.company_b)
        cls.user_branch = cls.works_in("of_the_branch", cls.branch)
        cls.user_everywhere = cls.works_in("everywhere", cls.company | cls.company_b)
        for customer in cls.both:
            cls.make_rows(customer)
        cls.invoice(amount=7.0, company=cls.branch)
        cls.env["ar.exposure.snapshot"].sudo()._take(cls.company, date(2026, 3, 2))
        cls.env.flush_all()

    @classmethod
    def works_in(cls, login, companies):
        user = cls.new_user(login, MANAGER)
        user.write(
            {
                "company_ids": [fields.Command.set(companies.ids)],
                "company_id": companies[0].id,
            }
        )
        return user

    @classmethod
    def make_rows(cls, customer):
        """Leave a row of the customer in each of the models."""
        cls.grant(customer, amount=1000.0)
        order = cls.confirmed(600.0, customer, user_id=customer.user_id.id)
        line = order.order_line
        cls.env["ar.credit.change"]._request(
            order,
            [
                {
                    "order_line_id": line.id,
                    "product_id": line.product_id.id,
                    "quantity": 1.0,
                    "price_unit": 1500.0,
                    "discount": 0.0,
                }
            ],
            "They take it all",
        )
        held = cls.order(2000.0, customer, user_id=customer.user_id.id)
        held.action_confirm()
        cls.env["ar.credit.exemption"].with_user(cls.user_manager)._grant(
            customer,
            cls.company,
            "Trade fair",
            date(2026, 3, 31),
            order=cls.order(10.0, customer, user_id=customer.user_id.id),
        )

    def seen(self, model, user, *companies):
        """Return whose rows the user finds."""
        rows = self.env[model].with_user(user)
        if companies:
            rows = rows.with_context(allowed_company_ids=[c.id for c in companies])
        found = rows.search([]).sudo()
        return found.mapped(CUSTOMER_FIELDS[model]) & self.both

    def test_whose_rows(self):
        nobody = self.env["res.partner"]
        for model in CUSTOMER_FIELDS:
            for user, companies, expected in (
                (self.salesperson, [], self.customer),
                (self.user_viewer, [], self.both),
                (self.user_manager, [], self.both),
                (self.user_b, [], nobody),
                (self.user_everywhere, [self.company], self.both),
                (self.user_everywhere, [self.company_b], nobody),
                (self.user_everywhere, [self.company_b, self.company], self.both),
            ):
                with self.subTest(model, user=user.login, companies=companies):
                    self.assertEqual(self.seen(model, user, *companies), expected)

    def test_who_works_in_a_branch(self):
        """Decisions are the root's; documents are each company's own."""
        for model in CUSTOMER_FIELDS:
            own = model == "ar.exposure.item"
            with self.subTest(model):
                expected = self.customer if own else self.both
                self.assertEqual(self.seen(model, self.user_branch), expected)
        items = self.env["ar.exposure.item"].with_user(self.user_branch).search([])
        self.assertEqual(items.mapped("amount"), [7.0])

    def test_who_may_decide(self):
        """The matrix and those who stand in; in all companies, where none is named."""
        authorities = self.env["ar.credit.authority"].sudo()
        substitutes = self.env["ar.credit.substitute"].sudo()
        for company in (self.company, self.company_b, self.env["res.company"]):
            if company:
                authorities |= authorities.create(
                    {
                        "company_id": company.id,
                        "user_id": self.user_manager.id,
                        "amount": 10.0,
                    }
                )
            substitutes |= substitutes.create(
                {
                    "user_id": self.user_manager.id,
                    "substitute_id": self.user_everywhere.id,
                    "company_id": company.id,
                    "date_until": "2026-03-09",
                }
            )
        own, foreign, anywhere = substitutes
        for user, company, authority, expected in (
            (self.user_viewer, self.company, authorities[0], own | anywhere),
            (self.user_branch, self.branch, authorities[0], own | anywhere),
            (self.user_b, self.company_b, authorities[1], foreign | anywhere),
            (self.user_everywhere, self.company, authorities[0], own | anywhere),
            (
                self.user_everywhere,
                self.company_b,
                authorities[1],
                foreign | anywhere,
            ),
        ):
            with self.subTest(user.login, company=company.name):
                for rows, visible in (
                    (authorities, authority),
                    (substitutes, expected),
                ):
                    rows = rows.with_user(user).with_context(
                        allowed_company_ids=company.ids
                    )
                    found = rows.search([("id", "in", rows.ids)]).sudo()
                    self.assertEqual(set(found.ids), set(visible.ids))
