from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import tagged

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseAccess(PromiseCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nobody = cls.new_user("nobody", "base.group_user")

    def setUp(self):
        super().setUp()
        self.mine = self.promise(self.invoice(self.customer), "2026-03-10")
        self.theirs = self.promise(self.invoice(self.other_customer), "2026-03-10")
        self.plan = self.agree(
            self.invoice(self.customer, 200), ("2026-03-10", 100), ("2026-04-10", 100)
        )

    def test_who_sees_what(self):
        instalments = self.plan.promise_ids
        for user, seen in [
            (self.user_own, self.mine | instalments),
            (self.user_viewer, self.mine | self.theirs | instalments),
            (self.user_collector, self.mine | self.theirs | instalments),
            (self.user_manager, self.mine | self.theirs | instalments),
        ]:
            with self.subTest(user.login):
                promises = self.promises.with_user(user).sudo(False).search([])
                self.assertEqual(set(promises.ids), set(seen.ids))
                lines = self.env["ar.promise.line"].with_user(user).search([])
                self.assertEqual(set(lines.promise_id.ids), set(seen.ids))
                plans = self.plans.with_user(user).sudo(False).search([])
                self.assertEqual(plans.ids, self.plan.ids)
        for model in "ar.promise", "ar.promise.line", "ar.payment.plan":
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.nobody).search([])

    def test_nobody_writes_by_hand(self):
        for record in self.mine, self.plan, self.mine.line_ids:
            record = record.with_user(self.user_manager).sudo(False)
            forged = record.with_context(**{f"{record._table}_by_code": True})
            for name, act in [
                ("write", lambda record=record: record.write({"amount": 1})),
                ("forge", lambda record=forged: record.write({"amount": 1})),
                ("unlink", lambda record=record: record.unlink()),
                ("copy", lambda record=record: record.copy()),
            ]:
                with self.subTest(record._name, act=name):
                    with self.assertRaises(AccessError):
                        act()

    def test_system_does_not_write_by_hand_either(self):
        for record in self.mine, self.plan:
            with self.assertRaises(AccessError):
                record.sudo().write({"state": "kept"})

    def test_other_companies_are_not_seen(self):
        user = self.new_user("b", "ar_ledger.ar_ledger_group_manager")
        user.write(
            {
                "company_ids": [fields.Command.set(self.company_b.ids)],
                "company_id": self.company_b.id,
            }
        )
        self.assertFalse(self.promises.with_user(user).sudo(False).search([]))
        self.assertFalse(self.plans.with_user(user).sudo(False).search([]))
        for act in "_cancel", "_approve":
            with self.assertRaises(AccessError):
                getattr(self.mine.with_user(user).sudo(False), act)("No")

    def test_branch_items_belong_to_the_main_company(self):
        branch = self.new_branch()
        promise = self.promise(self.invoice(company=branch), "2026-03-10")
        self.assertEqual(promise.company_id, self.company)

    def test_counts_and_reliability_are_for_who_may_see_them(self):
        for user, customer, count in [
            (self.user_own, self.customer, 3),
            (self.user_own, self.other_customer, 0),
            (self.user_viewer, self.other_customer, 1),
        ]:
            with self.subTest(user.login, customer=customer.name):
                self.env.invalidate_all()
                self.assertEqual(customer.with_user(user).ar_promise_count, count)
        with self.assertRaises(AccessError):
            self.customer.with_user(self.nobody).read(["ar_promise_count"])

    def test_merged_customers_keep_their_promises(self):
        wizard = self.env["base.partner.merge.automatic.wizard"]
        wizard._merge((self.customer | self.other_customer).ids, self.customer)
        self.env.invalidate_all()
        self.assertEqual(self.theirs.commercial_partner_id, self.customer)
