from odoo.tests import HttpCase, tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestTours(DeliveryCommon, HttpCase):
    def test_packer_is_stopped_then_validates(self):
        self.packer.password = self.packer.login
        # With stock_delivery installed, the form of core asks for zip prefixes, which
        # Inventory users read only if they may create contacts, too.
        self.packer.group_ids += self.env.ref("base.group_partner_manager")
        picking = self.delivery()
        stop = self.stop()
        url = f"/odoo/stock.picking/{picking.id}"
        self.env.flush_all()
        self.start_tour(url, "ar_credit_limit_stock_stopped", login=self.packer.login)
        self.assertEqual(picking.state, "assigned")
        stop._clear("Paid")
        self.env.flush_all()
        self.start_tour(url, "ar_credit_limit_stock_cleared", login=self.packer.login)
        self.assertEqual(picking.state, "done")
