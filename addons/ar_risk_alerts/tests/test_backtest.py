"""The back-test: its measures, and that nothing is judged by what came later."""

import doctest
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, Form, tagged

from odoo.addons.ar_risk_alerts.tools import backtest

from .score_common import ScoreCommon

pairs = st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=40)


@tagged("post_install", "-at_install")
class TestBacktestArithmetic(BaseCase):
    def test_examples_of_the_docstrings(self):
        self.assertFalse(doctest.testmod(backtest).failed)

    @settings(deadline=None)
    @given(pairs)
    def test_auc_by_counting_all_pairs(self, pairs):
        late = [points for points, is_late in pairs if is_late]
        punctual = [points for points, is_late in pairs if not is_late]
        if not late or not punctual:
            self.assertIsNone(backtest.auc(pairs))
            return
        won = sum(
            1.0 if one > other else 0.5 if one == other else 0.0
            for one in late
            for other in punctual
        )
        expected = won / (len(late) * len(punctual))
        self.assertAlmostEqual(backtest.auc(pairs), expected)


@tagged("post_install", "-at_install")
class TestBacktest(ScoreCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.punctual = cls.new_customer("Punctual")
        cls.late = cls.new_customer("Late")
        for month in ("06", "07", "08", "09", "10"):
            cls.paid(0, due=f"2025-{month}-01", partner=cls.punctual)
            cls.paid(40, due=f"2025-{month}-01", partner=cls.late)
        # The quarter that is foreseen from 1 December: both go on as before.
        cls.paid(1, due="2025-12-15", partner=cls.punctual, amount=200)
        cls.paid(42, due="2025-12-15", partner=cls.late, amount=300)

    def run_backtest(self, **values):
        backtests = self.env["ar.risk.backtest"].with_user(self.user_manager)
        test = backtests.create({"date_from": "2025-12-01", **values})
        test.action_run()
        return test

    def test_foreseen(self):
        result = self.run_backtest().result
        now = result["now"]
        self.assertEqual((now["customers"], now["late_customers"]), (2, 1))
        self.assertEqual(now["auc"], 1.0)
        self.assertEqual(now["worst_share"], 1.0)
        self.assertEqual([row["customers"] for row in now["classes"]], [1, 0, 1])
        self.assertIsNone(result["tried"])

    def test_dates_against_the_naive_ways(self):
        dates = self.run_backtest().result["dates"]
        self.assertEqual(dates["payments"], 2)
        self.assertEqual(dates["due_date"], (1 + 42) / 2)
        self.assertEqual(dates["own_average"], (1 + 2) / 2)
        self.assertLess(dates["habit"], dates["due_date"])

    def test_nothing_is_judged_by_what_came_later(self):
        """That the punctual one pays late from now on was not known then."""
        before = self.run_backtest().result["now"]
        self.paid(60, due="2025-12-20", partner=self.punctual, amount=1000)
        after = self.run_backtest().result["now"]
        self.assertEqual(before["auc"], 1.0)
        self.assertEqual(after["late_customers"], 2)
        self.assertEqual(after["worst_share"], 300 / 1300, "shown though it is poor")
        self.assertEqual(
            [row["customers"] for row in after["classes"]],
            [row["customers"] for row in before["classes"]],
        )

    def test_too_early_to_say(self):
        """What fell due ten days ago had no fifteen days to be late."""
        self.invoice(self.punctual, 500, date="2026-01-20", due="2026-02-20")
        result = self.run_backtest().result
        self.assertEqual(result["now"]["late_customers"], 1)
        self.assertEqual(result["unpaid"], 1)

    def test_another_weight_has_an_effect_and_is_kept(self):
        test = self.run_backtest()
        kinds = {line.criterion_id.kind: line for line in test.weight_ids}
        for kind, line in kinds.items():
            line.weight = 10.0 if kind == "relation_age" else 0.0
        test.action_run()
        self.assertEqual(test.result["tried"]["auc"], 0.5, "both are as old")
        self.assertEqual(test.result["now"]["auc"], 1.0)
        self.assertIn("0.50", test.result_html)
        criterion = kinds["days_late"].criterion_id
        self.assertEqual(criterion.weight, 30.0, "only tried")
        test.action_apply()
        self.assertEqual(criterion.weight, 0.0)

    def test_nothing_to_compare(self):
        test = self.run_backtest(date_from="2024-01-01", date_until="2024-04-01")
        self.assertEqual(test.result["now"]["customers"], 0)
        self.assertIn("Nothing to compare", test.result_html)

    def test_days_that_make_no_sense(self):
        for values in (
            {"date_until": "2026-03-03"},
            {"date_from": "2026-02-20"},
            {"late_days": -1},
            {"late_share": 101},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                self.run_backtest(**values)

    def test_for_credit_managers(self):
        for user in (self.user_own, self.user_viewer, self.user_collector):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.env["ar.risk.backtest"].with_user(user).create({})
        form = Form(self.env["ar.risk.backtest"].with_user(self.user_manager))
        self.assertEqual(form.date_from, date(2025, 12, 1))
        self.assertEqual(len(form.weight_ids), 10)
