from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestDecisions(DunningCommon):
    """Moving, postponing and pausing, with a reason. Today is 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.new_scenario(
            ("first", 5, {}), ("second", 10, {}), ("third", 15, {})
        )
        cls.customer.ar_dunning_scenario_id = cls.ladder

    def step(self, key):
        return self.ladder.step_ids.filtered(lambda step: step.step_key == key)

    def assertNext(self, move, step, date):
        item = self.item(move)
        expected = fields.Date.from_string(date) if date else False
        self.assertEqual((item.next_step_id.step_key, item.next_date), (step, expected))

    def decide(self, items, user=None, **values):
        wizard = self.env["ar.dunning.item.move"].with_user(user or self.user_collector)
        wizard = wizard.with_context(active_model=items._name, active_ids=items.ids)
        return wizard.create({"reason": "Agreed by phone", **values}).action_move()

    def events(self):
        return self.env["ar.event"].search([("text", "like", "Agreed by phone")])

    def test_forward(self):
        move = self.invoice(due="2026-02-24")
        self.refresh()
        self.decide(self.item(move), step_id=self.step("third").id, date="2026-03-20")
        self.assertNext(move, "third", "2026-03-20")
        self.assertEqual(len(self.events()), 1)
        self.assertEqual(self.events().user_id, self.user_collector)
        with self.at("2026-03-20"):
            self.done(self.prepare(self.customer))
            self.assertNext(move, False, None)

    def test_back_and_the_same_step_again(self):
        move = self.invoice(due="2026-02-10")
        for day in ["2026-03-02", "2026-03-03"]:
            with self.at(day):
                self.done(self.prepare(self.customer))
        with self.at("2026-03-04"):
            self.decide(self.item(move), step_id=self.step("first").id)
            self.assertNext(move, "first", "2026-03-04")
            again = self.prepare(self.customer)
            self.assertEqual(
                (again.line_ids.step_key, again.line_ids.occurrence), ("first", 1)
            )
            self.done(again)
            self.assertNext(move, "second", "2026-03-05")

    def test_what_was_prepared_is_taken_out(self):
        moved = self.invoice(due="2026-02-10", amount=100)
        other = self.invoice(due="2026-02-10", amount=10)
        reminder = self.prepare(self.customer)
        self.decide(self.item(moved), step_id=self.step("third").id, date="2026-03-09")
        self.assertEqual((reminder.state, reminder.amount_net), ("ready", 10))
        self.assertNext(moved, "third", "2026-03-09")
        self.decide(self.item(other), step_id=self.step("third").id, date="2026-03-09")
        self.assertEqual(reminder.state, "cancelled")
        self.assertFalse(self.plan(self.customer))

    def test_a_new_due_date_forgets_the_decision(self):
        move = self.invoice(due="2026-02-10")
        self.refresh()
        self.decide(self.item(move), step_id=self.step("third").id)
        self.receivable_lines(move).date_maturity = "2026-03-10"
        self.refresh()
        self.assertNext(move, "first", "2026-03-15")

    def test_rebuilt_the_same(self):
        move = self.invoice(due="2026-02-10")
        self.done(self.prepare(self.customer))
        self.decide(self.item(move), step_id=self.step("third").id, date="2026-03-09")
        before = self.facts_of(self.item(move))
        self.dunning_items._rebuild(self.company)
        self.assertEqual(self.facts_of(self.item(move)), before)

    def test_impossible_moves(self):
        move = self.invoice(due="2026-02-10")
        self.refresh()
        item = self.item(move)
        for values in [
            {"step_id": False},
            {"step_id": self.scenario.step_ids[0].id},
            {"decision": "postpone"},
            {"decision": "postpone", "date": "2026-03-02"},
        ]:
            with self.subTest(values), self.assertRaises(UserError):
                self.decide(item, **values)
        with self.assertRaises(AccessError):
            self.decide(item, user=self.user_viewer, step_id=self.step("third").id)
        placement = (
            self.env["ar.dunning.placement"]
            .sudo()
            ._place(item, self.step("third"), "Test")
        )
        with self.assertRaises(AccessError):
            placement.write({"reason": "Forged"})

    def test_postponed_is_suspended(self):
        move = self.invoice(due="2026-02-27")
        self.refresh()
        self.decide(self.item(move), decision="postpone", date="2026-03-10")
        suspension = self.env["ar.suspension"].search([("move_name", "=", move.name)])
        self.assertEqual(
            (suspension.kind, suspension.date_until, suspension.source_model),
            ("pause", fields.Date.from_string("2026-03-09"), "account.move"),
        )
        # Two days had counted; three are left after the eight that stand still.
        self.assertNext(move, "first", "2026-03-12")

    def pause(self, user=None, **values):
        wizard = self.env["ar.dunning.pause.start"].with_user(user or self.user_manager)
        wizard.create(
            {"reason": "Agreed by phone", "date_until": "2026-03-09", **values}
        ).action_pause()
        return self.env["ar.dunning.pause"].search([], limit=1)

    def test_pauses_of_every_kind(self):
        other = self.new_customer("Other", email="o@example.com")
        for values, concerned in [
            ({"target": "customer", "partner_ids": self.customer.ids}, [True, False]),
            ({"target": "scenario", "scenario_id": self.ladder.id}, [True, False]),
            ({"target": "company"}, [True, True]),
        ]:
            with self.subTest(values["target"]):
                moves = [
                    self.invoice(self.customer, due="2026-02-01"),
                    self.invoice(other, due="2026-02-01"),
                ]
                reminders = self.prepare()
                self.assertEqual(len(reminders), 2)
                pause = self.pause(**values)
                with self.at("2026-03-09"):
                    reminders._recheck()
                    for move, is_concerned in zip(moves, concerned, strict=True):
                        mine = reminders.filtered(
                            lambda r, m=move: m in r.line_ids.move_id
                        )
                        state = "cancelled" if is_concerned else "ready"
                        self.assertEqual(mine.state, state)
                    self.refresh()
                    self.assertEqual(bool(self.plan(self.customer)), not concerned[0])
                with self.at("2026-03-10"):
                    again = self.prepare()
                    self.assertEqual(bool(again), concerned[0])
                pause.action_resume()
                for move in moves:
                    self.pay(move)
                self.reminders.search([])._recheck()

    def test_queries_do_not_grow_with_customers(self):
        def count(number):
            customers = self.env["res.partner"]
            for index in range(number):
                customer = self.new_customer(f"C{index}")
                self.invoice(customer, due="2026-02-01")
                customers |= customer
            self.refresh()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["ar.dunning.pause"]._pause(
                self.company, customers, self.company._ar_today(), "Test"
            )
            self.env.flush_all()
            return self.env.cr.sql_log_count - before

        count(2)
        # How the updates of a flush are bundled may differ by one.
        self.assertAlmostEqual(count(20), count(2), delta=1)

    def test_items_that_come_during_a_pause(self):
        self.pause(target="customer", partner_ids=self.customer.ids)
        with self.at("2026-03-05"):
            move = self.invoice(due="2026-02-01")
            self.assertFalse(self.plan(self.customer))
            self.assertNext(move, "first", "2026-03-10")

    def test_days_of_a_pause_do_not_count_ever_after(self):
        move = self.invoice(due="2026-02-27")
        self.refresh()
        pause = self.pause(target="company")
        with self.at("2026-03-20"):
            self.refresh()
            self.assertEqual(self.item(move).days_counted, 21 - 8)
            self.dunning_items._rebuild(self.company)
            self.assertEqual(self.item(move).days_counted, 21 - 8)
            self.assertTrue(pause.is_over)

    def test_resumed_early(self):
        move = self.invoice(due="2026-02-01")
        self.refresh()
        pause = self.pause(target="customer", partner_ids=self.customer.ids)
        self.assertNext(move, "first", "2026-03-10")
        with self.at("2026-03-04"):
            pause.with_user(self.user_collector).action_resume()
            self.assertNext(move, "first", "2026-03-04")
            with self.assertRaises(UserError):
                pause.action_resume()

    def test_who_may_pause(self):
        for user, values in [
            (self.user_collector, {"target": "company"}),
            (
                self.user_collector,
                {"target": "scenario", "scenario_id": self.ladder.id},
            ),
            (self.user_viewer, {"partner_ids": self.customer.ids}),
        ]:
            with self.subTest(user.login, **values), self.assertRaises(AccessError):
                self.pause(user=user, **values)
        pause = self.pause(user=self.user_collector, partner_ids=self.customer.ids)
        with self.assertRaises(AccessError):
            pause.write({"date_until": "2030-01-01"})
        with self.assertRaises(AccessError):
            pause.unlink()
        with self.assertRaises(UserError):
            self.pause(partner_ids=self.customer.ids, date_until="2026-03-01")
        with self.assertRaises(UserError):
            self.pause(target="customer")
        self.assertEqual(len(self.events()), 1)

    def test_who_starts_a_pause_may_end_it(self):
        customers = [fields.Command.set(self.customer.ids)]
        for values, refused in [
            ({"target": "customer", "partner_ids": customers}, False),
            ({"target": "scenario", "scenario_id": self.scenario.id}, True),
            ({"target": "company"}, True),
        ]:
            with self.subTest(target=values["target"]):
                pause = self.pause(**values)
                if refused:
                    with self.assertRaises(AccessError):
                        pause.with_user(self.user_collector).action_resume()
                    self.assertFalse(pause.is_over)
                    pause.with_user(self.user_manager).action_resume()
                else:
                    pause.with_user(self.user_collector).action_resume()
                self.assertTrue(pause.is_over)
