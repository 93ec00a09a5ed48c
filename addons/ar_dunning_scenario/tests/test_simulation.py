from datetime import date, timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningCommon

DAY = timedelta(days=1)


@tagged("post_install", "-at_install")
class TestSimulation(DunningCommon):
    """What the coming nights would do. Today is 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.ar_dunning_scenario_id = cls.new_scenario(
            ("before", -5, {}),
            ("second", 5, {}),
            ("call", 7, {"channel": "call", "mode": "task", "template_id": False}),
            ("tell", 8, {"channel": "notice", "template_id": False}),
            ("firm", 12, {"repeat_every": 3, "repeat_times": 2}),
        )

    def simulate(self, first, last):
        scenarios = self.env["ar.dunning.scenario"].sudo()
        return scenarios._simulate(
            date.fromisoformat(first), date.fromisoformat(last), self.company
        )

    def summary(self, planned):
        steps = self.env["ar.dunning.step"]
        return [
            (str(each.date), steps.browse(each.step_id).step_key, each.amount)
            for each in planned
        ]

    def live(self, first, last):
        """What the nights really plan when everything is done on its day."""
        day, found = date.fromisoformat(first), []
        while day <= date.fromisoformat(last):
            with self.at(day):
                reminders = self.plan()
                found += [
                    (str(day), reminder.step_key, reminder.amount_net)
                    for reminder in reminders
                ]
                self.done(reminders)
            day += DAY
        return found

    def test_same_as_the_nights(self):
        """To the customer, the day, the step and the cent, with everything that keeps a
        customer from being asked."""
        self.other_customer.ar_dunning_scenario_id = (
            self.customer.ar_dunning_scenario_id
        )
        third = self.new_customer("In credit")
        self.company.ar_dunning_min_days = 2
        self.invoice(due="2026-02-27", amount=100.0)
        self.invoice(due="2026-03-04", amount=50.0, currency=self.eur)
        self.invoice(self.other_customer, due="2026-03-10", amount=70.0)
        self.invoice(self.other_customer, due="2026-02-10", amount=30.0)
        self.invoice(third, due="2026-02-10", amount=30.0)
        self.invoice(third, move_type="out_refund", amount=40.0)
        paused = self.invoice(due="2026-02-20", amount=11.0)
        self.env["ar.suspension"].sudo()._suspend(
            self.receivable_lines(paused),
            "pause",
            "Wait",
            self.customer,
            date_until=date(2026, 3, 9),
        )
        expected = self.summary(self.simulate("2026-03-02", "2026-03-31"))
        self.assertGreater(len(expected), 8)
        self.assertCountEqual(self.live("2026-03-02", "2026-03-31"), expected)

    def test_tonight(self):
        self.invoice(due="2026-02-26", amount=100.0)
        self.assertEqual(
            self.summary(self.simulate("2026-03-03", "2026-03-03")),
            [("2026-03-03", "second", 100.0)],
        )

    def test_what_is_on_its_way_is_supposed_to_leave(self):
        self.invoice(due="2026-02-25", amount=100.0)
        reminder = self.plan(self.customer)
        self.assertEqual(reminder.step_key, "second")
        self.assertEqual(
            self.summary(self.simulate("2026-03-02", "2026-03-05")),
            [("2026-03-04", "call", 100.0), ("2026-03-05", "tell", 100.0)],
        )

    def test_nothing_is_written(self):
        move = self.invoice(due="2026-02-25", amount=100.0)
        self.refresh()
        before = self.facts_of(self.item(move))
        self.simulate("2026-03-02", "2026-04-30")
        self.assertEqual(self.facts_of(self.item(move)), before)
        self.assertFalse(self.reminders.search([]))

    def test_past_days_are_over(self):
        self.invoice(due="2026-02-25", amount=100.0)
        days = [each.date for each in self.simulate("2026-01-01", "2026-03-02")]
        self.assertEqual(days, [date(2026, 3, 2)])

    def test_queries_do_not_grow_with_customers(self):
        counts = []
        for number in (1, 8):
            for index in range(number):
                customer = self.new_customer(f"Customer {number} {index}")
                customer.ar_dunning_scenario_id = self.customer.ar_dunning_scenario_id
                self.invoice(customer, due="2026-02-25")
            self.simulate("2026-03-02", "2026-03-09")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.simulate("2026-03-02", "2026-03-09")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)


@tagged("post_install", "-at_install")
class TestPreview(DunningCommon):
    def preview(self, user=None, **values):
        wizards = self.env["ar.dunning.preview"].with_user(user or self.user_collector)
        return wizards.with_company(self.company).create(values)

    def test_tonight_by_default(self):
        self.invoice(due="2026-02-26", amount=100.0)
        wizard = self.preview()
        self.assertEqual(wizard.date_from, date(2026, 3, 3))
        action = wizard.action_show()
        lines = self.env[action["res_model"]].with_user(self.user_collector)
        lines = lines.search(action["domain"])
        self.assertEqual(lines.commercial_partner_id, self.customer)
        self.assertEqual(lines.amount_net, 100.0)
        self.assertEqual(lines.channel, "email")
        self.assertEqual(lines.action_open_customer()["res_id"], self.customer.id)
        wizard.action_show()
        self.assertEqual(len(lines.search(action["domain"])), 1, "shown anew")

    def test_input(self):
        for values, error in [
            ({"date_to": date(2026, 3, 1)}, "before the first"),
            ({"date_to": date(2026, 9, 1)}, "three months"),
        ]:
            with self.subTest(error), self.assertRaisesRegex(UserError, error):
                self.preview(**values).action_show()
        self.company.ar_dunning_active = False
        with self.assertRaisesRegex(UserError, "switched off"):
            self.preview().action_show()

    def test_nobody_reads_the_preview_of_somebody_else(self):
        self.invoice(due="2026-02-26", amount=100.0)
        action = self.preview().action_show()
        lines = self.env[action["res_model"]].with_user(self.user_manager)
        self.assertFalse(lines.search(action["domain"]))

    def test_for_collectors_only(self):
        with self.assertRaises(AccessError):
            self.preview(user=self.user_viewer)
