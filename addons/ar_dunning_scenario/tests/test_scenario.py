from odoo import fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestScenario(DunningCommon):
    two_companies = True

    def test_shipped_steps(self):
        steps = [
            (step.days, step.channel, step.mode) for step in self.scenario.step_ids
        ]
        self.assertEqual(
            steps,
            [
                (-5, "email", "automatic"),
                (5, "email", "automatic"),
                (7, "call", "task"),
                (8, "notice", "automatic"),
            ],
        )

    def test_impossible_steps(self):
        for values in [
            {"channel": "email", "template_id": False},
            {"channel": "email", "mode": "task"},
            {"channel": "call", "mode": "automatic"},
            {"channel": "notice", "mode": "confirm"},
        ]:
            with self.subTest(values), self.assertRaises(ValidationError):
                self.new_scenario(("a", 1, values))

    def test_version_rises_once_per_use(self):
        scenario = self.new_scenario(("a", 1, {}), ("b", 5, {}))
        self.assertEqual(scenario.version, 1)
        scenario.step_ids[0].days = 2
        self.assertEqual(scenario.version, 1, "nobody used it yet")
        self.customer.ar_dunning_scenario_id = scenario
        self.invoice(due="2026-02-01")
        self.refresh()
        scenario.step_ids[0].name = "Other words"
        self.assertEqual(scenario.version, 1, "the same step by another name")
        scenario.step_ids[0].days = 3
        scenario.step_ids[1].days = 6
        self.assertEqual(scenario.version, 2)
        self.refresh()
        scenario.step_ids[1].unlink()
        self.assertEqual(scenario.version, 3)

    def test_change_repeats_nothing_and_rewrites_nothing(self):
        scenario = self.new_scenario(("a", 1, {}), ("b", 5, {}), ("c", 50, {}))
        self.customer.ar_dunning_scenario_id = scenario
        move = self.invoice(due="2026-02-20")
        self.done(self.prepare())
        with self.at("2026-03-03"):
            first = self.prepare()
            self.assertEqual(first.step_key, "b")
            self.done(first)
        scenario.step_ids.filtered(lambda step: step.step_key == "a").days = 3
        scenario.step_ids.filtered(lambda step: step.step_key == "b").unlink()
        with self.at("2026-03-04"):
            self.assertFalse(self.prepare())
            self.assertEqual(self.item(move).next_step_id.step_key, "c")
            self.assertEqual(self.item(move).version, 2)
        line = first.line_ids
        self.assertEqual((line.step_key, line.step_days, line.version), ("b", 5, 1))
        self.assertEqual(line.step_name, "B")

    def test_used_scenario_is_not_deleted(self):
        scenario = self.new_scenario(("a", 1, {}))
        self.customer.ar_dunning_scenario_id = scenario
        self.invoice(due="2026-02-01")
        self.plan()
        with self.assertRaises(UserError):
            scenario.unlink()
        self.new_scenario(("a", 1, {})).unlink()

    def test_a_step_with_open_reminders_is_not_deleted(self):
        """They would lose what stands in where the customer is not reached."""
        letter = fields.Command.create({"channel": "letter", "condition": "fallback"})
        scenario = self.new_scenario(("a", 1, {"channel_ids": [letter]}), ("b", 9, {}))
        self.customer.ar_dunning_scenario_id = scenario
        self.invoice(due="2026-02-27")
        reminder = self.plan()
        self.assertEqual(reminder.step_id, scenario.step_ids[0])
        with self.assertRaises(UserError):
            scenario.step_ids[0].unlink()
        scenario.step_ids[1].unlink()
        self.done(reminder)
        scenario.step_ids.unlink()

    def test_copy_keeps_the_keys(self):
        copy = self.scenario.copy()
        self.assertEqual(
            copy.step_ids.mapped("step_key"), self.scenario.step_ids.mapped("step_key")
        )

    def test_scenario_of_another_company(self):
        scenario = self.new_scenario(("a", 1, {}), company_id=self.company_b.id)
        with self.assertRaises(ValidationError):
            self.company.ar_dunning_scenario_id = scenario
        with self.assertRaises(ValidationError):
            scenario.company_id = self.new_branch()

    def test_form_sets_the_mode_of_the_channel(self):
        with Form(self.env["ar.dunning.scenario"]) as form:
            form.name = "By form"
            with form.step_ids.new() as step:
                step.name = "Call"
                step.days = 3
                step.channel = "call"
                self.assertEqual(step.mode, "task")
                step.channel = "notice"
                self.assertEqual(step.mode, "automatic")
        self.assertEqual(form.record.step_ids.mode, "automatic")

    def test_shipped_scenarios_do_nothing_until_chosen(self):
        self.company.ar_dunning_scenario_id = False
        names = ["b2b", "public", "key", "risky", "small"]
        move = self.invoice(due="2026-01-01")
        for name in names:
            with self.subTest(name):
                scenario = self.env.ref(
                    f"ar_dunning_scenario.ar_dunning_scenario_{name}"
                )
                self.assertFalse(scenario._has_rule())
                self.refresh()
                self.assertFalse(self.item(move))
                self.customer.ar_dunning_scenario_id = scenario
                self.refresh()
                self.assertEqual(self.item(move).scenario_id, scenario)
                self.customer.ar_dunning_scenario_id = False

    def test_the_version_is_not_written_over_rpc(self):
        scenarios = self.env["ar.dunning.scenario"].with_user(self.user_manager)
        with self.assertRaises(AccessError):
            scenarios.browse(self.scenario.id).version = 7
        with self.assertRaises(AccessError):
            scenarios.create({"name": "Forged", "version": 7})

    def test_shipped_way_from_the_sending_to_the_decision(self):
        scenario = self.env.ref("ar_dunning_scenario.ar_dunning_scenario_b2b")
        self.assertEqual(
            [(step.trigger, step.days, step.channel) for step in scenario.step_ids],
            [
                ("sending", 3, "email"),
                ("discount_date", -3, "email"),
                ("due_date", -5, "email"),
                ("due_date", -1, "call"),
                ("due_date", 5, "email"),
                ("due_date", 7, "call"),
                ("due_date", 8, "notice"),
                ("due_date", 15, "email"),
                ("due_date", 25, "call"),
                ("due_date", 35, "registered"),
                ("due_date", 45, "call"),
            ],
        )
        key = self.env.ref("ar_dunning_scenario.ar_dunning_scenario_key")
        triggers = key.step_ids.mapped("trigger")
        self.assertEqual(triggers, ["due_date"] * 3 + ["previous_step"] * 2)
