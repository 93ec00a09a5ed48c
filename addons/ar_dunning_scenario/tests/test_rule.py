from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestRule(DunningCommon):
    """Which scenario is for whom. Today is 2 March 2026."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.france = cls.env.ref("base.fr")
        cls.abroad = cls.new_customer("Abroad", country_id=cls.france.id)

    def rule(self, sequence, customers=(), items=(), **values):
        return self.new_scenario(
            (f"s{sequence}", 3, {}),
            name=f"Rule {sequence}",
            sequence=sequence,
            customer_domain=str(list(customers)),
            item_domain=str(list(items)),
            **values,
        )

    def scenario_of(self, move):
        self.refresh()
        return self.item(move).scenario_id

    def test_own_then_first_rule_then_default(self):
        french = [("country_id", "=", self.france.id)]
        small = [("amount_residual", "<", 50)]
        by_country = self.rule(2, french)
        by_amount = self.rule(1, [], small)
        own = self.new_scenario(("own", 3, {}))
        move = self.invoice(self.abroad, due="2026-03-02")
        tiny = self.invoice(self.abroad, due="2026-03-02", amount=10)
        other = self.invoice(due="2026-03-02")
        for act, expected in [
            (lambda: None, (by_country, by_amount, self.scenario)),
            (lambda: by_country.write({"sequence": 0}), (by_country,) * 2),
            (lambda: by_country.write({"active": False}), (self.scenario, by_amount)),
            (
                lambda: self.abroad.write({"ar_dunning_scenario_id": own.id}),
                (own, own, self.scenario),
            ),
        ]:
            act()
            for item, scenario in zip((move, tiny, other), expected, strict=False):
                self.assertEqual(self.scenario_of(item), scenario)

    def test_kinds_of_rules(self):
        tag = self.env["res.partner.category"].create({"name": "Public"})
        risky = self.env["ar.risk.class"].search([], limit=1)
        self.abroad.write({"category_id": tag.ids, "lang": "en_US"})
        self.abroad.ar_risk_class_id = risky
        move = self.invoice(self.abroad, due="2026-02-20", amount=500)
        other = self.invoice(due="2026-03-02", amount=50)
        for customers, items in [
            ([("category_id", "in", tag.ids)], []),
            ([("category_id.name", "=", "Public")], []),
            ([("country_id.code", "=", "FR")], []),
            ([("ar_risk_class_id", "=", risky.id)], []),
            ([("ar_total_overdue", ">", 100)], []),
            ([], [("amount_residual", ">", 100)]),
            ([], [("days_overdue", ">", 3)]),
            ([], [("move_id.partner_id.country_id", "=", self.france.id)]),
            ([("is_company", "=", True)], [("amount_residual", ">=", 500)]),
            (["|", ("name", "=", "Abroad"), ("name", "=", "X")], []),
        ]:
            with self.subTest(customers=customers, items=items):
                scenario = self.rule(1, customers, items)
                self.assertEqual(self.scenario_of(move), scenario)
                self.assertEqual(self.scenario_of(other), self.scenario)
                self.assertEqual(scenario.match_customer_count, 1)
                self.assertEqual(scenario.match_item_count, 1)
                scenario.active = False

    def test_rules_of_other_companies_do_not_count(self):
        self.rule(1, [("is_company", "=", True)], company_id=self.company_b.id)
        everywhere = self.rule(2, [("is_company", "=", True)])
        move = self.invoice(due="2026-03-02")
        self.assertEqual(self.scenario_of(move), everywhere)

    def test_nonsense_is_refused(self):
        for customers, items in [
            ("[('no_such_field', '=', 1)]", "[]"),
            ("[]", "[('no_such_field', '=', 1)]"),
            ("[('name', '=', uid)]", "[]"),
            ("nonsense", "[]"),
            ("{}", "[]"),
            ("[('id', '=', 'abc')]", "[]"),
            ("[]", "[('days_overdue', '>', 'many')]"),
        ]:
            with self.subTest(customers, items=items):
                with self.assertRaises(ValidationError):
                    self.new_scenario(customer_domain=customers, item_domain=items)

    def test_a_broken_rule_chases_nobody_wrongly(self):
        first = self.rule(1, [("country_id", "=", self.france.id)])
        broken = self.rule(2, [("name", "=", "X")])
        own = self.new_scenario(("own", 3, {}))
        self.other_customer.ar_dunning_scenario_id = own
        by_default = self.invoice(due="2026-03-02")
        by_rule = self.invoice(self.abroad, due="2026-03-02")
        by_hand = self.invoice(self.other_customer, due="2026-03-02")
        self.env.cr.execute(
            "UPDATE ar_dunning_scenario SET customer_domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", broken.id],
        )
        broken.invalidate_recordset()
        self.assertEqual(self.scenario_of(by_rule), first)
        self.assertEqual(self.scenario_of(by_hand), own)
        self.assertFalse(self.scenario_of(by_default))
        self.assertIn("gone", broken.rule_problem)
        self.run_night()
        run = self.env["ar.run"].search([("stage", "=", "dunning")])
        self.assertEqual((run.state, run.error_count), ("done", 1))
        self.assertIn("Rule 2", run.errors_text)

    def test_a_broken_rule_leaves_what_there_is(self):
        """Items stay with their scenario, and nobody's draft is cancelled."""
        move = self.invoice(due="2026-02-01")
        reminder = self.prepare(self.customer)
        broken = self.rule(2, [("name", "=", "X")])
        self.env.cr.execute(
            "UPDATE ar_dunning_scenario SET item_domain = %s WHERE id = %s",
            ["[('gone', '=', 1)]", broken.id],
        )
        broken.invalidate_recordset()
        late = self.invoice(due="2026-02-01")
        self.run_night()
        self.assertEqual(self.item(move).scenario_id, self.scenario)
        self.assertFalse(self.item(late), "nobody knows by which")
        self.assertEqual(
            (reminder.state, reminder.line_ids.state), ("ready", "planned")
        )
        self.pay(move)
        self.refresh()
        self.assertFalse(self.item(move), "paid is paid")

    def test_customers_without_scenario(self):
        self.company.ar_dunning_scenario_id = self.rule(
            1, [("country_id", "=", self.france.id)]
        )
        self.company.ar_dunning_scenario_id = False
        self.invoice(self.abroad, due="2026-03-02")
        self.invoice(due="2026-03-02")
        without = self.env["res.partner"].search([("ar_without_scenario", "=", True)])
        self.assertEqual(without, self.customer)
        self.assertTrue(self.customer.ar_without_scenario)
        self.assertFalse(self.abroad.ar_without_scenario)
        self.abroad.ar_dunning_scenario_id = self.rule(9, active=False)
        self.env.invalidate_all()
        self.assertTrue(self.abroad.ar_without_scenario, "by an archived one")
        self.company.ar_dunning_active = False
        self.assertFalse(
            self.env["res.partner"].search([("ar_without_scenario", "=", True)])
        )

    def test_assigned_by_hand_with_a_reason(self):
        own = self.new_scenario(("own", 3, {}))
        move = self.invoice(due="2026-03-02")
        self.refresh()
        wizard = self.env["ar.dunning.scenario.assign"]
        with self.assertRaises(AccessError):
            wizard.with_user(self.user_viewer).create(
                {"partner_ids": self.customer.ids, "reason": "No"}
            )
        wizard.with_user(self.user_collector).create(
            {
                "partner_ids": self.customer.ids,
                "scenario_id": own.id,
                "reason": "New management",
            }
        ).action_assign()
        self.assertEqual(self.customer.ar_dunning_scenario_id, own)
        self.assertEqual(self.item(move).scenario_id, own)
        self.assertEqual(self.item(move).next_step_id, own.step_ids)
        event = self.env["ar.event"].search([("kind", "=", "reminder")], limit=1)
        self.assertIn("New management", event.text)
        self.assertEqual(event.user_id, self.user_collector)
        with Form(self.customer.with_user(self.user_collector)) as form:
            with self.assertRaises(AssertionError):  # by the wizard, with a reason
                form.ar_dunning_scenario_id = self.scenario

    def test_no_scenario_of_another_company(self):
        foreign = self.new_scenario(("own", 3, {}), company_id=self.company_b.id)
        wizard = self.env["ar.dunning.scenario.assign"].create(
            {
                "partner_ids": self.customer.ids,
                "scenario_id": foreign.id,
                "reason": "Why not",
            }
        )

        def by_default():
            self.company.ar_dunning_scenario_id = foreign

        def on_the_customer():
            self.customer.ar_dunning_scenario_id = foreign

        for act in by_default, on_the_customer, wizard.action_assign:
            with self.subTest(act.__name__), self.assertRaises(ValidationError):
                act()

    def test_in_use_elsewhere_it_cannot_be_given_away(self):
        scenario = self.new_scenario(("own", 3, {}))

        def of_the_company():
            self.company.ar_dunning_scenario_id = scenario

        def of_a_customer():
            self.customer.ar_dunning_scenario_id = scenario

        for use in of_the_company, of_a_customer:
            with self.subTest(use.__name__), self.rolled_back():
                use()
                scenario.company_id = self.company
                with self.assertRaises(ValidationError):
                    scenario.company_id = self.company_b
        scenario.company_id = self.company_b

    def test_queries_do_not_grow_with_customers(self):
        self.rule(
            1, [("country_id", "=", self.france.id)], [("amount_residual", ">", 5)]
        )

        def count(customers):
            for number in range(customers):
                self.invoice(self.new_customer(f"C{number}"), due="2026-03-02")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.dunning_items._sync_with_books(self.company)
            return self.env.cr.sql_log_count - before

        count(1)
        self.assertEqual(count(1), count(20))
