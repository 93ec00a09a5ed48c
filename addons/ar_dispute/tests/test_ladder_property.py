from datetime import timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import tagged

from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon

from .common import DisputeCommon
from .test_ladder import DUE, LADDER

#: A dispute, and after it others or the same one again: days of rest before, and days
#: until it is decided.
stays = st.lists(
    st.tuples(st.integers(0, 6), st.integers(0, 5)), min_size=1, max_size=3
)
common_settings = {
    "phases": (Phase.explicit, Phase.generate),
    "deadline": None,
    "database": None,
    "suppress_health_check": list(HealthCheck),
}


class LadderCommon(DisputeCommon, DunningCommon):
    """However often an item is disputed, decided and taken up again: no step comes
    early, none is jumped and none comes twice."""

    switches = {**DunningCommon.switches, **DisputeCommon.switches}

    def check(self, periods, grace):
        with self.rolled_back():
            self.company.ar_dispute_grace_days = grace
            customer = self.new_customer("Climber", email="climber@example.com")
            move = self.invoice(customer, due=DUE)
            begins, ends, day = set(), set(), 0
            for rest, length in periods:
                begins.add(day + rest)
                day += rest + length
                ends.add(day)
                day += 1
            taken = self.live(customer, move, begins, ends, day + grace * 3 + 12)
        self.assertEqual(list(taken), list(LADDER), "all, in this order")
        for step, taken_on in taken.items():
            self.assertGreaterEqual(taken_on, LADDER[step], "never early")
        days = list(taken.values())
        self.assertEqual(days, sorted(set(days)), "never two on one day")

    def live(self, customer, move, begins, ends, last_day):
        taken, dispute = {}, None
        for day in range(last_day):
            with self.at(DUE + timedelta(days=day)):
                if day in begins:
                    dispute = self.begin(move, dispute)
                if day in ends:
                    dispute.answer = "We looked into it"
                    dispute.action_reject()
                for reminder in self.prepare(customer):
                    self.assertFalse(self.items(move).suspension_kind)
                    self.assertNotIn(reminder.step_key, taken, "never twice")
                    taken[reminder.step_key] = day
                    self.done(reminder)
        return taken

    def begin(self, move, dispute):
        if not dispute:
            return self.dispute(move)
        dispute._reopen("Something is new")
        return dispute


@tagged("post_install", "-at_install")
class TestLadderProperty(LadderCommon):
    @settings(max_examples=3, derandomize=True, **common_settings)
    @given(periods=stays, grace=st.integers(0, 3))
    def test_random_disputes(self, periods, grace):
        self.check(periods, grace)


@tagged("post_install", "-at_install", "slow")
class TestLadderPropertyDeep(LadderCommon):
    @settings(max_examples=60, print_blob=True, **common_settings)
    @given(periods=stays, grace=st.integers(0, 3))
    def test_random_disputes(self, periods, grace):
        self.check(periods, grace)
