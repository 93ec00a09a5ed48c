from datetime import date

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestTransferPolicy(DeliveryCommon):
    """A policy that stops deliveries of customers who are late, on real figures."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.delivery()
        cls.late = cls.invoice(amount=300.0, due="2026-02-10")

    def check_transfers(self, action="hold", **values):
        return self.env["ar.credit.policy"].create(
            {
                "company_id": self.company.id,
                "check_ids": [
                    fields.Command.create(
                        {
                            "code": "days_overdue",
                            "threshold": 10,
                            "at_quotation": "none",
                            "at_confirm": "none",
                            "at_increase": "none",
                            "at_transfer": action,
                            **values,
                        }
                    )
                ],
            }
        )

    def save(self):
        """What happens as the transaction of a saved form ends."""
        self.env.cr.precommit.run()

    def exempt(self, **values):
        return (
            self.env["ar.credit.exemption"]
            .with_user(self.user_manager)
            ._grant(self.customer, self.company, "Agreed", date(2026, 3, 20), **values)
        )

    def test_each_action(self):
        for action, is_delivered in (("none", True), ("warn", True), ("hold", False)):
            with self.subTest(action=action), self.cr.savepoint() as savepoint:
                self.check_transfers(action)
                if is_delivered:
                    self.validate(self.picking)
                else:
                    with self.assertRaisesRegex(UserError, "credit"):
                        self.validate(self.picking)
                self.assertEqual(self.picking.state == "done", is_delivered)
                savepoint.rollback()
                self.env.registry.clear_cache()

    def test_open_transfers_are_marked_as_the_policy_is_saved_and_let_go(self):
        policy = self.check_transfers()
        self.save()
        self.assertEqual(self.picking.ar_delivery_state, "held")
        policy.check_ids.at_transfer = "none"
        self.save()
        self.assertEqual(self.picking.ar_delivery_state, "released")

    def test_payment_lets_go(self):
        self.check_transfers()
        self.save()
        self.pay(self.late)
        self.recheck()
        self.assertEqual(self.picking.ar_delivery_state, "released")
        self.validate(self.picking)
        self.assertEqual(self.picking.state, "done")

    def test_exempt_customers_get_their_goods(self):
        self.check_transfers()
        self.exempt()
        self.validate(self.picking)
        self.assertEqual(self.picking.state, "done")

    def test_nothing_is_asked_where_no_policy_checks_transfers(self):
        self.check_transfers("none")
        self.save()
        self.env.flush_all()
        self.assertFalse(self.company._checks_transfers())
        self.picking._get_delivery_violations()
        with self.assertQueryCount(1):
            self.picking._get_delivery_violations()
