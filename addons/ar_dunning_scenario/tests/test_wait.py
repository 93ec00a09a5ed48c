from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestWait(DunningCommon):
    """Why a step that is due is not taken today. Today is 2 March 2026."""

    def setUp(self):
        super().setUp()
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("first", 5, {}), ("second", 6, {}), ("third", 12, {})
        )

    def waits(self, move):
        item = self.item(move)
        return item.wait_reason, item.wait_until and str(item.wait_until)

    def contacted(self, day):
        with self.at(day):
            self.done(self.plan(self.customer))

    def test_quiet_days(self):
        move = self.invoice(due="2026-02-20")
        self.contacted("2026-02-27")
        for least, most, until in [
            (0, 0, None),
            (3, 0, None),
            (4, 0, "2026-03-03"),
            (30, 0, "2026-03-29"),
            (0, 1, "2026-03-06"),
            (0, 2, None),
            (4, 1, "2026-03-06"),
            (9, 1, "2026-03-08"),
        ]:
            with self.subTest(least=least, most=most), self.rolled_back():
                self.company.ar_dunning_min_days = least
                self.company.ar_dunning_max_contacts = most
                planned = self.plan(self.customer)
                self.assertEqual(bool(planned), until is None)
                self.assertEqual(
                    self.waits(move), ("quiet", until) if until else (False, False)
                )

    def test_the_day_that_was_told_is_the_day(self):
        self.company.ar_dunning_min_days = 6
        move = self.invoice(due="2026-02-20")
        self.contacted("2026-02-27")
        for day in ("2026-03-02", "2026-03-04"):
            with self.at(day):
                self.assertFalse(self.plan(self.customer))
                self.assertEqual(self.waits(move), ("quiet", "2026-03-05"))
        with self.at("2026-03-05"):
            self.assertTrue(self.plan(self.customer))
            self.assertEqual(self.waits(move), (False, False))

    def test_other_reasons(self):
        move = self.invoice(due="2026-02-20", amount=100.0)
        with self.subTest("credit"), self.rolled_back():
            self.invoice(move_type="out_refund", amount=100.0)
            self.assertFalse(self.plan(self.customer))
            self.assertEqual(self.waits(move), ("credit", False))
        with self.subTest("amount"), self.rolled_back():
            self.customer.ar_dunning_scenario_id.floor_ids = [
                fields.Command.create(
                    {
                        "currency_id": self.company.currency_id.id,
                        "customer_amount": 100.01,
                    }
                )
            ]
            self.assertFalse(self.plan(self.customer))
            self.assertEqual(self.waits(move), ("amount", False))
        with self.subTest("item amount"), self.rolled_back():
            self.customer.ar_dunning_scenario_id.floor_ids = [
                fields.Command.create(
                    {
                        "currency_id": self.company.currency_id.id,
                        "item_amount": 100.01,
                    }
                )
            ]
            self.assertFalse(self.plan(self.customer))
            self.assertEqual(self.waits(move), ("amount", False))
        with self.subTest("cap"), self.rolled_back():
            self.invoice(self.other_customer, due="2026-02-20", amount=500.0)
            self.other_customer.ar_dunning_scenario_id = (
                self.customer.ar_dunning_scenario_id
            )
            self.refresh()
            partners = (self.other_customer | self.customer).ids
            planned = self.reminders._plan(self.company, partners, limit=1)
            self.assertEqual(planned.commercial_partner_id, self.other_customer)
            self.assertEqual(self.waits(move), ("cap", False))

    def test_beyond_the_cap_nothing_is_planned(self):
        """The backlog is told why it waits; only colleagues are told of it."""
        self.company.ar_dunning_daily_cap = 1
        calls = self.new_scenario(("tell", 5, {"channel": "notice"}))
        third = self.new_customer("Third", ar_dunning_scenario_id=calls.id)
        move = self.invoice(self.customer, due="2026-02-20", amount=50.0)
        self.invoice(self.other_customer, due="2026-02-20", amount=500.0)
        self.invoice(third, due="2026-02-20", amount=5.0)
        self.other_customer.ar_dunning_scenario_id = (
            self.customer.ar_dunning_scenario_id
        )
        self.refresh()
        module = "odoo.addons.ar_dunning_scenario.models.ar_dunning_reminder_limits"
        model = type(self.reminders)
        plan = model._plan
        asked = []

        def note_and_plan(reminders, company, partner_ids, limit=None):
            asked.extend(partner_ids)
            return plan(reminders, company, partner_ids, limit)

        with (
            patch(f"{module}.CUSTOMERS_PER_BATCH", 1),
            patch.object(model, "_plan", note_and_plan),
        ):
            planned = self.reminders._plan_capped(self.company)
        self.assertEqual(planned.commercial_partner_id, self.other_customer | third)
        self.assertNotIn(self.customer.id, asked)
        self.assertEqual(self.waits(move), ("cap", False))

    def test_customer_invoice_and_position_tell_the_day(self):
        self.company.ar_dunning_min_days = 10
        move = self.invoice(due="2026-02-20")
        self.contacted("2026-02-27")
        self.plan(self.customer)
        self.env.invalidate_all()
        day = fields.Date.to_date("2026-03-09")
        self.assertEqual(self.customer.ar_dunning_date, day)
        self.assertEqual(move.ar_dunning_date, day)
        position = self.env["ar.position"].search(
            [
                ("commercial_partner_id", "=", self.customer.id),
                ("company_id", "=", self.company.id),
            ]
        )
        self.assertEqual(position.next_reminder_date, day)

    def test_number_of_queries(self):
        self.company.ar_dunning_min_days = 10
        customers = [self.new_customer(f"Customer {number}") for number in range(6)]
        for customer in customers:
            customer.ar_dunning_scenario_id = self.customer.ar_dunning_scenario_id
            self.invoice(customer, due="2026-02-20")
        with self.at("2026-02-27"):
            self.done(self.plan(*customers))
        self.refresh()
        counts = []
        for some in (customers[:1], customers[:1], customers):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.assertFalse(
                self.reminders._plan(self.company, [each.id for each in some])
            )
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(counts[1], counts[2], counts)
