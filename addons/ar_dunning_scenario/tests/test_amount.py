from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestAmount(DunningCommon):
    """Steps for large or small items. Today is 2 March 2026."""

    def setUp(self):
        super().setUp()
        self.ladder = self.new_scenario(
            ("small", 5, {"amount_below": 1000.0}),
            ("large", 5, {"amount_from": 1000.0}),
            ("all", 10, {}),
        )
        self.customer.ar_dunning_scenario_id = self.ladder

    def next_key(self, move):
        self.refresh()
        return self.item(move).next_step_id.step_key

    def test_by_what_is_open(self):
        for amount, key in [(0.01, "small"), (999.99, "small"), (1000.0, "large")]:
            with self.subTest(amount=amount):
                move = self.invoice(due="2026-02-25", amount=amount)
                self.assertEqual(self.next_key(move), key)

    def test_in_the_currency_of_the_company(self):
        """1,500 euros are 750 in the company's currency."""
        rate = self.env["res.currency"]._get_conversion_rate(
            self.eur, self.company.currency_id, self.company, self.company._ar_today()
        )
        large = self.invoice(
            due="2026-02-25", amount=1000.0 / rate + 1, currency=self.eur
        )
        small = self.invoice(
            due="2026-02-25", amount=1000.0 / rate - 1, currency=self.eur
        )
        self.assertEqual(self.next_key(large), "large")
        self.assertEqual(self.next_key(small), "small")

    def test_part_payment_makes_it_small(self):
        move = self.invoice(due="2026-02-25", amount=1500.0)
        self.assertEqual(self.next_key(move), "large")
        self.pay(move, 600.0)
        self.assertEqual(self.next_key(move), "small")

    def test_what_was_done_as_large_is_not_done_again_as_small(self):
        move = self.invoice(due="2026-02-25", amount=1500.0)
        self.done(self.plan(self.customer))
        self.assertEqual(self.item(move).step_done, "large")
        self.pay(move, 600.0)
        self.assertEqual(self.next_key(move), "all")
        self.assertEqual(str(self.item(move).next_date), "2026-03-07")

    def test_every_item_of_a_reminder_has_its_own_step(self):
        self.invoice(due="2026-02-25", amount=1500.0)
        self.invoice(due="2026-02-25", amount=10.0)
        (reminder,) = self.plan(self.customer)
        self.assertCountEqual(reminder.line_ids.mapped("step_key"), ["large", "small"])

    def test_only_for_large_ones(self):
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("large", 5, {"amount_from": 1000.0})
        )
        move = self.invoice(due="2026-02-20", amount=10.0)
        self.assertFalse(self.next_key(move))
        self.assertFalse(self.item(move).next_date)

    def test_table_rebuilt_is_the_same(self):
        self.invoice(due="2026-02-25", amount=1500.0)
        self.invoice(due="2026-02-25", amount=10.0)
        self.done(self.plan(self.customer))
        before = self.facts_of(self.dunning_items.search([]))
        self.dunning_items._rebuild(self.company)
        self.assertEqual(self.facts_of(self.dunning_items.search([])), before)

    def test_amounts_that_are_none(self):
        for values in (
            {"amount_from": 500.0, "amount_below": 500.0},
            {"amount_from": 500.0, "amount_below": 100.0},
        ):
            with (
                self.subTest(values),
                self.assertRaisesRegex(ValidationError, "that large and below"),
            ):
                self.ladder.step_ids[:1].write(values)

    def test_a_changed_amount_is_a_new_version(self):
        self.invoice(due="2026-02-25")
        self.refresh()
        version = self.ladder.version
        self.ladder.write(
            {
                "step_ids": [
                    Command.update(self.ladder.step_ids[1].id, {"amount_from": 5})
                ]
            }
        )
        self.assertGreater(self.ladder.version, version)


@tagged("post_install", "-at_install")
class TestHoldProposal(DunningCommon):
    def test_the_timeline_tells_once_it_is_done(self):
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("firm", 5, {"proposes_hold": True}), ("again", 9, {})
        )
        self.invoice(due="2026-02-20")
        reminder = self.plan(self.customer)
        events = self.env["ar.event"].sudo()
        mine = [
            ("commercial_partner_id", "=", self.customer.id),
            ("kind", "=", "hold_proposal"),
        ]
        self.assertFalse(events.search(mine))
        self.done(reminder)
        event = events.search(mine)
        self.assertEqual(event.source_id, reminder.id)
        self.assertEqual(event.figures["amount"], reminder.amount_net)
        with self.at("2026-03-03"):
            self.done(self.plan(self.customer))
        self.assertEqual(events.search(mine), event)
