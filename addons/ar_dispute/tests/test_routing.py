from datetime import date

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestRouting(DisputeCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.logistics, cls.quality, cls.pricing = (
            cls.new_user(name, "ar_ledger.ar_ledger_group_own")
            for name in ("logistics", "quality", "pricing")
        )
        categories = cls.env["product.category"]
        cls.goods = categories.create({"name": "Goods"})
        cls.fresh = categories.create({"name": "Fresh", "parent_id": cls.goods.id})
        cls.fish = cls.env["product.product"].create(
            {"name": "Fish", "categ_id": cls.fresh.id}
        )
        cls.bolt = cls.env["product.product"].create({"name": "Bolt"})
        cls.damage = cls.env.ref("ar_dispute.ar_dispute_reason_damage")
        cls.env["ar.dispute.route"].search([]).unlink()

    def route(self, user, **values):
        return self.env["ar.dispute.route"].create({"user_id": user.id, **values})

    def opened(self, *products, reason=None):
        lines = [
            (0, 0, {"product_id": product.id, "price_unit": 10, "tax_ids": False})
            for product in products
        ]
        move = self.invoice(**({"invoice_line_ids": lines} if lines else {}))
        disputes = self.env["ar.dispute"].with_user(self.accountant)
        return disputes._open(self.receivable_lines(move), reason or self.reason)

    def test_first_that_fits(self):
        self.route(self.pricing, sequence=1, reason_ids=self.reason.ids)
        self.route(self.quality, sequence=2, product_categ_ids=self.goods.ids)
        self.route(self.logistics, sequence=3)
        cases = [
            (self.reason, (self.fish,), self.pricing),
            (self.damage, (self.fish,), self.quality),
            (self.damage, (self.bolt, self.fish), self.quality),
            (self.damage, (self.bolt,), self.logistics),
            (self.damage, (), self.logistics),
        ]
        for reason, products, owner in cases:
            with self.subTest(reason=reason.name, products=len(products)):
                self.assertEqual(self.opened(*products, reason=reason).user_id, owner)

    def test_by_product(self):
        self.route(self.quality, product_ids=self.fish.ids)
        self.assertEqual(self.opened(self.fish).user_id, self.quality)
        self.assertEqual(self.opened(self.bolt).user_id, self.accountant)

    def test_by_company(self):
        self.route(self.logistics, company_id=self.company_b.id)
        self.assertEqual(self.opened().user_id, self.accountant)
        self.route(self.quality, company_id=self.company.id)
        self.assertEqual(self.opened().user_id, self.quality)

    def test_whoever_left_is_passed_over(self):
        self.route(self.logistics, sequence=1)
        self.route(self.quality, sequence=2)
        self.logistics.active = False
        self.assertEqual(self.opened().user_id, self.quality)

    def test_whoever_lost_the_role_is_passed_over(self):
        self.route(self.logistics, sequence=1)
        self.route(self.quality, sequence=2)
        self.logistics.group_ids = self.env.ref("base.group_user")
        self.assertEqual(self.opened().user_id, self.quality)

    def test_without_any_the_default_owner(self):
        self.reason.user_id = self.pricing
        self.assertEqual(self.opened().user_id, self.pricing)

    def test_deadline_and_escalation(self):
        self.route(
            self.quality, deadline_days=2, escalation_user_id=self.user_manager.id
        )
        dispute = self.opened()
        self.assertEqual(dispute.date_deadline, date(2026, 3, 4))
        self.assertEqual(dispute.escalation_user_id, self.user_manager)

    def test_the_wizard_proposes_the_same(self):
        self.route(self.quality, deadline_days=2, product_ids=self.fish.ids)
        lines = [(0, 0, {"product_id": self.fish.id, "price_unit": 10})]
        move = self.invoice(invoice_line_ids=lines)
        action = move.with_user(self.accountant).action_ar_dispute()
        wizards = self.env["ar.dispute.open"].with_user(self.accountant)
        wizard = wizards.browse(action["res_id"])
        wizard.reason_id = self.reason
        self.assertEqual(wizard.user_id, self.quality)
        self.assertEqual(wizard.date_deadline, date(2026, 3, 4))

    def test_owners_need_a_role(self):
        stranger = self.new_user("stranger", "base.group_user")
        for field in ("user_id", "escalation_user_id"):
            with self.subTest(field), self.assertRaisesRegex(ValidationError, "role"):
                self.route(self.quality, **{field: stranger.id})

    def test_one_product_is_what_it_is_about(self):
        self.assertEqual(self.opened(self.fish).product_id, self.fish)
        self.assertFalse(self.opened(self.fish, self.bolt).product_id)

    def test_owners_who_may_not_see_the_company(self):
        """They are passed over; chosen by hand they are refused."""
        self.switch_on(self.company_b, **self.switches)
        self.env.user.company_ids |= self.company_b
        self.route(self.logistics, reason_ids=self.damage.ids)
        self.reason.user_id = self.pricing
        disputes = self.env["ar.dispute"].with_context(
            allowed_company_ids=(self.company | self.company_b).ids
        )
        for reason in (self.damage, self.reason):
            with self.subTest(reason.name):
                items = self.receivable_lines(self.invoice(company=self.company_b))
                dispute = disputes._open(items, reason)
                self.assertEqual(dispute.user_id, self.env.user)
                with self.assertRaisesRegex(ValidationError, "Company B"):
                    dispute.user_id = self.logistics
