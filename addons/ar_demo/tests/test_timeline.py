from odoo.tests import tagged

from odoo.addons.ar_credit_limit.tests.common import CreditCommon
from odoo.addons.ar_dispute.tests.common import DisputeCommon
from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon


@tagged("post_install", "-at_install")
class TestTimeline(CreditCommon, DunningCommon, DisputeCommon):
    """One customer through all floors: what was decided and done, in one list."""

    switches = {
        **CreditCommon.switches,
        **DunningCommon.switches,
        **DisputeCommon.switches,
    }

    def live_through(self):
        """Limit, hold and release, a letter, a call, a dispute: a day each."""
        with self.at("2026-03-02"):
            self.grant(amount=1200.0)
            late = self.invoice(amount=500.0, date="2026-01-01", due="2026-02-01")
            self.done(self.prepare(self.customer))
        with self.at("2026-03-03"):
            hold = self.held(1500.0).ar_credit_hold_id
        with self.at("2026-03-04"):
            hold.with_user(self.user_manager)._release("Guarantee received")
        with self.at("2026-03-05"):
            call = self.prepare(self.customer)
            self.assertEqual(call.step_key, "call")
            call.with_user(self.user_collector).action_done()
        with self.at("2026-03-06"):
            self.dispute(late, amount=200.0)

    def test_all_in_one_list(self):
        self.live_through()
        customer = self.customer.with_user(self.user_viewer)
        action = customer.action_open_ar_events()
        events = self.env[action["res_model"]].with_user(self.user_viewer)
        events = events.search(action["domain"])
        dates = events.mapped("date")
        self.assertEqual(dates, sorted(dates, reverse=True), "newest first")
        told = [(event.kind, event.date.day) for event in reversed(events)]
        for expected in (
            ("credit_limit", 2),
            ("reminder", 2),
            ("credit_hold", 3),
            ("credit_release", 4),
            ("reminder", 5),
            ("dispute", 6),
        ):
            with self.subTest(expected):
                self.assertIn(expected, told)
        self.assertEqual(events.commercial_partner_id, customer)

    def test_each_opens_what_it_is_about(self):
        self.live_through()
        action = self.customer.action_open_ar_events()
        for event in self.env["ar.event"].search(action["domain"]):
            with self.subTest(event.text):
                opened = event.with_user(self.user_viewer).action_open_source()
                source = self.env[opened["res_model"]].with_user(self.user_viewer)
                source = source.browse(opened["res_id"])
                self.assertTrue(source.display_name)
                self.assertTrue(source.get_view(view_type="form")["arch"])
