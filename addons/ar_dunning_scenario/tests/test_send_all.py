from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestSendAll(HttpCase, DunningCommon):
    """Everything that is ready leaves at once; Odoo sends nothing in tests."""

    def setUp(self):
        super().setUp()
        # Also where the browser asks: Odoo itself only looks at the test's own thread.
        self.patch(
            self.env.registry["ir.mail_server"], "_disable_send", lambda server: True
        )
        for number in range(3):
            customer = self.new_customer(f"C{number}", email="c@example.com")
            self.invoice(customer, due="2026-02-01")
        self.invoice(self.new_customer("No address"), due="2026-02-01")
        self.all = self.prepare()
        self.ready = self.all.filtered(lambda r: r.state == "ready")

    def test_what_is_sent(self):
        reminders = self.reminders.with_user(self.user_collector)
        self.ready[0].state = "draft"
        action = reminders.action_send_all()
        self.assertEqual(set(action["params"]["reminder_ids"]), set(self.ready[1:].ids))
        self.ready.state = "draft"
        with self.assertRaises(UserError):
            reminders.action_send_all()

    def test_who_may(self):
        for user in self.user_own, self.user_viewer:
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self.reminders.with_user(user).action_send_all()
                with self.assertRaises(AccessError):
                    self.ready.with_user(user).action_send_some()

    def test_some(self):
        with self.enter_registry_test_mode():
            outcomes = self.ready.with_user(self.user_collector).action_send_some()
        self.assertEqual(outcomes, {"Sent / Done": 3})

    def test_tour(self):
        self.user_collector.group_ids += self.env.ref("base.group_user")
        action = self.env.ref("ar_dunning_scenario.ar_dunning_reminder_action")
        self.start_tour(
            f"/odoo/action-{action.id}",
            "ar_dunning_send_all",
            login=self.user_collector.login,
        )
        self.env.invalidate_all()
        self.assertEqual(set(self.ready.mapped("state")), {"sent"})
