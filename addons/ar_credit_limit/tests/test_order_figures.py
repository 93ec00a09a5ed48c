from lxml import etree

from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from .ways import WaysCommon

FIGURES = (
    "ar_customer_credit_limit",
    "ar_customer_exposure",
    "ar_customer_credit_available",
    "ar_customer_total_overdue",
    "ar_customer_days_overdue",
)


@tagged("post_install", "-at_install")
class TestOrderFigures(WaysCommon):
    """Limit, used, free and worst overdue on quotation and order."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice(amount=300.0, due="2026-02-20")
        cls.invoice(amount=50.0, due="2026-02-27")
        cls.confirmed(200.0)
        cls.contacts = cls.new_user(
            "contacts", "base.group_user,base.group_partner_manager"
        )
        cls.plain_user = cls.new_user("plain", "base.group_user")

    def read_figures(self, order, user=None):
        order = order.with_user(user or self.salesperson)
        self.env.flush_all()
        self.env.invalidate_all()
        return tuple(order.read(FIGURES)[0][name] for name in FIGURES)

    def test_own_customer_without_accounting_rights(self):
        self.assertFalse(self.salesperson.has_group("account.group_account_readonly"))
        order = self.order(100.0)
        self.assertEqual(self.read_figures(order), (1000.0, 550.0, 450.0, 350.0, 10))
        order.action_confirm()
        self.assertEqual(self.read_figures(order), (1000.0, 650.0, 350.0, 350.0, 10))

    def test_per_role_and_company(self):
        """Sees: the salesperson the own customer's, who sees all customers all."""
        nothing = (0.0, 0.0, 0.0, 0.0, 0)
        here, there = (1000.0, 550.0, 450.0, 350.0, 10), (1000.0, 0.0, 1000.0, 0.0, 0)
        expected = {
            "own": here,
            "branch": here,
            "other root": there,
            "switched off": nothing,
        }
        for company_name, company in self.companies.items():
            order = self.order(100.0, company=company)
            for role, user in self.users.items():
                sees = role in ("salesperson", "credit manager", "accountant")
                with self.subTest(role=role, company=company_name):
                    self.assertEqual(
                        self.read_figures(order, user),
                        expected[company_name] if sees else nothing,
                    )
                    self.assertEqual(
                        order.with_user(user).ar_shows_customer_credit,
                        sees and company != self.company_b,
                    )

    def test_without_a_role_nothing(self):
        order = self.order(100.0)
        portal = self.new_user("portal_figures", "base.group_portal")
        for user in (self.plain_user, self.contacts, portal):
            for name in (*FIGURES, "ar_customer_limit_state"):
                with (
                    self.subTest(user.login, name=name),
                    self.assertRaises(AccessError),
                ):
                    order.with_user(user).read([name])

    def test_form_shows_and_hides(self):
        form = Form(self.order(100.0).with_user(self.salesperson))
        self.assertTrue(form.ar_shows_customer_credit)
        self.assertEqual(form.ar_customer_credit_available, 450.0)
        form.partner_id = self.other_customer
        self.assertFalse(form.ar_shows_customer_credit, "somebody else's customer")
        self.company.ar_credit_limit_mode = "off"
        self.assertFalse(
            Form(self.order(100.0).with_user(self.salesperson)).ar_shows_customer_credit
        )

    def test_queries_are_constant(self):
        def asked(number):
            orders = self.env["sale.order"]
            for index in range(number):
                partner = self.new_customer(
                    f"{number} {index}", user_id=self.salesperson.id
                )
                self.grant(partner, amount=1000.0)
                orders |= self.order(10.0, partner)
            self.env.flush_all()
            self.env.invalidate_all()
            orders = orders.with_user(self.salesperson)
            orders.mapped("company_id.root_id.name")
            orders.sudo().mapped("partner_invoice_id.commercial_partner_id.user_id")
            orders.mapped("currency_id.name")
            before = self.env.cr.sql_log_count
            orders.mapped("ar_customer_days_overdue")
            return self.env.cr.sql_log_count - before

        asked(1)
        self.assertEqual(asked(2), asked(9))

    def test_switched_off_asks_nothing(self):
        warm, order = (
            self.order(10.0, company=self.company_b).with_user(self.salesperson)
            for _each in range(2)
        )
        self.env.flush_all()
        warm.mapped("ar_shows_customer_credit")
        with self.assertQueryCount(0):
            order.mapped("ar_shows_customer_credit")

    def fields_of_form(self, views):
        """Return what the client reads to show the form."""
        form = etree.fromstring(views["views"]["form"]["arch"])
        return set(form.xpath("//field[not(ancestor::field)]/@name"))

    def test_customer_opens_for_who_has_contacts_only(self):
        """The form, and every view of the action, for users without any role."""
        for user in (self.plain_user, self.contacts, self.salesperson):
            with self.subTest(user.login):
                partners = self.env["res.partner"].with_user(user)
                views = partners.get_views(
                    [(False, kind) for kind in ("form", "list", "kanban", "search")],
                    {"toolbar": True, "load_filters": True},
                )
                names = self.fields_of_form(views)
                sees = user == self.salesperson
                for name in ("ar_credit_limit", "ar_exposure"):
                    self.assertEqual(name in names, sees)
                    known = views["models"]["res.partner"]["fields"]
                    self.assertEqual(name in known, sees)
                answer = partners.browse(self.customer.id).web_read(
                    {name: {} for name in names}
                )
                self.assertEqual(answer[0]["name"], "Customer")
                form = Form(partners.browse(self.customer.id))
                self.assertEqual(form.name, "Customer")
        with Form(self.customer.with_user(self.contacts)) as form:
            form.comment = "Called"
        with Form(self.env["res.partner"].with_user(self.contacts)) as form:
            form.name = "New"
