from odoo.fields import Command
from odoo.tests import Form, tagged
from odoo.tools import html2plaintext

from ..channels import Problem
from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestPrepare(DunningCommon):
    """Texts, languages and tasks. Today is 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        modules = cls.env["ir.module.module"].search(
            [("name", "=", "ar_dunning_scenario")]
        )
        modules._update_translations(["fr_FR"])

    def text(self, html):
        text = html2plaintext(html)
        for mark, plain in [("\u202f", " "), ("\xa0", " "), ("\ufeff", "")]:
            text = text.replace(mark, plain)
        return " ".join(text.split())

    def test_in_the_language_of_the_customer(self):
        for lang, subject, words, figures in [
            ("en_US", "overdue invoices", "Please ignore this message", "$ 1,250.00"),
            ("fr_FR", "factures échues", "Veuillez ne pas tenir compte", "$ 1 250,00"),
        ]:
            with self.subTest(lang):
                customer = self.new_customer(lang, email="a@example.com", lang=lang)
                self.invoice(customer, due="2026-02-01", amount=1250)
                reminder = self.prepare(customer)
                self.assertEqual(reminder.state, "ready")
                self.assertEqual(reminder.lang, lang)
                self.assertIn(subject, reminder.subject)
                self.assertIn(words, self.text(reminder.body))
                self.assertIn(figures, self.text(reminder.items_html))

    def test_table(self):
        self.customer.lang = "fr_FR"
        self.invoice(due="2026-02-01", amount=1250)
        self.invoice(due="2026-03-05", amount=10)
        self.invoice(move_type="out_refund", amount=60)
        table = self.text(self.prepare().items_html)
        for words in [
            "Échéance",
            "01/02/2026",
            "05/03/2026",
            "29",
            "non échue",
            "$ 1 260,00",
            "$ -60,00",
            "$ 1 200,00",
            "Total à payer",
        ]:
            self.assertIn(words, table)

    def test_language_of_the_contact_the_customer_or_the_company(self):
        contact = self.env["res.partner"].create(
            {
                "parent_id": self.customer.id,
                "type": "invoice",
                "name": "Accounts",
                "email": "accounts@example.com",
            }
        )
        self.invoice(due="2026-02-01")
        reminder = self.plan()
        for langs, expected in [
            (("fr_FR", "en_US", "en_US"), "fr_FR"),
            ((False, "fr_FR", "en_US"), "fr_FR"),
            ((False, False, "fr_FR"), "fr_FR"),
            ((False, False, False), "en_US"),
        ]:
            with self.subTest(langs=langs):
                contact.lang, self.customer.lang, self.company.partner_id.lang = langs
                reminder._prepare()
                self.assertEqual(reminder.lang, expected)

    def two_contacts(self):
        """Return a reminder by e-mail to one contact and by letter to another."""
        self.customer.write({"street": "1 Road", "city": "Paris"})
        for name, role, lang in [
            ("Anna", "accounting", "en_US"),
            ("Marc", "manager", "fr_FR"),
        ]:
            self.env["res.partner"].create(
                {
                    "parent_id": self.customer.id,
                    "name": name,
                    "email": f"{name}@example.com",
                    "street": "1 Road",
                    "city": "Paris",
                    "type": "other",
                    "lang": lang,
                    "ar_dunning_role": role,
                }
            )
        letter = {"channel": "letter", "role": "manager", "condition": "always"}
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("both", 5, {"channel_ids": [Command.create(letter)]})
        )
        self.invoice(due="2026-02-01", amount=1250)
        return self.prepare(self.customer)

    def test_each_contact_in_its_language_with_its_name(self):
        reminder = self.two_contacts()
        by_mail, by_letter = reminder.outbox_ids.sorted("id")
        self.assertEqual(reminder.partner_id.name, "Anna")
        self.assertIn("Anna", reminder.body)
        self.assertIn("overdue", by_mail._get_subject())
        mail = self.text(reminder._render_mail(by_mail))
        for word in "Anna", "Total to pay":
            self.assertIn(word, mail)
        report = self.env.ref("ar_dunning_scenario.ar_dunning_letter_report")
        html, _kind = report._render_qweb_html(report, by_letter.ids)
        letter = self.text(html.decode())
        for word in "Marc", "factures échues", "Total à payer":
            self.assertIn(word, letter)
        self.assertNotIn("Anna", letter)
        self.env.invalidate_all()
        self.assertEqual((reminder.partner_id.name, reminder.lang), ("Anna", "en_US"))

    def test_the_text_follows_who_is_reached(self):
        """Where the first contact is not reached, the reminder speaks to the other."""
        reminder = self.two_contacts()
        reminder.outbox_ids.sorted("id")[0]._set_failed(Problem("refused", "No"))
        reminder._prepare()
        self.assertIn("Marc", reminder.body)
        self.assertIn("factures échues", reminder.subject)
        self.assertFalse(reminder.outbox_ids.filtered("body"))

    def test_what_somebody_edited_is_for_all(self):
        reminder = self.two_contacts()
        reminder.with_user(self.user_collector).body = "<p>Only this.</p>"
        reminder._prepare()
        self.assertEqual(
            [self.text(m._get_body()) for m in reminder.outbox_ids], ["Only this."] * 2
        )

    def test_a_language_that_was_deactivated(self):
        self.customer.lang = "fr_FR"
        self.invoice(due="2026-02-01", amount=1250)
        reminder = self.prepare()
        self.assertEqual(reminder.lang, "fr_FR")
        self.env["res.partner"].search([("lang", "=", "fr_FR")]).lang = "en_US"
        self.env["res.lang"]._lang_get("fr_FR").active = False
        self.env.invalidate_all()
        self.assertIn("Total to pay", self.text(reminder.items_html))
        report = self.env.ref("ar_dunning_scenario.ar_dunning_letter_report")
        html, _kind = report._render_qweb_html(report, reminder.outbox_ids.ids)
        self.assertIn("Total to pay", self.text(html.decode()))
        shown = Form(reminder.with_user(self.user_collector))
        self.assertIn("Total to pay", shown.items_html)

    def test_text_is_edited_the_table_stays(self):
        self.invoice(due="2026-02-01", amount=1250)
        reminder = self.prepare()
        reminder.with_user(self.user_collector).write(
            {"subject": "As discussed", "body": "<p>Only this.</p>"}
        )
        mail = self.text(reminder._render_mail())
        self.assertIn("Only this.", mail)
        self.assertIn("1,250.00", mail)
        self.assertNotIn("Please ignore", mail)

    def test_to_confirm(self):
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("read", 5, {"mode": "confirm"})
        )
        self.invoice(due="2026-02-01")
        reminder = self.prepare()
        self.assertEqual(reminder.state, "draft")
        reminder.with_user(self.user_collector).action_confirm()
        self.assertEqual(reminder.state, "ready")

    def test_no_address_is_a_failure(self):
        for email in (False, "", "not an address"):
            with self.subTest(email=email):
                customer = self.new_customer("No mail", email=email)
                self.invoice(customer, due="2026-02-01")
                reminder = self.prepare(customer)
                self.assertEqual(reminder.state, "failed")
                self.assertIn("No e-mail", reminder.failure)
                self.assertFalse(reminder.sent_on)
                customer.email = "found@example.com"
                reminder.with_user(self.user_collector).action_retry()
                self.assertEqual(reminder.state, "ready")
                self.assertIn("found@example.com", reminder.email_to)
                self.assertFalse(reminder.failure)

    def test_retry_keeps_what_was_edited(self):
        for edited, subject, body in [
            ({"subject": "As discussed"}, "As discussed", "Please ignore this"),
            ({"body": "<p>Only this.</p>"}, "overdue invoices", "Only this."),
            ({"subject": "A", "body": "<p>B</p>"}, "A", "B"),
            ({"subject": False, "body": False}, "overdue invoices", "Please ignore"),
        ]:
            with self.subTest(edited=edited):
                customer = self.new_customer("No mail")
                self.invoice(customer, due="2026-02-01")
                reminder = self.prepare(customer).with_user(self.user_collector)
                reminder.write(edited)
                customer.email = "found@example.com"
                reminder.action_retry()
                self.assertEqual(reminder.state, "ready")
                self.assertIn(subject, reminder.subject)
                self.assertIn(body, self.text(reminder.body))

    def test_a_broken_template_stops_nobody_else(self):
        template = self.env["mail.template"].create(
            {
                "name": "Breaks for one",
                "model_id": self.env["ir.model"]._get_id("ar.dunning.reminder"),
                "subject": "{{ 1 / (object.amount_net - 13) }}",
                "body_html": "<p>Text</p>",
            }
        )
        scenario = self.new_scenario(("odd", 5, {"template_id": template.id}))
        self.company.ar_dunning_scenario_id = scenario
        self.invoice(self.customer, due="2026-02-01", amount=13)
        self.invoice(self.other_customer, due="2026-02-01", amount=14)
        self.run_night()
        reminders = self.reminders.search([])
        states = {r.commercial_partner_id: r.state for r in reminders}
        self.assertEqual(
            states, {self.customer: "failed", self.other_customer: "ready"}
        )
        run = self.env["ar.run"].search([("stage", "=", "dunning")])
        self.assertEqual((run.state, run.error_count), ("done", 1))
        self.assertEqual(run.counts, {"planned": 2, "failed": 1})

    def test_call_is_a_task_of_the_collector(self):
        self.customer.ar_collector_id = self.user_collector
        move = self.invoice(due="2026-02-01")
        self.done(self.prepare())
        with self.at("2026-03-03"):
            call = self.prepare()
            self.assertEqual((call.channel, call.state), ("call", "draft"))
            activity = call.activity_ids
            self.assertEqual(activity.user_id, self.user_collector)
            self.assertIn(move.name, activity.note)
            self.assertIn("When will the payment leave", activity.note)
            call.with_user(self.user_collector).action_done()
            self.assertEqual(call.state, "sent")
            self.assertFalse(call.activity_ids)

    def test_call_is_handed_over(self):
        colleague = self.new_user("colleague", "ar_ledger.ar_ledger_group_collector")
        scenario = self.new_scenario(("ring", 5, {"channel": "call"}))
        self.customer.ar_dunning_scenario_id = scenario
        for first, then in [
            (self.user_collector, colleague),
            (self.env["res.users"], colleague),
            (self.user_collector, self.env["res.users"]),
        ]:
            with self.subTest(first=first.login, then=then.login):
                customer = self.new_customer("Customer")
                customer.ar_dunning_scenario_id = scenario
                customer.ar_collector_id = first
                self.invoice(customer, due="2026-02-01", invoice_user_id=False)
                call = self.prepare(customer)
                self.assertEqual(call.activity_ids.user_id, first)
                call.with_user(self.user_collector).user_id = then
                self.assertEqual(call.activity_ids.user_id, then)
                self.assertEqual(len(call.activity_ids), len(then))

    def test_tasks_go_to_who_may_open_them(self):
        """A salesperson of another customer, one without a role: somebody else is
        told, or the run tells."""
        plain = self.new_user("plain", "base.group_user")
        calls = self.new_scenario(("ring", 5, {"channel": "call"}))
        notices = self.new_scenario(("tell", 5, {"channel": "notice"}))
        for scenario in calls, notices:
            for collector, manager, assigned in [
                (False, False, False),
                (self.user_collector, False, self.user_collector),
                (False, self.user_manager, self.user_manager),
                (plain, self.user_manager, self.user_manager),
            ]:
                customer = self.new_customer("Customer")
                customer.ar_dunning_scenario_id = scenario
                customer.ar_collector_id = collector
                self.company.ar_dunning_manager_id = manager
                self.invoice(customer, due="2026-02-01", invoice_user_id=plain.id)
                reminder = self.plan(customer)
                reminder.user_id = plain
                run = self.env["ar.run"].sudo()._ensure_runs(self.company)[0]
                errors = run.error_count
                self.reminders._prepare_planned(run, reminder)
                with self.subTest(scenario.step_ids.name, assigned=assigned):
                    user = reminder.activity_ids.user_id
                    self.assertEqual(user, assigned or self.env["res.users"])
                    self.assertEqual(run.error_count - errors, 0 if assigned else 1)

    def test_notice_to_the_salesperson(self):
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("tell", 5, {"channel": "notice", "responsible": "salesperson"})
        )
        nobody = self.new_customer("Nobody's")
        nobody.ar_dunning_scenario_id = self.customer.ar_dunning_scenario_id
        self.invoice(due="2026-02-01", invoice_user_id=self.user_own.id)
        self.invoice(nobody, due="2026-02-01", invoice_user_id=False)
        told = self.prepare(self.customer)
        self.assertEqual(told.state, "sent")
        self.assertEqual(told.activity_ids.user_id, self.user_own)
        untold = self.prepare(nobody)
        self.assertEqual(untold.state, "failed")
        self.assertIn("nobody to tell", untold.failure)
