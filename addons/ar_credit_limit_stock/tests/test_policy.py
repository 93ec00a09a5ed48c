from datetime import date

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_credit_limit.tools.violation import Violation

from .common import DeliveryCommon


@tagged("post_install", "-at_install")
class TestTransferPolicy(DeliveryCommon):
    """A policy that stops deliveries of customers who are late, on real figures."""

    two_companies = True

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

    def test_days_of_grace_after_the_order(self):
        """Days are those of the company: 20:00 UTC is the next day in Auckland."""
        self.check_transfers(transfer_grace_days=10)
        self.picking.sale_id.date_order = "2026-03-02 20:00:00"
        for moment, zone, is_held in (
            ("2026-03-02 20:00:00", "UTC", False),
            ("2026-03-11 23:59:59", "UTC", False),
            ("2026-03-12 00:00:00", "UTC", True),
            ("2026-03-12 00:00:00", "Pacific/Auckland", False),
            ("2026-03-12 10:59:59", "Pacific/Auckland", False),
            ("2026-03-12 11:00:00", "Pacific/Auckland", True),
        ):
            with self.subTest(moment=moment, zone=zone), self.at(moment):
                self.company.partner_id.tz = zone
                self.env.registry.clear_cache()
                found = self.picking._get_delivery_violations()
                self.assertIs(bool(found), is_held)

    def test_days_of_grace_end_in_the_night(self):
        self.check_transfers(transfer_grace_days=10)
        self.picking.sale_id.date_order = "2026-03-02 08:00:00"
        for day, state in (("2026-03-11", "none"), ("2026-03-12", "held")):
            with self.subTest(day), self.at(day):
                self.run_night()
                self.assertEqual(self.picking.ar_delivery_state, state)
        with self.at("2026-03-12"), self.assertRaisesRegex(UserError, "credit"):
            self.validate(self.picking)

    def test_no_grace_for_what_a_person_stopped(self):
        self.check_transfers(code="manual_stop", threshold=0, transfer_grace_days=10)
        self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )
        self.assertTrue(self.picking._get_delivery_violations())

    def test_no_grace_without_an_order(self):
        self.check_transfers(transfer_grace_days=10)
        goods = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": self.warehouse.out_type_id.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.picking.location_dest_id.id,
            }
        )
        self.assertTrue(goods._get_delivery_violations())

    def test_exemption_up_to_what_is_owed(self):
        """300 is owed and 10 ordered."""
        self.check_transfers()
        for ceiling, is_held in ((309.99, True), (310.0, False)):
            with self.subTest(ceiling), self.cr.savepoint() as savepoint:
                self.exempt(ceiling=ceiling)
                found = self.picking._get_delivery_violations()
                self.assertIs(bool(found), is_held)
                savepoint.rollback()

    def test_many_exempt_transfers_ask_as_often_as_one(self):
        self.check_transfers()
        self.exempt(ceiling=5000.0)
        pickings = self.picking
        for _number in range(4):
            pickings |= self.delivery()
        counts = []
        for some in (pickings[:1], pickings[:1], pickings):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            found = some._get_stoppable()._find_delivery_violations()
            counts.append(self.env.cr.sql_log_count - before)
            self.assertFalse(any(found.values()))
        self.assertEqual(counts[1], counts[2], counts)

    def test_companies_of_the_group_get_their_goods(self):
        sister = self.company_b.partner_id
        picking = self.delivery(sister)
        self.invoice(sister, amount=300.0, due="2026-02-10")
        self.check_transfers()
        self.save()
        self.assertEqual(self.picking.ar_delivery_state, "held")
        self.assertEqual(picking.ar_delivery_state, "none")
        self.validate(picking)
        self.assertEqual(picking.state, "done")

    def test_nothing_is_asked_where_no_policy_checks_transfers(self):
        self.check_transfers("none")
        self.save()
        self.env.flush_all()
        self.assertFalse(self.company._checks_transfers())
        self.picking._get_delivery_violations()
        with self.assertQueryCount(1):
            self.picking._get_delivery_violations()
