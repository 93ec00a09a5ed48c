from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import DisputeCommon

MODELS = ("ar.dispute", "ar.dispute.line")
VIEWS = ("kanban", "list", "form", "calendar", "pivot", "graph", "search")


@tagged("post_install", "-at_install")
class TestAccess(DisputeCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.own = cls.dispute(cls.invoice(cls.customer))
        cls.other = cls.dispute(cls.invoice(cls.other_customer))
        cls.switch_on(cls.company_b, ar_dispute_active=True)
        cls.move_b = cls.invoice(company=cls.company_b)
        cls.of_b = (
            cls.env["ar.dispute"]
            .with_company(cls.company_b)
            ._open(cls.receivable_lines(cls.move_b), cls.reason)
        )
        cls.disputes = cls.own | cls.other | cls.of_b
        cls.user_b = cls.new_user("of_b", "ar_ledger.ar_ledger_group_manager")
        cls.user_b.write(
            {"company_ids": [(6, 0, cls.company_b.ids)], "company_id": cls.company_b.id}
        )
        cls.contacts_only = cls.new_user("contacts", "base.group_user")
        cls.portal = new_test_user(cls.env, login="dp", groups="base.group_portal")

    def test_who_reads_what(self):
        both = self.own | self.other
        cases = [
            (self.user_own, self.own),
            (self.user_viewer, both),
            (self.user_collector, both),
            (self.user_manager, both),
            (self.accountant, both),
            (self.user_b, self.of_b),
        ]
        for user, expected in cases:
            with self.subTest(user.login):
                seen = self.env["ar.dispute"].with_user(user).search([])
                self.assertEqual(seen & self.disputes, expected)
                lines = self.env["ar.dispute.line"].with_user(user).search([])
                self.assertEqual(lines.dispute_id & self.disputes, expected)

    def test_who_works_what(self):
        nothing = self.disputes.browse()
        both = self.own | self.other
        cases = [
            (self.user_own, self.own),
            (self.user_viewer, nothing),
            (self.user_collector, both),
            (self.user_manager, both),
            (self.accountant, both),
            (self.user_b, self.of_b),
        ]
        for user, expected in cases:
            for dispute in self.disputes:
                with self.subTest(user=user.login, dispute=dispute.id):
                    mine = dispute.with_user(user)
                    self.assertEqual(mine.has_access("write"), dispute in expected)
                    if dispute not in expected:
                        with self.assertRaises(AccessError):
                            mine.action_investigate()

    def test_nobody_creates_or_deletes_by_hand(self):
        for user in (self.user_own, self.user_viewer, self.user_manager):
            for model in MODELS:
                for operation in ("create", "unlink"):
                    with self.subTest(user=user.login, model=model, op=operation):
                        self.assertFalse(
                            self.env[model].with_user(user).has_access(operation)
                        )
            self.assertFalse(
                self.env["ar.dispute.line"].with_user(user).has_access("write")
            )

    def test_without_a_role_nothing(self):
        for user in (self.contacts_only, self.portal):
            for model in (*MODELS, "ar.dispute.reason", "ar.dispute.cause"):
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search_read([])

    def test_without_a_role_forms_open_as_before(self):
        for user in (self.contacts_only, self.portal):
            self.assertNotIn(
                "ar_dispute_count", self.customer.with_user(user).fields_get()
            )

    def test_views_open_for_every_role(self):
        views = [(False, kind) for kind in VIEWS]
        for user in (self.user_own, self.user_viewer, self.accountant):
            with self.subTest(user.login):
                disputes = self.env["ar.dispute"].with_user(user)
                self.assertEqual(set(disputes.get_views(views)["views"]), set(VIEWS))
                form = Form(self.own.with_user(user))
                self.assertEqual(form.name, self.own.name)

    def test_viewers_do_not_open_disputes(self):
        free = self.invoice()
        others = self.invoice(self.other_customer)
        for user in (self.contacts_only, self.user_viewer, self.user_own):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.dispute(others, user=user)
        for user in (self.contacts_only, self.user_viewer):
            items = self.items(free).with_user(user)
            with self.subTest(user.login), self.assertRaises(AccessError):
                items.action_dispute()

    def test_the_owner_sees_what_is_asked_of_them(self):
        logistics = self.new_user("logistics", "ar_ledger.ar_ledger_group_own")
        self.other.user_id = logistics
        asked = self.other.with_user(logistics)
        asked.description = "The pallet is still in dock 3"
        asked.action_investigate()
        self.assertEqual(asked.line_ids.move_name, self.other.line_ids.move_name)
        self.assertFalse(self.own.with_user(logistics).has_access("read"))

    def test_reasons_belong_to_credit_managers(self):
        for user, allowed in (
            (self.user_own, False),
            (self.user_collector, False),
            (self.user_manager, True),
        ):
            for model in ("ar.dispute.reason", "ar.dispute.cause"):
                with self.subTest(user=user.login, model=model):
                    self.assertEqual(
                        self.env[model].with_user(user).has_access("create"), allowed
                    )

    def test_counts_on_the_customer_follow_the_user(self):
        for user, count in (
            (self.user_own, 0),
            (self.user_viewer, 1),
            (self.user_manager, 1),
        ):
            with self.subTest(user.login):
                partner = self.other_customer.with_user(user)
                self.assertEqual(partner.ar_dispute_count, count)
