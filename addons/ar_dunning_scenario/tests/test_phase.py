from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestPhase(DunningCommon):
    """The amicable phase ends with a decision, and what does not move is escalated.
    Today is 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.new_scenario(
            ("first", 5, {}), ("second", 15, {}), ("third", 25, {}), amicable_days=20
        )
        cls.customer.ar_dunning_scenario_id = cls.ladder

    def on(self, day):
        return fields.Date.from_string(day)

    def decide(self, item, user=None, **values):
        wizard = self.env["ar.dunning.item.decide"].with_user(
            user or self.user_collector
        )
        wizard = wizard.with_context(active_model=item._name, active_ids=item.ids)
        wizard.create({"reason": "Agreed by phone", **values}).action_decide()

    def shown(self, move):
        item = self.item(move)
        return (
            item.next_date and str(item.next_date),
            str(item.phase_end) if item.phase_end else False,
            item.must_decide,
        )

    def test_the_phase_ends_in_the_night(self):
        move = self.invoice(due="2026-02-25")
        self.refresh()
        self.assertEqual(self.shown(move), ("2026-03-02", "2026-03-17", False))
        for day in ["2026-03-02", "2026-03-12"]:
            with self.at(day):
                self.done(self.prepare(self.customer))
        self.assertEqual(self.shown(move), (False, "2026-03-17", False))
        with self.at("2026-03-17"):
            self.refresh()
            self.assertEqual(self.shown(move), (False, "2026-03-17", True))
        with self.at("2026-03-25"):
            self.assertFalse(self.plan(self.customer))
            before = self.facts_of(self.item(move))
            self.dunning_items._rebuild(self.company)
            self.assertEqual(self.facts_of(self.item(move)), before)
            self.assertTrue(self.item(move).must_decide)

    def test_decisions(self):
        """What comes next after each decision, and once its last day has passed."""
        for outcome, until, now, later in [
            ("extension", "2026-03-10", ("2026-03-02", "2026-03-11", False), True),
            ("plan", "2026-03-10", (False, "2026-03-11", False), True),
            ("dispute", "2026-03-10", (False, "2026-03-11", False), True),
            ("formal", False, ("2026-03-02", False, False), False),
            ("doubtful", False, (False, False, False), False),
            ("write_off", False, (False, False, False), False),
        ]:
            with self.subTest(outcome):
                move = self.invoice(due="2026-02-01")
                self.refresh()
                self.assertTrue(self.item(move).must_decide)
                user = self.user_manager
                self.decide(
                    self.item(move), user=user, outcome=outcome, date_until=until
                )
                self.assertEqual(self.shown(move), now)
                decision = self.env["ar.dunning.outcome"].search([], limit=1)
                self.assertEqual((decision.outcome, decision.user_id), (outcome, user))
                event = self.env["ar.event"].search(
                    [("kind", "=", "reminder")], limit=1
                )
                self.assertIn("Agreed by phone", event.text)
                with self.at("2026-03-11"):
                    self.refresh()
                    self.assertEqual(self.item(move).must_decide, later)
                self.pay(move)

    def test_a_suspended_item_is_not_to_decide(self):
        move = self.invoice(due="2026-02-01")
        suspension = self.suspend(move)
        self.refresh()
        self.assertFalse(self.item(move).must_decide)
        suspension._end("Settled")
        self.assertTrue(self.item(move).must_decide)

    def test_days_that_stood_still_do_not_count(self):
        move = self.invoice(due="2026-02-25")
        self.refresh()
        suspension = self.suspend(move)
        with self.at("2026-03-12"):
            suspension._end("Settled")
            self.assertEqual(self.item(move).phase_end, self.on("2026-03-27"))

    def test_a_new_due_date_forgets_the_decision(self):
        move = self.invoice(due="2026-02-01")
        self.refresh()
        self.decide(self.item(move), user=self.user_manager, outcome="write_off")
        self.receivable_lines(move).date_maturity = "2026-03-01"
        self.refresh()
        self.assertEqual(self.shown(move), ("2026-03-06", "2026-03-21", False))

    def test_a_step_by_decision_begins_the_phase_anew(self):
        move = self.invoice(due="2025-10-01")
        self.refresh()
        self.assertTrue(self.item(move).must_decide)
        second = self.ladder.step_ids[1]
        self.env["ar.dunning.placement"]._place(
            self.item(move), second, "Late", earliest=self.on("2026-03-05")
        )
        self.assertEqual(self.shown(move), ("2026-03-05", "2026-03-25", False))

    def test_no_phase_no_end(self):
        self.ladder.amicable_days = 0
        move = self.invoice(due="2025-02-01")
        self.refresh()
        self.assertEqual(self.shown(move), ("2026-03-02", False, False))
        with self.assertRaises(UserError):
            self.decide(self.item(move), outcome="formal")
        self.ladder.amicable_days = 30
        self.refresh()
        self.assertTrue(self.item(move).must_decide)

    def test_who_decides(self):
        move = self.invoice(due="2026-02-01")
        self.refresh()
        item = self.item(move)
        for user, values in [
            (self.user_viewer, {"outcome": "formal"}),
            (self.user_collector, {"outcome": "write_off"}),
            (self.user_collector, {"outcome": "doubtful"}),
        ]:
            with self.subTest(user.login, **values), self.assertRaises(AccessError):
                self.decide(item, user=user, **values)
        for until in (False, "2026-03-01"):
            with self.subTest(until=until), self.assertRaises(UserError):
                self.decide(item, outcome="extension", date_until=until)
        self.decide(item, outcome="formal")
        decision = self.env["ar.dunning.outcome"].search([])
        with self.assertRaises(AccessError):
            decision.write({"outcome": "plan"})

    def escalate(self):
        self.refresh()
        return self.env["ar.dunning.escalation"]._escalate(self.company)

    def test_escalated_by_age_and_without_progress(self):
        self.company.write(
            {
                "ar_dunning_manager_id": self.user_manager.id,
                "ar_dunning_old_days": 180,
                "ar_dunning_stagnation_days": 30,
            }
        )
        old = self.invoice(self.other_customer, due="2025-08-01")
        still = self.invoice(self.customer, due="2026-01-15")
        self.invoice(self.customer, due="2026-02-15")
        paid_in_part = self.invoice(self.customer, due="2026-01-15")
        self.pay(paid_in_part, amount=10)
        escalations = self.escalate()
        found = {(e.line_id.move_id, e.cause) for e in escalations}
        self.assertEqual(
            found, {(old, "age"), (old, "stagnation"), (still, "stagnation")}
        )
        tasks = self.env["mail.activity"].search(
            [("user_id", "=", self.user_manager.id), ("res_model", "=", "res.partner")]
        )
        customers = {self.customer.id, self.other_customer.id}
        self.assertEqual(set(tasks.mapped("res_id")), customers)
        self.assertFalse(self.escalate(), "once")
        with self.at("2026-04-15"):
            again = self.escalate()
            self.assertEqual(set(again.mapped("cause")), {"stagnation"})
        self.pay(old)
        self.assertEqual(
            (
                self.env["ar.dunning.escalation"].search([("is_open", "=", True)])
                & escalations
            ).line_id.move_id,
            still,
        )

    def test_what_is_left_alone_is_not_escalated(self):
        """Given up, or paused: nobody has to do anything about it."""
        self.company.ar_dunning_old_days = self.company.ar_dunning_stagnation_days = 10
        until = self.on("2026-03-20")

        def given_up(move):
            for outcome in ("formal", "write_off"):
                self.env["ar.dunning.outcome"]._decide(self.item(move), outcome, "No")

        def paused(*targets):
            def pause(move):
                pauses = self.env["ar.dunning.pause"].sudo()
                for target in targets:
                    pauses._pause(self.company, target, until, "Ill")

            return pause

        def taken_up_again(move):
            given_up(move)
            self.env["ar.dunning.outcome"]._decide(self.item(move), "formal", "Yes")

        # Of what was decided today, only the age counts; a pause is progress too.
        for act, now, later in [
            (given_up, set(), set()),
            (paused(self.customer), set(), {"age"}),
            (paused(self.ladder), set(), {"age"}),
            (paused(self.company), set(), {"age"}),
            (taken_up_again, {"age"}, {"stagnation"}),
        ]:
            with self.subTest(act.__name__), self.rolled_back():
                move = self.invoice(self.customer, due="2026-02-01")
                self.refresh()
                act(move)
                self.assertEqual(set(self.escalate().mapped("cause")), now)
                with self.at("2026-03-25"):
                    self.assertEqual(set(self.escalate().mapped("cause")), later)

    def test_a_step_is_progress(self):
        self.company.ar_dunning_stagnation_days = 10
        self.ladder.amicable_days = 0
        self.invoice(due="2026-02-10")
        self.done(self.prepare(self.customer))
        self.assertFalse(self.escalate())
        with self.at("2026-03-13"):
            self.assertTrue(self.escalate())

    def test_escalation_is_off_by_default_and_counted_by_the_run(self):
        self.invoice(due="2024-01-01")
        self.run_night()
        self.assertFalse(self.env["ar.dunning.escalation"].search([]))
        self.company.ar_dunning_old_days = 180
        with self.at("2026-03-03"):
            self.run_night()
            run = self.env["ar.run"].search([("stage", "=", "dunning")], limit=1)
            self.assertEqual(run.counts["escalated"], 1)

    def test_decisions_until_the_end_of_the_calendar(self):
        """A date far away is a date, also for the nights to come."""
        self.scenario.amicable_days = 3660
        move = self.invoice(due="2026-02-01")
        self.receivable_lines(move).date_maturity = "9999-12-30"
        self.refresh()
        self.assertFalse(self.item(move).phase_end)
        self.run_night()
        self.assertFalse(self.plan(self.customer))
