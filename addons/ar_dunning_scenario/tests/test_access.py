from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestAccess(DunningCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.invoice(cls.customer, due="2026-02-01")
        cls.invoice(cls.other_customer, due="2026-02-01")
        cls.dunning_items._refresh(cls.company)
        cls.all = cls.reminders._plan(
            cls.company, [cls.customer.id, cls.other_customer.id]
        )
        cls.all._prepare()
        cls.nobody = cls.new_user("nobody", "base.group_user")

    def test_who_sees_what(self):
        mine = self.all.filtered(lambda r: r.commercial_partner_id == self.customer)
        for user, reminders in [
            (self.user_own, mine),
            (self.user_viewer, self.all),
            (self.user_collector, self.all),
            (self.user_manager, self.all),
        ]:
            with self.subTest(user.login):
                seen = self.reminders.with_user(user).search([])
                self.assertEqual(seen, reminders)
                self.assertEqual(len(seen.line_ids), len(reminders))
                items = self.env["ar.dunning.item"].with_user(user).search([])
                self.assertEqual(
                    items.commercial_partner_id, reminders.commercial_partner_id
                )
        for model in (
            "ar.dunning.reminder",
            "ar.dunning.reminder.line",
            "ar.dunning.item",
            "ar.dunning.scenario",
            "ar.dunning.step",
        ):
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.nobody).search([])

    def test_only_collectors_decide(self):
        reminder = self.all[0]
        for user in self.user_own, self.user_viewer:
            mine = self.all.with_user(user).search([])[:1]
            for method in (
                "action_confirm",
                "action_send_now",
                "action_done",
                "action_retry",
                "action_mark_sent",
            ):
                with self.subTest(user=user.login, method=method):
                    with self.assertRaises(AccessError):
                        getattr(mine, method)()
            with self.assertRaises(AccessError):
                mine.write({"subject": "Mine"})
            with self.assertRaises(AccessError):
                self.env["ar.dunning.reminder.cancel"].with_user(user).create(
                    {"reminder_ids": mine.ids, "reason": "No"}
                )
        self.assertEqual(reminder.state, "ready")

    def test_states_and_figures_are_not_forged(self):
        reminder = self.all[0].with_user(self.user_manager)
        for values in [
            {"state": "sent"},
            {"email_to": "me@example.com"},
            {"amount_credit": 0},
            {"smtp_message_id": "<x@y>"},
            {"partner_id": self.other_customer.id},
            {"step_key": "other"},
            {"line_ids": [fields.Command.clear()]},
        ]:
            with self.subTest(values), self.assertRaises(AccessError):
                reminder.write(values)
        with self.assertRaises(AccessError):
            reminder.copy()
        with self.assertRaises(AccessError):
            reminder.unlink()
        with self.assertRaises(AccessError):
            reminder.line_ids.write({"state": "cancelled"})
        with self.assertRaises(AccessError):
            self.env["ar.dunning.item"].with_user(self.user_manager).search([]).write(
                {"next_date": False}
            )

    def test_texts_are_edited_only_while_open(self):
        reminder = self.all[0].with_user(self.user_collector)
        reminder.write({"subject": "Edited"})
        reminder.sudo()._set_sent()
        with self.assertRaises(UserError):
            reminder.write({"subject": "Edited afterwards"})

    def test_only_the_credit_manager_writes_scenarios(self):
        for user, allowed in [(self.user_collector, False), (self.user_manager, True)]:
            scenario = self.scenario.with_user(user)
            with self.subTest(user.login):
                self.assertEqual(scenario.has_access("write"), allowed)
                self.assertEqual(scenario.step_ids.has_access("write"), allowed)

    def test_customer_form_opens_without_accounting(self):
        self.customer.with_user(self.nobody).read(["name"])
        figures = ["ar_dunning_scenario_id", "ar_dunning_date"]
        with self.assertRaises(AccessError):
            self.customer.with_user(self.nobody).read(figures)
        own = self.customer.with_user(self.user_own)
        self.assertEqual(own.read(figures)[0]["ar_dunning_date"], False)

    def test_figures_of_others_are_empty(self):
        self.invoice(self.other_customer, due="2026-04-30")
        self.invoice(self.customer, due="2026-04-30")
        self.dunning_items._refresh(self.company)
        for customer, seen in [(self.customer, True), (self.other_customer, False)]:
            partner = customer.with_user(self.user_own)
            self.assertEqual(bool(partner.ar_dunning_date), seen)

    def test_other_companies_are_not_seen(self):
        user = self.new_user("b", "ar_ledger.ar_ledger_group_manager")
        user.write(
            {
                "company_ids": [fields.Command.set(self.company_b.ids)],
                "company_id": self.company_b.id,
            }
        )
        reminders = self.reminders.with_user(user)
        self.assertFalse(reminders.search([]))
        with self.assertRaises(AccessError):
            self.all.with_user(user).action_confirm()

    def test_given_to_who_may_open_it(self):
        mine = self.all.filtered(lambda r: r.commercial_partner_id == self.customer)
        reminder = mine.with_user(self.user_collector)
        with self.assertRaisesRegex(UserError, "may not open"):
            reminder.user_id = self.nobody
        for user in self.user_viewer, self.user_own:
            reminder.user_id = user
            self.assertEqual(reminder.user_id, user)
        reminder.user_id = False
        self.assertFalse(reminder.user_id)
