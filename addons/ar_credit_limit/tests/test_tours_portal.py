from odoo.tests import tagged

from .test_ways_portal import PortalCommon


@tagged("post_install", "-at_install")
class TestToursPortal(PortalCommon):
    def test_customer_signs_and_reads(self):
        order = self.quotation(require_signature=True)
        self.start_tour(
            order.get_portal_url(),
            "ar_credit_limit_portal_signature",
            login=self.buyer_user.login,
        )
        self.env.invalidate_all()
        self.assert_held(order)
        self.assertEqual(order.signed_by, "The Buyer")
        self.assertEqual(self.told(order), self.salesperson)
