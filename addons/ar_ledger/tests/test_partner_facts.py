from datetime import date

from odoo.tests import Form, tagged

from .common import ReceivablesCommon

ROLES = ("own", "viewer", "collector", "manager")


@tagged("post_install", "-at_install")
class TestPartnerFacts(ReceivablesCommon):
    two_companies = True

    def setUp(self):
        super().setUp()
        self.invoice(amount=100, date="2026-01-01", due="2026-01-31")
        self.invoice(amount=60, due="2026-04-01")
        self.env.flush_all()
        self.env.invalidate_all()

    def test_customer_and_contacts_show_the_same(self):
        contact = self.new_customer("Ann", is_company=False, parent_id=self.customer.id)
        for partner in (self.customer, contact):
            self.assertRecordValues(
                partner,
                [
                    {
                        "ar_total_due": 160,
                        "ar_total_overdue": 100,
                        "ar_oldest_due_date": date(2026, 1, 31),
                        "ar_days_overdue": 30,
                    }
                ],
            )

    def test_figures_are_of_the_current_root_company(self):
        branch = self.new_branch()
        self.invoice(amount=5, company=self.company_b)
        self.env.flush_all()
        for company, due in (
            (self.company, 160),
            (branch, 160),
            (self.company_b, 5),
        ):
            with self.subTest(company.name):
                self.assertEqual(self.customer.with_company(company).ar_total_due, due)

    def test_search_agrees_with_the_figure_of_every_customer(self):
        self.new_customer("Owes nothing")
        customers = self.env["res.partner"].search([("is_company", "=", True)])
        cases = [
            ("ar_total_due", ">", 100, lambda v: v > 100),
            ("ar_total_due", "<=", 160, lambda v: v <= 160),
            ("ar_total_due", "=", 0, lambda v: v == 0),
            ("ar_total_due", "!=", 0, lambda v: v != 0),
            ("ar_total_due", "in", [0, 160], lambda v: v in (0, 160)),
            ("ar_total_overdue", ">=", 100, lambda v: v >= 100),
            ("ar_total_overdue", "<", 1, lambda v: v < 1),
            ("ar_days_overdue", ">", 29, lambda v: v > 29),
            ("ar_days_overdue", "=", 0, lambda v: v == 0),
            ("ar_oldest_due_date", "<", "2026-02-01", lambda v: bool(v)),
            ("ar_oldest_due_date", "=", False, lambda v: not v),
            ("ar_oldest_due_date", "!=", False, lambda v: bool(v)),
        ]
        for name, operator, value, matches in cases:
            with self.subTest(name=name, operator=operator, value=value):
                domain = [(name, operator, value), ("id", "in", customers.ids)]
                self.assertEqual(
                    self.env["res.partner"].search(domain),
                    customers.filtered(lambda c, n=name, m=matches: m(c[n])),
                )

    def test_unknown_operator_is_refused_not_ignored(self):
        with self.assertRaises(Exception):  # noqa: B017 - the ORM chooses the class
            self.env["res.partner"].search([("ar_total_due", "ilike", "1")])

    def test_a_batch_costs_what_one_customer_costs(self):
        customers = self.env["res.partner"].create(
            [{"name": f"Customer {n}"} for n in range(30)]
        )
        for partners in (self.customer, self.customer | customers):
            partners.mapped("ar_total_due")
            partners.invalidate_recordset(["ar_total_due"], flush=False)
            with self.subTest(len(partners)), self.assertQueryCount(1):
                partners.mapped("ar_total_due")

    def test_collector_and_class_are_kept_on_the_root(self):
        branch = self.new_branch()
        risk_class = self.env.ref("ar_ledger.ar_risk_class_high")
        at_branch = self.customer.with_company(branch)
        at_branch.write(
            {
                "ar_collector_id": self.user_collector.id,
                "ar_risk_class_id": risk_class.id,
            }
        )
        self.assertEqual(self.customer.ar_collector_id, self.user_collector)
        self.assertEqual(at_branch.ar_risk_class_id, risk_class)
        self.assertFalse(self.customer.with_company(self.company_b).ar_collector_id)
        self.assertEqual(self.position(self.customer).risk_class_id, risk_class)
        for company in (self.company, branch):
            found = (
                self.env["res.partner"]
                .with_company(company)
                .search([("ar_collector_id", "=", self.user_collector.id)])
            )
            self.assertEqual(found, self.customer)

    def test_new_customers_are_entered_in_the_form(self):
        """By each role, as a company, as a person, and as a contact of a customer."""
        roles = ("base.group_user", *(f"ar_ledger.ar_ledger_group_{r}" for r in ROLES))
        for number, role in enumerate(roles):
            user = self.new_user(
                f"enters_{number}", f"{role},base.group_partner_manager"
            )
            partners = self.env["res.partner"].with_user(user)
            for company_type, parent in (
                ("company", partners),
                ("person", partners),
                ("person", self.customer),
            ):
                with self.subTest(role, kind=company_type, parent=parent.name):
                    with Form(partners) as form:
                        form.company_type = company_type
                        form.name = "New"
                        if parent:
                            form.parent_id = parent
                    self.assertEqual(form.record.name, "New")

    def test_partner_form_opens_for_everybody(self):
        contacts_only = self.new_user("contacts", "base.group_user")
        for user in (contacts_only, self.user_own, self.user_viewer, self.user_manager):
            with self.subTest(user.login):
                form = Form(self.customer.with_user(user))
                self.assertEqual(form.name, "Customer")
                has_figures = "ar_total_due" in form._view["fields"]
                self.assertEqual(has_figures, user != contacts_only)
