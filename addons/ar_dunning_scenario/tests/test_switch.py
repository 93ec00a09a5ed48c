from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestSwitch(DunningCommon):
    """Off is off: no rows, no work, no query."""

    two_companies = True

    def test_company_that_is_off_is_left_alone(self):
        self.switch_on(self.company_b, ar_ledger_active=True)
        self.company_b.ar_dunning_scenario_id = self.scenario
        move = self.invoice(due="2026-02-01", company=self.company_b)
        self.run_night()
        self.assertFalse(self.item(move))
        self.assertFalse(
            self.reminders.search([("company_id", "=", self.company_b.id)])
        )
        self.assertFalse(
            self.env["ar.run"].search(
                [("company_id", "=", self.company_b.id), ("stage", "=", "dunning")]
            )
        )

    def test_no_query_when_off(self):
        move = self.invoice(due="2026-02-01")
        suspension = self.suspend(move)
        self.company.ar_dunning_active = False
        self.env.flush_all()
        for name, read in [
            ("invoice", lambda: (move.ar_dunning_step_id, move.ar_dunning_date)),
            ("customer", lambda: self.customer.ar_dunning_date),
            ("suspension", lambda: suspension._after_change()),
        ]:
            with self.subTest(name):
                read()  # warms what core needs
                names = ["ar_dunning_step_id", "ar_dunning_date"]
                move.invalidate_recordset(names, flush=False)
                self.customer.invalidate_recordset(names, flush=False)
                with self.assertQueryCount(0):
                    read()

    def test_switching_off_drops_the_rows_and_on_brings_them_back(self):
        move = self.invoice(due="2026-03-02")
        self.refresh()
        before = self.facts_of(self.item(move))
        self.company.ar_dunning_active = False
        self.assertFalse(self.item(move))
        self.company.ar_dunning_active = True
        self.refresh()
        self.assertEqual(self.facts_of(self.item(move)), before)

    def test_nothing_old_leaves_when_switched_on_again(self):
        automatic = self.new_scenario(("mail", 5, {}))
        to_read = self.new_scenario(("mail", 5, {"mode": "confirm"}))
        for scenario, state in [(automatic, "cancelled"), (to_read, "draft")]:
            with self.subTest(state=state):
                customer = self.new_customer("Customer", email="a@example.com")
                customer.ar_dunning_scenario_id = scenario
                self.invoice(customer, due="2026-02-01")
                reminder = self.prepare(customer)
                self.company.ar_dunning_active = False
                self.assertEqual(reminder.state, state)
                self.company.ar_dunning_active = True
                again = self.prepare(customer)
                self.assertEqual(bool(again), state == "cancelled")

    def test_branches_follow_the_main_company(self):
        branch = self.new_branch()
        self.assertTrue(branch.ar_dunning_active)
        self.assertEqual(branch.ar_dunning_scenario_id, self.scenario)
        self.company.ar_dunning_active = False
        self.assertFalse(branch.ar_dunning_active)

    def test_hours_by_the_clock_of_the_company(self):
        """A customer without a country is where the company is."""
        self.invoice(due="2026-02-25")
        self.customer.country_id = False
        reminder = self.prepare(self.customer)
        for tz, moment, awake in [
            ("UTC", "2026-03-02 07:59:00", False),
            ("UTC", "2026-03-02 08:00:00", True),
            ("UTC", "2026-03-02 17:59:00", True),
            ("UTC", "2026-03-02 18:00:00", False),
            ("America/New_York", "2026-03-02 13:00:00", True),
            ("America/New_York", "2026-03-02 12:59:00", False),
            ("Asia/Tokyo", "2026-03-02 23:30:00", True),
        ]:
            with self.subTest(tz=tz, moment=moment), self.at(moment):
                self.company.partner_id.tz = tz
                self.env.registry.clear_cache()
                self.assertEqual(bool(reminder._filter_working()), awake)

    def test_the_first_run_is_read_however_it_was_switched_on(self):
        """Off for a year and on again: what piled up does not leave unread."""
        self.customer.ar_dunning_scenario_id = self.new_scenario(("mail", 5, {}))
        self.invoice(due="2025-06-01")
        company = self.company.with_user(self.env.ref("base.user_admin"))
        for first_run in False, "2024-01-01":
            with self.subTest(first_run=first_run):
                company.sudo().ar_dunning_first_run = first_run
                company.ar_dunning_active = False
                company.ar_dunning_active = True
                self.assertEqual(company.ar_dunning_start_date, company._ar_today())
                self.assertFalse(company.ar_dunning_first_run)
                reminder = self.prepare(self.customer)
                self.assertEqual((reminder.mode, reminder.state), ("confirm", "draft"))
                reminder.line_ids._close("cancelled", "Next")
                reminder._set_cancelled("Next")

    def test_switched_on_twice_is_switched_on_once(self):
        self.company.ar_dunning_active = True
        self.assertFalse(self.company.ar_dunning_start_date)
