from odoo.tests import Form, tagged

from .common import SoldCommon

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9"
    "awAAAABJRU5ErkJggg=="
)


@tagged("post_install", "-at_install")
class TestEvidence(SoldCommon):
    """Orders, signed deliveries and returns stand beside the dispute by themselves."""

    def test_delivery_with_signature(self):
        dispute = self.dispute(self.move)
        self.assertEqual(dispute.order_ids, self.order)
        self.assertEqual(dispute.picking_ids, self.order.picking_ids)
        self.assertEqual(dispute.signed_count, 0)
        self.order.picking_ids.signature = PIXEL
        self.env.invalidate_all()
        self.assertEqual(dispute.signed_count, 1)

    def test_returns(self):
        dispute = self.dispute(self.move)
        delivery = self.order.picking_ids
        wizard = Form(
            self.env["stock.return.picking"].with_context(
                active_id=delivery.id,
                active_ids=delivery.ids,
                active_model="stock.picking",
            )
        ).save()
        wizard.product_return_moves.quantity = 2
        wizard.action_create_returns()
        self.env.invalidate_all()
        self.assertEqual(len(dispute.picking_ids), 2)

    def test_invoice_without_an_order(self):
        dispute = self.dispute(self.invoice())
        self.assertFalse(dispute.order_ids)
        self.assertFalse(dispute.picking_ids)

    def test_owners_without_stock_rights_see_it(self):
        self.order.picking_ids.signature = PIXEL
        dispute = self.dispute(self.move, user_id=self.user_own.id)
        seen = dispute.with_user(self.user_own)
        names = [name for name in ("evidence_html", "picking_count", "order_count")]
        [values] = seen.web_read({name: {} for name in names})
        self.assertIn(self.order.picking_ids.name, values["evidence_html"])
        self.assertIn("data:image", values["evidence_html"])
        self.assertEqual((values["picking_count"], values["order_count"]), (1, 1))

    def test_a_transfer_without_an_order_keeps_its_columns(self):
        loose = self.order.picking_ids.copy({"sale_id": False, "origin": False})
        html = self.dispute(self.move)._render_evidence(loose)
        self.assertEqual(str(html).count("<td"), 5)

    def test_routed_by_team(self):
        quality = self.new_user("quality", "ar_ledger.ar_ledger_group_own")
        self.env["ar.dispute.route"].create(
            {"user_id": quality.id, "team_ids": self.team.ids}
        )
        self.assertEqual(self.dispute(self.move).user_id, quality)
        self.assertEqual(self.dispute(self.invoice()).user_id, self.accountant)

    def test_analysed_by_team(self):
        dispute = self.dispute(self.move)
        groups = self.env["ar.dispute.analysis"]._read_group(
            [("dispute_id", "=", dispute.id)], ["team_id"], ["amount_disputed:sum"]
        )
        self.assertEqual(groups, [(self.team, 1000)])
