from datetime import date, timedelta

from odoo.tests import tagged

from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon

from .common import DisputeCommon

DUE = date(2026, 3, 2)
#: The steps of the scenario after the due date, by the day they are due.
LADDER = {"second": 5, "call": 7, "salesperson": 8}
LAST_DAY = 32


@tagged("post_install", "-at_install")
class TestLadder(DisputeCommon, DunningCommon):
    """A dispute never shortens the ladder nor jumps a step of it, day by day."""

    switches = {**DunningCommon.switches, **DisputeCommon.switches}

    def climb(self, opened, decided, grace):
        """Live through the days; return {step: day on which it was taken}.

        :param int opened: days after the due date on which a dispute is opened, before
            the night of that day; none for no dispute
        :param int decided: when it is decided
        """
        self.company.ar_dispute_grace_days = grace
        customer = self.new_customer("Climber", email="climber@example.com")
        move = self.invoice(customer, due=DUE)
        taken, dispute = {}, None
        for day in range(LAST_DAY):
            with self.at(DUE + timedelta(days=day)):
                if day == opened:
                    dispute = self.dispute(move)
                if dispute and day == decided:
                    dispute.action_accept()
                for reminder in self.prepare(customer):
                    self.assertNotIn(reminder.step_key, taken, "never twice")
                    taken[reminder.step_key] = day
                    self.done(reminder)
        return taken

    def expect(self, opened, decided, grace):
        """A step is late by the days that stood still before it; the due date itself
        is no day overdue that could stand still."""
        still = decided - max(opened, 1) + grace
        return {
            step: day + still if day >= opened else day for step, day in LADDER.items()
        }

    def test_without_a_dispute(self):
        self.assertEqual(self.climb(None, None, 3), LADDER)

    def test_with_a_dispute(self):
        for opened, decided, grace in (
            (0, 10, 3),
            (4, 5, 0),
            (5, 12, 3),
            (6, 20, 2),
            (7, 7, 1),
            (8, 9, 5),
            (9, 15, 3),
        ):
            with self.subTest(opened=opened, decided=decided, grace=grace):
                taken = self.climb(opened, decided, grace)
                self.assertEqual(list(taken), list(LADDER), "in this order, all")
                self.assertEqual(taken, self.expect(opened, decided, grace))
