from odoo.tests import HttpCase, tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestTours(CreditCommon, HttpCase):
    def test_held_requested_released_confirmed(self):
        for user in (self.salesperson, self.user_manager):
            user.password = user.login
        order = self.order(1500.0)
        self.env["ar.credit.hold"].sudo().search([("state", "=", "held")])._clear("Old")
        url = f"/odoo/sale.order/{order.id}"
        self.env.flush_all()
        self.start_tour(
            url, "ar_credit_limit_request_release", login=self.salesperson.login
        )
        hold = order.ar_credit_hold_id
        self.assertEqual(
            (hold.state, hold.request_note), ("held", "They pay on Friday")
        )
        self.start_tour(
            "/odoo/credit-holds",
            "ar_credit_limit_release",
            login=self.user_manager.login,
        )
        self.assertEqual(hold.decided_by_id, self.user_manager)
        self.start_tour(
            url, "ar_credit_limit_confirm_released", login=self.salesperson.login
        )
        self.assertEqual(order.state, "sale")
