from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from .common import ReceivablesCommon

READABLE = ("ar.open.item", "ar.position", "ar.suspension", "ar.event")


@tagged("post_install", "-at_install")
class TestAccess(ReceivablesCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own_move = cls.invoice(cls.customer, amount=100)
        cls.other_move = cls.invoice(cls.other_customer, amount=50)
        cls.suspend(cls.own_move | cls.other_move)
        cls.user_b = cls.new_user("of_b", "ar_ledger.ar_ledger_group_manager")
        cls.user_b.write(
            {"company_ids": [(6, 0, cls.company_b.ids)], "company_id": cls.company_b.id}
        )
        cls.contacts_only = cls.new_user("contacts", "base.group_user")
        cls.portal = new_test_user(
            cls.env, login="ar_portal", groups="base.group_portal"
        )
        cls.env.flush_all()

    def customers_seen(self, user, model):
        records = self.env[model].with_user(user).search([])
        ours = self.customer | self.other_customer
        return records.sudo().commercial_partner_id & ours

    def test_who_sees_whose_figures(self):
        everybody = self.customer | self.other_customer
        nobody = self.env["res.partner"]
        cases = [
            (self.user_own, self.customer),
            (self.user_viewer, everybody),
            (self.user_collector, everybody),
            (self.user_manager, everybody),
            (self.user_b, nobody),
        ]
        for user, expected in cases:
            for model in READABLE:
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(self.customers_seen(user, model), expected)

    def test_without_a_role_nothing(self):
        for user in (self.contacts_only, self.portal):
            for model in (*READABLE, "ar.run"):
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search_read([])

    def test_others_customers_figures_are_empty_by_every_road(self):
        Partner = self.env["res.partner"].with_user(self.user_own)
        both = Partner.browse((self.customer | self.other_customer).ids)
        read = {row["id"]: row["ar_total_due"] for row in both.read(["ar_total_due"])}
        self.assertEqual(read, {self.customer.id: 100, self.other_customer.id: 0})
        self.user_own.group_ids += self.env.ref("base.group_allow_export")
        exported = both.export_data(["name", "ar_total_due"])["datas"]
        self.assertEqual([row[1] for row in exported], [100, 0])
        found = Partner.search([("ar_total_due", ">", 0), ("id", "in", both.ids)])
        self.assertEqual(found.ids, self.customer.ids)
        grouped = (
            self.env["ar.position"]
            .with_user(self.user_own)
            ._read_group([], ["commercial_partner_id"], ["total_due:sum"])
        )
        self.assertEqual([(p.id, due) for p, due in grouped], [(self.customer.id, 100)])

    def test_without_a_role_the_fields_do_not_exist(self):
        partner = self.customer.with_user(self.contacts_only)
        self.assertNotIn("ar_total_due", partner.fields_get())
        with self.assertRaises(AccessError):
            partner.read(["ar_total_due"])

    def test_who_decides_on_collector_and_class(self):
        """Whoever may edit contacts does not for that decide how they are chased."""
        risk_class = self.env.ref("ar_ledger.ar_risk_class_high")
        public = {
            "ar_collector_id": self.user_manager.id,
            "ar_risk_class_id": risk_class.id,
        }
        cases = [
            (self.user_own, set()),
            (self.user_viewer, set()),
            (self.user_collector, {"ar_collector_id"}),
            (self.user_manager, {"ar_collector_id", "ar_risk_class_id"}),
        ]
        for user, allowed in cases:
            user.group_ids += self.env.ref("base.group_partner_manager")
            customer = self.customer.with_user(user)
            for name, value in public.items():
                root_name = name.replace("ar_", "ar_root_")
                with self.subTest(user=user.login, name=name):
                    with self.assertRaises(AccessError):
                        customer.write({root_name: value})
                    with self.assertRaises(AccessError):
                        customer.with_context(**{f"default_{root_name}": value}).copy()
                    if name in allowed:
                        customer.write({name: value})
                        continue
                    with self.assertRaises(AccessError):
                        customer.write({name: value})

    def test_nobody_writes_what_is_computed_or_decided(self):
        for user in (self.user_own, self.user_viewer, self.user_collector):
            for model in (*READABLE, "ar.run"):
                for operation in ("create", "write", "unlink"):
                    with self.subTest(user=user.login, model=model, op=operation):
                        self.assertFalse(
                            self.env[model].with_user(user).has_access(operation)
                        )

    def test_accounting_roles_imply_ours(self):
        cases = [
            ("account.group_account_readonly", "ar_ledger.ar_ledger_group_viewer"),
            ("account.group_account_invoice", "ar_ledger.ar_ledger_group_collector"),
            ("account.group_account_manager", "ar_ledger.ar_ledger_group_manager"),
        ]
        for core_group, our_group in cases:
            with self.subTest(core_group):
                user = self.new_user(core_group, core_group)
                self.assertTrue(user.has_group(our_group))

    def test_accountants_stay_in_invoicing_others_get_the_small_app(self):
        accountant = self.new_user("acc", "account.group_account_invoice")
        root_menu = self.env.ref("ar_ledger.menu_ar_root")
        for user, visible in (
            (accountant, False),
            (self.user_own, True),
            (self.contacts_only, False),
        ):
            with self.subTest(user.login):
                menu = self.env["ir.ui.menu"].with_user(user)
                self.assertEqual(root_menu.id in menu.load_menus(False), visible)
                # Pages of a website look the apps up among the menus.
                apps = {app["id"] for app in menu.load_menus_root()["children"]}
                self.assertEqual(root_menu.id in apps, visible)
                self.assertLessEqual(apps, set(menu.load_web_menus(False)))
