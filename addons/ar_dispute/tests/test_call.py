from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestCall(DunningCommon, DisputeCommon):
    """What a customer says on the phone becomes a dispute. Today is 2 March 2026."""

    switches = {**DunningCommon.switches, **DisputeCommon.switches}

    def setUp(self):
        super().setUp()
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("call", 5, {"channel": "call", "mode": "task", "template_id": False})
        )
        self.customer.ar_collector_id = self.user_collector
        self.first = self.invoice(due="2026-02-20", amount=100)
        self.second = self.invoice(due="2026-02-20", amount=50)
        self.reminder = self.prepare(self.customer).with_user(self.user_collector)

    def apply(self, note="Two boxes are missing"):
        result = self.env.ref("ar_dunning_scenario.ar_dunning_call_result_dispute")
        wizards = self.env["ar.dunning.call"].with_user(self.user_collector)
        wizard = wizards.create(
            {"reminder_id": self.reminder.id, "result_id": result.id, "note": note}
        )
        return wizard.action_apply()

    def test_dispute_is_opened_from_the_call(self):
        action = self.apply()
        self.assertEqual(action["res_model"], "ar.dispute.open")
        self.assertEqual(self.reminder.state, "draft", "the call ends with the dispute")
        wizard = self.env["ar.dispute.open"].browse(action["res_id"])
        wizard = wizard.with_user(self.user_collector)
        self.assertEqual(wizard.description, "Two boxes are missing")
        self.assertEqual(len(wizard.line_ids), 2)
        wizard.reason_id = self.reason
        wizard.line_ids.filtered(
            lambda line: line.move_name == self.second.name
        ).selected = False
        dispute = self.env["ar.dispute"].browse(wizard.action_confirm()["res_id"])
        self.assertEqual(dispute.line_ids.line_id.move_id, self.first)
        self.assertEqual(dispute.description, "Two boxes are missing")
        self.assertEqual(self.reminder.state, "sent")
        self.assertEqual(self.reminder.call_note, "Two boxes are missing")
        self.assertEqual(self.receivable_lines(self.first).ar_delay_cause, "dispute")
        self.assertFalse(self.customer.activity_ids, "the dispute is the task")

    def test_given_up_nothing_happened(self):
        self.apply()
        self.assertEqual(self.reminder.state, "draft")
        self.assertFalse(self.reminder.call_result_id)
        self.assertTrue(self.reminder.activity_ids)

    def test_without_disputes_somebody_gets_the_task(self):
        self.company.ar_dispute_active = False
        self.assertEqual(self.apply()["type"], "ir.actions.act_window_close")
        self.assertEqual(self.reminder.state, "sent")
        self.assertIn("disputes", self.customer.activity_ids.summary)

    def test_paid_meanwhile(self):
        self.pay(self.first)
        action = self.apply()
        wizard = self.env["ar.dispute.open"].browse(action["res_id"])
        self.assertEqual(wizard.line_ids.move_name, self.second.name)
        self.pay(self.second)
        with self.assertRaises(UserError):
            self.apply()

    def test_decided_for_a_dispute(self):
        self.customer.ar_dunning_scenario_id.amicable_days = 5
        self.refresh()
        items = self.item(self.first) | self.item(self.second)
        wizards = self.env["ar.dunning.item.decide"].with_user(self.user_collector)
        for active, model in [(True, "ar.dispute.open"), (False, None)]:
            with self.subTest(active=active):
                self.company.ar_dispute_active = active
                wizard = wizards.create(
                    {
                        "item_ids": items.ids,
                        "outcome": "dispute",
                        "date_until": "2026-04-01",
                        "reason": "Claims that boxes are missing",
                    }
                )
                self.assertEqual(wizard.action_decide().get("res_model"), model)
