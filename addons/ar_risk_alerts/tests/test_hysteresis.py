from odoo.tests import tagged

from .common import RiskCommon


@tagged("post_install", "-at_install")
class TestHysteresis(RiskCommon):
    """Opens above 1,000 (more than 30 days overdue), closes at 500 (overdue at all)."""

    def test_between_the_thresholds_nothing_changes(self):
        """What is owed goes down and up again; (step, amount owed then, open?)."""
        path = [
            (900, 900, False),
            (100, 1000, False),
            (1, 1001, True),
            (-401, 600, True),
            (-99, 501, True),
            (300, 801, True),
            (-301, 500, False),
            (400, 900, False),
            (200, 1100, True),
            (-1100, 0, False),
        ]
        owed = 0
        for change, total, is_open in path:
            if change > 0:
                self.overdue(change)
            else:
                self.pay_oldest(-change)
            owed += change
            self.assertEqual(owed, total)
            with self.subTest(owed=owed):
                self.evaluate()
                self.assertEqual(bool(self.open_alert()), is_open)
        self.assertEqual(len(self.alerts()), 2)

    def pay_oldest(self, amount):
        for item in self.items(
            self.env["account.move"].search([("partner_id", "=", self.customer.id)])
        ):
            paid = min(amount, item.amount_residual)
            if paid > 0:
                self.pay(item.move_id, paid)
                amount -= paid

    def test_items_that_are_a_day_overdue_keep_it_open(self):
        old = self.overdue(1200)
        self.evaluate()
        self.overdue(600, due="2026-03-01")
        self.pay(old)
        self.evaluate()
        self.assertTrue(self.open_alert(), "600 are overdue, more than the 500")
        self.rule.close_days = 5
        self.evaluate()
        self.assertFalse(self.open_alert(), "nothing is more than 5 days overdue")

    def test_cool_down(self):
        self.rule.cooldown_days = 5
        move = self.overdue(1200)
        self.evaluate()
        self.pay(move)
        self.evaluate()
        self.overdue(1300)
        for day, opens in (
            ("2026-03-02", False),
            ("2026-03-07", False),
            ("2026-03-08", True),
        ):
            with self.subTest(day=day), self.at(day):
                self.evaluate()
                self.assertEqual(bool(self.open_alert()), opens)

    def test_whatever_opens_stays_open(self):
        """A rule never closes in the run that opened it, nor flaps from day to day."""
        for open_days, open_amount, close_days, close_amount in (
            (30, 1000, 30, 1000),
            (30, 1000, 0, 0),
            (0, 0, 0, 0),
            (59, 1199, 10, 1199),
        ):
            customer = self.new_customer("Flapper")
            self.overdue(1200, customer)
            self.rule.write(
                {
                    "open_days": open_days,
                    "open_amount": open_amount,
                    "close_days": close_days,
                    "close_amount": close_amount,
                }
            )
            with self.subTest(open_days=open_days, open_amount=open_amount):
                for _run in range(4):
                    self.evaluate()
                    self.assertEqual(len(self.alerts(customer)), 1)
                    self.assertTrue(self.open_alert(customer))
