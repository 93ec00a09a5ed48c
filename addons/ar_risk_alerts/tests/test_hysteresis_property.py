"""No flapping: the memory of a rule as properties, and SQL against it."""

import doctest
from datetime import date, timedelta

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.ar_risk_alerts.tools import hysteresis
from odoo.addons.ar_risk_alerts.tools.hysteresis import State, Thresholds, step

from .common import RiskCommon

FIRST = date(2026, 3, 2)
thresholds = st.tuples(
    st.integers(0, 100), st.integers(0, 100), st.integers(0, 10)
).map(lambda each: Thresholds(max(each[:2]), min(each[:2]), each[2]))
measures = st.lists(st.integers(0, 120), max_size=40)
examples = settings(deadline=None, max_examples=200)


def run(measures, limits):
    """The states after each of some days."""
    state, states = State(), []
    for number, measure in enumerate(measures):
        state = step(state, measure, FIRST + timedelta(days=number), limits)
        states.append(state)
    return states


@tagged("post_install", "-at_install")
class TestHysteresisArithmetic(BaseCase):
    def test_examples_of_the_docstrings(self):
        self.assertFalse(doctest.testmod(hysteresis).failed)

    @examples
    @given(measures, thresholds)
    def test_between_the_thresholds_nothing_changes(self, measures, limits):
        before = State()
        for measure, state in zip(measures, run(measures, limits), strict=True):
            if limits.closes < measure <= limits.opens:
                self.assertEqual(state.is_open, before.is_open)
            before = state

    @examples
    @given(measures, thresholds)
    def test_a_second_run_of_the_day_changes_nothing(self, measures, limits):
        for number, state in enumerate(run(measures, limits)):
            today = FIRST + timedelta(days=number)
            again = step(state, measures[number], today, limits)
            if limits.cooldown_days or state.is_open:
                self.assertEqual(again.is_open, state.is_open)

    @examples
    @given(measures, thresholds)
    def test_after_closing_it_is_quiet(self, measures, limits):
        states = run(measures, limits)
        closed_on = None
        for number, (before, state) in enumerate(
            zip([State(), *states], states, strict=False)
        ):
            if before.is_open and not state.is_open:
                closed_on = number
            if state.is_open and not before.is_open and closed_on is not None:
                self.assertGreater(number - closed_on, limits.cooldown_days)


@tagged("post_install", "-at_install")
class TestHysteresisInSql(RiskCommon):
    @settings(
        deadline=None,
        max_examples=8,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(
        st.lists(st.sampled_from([0, 40, 60, 80, 120]), min_size=3, max_size=9),
        st.integers(0, 3),
    )
    def test_sql_does_what_python_says(self, measures, cooldown):
        with self.rolled_back():
            self.rule.write(
                {
                    "kind": "points",
                    "open_value": 79,
                    "close_value": 50,
                    "cooldown_days": cooldown,
                }
            )
            expected = run(measures, Thresholds(79, 50, cooldown))
            for number, (measure, state) in enumerate(
                zip(measures, expected, strict=True)
            ):
                day = FIRST + timedelta(days=number)
                self.env["ar.risk.score"].sudo().create(
                    {
                        "commercial_partner_id": self.customer.id,
                        "company_id": self.company.id,
                        "date": day,
                        "points": measure,
                    }
                )
                with self.at(str(day)):
                    self.evaluate()
                    self.assertEqual(bool(self.open_alert()), state.is_open)
