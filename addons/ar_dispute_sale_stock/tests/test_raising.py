from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SoldCommon


@tagged("post_install", "-at_install")
class TestRaising(SoldCommon):
    """Disputes from orders and transfers."""

    def confirm(self, action, user):
        wizard = self.env["ar.dispute.open"].with_user(user).browse(action["res_id"])
        wizard.reason_id = self.reason
        return self.env["ar.dispute"].browse(wizard.action_confirm()["res_id"])

    def test_salesperson_from_an_order(self):
        self.user_own.group_ids += self.env.ref("sales_team.group_sale_salesman")
        order = self.order.with_user(self.user_own)
        self.assertTrue(order.ar_dispute_available)
        dispute = self.confirm(order.action_ar_dispute(), self.user_own)
        self.assertEqual(dispute.line_ids.move_id, self.move)
        self.assertEqual(dispute.team_id, self.team)
        self.assertEqual(dispute.salesperson_id, self.user_own)
        self.assertEqual(dispute.product_id, self.goods)
        self.env.invalidate_all()
        self.assertEqual(order.ar_dispute_count, 1)
        self.assertEqual(order.action_open_ar_disputes()["domain"][0][2], dispute.ids)

    def test_from_a_transfer(self):
        packer = self.new_user(
            "packer", "stock.group_stock_user,ar_ledger.ar_ledger_group_collector"
        )
        picking = self.order.picking_ids.with_user(packer)
        self.assertTrue(picking.ar_dispute_available)
        dispute = self.confirm(picking.action_ar_dispute(), packer)
        self.assertEqual(dispute.line_ids.move_id, self.move)

    def test_others_customers(self):
        order = self.new_order(self.other_customer)
        self.user_own.group_ids += self.env.ref("sales_team.group_sale_salesman")
        with self.assertRaises(AccessError):
            order.with_user(self.user_own).action_ar_dispute()

    def test_nothing_to_dispute(self):
        not_invoiced = self.new_order(invoiced=False)
        self.assertFalse(not_invoiced.ar_dispute_available)
        paid = self.new_order()
        self.pay(paid.invoice_ids)
        disputed = self.new_order()
        self.dispute(disputed.invoice_ids)
        for order in (not_invoiced, paid, disputed):
            with self.subTest(order.name):
                with self.assertRaisesRegex(UserError, "free to be disputed"):
                    order.action_ar_dispute()

    def test_transfer_without_an_order(self):
        picking = self.order.picking_ids.copy()
        picking.sale_id = False
        with self.assertRaisesRegex(UserError, "no sales order"):
            picking.action_ar_dispute()

    def test_switched_off(self):
        self.company.ar_dispute_active = False
        self.assertFalse(self.order.ar_dispute_available)
        self.assertEqual(self.order.ar_dispute_count, 0)
        with self.assertRaisesRegex(UserError, "switched off"):
            self.order.action_ar_dispute()

    def test_forms_open_without_a_role(self):
        for groups in ("sales_team.group_sale_salesman", "stock.group_stock_user"):
            user = self.new_user(groups.split("_")[-1], groups)
            for model in ("sale.order", "stock.picking"):
                with self.subTest(groups=groups, model=model):
                    if self.env[model].with_user(user).has_access("read"):
                        views = self.env[model].with_user(user).get_views
                        self.assertTrue(views([(False, "form")]))
