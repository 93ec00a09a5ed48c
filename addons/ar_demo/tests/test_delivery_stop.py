from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_credit_limit_stock.tests.common import DeliveryCommon
from odoo.addons.ar_risk_alerts.tests.common import RiskCommon


@tagged("post_install", "-at_install")
class TestDeliveryStop(RiskCommon, DeliveryCommon):
    """All floors together: an alert stops a transfer, the payment lets it go."""

    def validate(self, picking):
        return picking.with_user(self.packer).button_validate()

    def test_from_the_night_to_the_payment(self):
        picking = self.delivery()
        move = self.overdue(1200)
        self.run_night()
        self.assertTrue(self.open_alert())
        self.assertEqual(picking.ar_delivery_state, "held")
        with self.assertRaisesRegex(UserError, "stopped for credit"):
            self.validate(picking)
        self.assertEqual(picking.state, "assigned")

        self.pay(move)
        self.recheck()
        self.assertFalse(self.open_alert())
        self.assertEqual(picking.ar_delivery_state, "released")
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_dispute_lets_it_go_as_well(self):
        """What the customer disputes with a good reason stops no delivery."""
        self.switch_on(ar_dispute_active=True)
        picking = self.delivery()
        move = self.overdue(1200)
        self.run_night()
        self.assertEqual(picking.ar_delivery_state, "held")
        reason = self.env.ref("ar_dispute.ar_dispute_reason_quality")
        self.env["ar.dispute"]._open(self.receivable_lines(move), reason)
        self.recheck()
        self.assertNotEqual(picking.ar_delivery_state, "held")
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_others_are_delivered(self):
        picking = self.delivery(self.other_customer)
        self.overdue(1200)
        self.run_night()
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_only_observed_nothing_is_stopped(self):
        self.company.ar_credit_limit_mode = "observe"
        picking = self.delivery()
        self.overdue(1200)
        self.run_night()
        self.assertTrue(self.open_alert())
        self.validate(picking)
        self.assertEqual(picking.state, "done")
