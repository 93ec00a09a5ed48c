from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCase

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPaymentPlan(PromiseCommon, MailCase):
    """Three instalments of 100 on 10 March, April and May. Today is 2 March 2026; a
    plan is broken after two missed instalments, or 15 days late."""

    MONTHS = ("2026-03-10", 100), ("2026-04-10", 100), ("2026-05-10", 100)

    def states(self, plan):
        return plan.promise_ids.sorted("date").mapped("state")

    def test_plan_suspends_the_items_till_its_end(self):
        old = self.invoice(amount=120, due="2026-01-20")
        new = self.invoice(amount=180, due="2026-02-20")
        plan = self.agree(new | old, *self.MONTHS)
        self.assertEqual(plan.state, "open")
        self.assertEqual((plan.amount, plan.instalment_count), (300, 3))
        self.assertEqual(plan.next_date, self.on("2026-03-10"))
        shares = [
            {line.move_id: line.amount for line in promise.line_ids}
            for promise in plan.promise_ids.sorted("date")
        ]
        self.assertEqual(shares, [{old: 100}, {old: 20, new: 80}, {new: 100}])
        for move in old, new:
            suspension = self.running(move)
            self.assertEqual(suspension.source_model, "ar.payment.plan")
            self.assertEqual(suspension.coverage, "all")
            self.assertEqual(suspension.date_until, self.on("2026-05-13"))
        self.assertEqual(set(self.states(plan)), {"open"})

    def test_what_is_no_plan(self):
        move = self.invoice(amount=300, due="2026-02-20")
        for name, instalments in [
            ("one instalment", [("2026-03-10", 300)]),
            ("more than is open", [("2026-03-10", 200), ("2026-04-10", 200)]),
            ("yesterday", [("2026-03-01", 150), ("2026-04-10", 150)]),
            ("nothing", [("2026-03-10", 300), ("2026-04-10", 0)]),
        ]:
            with self.subTest(name), self.assertRaises(UserError):
                self.agree(move, *instalments)
        two = move | self.invoice(due="2026-02-20")
        with self.assertRaisesRegex(UserError, "instalments come to"):
            self.agree(two, *self.MONTHS)
        self.agree(move, *self.MONTHS)
        with self.assertRaisesRegex(UserError, "Promised already"):
            self.promise(move, "2026-03-10")

    def test_kept_to_the_end(self):
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        for day, paid, states, state in [
            ("2026-03-09", 100, ["kept", "open", "open"], "open"),
            ("2026-04-12", 150, ["kept", "kept", "open"], "open"),
            ("2026-05-10", 50, ["kept", "kept", "kept"], "kept"),
        ]:
            with self.subTest(day), self.at(day):
                self.pay(move, paid, on=day)
                self.assertEqual(self.states(plan), states)
                self.assertEqual(plan.state, state)
        self.assertEqual(plan.amount_paid, 300)
        self.assertFalse(plan.next_date)

    def test_one_missed_instalment_is_borne(self):
        move = self.invoice(amount=300, due="2026-03-01")
        self.refresh()
        plan = self.agree(move, *self.MONTHS)
        with self.at("2026-03-14"):
            self.run_night()
            self.assertEqual(self.states(plan), ["broken", "open", "open"])
            self.assertEqual((plan.state, plan.missed_count), ("open", 1))
            self.assertTrue(self.running(move))
            self.assertFalse(self.reminders.search([]))
            task = plan.promise_ids.activity_ids
            self.assertEqual(task.user_id, self.user_collector)
            self.assertEqual(task.summary, "An instalment was missed")

    def test_broken_by_missed_instalments(self):
        move = self.invoice(amount=300, due="2026-03-01")
        self.refresh()
        plan = self.agree(move, *self.MONTHS)
        plan._by_code().late_max = 0
        with self.at("2026-03-14"):
            self.run_night()
        self.assertEqual(plan.state, "open")
        with self.at("2026-04-14"):
            self.run_night()
            self.assertEqual(plan.state, "broken")
            self.assertEqual(self.states(plan), ["broken", "broken", "cancelled"])
            self.assertFalse(self.running(move))
            self.assertEqual(plan.activity_ids.user_id, self.user_collector)
            # All items go on at once, one level only.
            reminder = self.reminders.search([])
            self.assertEqual(reminder.step_key, "second")
            self.done(reminder)
            self.assertGreater(self.item(move).next_date, self.on("2026-04-15"))

    def test_broken_by_days_late(self):
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        for day, state in [("2026-03-25", "open"), ("2026-03-26", "broken")]:
            with self.subTest(day), self.at(day):
                plan._evaluate()
                self.assertEqual(plan.state, state)
                self.assertEqual(bool(self.running(move)), state == "open")

    def test_broken_stays_broken_unless_paid_in_time(self):
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        with self.at("2026-03-26"):
            plan._evaluate()
            late = self.pay(move, 100, on="2026-03-26")
            self.assertEqual(plan.state, "broken", "paid too late")
            late.action_draft()
            self.pay(move, 100, on="2026-03-10")
            self.assertEqual(plan.state, "open", "matched late, dated in time")
            self.assertEqual(self.states(plan), ["kept", "open", "open"])
            self.assertEqual(self.running(move).source_model, "ar.payment.plan")

    def test_late_within_the_limits_is_kept_in_the_end(self):
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        with self.at("2026-03-20"):
            self.pay(move, 100, on="2026-03-20")
            self.assertEqual(self.states(plan), ["broken", "open", "open"])
            self.pay(move, 200, on="2026-03-20")
            self.assertEqual(self.states(plan), ["broken", "kept", "kept"])
            self.assertEqual(plan.state, "kept")

    def test_credit_note_shortens_the_plan(self):
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        self.credit(move, 150, "2026-03-05")
        self.assertEqual(self.states(plan), ["open", "open", "credited"])
        self.pay(move, 150, on="2026-03-05")
        self.assertEqual(self.states(plan), ["kept", "kept", "credited"])
        self.assertEqual(plan.state, "kept")
        self.assertEqual((plan.amount_paid, plan.amount_credited), (150, 150))

    def test_hook_gets_all_instalments_once(self):
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        seen = []

        def on_broken(model, promises):
            seen.append(promises)

        hook = "_on_promise_broken"
        with patch.object(type(self.promises), hook, on_broken):
            for day in "2026-03-14", "2026-03-26", "2026-03-27":
                with self.at(day):
                    plan._evaluate()
        self.assertEqual(
            [set(record.ids) for record in seen], [set(plan.promise_ids.ids)]
        )

    def test_printed_for_the_customer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.customer.lang = "fr_FR"
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        report = self.env["ir.actions.report"].with_user(self.user_collector)
        html, _kind = report._render_qweb_html(
            "ar_dunning_scenario.report_payment_plan", plan.ids
        )
        for text in move.name, "10/03/2026", "10/05/2026", "300,00":
            with self.subTest(text):
                self.assertIn(text, html.decode())

    def send(self, plan):
        """Send the plan as the composer does; return the message."""
        action = plan.with_user(self.user_collector).action_send()
        composer = self.env[action["res_model"]].with_user(self.user_collector)
        composer = composer.with_context(**action["context"]).create({})
        _mails, messages = composer._action_send_mail()
        return messages

    def test_sent_to_the_customer(self):
        """In the customer's language, with the instalments below the text that can be
        edited, and the plan attached."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(
            ["ar_dunning_scenario"], ["fr_FR"]
        )
        self.customer.lang = "fr_FR"
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        self.assertFalse(plan.sent_on)
        self.env.flush_all()
        with self.mock_mail_gateway():
            message = self.send(plan)
        self.assertTrue(plan.sent_on)
        self.assertEqual(message.partner_ids, self.customer)
        self.assertIn("échéancier", message.subject)
        self.assertNotIn("10/03/2026", message.body, "no table in the editable text")
        self.assertTrue(message.attachment_ids)
        [mail] = self._new_mails
        for text in "10/03/2026", "10/05/2026", "300,00", "Échéance":
            with self.subTest(text):
                self.assertIn(text, mail.body_html)

    def test_only_what_was_agreed_is_sent(self):
        self.company.ar_promise_approval_amount = 200
        plan = self.agree(self.invoice(amount=300, due="2026-02-20"), *self.MONTHS)
        with self.assertRaisesRegex(UserError, "agreed to"):
            plan.with_user(self.user_collector).action_send()
        with self.assertRaises(AccessError):
            plan.with_user(self.user_viewer).action_send()

    def test_approval_holds_for_the_instalments(self):
        self.company.ar_promise_approval_amount = 200
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, *self.MONTHS)
        self.assertEqual((plan.state, set(self.states(plan))), ("waiting", {"waiting"}))
        self.assertFalse(self.running(move))
        with self.assertRaises(UserError):
            plan.promise_ids[0].with_user(self.user_manager)._approve("Fine")
        plan.with_user(self.user_manager)._approve("Fine")
        self.assertEqual((plan.state, set(self.states(plan))), ("open", {"open"}))
        self.assertTrue(self.running(move))
        with self.assertRaises(UserError):
            plan.promise_ids[0].with_user(self.user_collector)._cancel("One only")
        plan.with_user(self.user_collector)._cancel("They pay at once")
        self.assertEqual(set(self.states(plan)), {"cancelled"})
        self.assertFalse(self.running(move))

    def test_a_long_plan_waits(self):
        move = self.invoice(amount=300, due="2026-02-20")
        plan = self.agree(move, ("2026-03-10", 150), ("2026-08-29", 150))
        self.assertEqual(plan.state, "open")
        plan.with_user(self.user_collector)._cancel("Another one")
        plan = self.agree(move, ("2026-03-10", 150), ("2026-08-30", 150))
        self.assertEqual(plan.state, "waiting")
