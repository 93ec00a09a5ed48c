from odoo.tests import HttpCase, tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestCollectorTour(DunningCommon, HttpCase):
    """The day of a collector, in a real browser. Today is 2 March 2026."""

    def test_collector_works_the_list(self):
        user = self.new_user("collecting", "account.group_account_invoice")
        user.password = user.login
        scenario = self.new_scenario(
            ("second", 5, {"mode": "confirm"}), ("third", 20, {})
        )
        self.customer.name = "Tour Wholesale"
        retail = self.new_customer("Tour Retail", email="retail@example.com")
        nameless = self.new_customer("Tour Nameless")
        for customer in self.customer | retail | nameless:
            customer.ar_dunning_scenario_id = scenario
        large = self.invoice(amount=1000, due="2026-02-01")
        small = self.invoice(amount=50, due="2026-02-01")
        coming = self.invoice(retail, amount=80, due="2026-02-28")
        self.invoice(nameless, amount=10, due="2026-02-25")
        reminders = self.prepare()
        mine = reminders.filtered(lambda r: r.commercial_partner_id == self.customer)
        unreached = reminders.filtered(lambda r: r.commercial_partner_id == nameless)
        self.assertEqual(unreached.state, "failed")
        url = "/odoo/action-ar_dunning_scenario.ar_dunning_reminder_action"
        self.start_tour(url, "ar_dunning_collector_day", login=user.login)
        self.assertEqual((mine.state, mine.subject), ("ready", "Please look at these"))
        lines = {line.move_id: line.state for line in mine.line_ids}
        self.assertEqual(lines, {large: "planned", small: "skipped"})
        # Three days were missing until the step, and still are after the pause.
        self.assertEqual(str(self.item(coming).next_date), "2026-03-23")


@tagged("post_install", "-at_install")
class TestGoingLiveTour(DunningCommon, HttpCase):
    """An administrator of the accounts goes live, in a real browser."""

    switches = {"ar_ledger_active": False, "ar_dunning_active": False}

    def test_going_live(self):
        user = self.new_user("going_live", "account.group_account_manager")
        user.password = user.login
        self.company.ar_dunning_scenario_id = False
        self.new_scenario(("first", 5, {}), ("second", 20, {})).name = "Tour Ladder"
        self.customer.name = "Tour Wholesale"
        self.invoice(amount=777, due="2026-02-20")
        url = "/odoo/action-ar_dunning_scenario.ar_dunning_item_action"
        self.start_tour(url, "ar_dunning_going_live", login=user.login)
        self.assertTrue(self.company.ar_dunning_active)
        self.assertEqual(self.company.ar_dunning_daily_cap, 10)
        reminder = self.reminders.search([("company_id", "=", self.company.id)])
        self.assertEqual((reminder.state, reminder.mode), ("draft", "confirm"))
