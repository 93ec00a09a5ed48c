from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestTiming(DunningCommon):
    """What steps are counted from, repeats and working days. Today is Monday 2 March
    2026."""

    def chase(self, *steps):
        self.customer.ar_dunning_scenario_id = self.new_scenario(*steps)

    def assertNext(self, move, step, date, occurrence=0):
        item = self.item(move)
        expected = fields.Date.from_string(date) if date else False
        self.assertEqual(
            (item.next_step_id.step_key, item.next_date, item.next_occurrence),
            (step, expected, occurrence),
        )

    def live(self, *days):
        """Live through days of March; return {day: key of the step taken}."""
        taken = {}
        for day in days:
            with self.at(f"2026-03-{day:02}"):
                reminders = self.prepare(self.customer)
                if reminders:
                    taken[day] = reminders.step_key
                self.done(reminders)
        return taken

    def test_counted_from_the_sending(self):
        self.chase(("arrived", 3, {"trigger": "sending"}), ("second", 20, {}))
        move = self.invoice(due="2026-03-02")
        self.refresh()
        self.assertNext(move, "second", "2026-03-22")
        self.assertTrue(self.item(move).is_unsent)
        self.item(move).action_mark_sent()
        self.assertNext(move, "arrived", "2026-03-05")
        self.assertFalse(self.item(move).is_unsent)

    def test_only_collectors_say_that_it_was_sent(self):
        self.chase(("arrived", 3, {"trigger": "sending"}))
        item = self.item(self.invoice(due="2026-03-02"))
        self.refresh()
        item = self.dunning_items.search([])
        with self.assertRaises(AccessError):
            item.with_user(self.user_viewer).action_mark_sent()
        collector = item.with_user(self.user_collector)
        self.assertFalse(collector.move_id.has_access("read"), "no accounting rights")
        collector.action_mark_sent()
        self.assertEqual(item.next_step_id.step_key, "arrived")
        event = self.env["ar.event"].search([("kind", "=", "sending")])
        self.assertEqual(event.user_id, self.user_collector)

    def test_counted_from_the_discount_date(self):
        self.chase(("discount", -3, {"trigger": "discount_date"}), ("second", 5, {}))
        term = self.env["account.payment.term"].create(
            {
                "name": "2/10 net 30",
                "early_discount": True,
                "discount_percentage": 2,
                "discount_days": 10,
                "line_ids": [
                    fields.Command.create(
                        {"value": "percent", "value_amount": 100, "nb_days": 30}
                    )
                ],
            }
        )
        with_discount = self.invoice(date="2026-02-25", invoice_payment_term_id=term.id)
        without = self.invoice(due="2026-03-27")
        self.refresh()
        # 25 February and ten days: 7 March.
        self.assertNext(with_discount, "discount", "2026-03-04")
        self.assertNext(without, "second", "2026-04-01")
        with self.at("2026-03-05"):
            reminder = self.prepare(self.customer)
            self.assertEqual(reminder.line_ids.move_id, with_discount)
        with self.at("2026-03-08"):
            reminder._recheck()
            self.assertEqual(reminder.cancel_reason, "The discount has lapsed")
            self.refresh()
            self.assertNext(with_discount, "second", "2026-04-01")

    def test_counted_from_the_step_before(self):
        self.chase(("second", 5, {}), ("call", 4, {"trigger": "previous_step"}))
        move = self.invoice(due="2026-02-01")
        self.assertEqual(self.live(2), {2: "second"})
        self.assertNext(move, "call", "2026-03-06")
        self.assertEqual(self.live(3, 5, 8, 9), {8: "call"})

    def test_repeats_up_to_the_cap(self):
        self.chase(("mail", 5, {"repeat_every": 3, "repeat_times": 2}))
        move = self.invoice(due="2026-02-25")
        self.assertEqual(self.live(2), {2: "mail"})
        self.assertNext(move, "mail", "2026-03-05", 1)
        self.assertEqual(self.live(3, 4, 5, 6, 7, 8, 9, 12, 15), {5: "mail", 8: "mail"})
        self.assertNext(move, False, None)
        lines = self.item(move).line_id
        lines = self.env["ar.dunning.reminder.line"].search(
            [("line_id", "=", lines.id)], order="id"
        )
        self.assertEqual(lines.mapped("occurrence"), [0, 1, 2])
        with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
            lines[0].sudo().copy(
                {"reminder_id": lines[0].reminder_id.id, "occurrence": 2}
            )
            self.env.flush_all()

    def test_the_next_step_ends_the_repeats(self):
        self.chase(
            ("mail", 5, {"repeat_every": 3, "repeat_times": 9}), ("firm", 12, {})
        )
        self.invoice(due="2026-02-25")
        self.assertEqual(
            self.live(*range(2, 20)), {2: "mail", 5: "mail", 8: "mail", 9: "firm"}
        )

    def test_working_days(self):
        calendar = self.company.resource_calendar_id
        self.chase(("second", 5, {}))
        move = self.invoice(due="2026-03-02")
        self.refresh()
        self.assertNext(move, "second", "2026-03-07")
        self.company.ar_dunning_calendar_id = calendar
        self.refresh()
        self.assertNext(move, "second", "2026-03-09")
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Bank holiday",
                "calendar_id": calendar.id,
                "company_id": self.company.id,
                "date_from": "2026-03-09 00:00:00",
                "date_to": "2026-03-09 23:59:59",
            }
        )
        self.refresh()
        self.assertNext(move, "second", "2026-03-10")
        before = self.facts_of(self.item(move))
        self.dunning_items._rebuild(self.company)
        self.assertEqual(self.facts_of(self.item(move)), before)

    def test_messages_leave_on_working_days(self):
        self.chase(("second", 5, {}))
        self.invoice(due="2026-02-20")
        reminder = self.prepare(self.customer)
        for calendar, moment, awake in [
            (False, "2026-03-07 10:00:00", True),
            (self.company.resource_calendar_id, "2026-03-07 10:00:00", False),
            (self.company.resource_calendar_id, "2026-03-09 10:00:00", True),
        ]:
            with self.subTest(moment, calendar=calendar), self.at(moment):
                self.company.ar_dunning_calendar_id = calendar
                self.assertEqual(bool(reminder._filter_working()), awake)

    def test_impossible_timing(self):
        for values, others in [
            ({"trigger": "discount_date", "days": 2}, []),
            ({"trigger": "sending", "days": -1}, []),
            ({"trigger": "previous_step", "days": 3}, []),
            ({"trigger": "previous_step", "days": 0}, [("a", 1, {})]),
            ({"repeat_every": 3}, []),
            ({"repeat_times": 3}, []),
        ]:
            values = {"days": 1, **values}
            with self.subTest(values), self.assertRaises(ValidationError):
                self.new_scenario(*others, ("b", values["days"], values))

    def test_steps_are_sorted_and_followers_stay(self):
        scenario = self.new_scenario(
            ("late", 20, {}),
            ("after", 4, {"trigger": "previous_step"}),
            ("early", 5, {}),
            ("arrived", 3, {"trigger": "sending"}),
        )

        def order():
            return scenario.step_ids.mapped("step_key")

        self.assertEqual(order(), ["arrived", "early", "late", "after"])
        scenario.step_ids.filtered(lambda s: s.step_key == "late").days = 2
        self.assertEqual(order(), ["arrived", "late", "after", "early"])
        self.assertEqual(scenario.version, 1)
        levels = scenario.step_ids.sorted("level").mapped("step_key")
        self.assertEqual(levels, ["arrived", "late", "early", "after"])
        copy = scenario.copy()
        self.assertEqual(copy.step_ids.mapped("step_key"), order())
        with self.assertRaises(ValidationError):
            scenario.step_ids.filtered(
                lambda s: s.step_key in ("arrived", "late")
            ).unlink()

    def test_days_have_bounds(self):
        """What nobody means is refused where it is typed, not at night."""
        for values in [
            {"days": 4000},
            {"days": -4000},
            {"days": 5, "repeat_every": 4000, "repeat_times": 1},
            {"days": 5, "repeat_every": 1, "repeat_times": 4000},
        ]:
            with self.subTest(values), self.assertRaises(ValidationError):
                self.new_scenario(("far", values.pop("days"), values))
