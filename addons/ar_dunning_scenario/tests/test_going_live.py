from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestGoingLive(DunningCommon):
    """Dunning is switched on for a company full of old items. Today is 2 March 2026."""

    switches = {"ar_ledger_active": False, "ar_dunning_active": False}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.new_scenario(
            ("first", 5, {}),
            ("second", 20, {}),
            ("third", 40, {}),
            ("tell", 41, {"channel": "notice"}),
        )
        cls.company.ar_dunning_scenario_id = cls.ladder

    def wizard(self, user=None, **values):
        return (
            self.env["ar.dunning.going.live"]
            .with_user(user or self.user_manager)
            .create({"calendar_id": False, "daily_cap": 0, **values})
        )

    def old_customers(self, number, due="2025-10-01", amount=100):
        moves = self.env["account.move"]
        for index in range(number):
            customer = self.new_customer(f"C{index}", email=f"c{index}@example.com")
            moves |= self.invoice(customer, due=due, amount=amount + index)
        return moves

    def night(self):
        self.run_night()
        return self.reminders.search([("date", "=", self.company._ar_today())])

    def step(self, key):
        return self.ladder.step_ids.filtered(lambda step: step.step_key == key)

    def test_nothing_leaves_unconfirmed(self):
        """However the old items are treated, and night after night."""
        for decision in ["ladder", "step", "review"]:
            with self.subTest(decision):
                self.company.write({"ar_dunning_active": False})
                self.env["ar.run"].sudo().search([]).unlink()
                moves = self.old_customers(6)
                self.wizard(
                    old_decision=decision, old_step_id=self.step("second").id
                ).action_go_live()
                for day in range(2, 11):
                    with self.at(f"2026-03-{day:02}"):
                        self.night()
                states = self.reminders.search(
                    [("line_ids.move_id", "in", moves.ids)]
                ).mapped("state")
                expected = [] if decision == "review" else ["draft"] * 6
                self.assertEqual(states, expected)

    def copy_old_items(self, number):
        """Have so many customers with an old item each, copied by SQL from one that
        Odoo made: what a company brings along."""
        move = self.old_customers(1)
        self.env.flush_all()
        self.env.cr.execute(
            """
            CREATE TEMP TABLE copies ON COMMIT DROP AS
            SELECT number, nextval('res_partner_id_seq')::int AS partner_id,
                   nextval('account_move_id_seq')::int AS move_id
              FROM generate_series(1, %(number)s) number
            """,
            {"number": number},
        )
        for table, changed in (
            (
                "res_partner",
                {
                    "id": "copies.partner_id",
                    "commercial_partner_id": "copies.partner_id",
                    "email": "'old' || number || '@example.com'",
                    "email_normalized": "'old' || number || '@example.com'",
                },
            ),
            (
                "account_move",
                {
                    "id": "copies.move_id",
                    "name": "'OLD/' || number",
                    "sequence_number": "1000 + number",
                    "partner_id": "copies.partner_id",
                    "commercial_partner_id": "copies.partner_id",
                },
            ),
            (
                "account_move_line",
                {
                    "id": "nextval('account_move_line_id_seq')",
                    "move_id": "copies.move_id",
                    "move_name": "'OLD/' || number",
                    "partner_id": "copies.partner_id",
                },
            ),
        ):
            self.copy_rows(table, changed, move)
        self.env.invalidate_all()

    def copy_rows(self, table, changed, move):
        """Copy the rows of a table that belong to a move for all of ``copies``."""
        of_move = {
            "res_partner": "source.id = %(partner)s",
            "account_move": "source.id = %(move)s",
            "account_move_line": "source.move_id = %(move)s",
        }
        self.env.cr.execute(
            """SELECT column_name FROM information_schema.columns
                WHERE table_name = %s AND is_generated = 'NEVER'""",
            [table],
        )
        names = [name for (name,) in self.env.cr.fetchall()]
        values = [changed.get(name, f'source."{name}"') for name in names]
        columns = ", ".join(f'"{name}"' for name in names)
        self.env.cr.execute(
            f"INSERT INTO {table} ({columns}) SELECT {', '.join(values)}"
            f"  FROM {table} source, copies WHERE {of_move[table]}",
            {"partner": move.partner_id.id, "move": move.id},
        )

    def test_five_thousand_old_items(self):
        """None of them is written to before somebody has read and confirmed it, and no
        more than the cap are even proposed a day."""
        self.copy_old_items(5000)
        self.wizard(old_decision="ladder", daily_cap=40).action_go_live()
        items = self.dunning_items.search([("company_id", "=", self.company.id)])
        self.assertEqual(len(items), 5001)
        for day in range(2, 5):
            with self.at(f"2026-03-{day:02}"):
                tonight = self.night()
                self.assertEqual(len(tonight), 40)
        reminders = self.reminders.search([])
        self.assertEqual(set(reminders.mapped("state")), {"draft"})
        with self.at("2026-03-04 10:00:00"):
            self.assertFalse(self.reminders._get_deliverable())

    def test_the_first_run_is_confirmed_then_it_goes_by_itself(self):
        self.wizard(old_decision="ladder").action_go_live()
        young = self.invoice(due="2026-02-25")
        young.partner_id.email = "young@example.com"
        first = self.night()
        self.assertEqual((first.mode, first.state), ("confirm", "draft"))
        first.action_confirm()
        first._set_sent()
        with self.at("2026-03-17"):
            second = self.night()
            self.assertEqual((second.step_key, second.state), ("second", "ready"))
        with self.at("2026-03-12"):
            self.invoice(self.other_customer, date="2026-03-12", due="2026-03-03")
            with_new = self.night()
            self.assertEqual(with_new.state, "ready", "due after the start")

    def test_colleagues_are_not_told_in_the_first_run(self):
        self.wizard(
            old_decision="step", old_step_id=self.step("tell").id, grace_days=0
        ).action_go_live()
        self.old_customers(2)
        self.company.ar_dunning_active = False
        self.wizard(
            old_decision="step", old_step_id=self.step("tell").id, grace_days=0
        ).action_go_live()
        self.assertFalse(self.night())

    def test_start_at_a_step_with_grace(self):
        old, young = self.old_customers(1), self.invoice(due="2026-02-25")
        self.wizard(
            old_decision="step", old_step_id=self.step("third").id, grace_days=10
        ).action_go_live()
        self.assertEqual(self.item(old).next_step_id, self.step("third"))
        self.assertEqual(str(self.item(old).next_date), "2026-03-12")
        self.assertEqual(self.item(young).next_step_id, self.step("first"))

    def test_review_list(self):
        old = self.old_customers(3)
        self.wizard(old_decision="review").action_go_live()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_dunning_review_action"
        )
        suspensions = self.env["ar.suspension"].search(
            [
                ("source_model", "=", "res.company"),
                ("kind", "=", "pause"),
                ("state", "=", "running"),
            ]
        )
        self.assertIn("running", action["domain"])
        self.assertEqual(suspensions.line_id.move_id, old)
        suspensions[0].with_user(self.user_collector).action_end()
        item = self.item(suspensions[0].line_id.move_id)
        self.assertEqual(item.next_step_id, self.step("first"))

    def test_nothing_before_the_start(self):
        self.old_customers(1)
        self.wizard(old_decision="ladder", start_date="2026-03-04").action_go_live()
        for day, planned in [("2026-03-02", 0), ("2026-03-03", 0), ("2026-03-04", 1)]:
            with self.subTest(day), self.at(day):
                self.assertEqual(len(self.night()), planned)

    def test_so_many_customers_a_day_largest_and_oldest_first(self):
        moves = self.old_customers(5)
        self.wizard(old_decision="ladder", daily_cap=2).action_go_live()
        asked = []
        for day in ["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05"]:
            with self.at(day):
                asked.append(self.night().line_ids.move_id)
        self.assertEqual([len(of_day) for of_day in asked], [2, 2, 1, 0])
        self.assertEqual(asked[0], moves[-2:])

    def test_a_second_run_of_the_day_keeps_the_cap(self):
        self.old_customers(5)
        self.wizard(old_decision="ladder", daily_cap=2).action_go_live()
        self.assertEqual(len(self.night()), 2)
        self.refresh()
        self.assertFalse(self.reminders._plan_capped(self.company))

    def test_preview_changes_nothing(self):
        self.old_customers(3)
        self.invoice(due="2026-03-20", amount=7)
        wizard = self.wizard(old_decision="step", old_step_id=self.step("third").id)
        wizard.action_preview()
        self.assertFalse(self.company.ar_dunning_active)
        self.assertFalse(self.dunning_items.search([]))
        self.assertFalse(self.env["ar.dunning.placement"].search([]))
        self.assertRecordValues(
            wizard.line_ids,
            [
                {
                    "step_id": self.step("first").id,
                    "item_count": 1,
                    "customer_count": 1,
                    "soon_count": 0,
                    "amount": 7,
                },
                {
                    "step_id": self.step("third").id,
                    "item_count": 3,
                    "customer_count": 3,
                    "soon_count": 3,
                    "amount": 303,
                },
            ],
        )
        before = [line.read(["item_count", "amount"])[0] for line in wizard.line_ids]
        wizard.action_preview()
        again = [line.read(["item_count", "amount"])[0] for line in wizard.line_ids]
        self.assertEqual(
            [(b["item_count"], b["amount"]) for b in before],
            [(a["item_count"], a["amount"]) for a in again],
        )
        wizard.action_go_live()
        event = self.env["ar.event"].search([("text", "like", "goes live")])
        counts = [row["item_count"] for row in event.figures["steps"]]
        self.assertEqual(counts, [1, 3])

    def test_opening_balances_are_offered(self):
        account = self.receivable_lines(self.invoice()).account_id
        entry = self.env["account.move"].create(
            {
                "move_type": "entry",
                "date": "2026-01-01",
                "line_ids": [
                    fields.Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "debit": 70,
                            "date_maturity": "2025-12-01",
                        }
                    ),
                    fields.Command.create(
                        {
                            "account_id": self.company_data[
                                "default_account_revenue"
                            ].id,
                            "credit": 70,
                        }
                    ),
                ],
            }
        )
        entry.action_post()
        wizard = self.wizard(old_decision="ladder")
        self.assertEqual(wizard.opening_count, 1)
        wizard.action_go_live()
        self.assertFalse(self.item(entry), "not chosen")
        wizard = self.wizard(old_decision="ladder")
        wizard.action_include_openings()
        wizard.action_go_live()
        self.assertTrue(self.item(entry))

    def test_switched_on_in_the_settings(self):
        self.env["res.config.settings"].create(
            {"ar_ledger_active": True, "ar_dunning_active": True}
        ).execute()
        self.assertTrue(self.company.ar_dunning_active)
        self.assertEqual(self.company.ar_dunning_start_date, self.company._ar_today())

    def test_who_and_when(self):
        with self.assertRaises(AccessError):
            self.wizard(user=self.user_collector)
        with self.assertRaises(UserError):
            self.wizard(start_date="2026-03-01").action_go_live()
        with self.assertRaises(UserError):
            self.wizard(old_decision="step").action_go_live()
