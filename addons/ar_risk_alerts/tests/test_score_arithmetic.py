"""The arithmetic of scores: its examples, and its promises as properties."""

import doctest

from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase, tagged

from odoo.addons.ar_risk_alerts.tools import scoring
from odoo.addons.ar_risk_alerts.tools.scoring import Criterion, Figure, ScoredClass

examples = settings(deadline=None, max_examples=200)
KEYS = "abcdef"

points = st.floats(0, 100)
ranges = st.lists(
    st.tuples(st.integers(-50, 200), points),
    min_size=1,
    max_size=5,
    unique_by=lambda each: each[0],
).map(lambda many: tuple(sorted(many)))
criteria = st.lists(
    st.builds(
        Criterion, st.sampled_from(KEYS), st.floats(0.1, 50), ranges, st.integers(1, 5)
    ),
    min_size=1,
    unique_by=lambda criterion: criterion.key,
)
figures = st.dictionaries(
    st.sampled_from(KEYS),
    st.builds(Figure, st.one_of(st.none(), st.floats(-100, 300)), st.integers(0, 8)),
)
classes = st.lists(points, min_size=1, max_size=5, unique=True).map(
    lambda bounds: [ScoredClass(i, p) for i, p in enumerate(sorted(bounds))]
)


@tagged("post_install", "-at_install")
class TestScoreArithmetic(BaseCase):
    def test_examples_of_the_docstrings(self):
        self.assertFalse(doctest.testmod(scoring).failed)

    @examples
    @given(criteria, figures)
    def test_bounds_and_sum(self, criteria, figures):
        result = scoring.score(criteria, figures)
        self.assertTrue(0 <= result.confidence <= 1 + 1e-9)
        self.assertEqual(len(result.lines), len(criteria))
        if result.points is None:
            self.assertEqual(result.confidence, 0)
        else:
            self.assertTrue(-1e-9 <= result.points <= 100 + 1e-9)
            total = sum(line.share for line in result.lines)
            self.assertAlmostEqual(total, result.points)

    @examples
    @given(criteria, figures, st.integers(0, 5))
    def test_what_is_missing_lowers_the_confidence_not_the_score(
        self, criteria, figures, place
    ):
        """Without the evidence for a criterion the score is that of the others."""
        gone = criteria[place % len(criteria)]
        without = scoring.score(
            criteria, {key: f for key, f in figures.items() if key != gone.key}
        )
        others = [criterion for criterion in criteria if criterion != gone]
        expected = scoring.score(others, figures)
        if expected.points is None:
            self.assertIsNone(without.points)
        else:
            self.assertAlmostEqual(without.points, expected.points)
        whole = scoring.score(criteria, figures)
        self.assertLessEqual(without.confidence, whole.confidence + 1e-9)

    @examples
    @given(criteria, figures, st.floats(0.01, 100))
    def test_only_the_proportion_of_weights_counts(self, criteria, figures, factor):
        scaled = [c._replace(weight=c.weight * factor) for c in criteria]
        one, other = scoring.score(criteria, figures), scoring.score(scaled, figures)
        self.assertEqual(one.points is None, other.points is None)
        if one.points is not None:
            self.assertAlmostEqual(one.points, other.points, 5)
            self.assertAlmostEqual(one.confidence, other.confidence, 5)

    @examples
    @given(classes, points, points)
    def test_more_points_are_never_a_safer_class(self, classes, one, other):
        low, high = sorted((one, other))
        self.assertLessEqual(
            scoring.choose_class(low, classes), scoring.choose_class(high, classes)
        )

    @examples
    @given(classes, points, st.floats(0.5, 10), st.lists(st.floats(-1, 1), max_size=20))
    def test_within_the_margin_the_class_does_not_flap(
        self, classes, start, margin, shakes
    ):
        current = scoring.choose_class(start, classes)
        for shake in shakes:
            moved = min(100, max(0, start + shake * margin * 0.99))
            chosen = scoring.choose_class(moved, classes, current, margin)
            self.assertEqual(chosen, current)
