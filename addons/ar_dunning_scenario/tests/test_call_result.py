from contextlib import closing
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestCallResult(PromiseCommon):
    """A call for one invoice waits. Today is 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.ar_dunning_scenario_id = cls.new_scenario(
            ("call", 5, {"channel": "call", "template_id": False, "text": "Ask why"}),
            ("last", 9, {}),
        )
        cls.customer.ar_collector_id = cls.user_collector

    def setUp(self):
        super().setUp()
        self.move = self.invoice(due="2026-02-25")
        self.call = self.prepare()

    def result(self, name):
        return self.env.ref(f"ar_dunning_scenario.ar_dunning_call_result_{name}")

    def wizard(self, name, user=None, **values):
        call = self.call.with_user(user or self.user_collector).sudo(False)
        action = call.action_call_result()
        wizard = self.env["ar.dunning.call"].with_user(user or self.user_collector)
        form = Form(wizard.with_context(**action["context"]))
        form.result_id = self.result(name)
        for field, value in values.items():
            setattr(form, field, value)
        return form.save()

    def apply(self, name, **values):
        return self.wizard(name, **values).action_apply()

    def test_what_follows_from_each_result(self):
        for name, state, again_on, cause in [
            ("reached", "sent", False, False),
            ("transit", "sent", False, "transit"),
            ("dispute", "sent", False, "dispute"),
            ("message", "draft", "2026-03-04", False),
            ("not_reached", "draft", "2026-03-03", False),
            ("wrong_number", "draft", "2026-03-05", False),
        ]:
            with self.subTest(name), closing(self.env.cr.savepoint()):
                self.apply(name, note="They said so")
                self.assertEqual(self.call.state, state)
                expected = again_on and self.on(again_on)
                self.assertEqual(self.call.call_again_on, expected)
                self.assertEqual(self.call.call_result_id, self.result(name))
                self.assertEqual(self.call.call_note, "They said so")
                self.assertEqual(self.call.call_count, 1)
                kept = "".join(self.call.message_ids.mapped("body"))
                self.assertIn("They said so", kept)
                self.assertEqual(self.items(self.move).ar_delay_cause, cause)
                if state == "sent":
                    self.assertNext(self.move, "last", "2026-03-06")
                else:
                    self.assertEqual(self.item(self.move).reminder_id, self.call)
            self.env.invalidate_all()

    def test_activity_moves_with_the_call(self):
        self.apply("not_reached", again_on="2026-03-09")
        self.assertEqual(self.call.activity_ids.date_deadline, self.on("2026-03-09"))
        with self.assertRaises(UserError):
            self.apply("not_reached", again_on="2026-03-01")

    def test_after_the_last_try_the_next_step_comes(self):
        for day, count, state in [
            ("2026-03-02", 1, "draft"),
            ("2026-03-03", 2, "draft"),
            ("2026-03-04", 3, "sent"),
        ]:
            with self.subTest(day), self.at(day):
                self.apply("not_reached")
                self.assertEqual(self.call.call_count, count)
                self.assertEqual(self.call.state, state)
        self.assertFalse(self.call.activity_ids)
        self.assertNext(self.move, "last", "2026-03-06")
        with self.assertRaises(UserError):
            self.apply("reached")

    def test_wrong_number_is_a_task_for_the_collector(self):
        self.apply("wrong_number")
        task = self.customer.activity_ids
        self.assertEqual(task.user_id, self.user_collector)
        self.assertIn("Wrong number", task.summary)

    def test_dispute_is_told_and_can_be_taken_over(self):
        self.apply("dispute", note="Goods are missing")
        self.assertEqual(len(self.customer.activity_ids), 1)
        texts = self.events(self.call).mapped("text")
        self.assertTrue(any("Goods are missing" in text for text in texts))

    def test_hook_for_the_floor_of_disputes(self):
        action = {"type": "ir.actions.act_window", "res_model": "ar.open.item"}
        hook = patch.object(
            type(self.reminders), "_on_call_disputed", lambda self, note: action
        )
        with hook:
            self.assertEqual(self.apply("dispute"), action)

    def test_promise_ends_the_call_when_it_is_recorded(self):
        action = self.apply("promise", note="By Friday")
        self.assertEqual(self.call.state, "draft", "nothing is recorded yet")
        wizard = self.env["ar.promise.record"].with_user(self.user_collector)
        form = Form(wizard.browse(action["res_id"]))
        self.assertEqual((form.amount, form.note), (100, "By Friday"))
        form.date = "2026-03-06"
        form.save().action_record()
        self.assertEqual(self.call.state, "sent")
        self.assertEqual(self.call.call_result_id, self.result("promise"))
        promise = self.promises.search([])
        self.assertEqual(promise.reminder_id, self.call)
        self.assertEqual(promise.line_ids.move_id, self.move)
        # Four days counted, eight stand still, five to go.
        self.assertNext(self.move, "last", "2026-03-14")

    def test_only_collectors(self):
        for user in self.user_own, self.user_viewer:
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.wizard("reached", user=user)

    def test_cause_of_delay_from_open_items(self):
        item = self.items(self.move)
        wizard = self.env["ar.delay.cause.set"].with_user(self.user_collector)
        wizard = wizard.with_context(active_model=item._name, active_ids=item.ids)
        for cause in "delivery", "bank", False:
            with self.subTest(cause):
                wizard.create({"delay_cause": cause}).action_set()
                self.assertEqual(self.items(self.move).ar_delay_cause, cause)
        for source in self.call, self.item(self.move):
            with self.subTest(source._name):
                context = {"active_model": source._name, "active_ids": source.ids}
                wizard.with_context(**context).create({"delay_cause": "bank"})
                found = wizard.with_context(**context).default_get(["item_ids"])
                self.assertEqual(found["item_ids"][0][2], item.ids)
        groups = self.env["ar.open.item"]._read_group(
            [("id", "=", item.id)], ["ar_delay_cause"], ["__count"]
        )
        self.assertEqual(groups, [(False, 1)])
        for user in self.user_own, self.user_viewer:
            with self.subTest(user.login), self.assertRaises(AccessError):
                item.with_user(user)._set_delay_cause("bank")
