"""What points a customer gets, and which class they make: plain arithmetic.

Points go from 0, no risk, to 100. Each criterion turns a figure of the customer into
points by its ranges; the score is their mean, by weight, over the criteria that there
is enough evidence for. What is not known makes the score less certain, not worse: that
is the confidence, the weight of what is known as a share of all weights.
"""

from typing import NamedTuple

MOST_POINTS = 100.0


class Criterion(NamedTuple):
    """How one figure counts.

    ``ranges`` are pairs (from this figure on, points) in ascending order; below the
    first one a figure gets no points. ``minimum`` is the evidence that is needed.
    """

    key: str
    weight: float
    ranges: tuple
    minimum: int = 1


class Figure(NamedTuple):
    """What was measured of a customer, and from how many facts."""

    value: float | None
    evidence: int = 0


class Line(NamedTuple):
    """How a criterion counted: ``share`` is its part of the score, in points. Without
    enough evidence ``points`` is None and the share is 0."""

    key: str
    value: float | None
    evidence: int
    weight: float
    points: float | None
    share: float


class Score(NamedTuple):
    """``points`` is None where nothing is known; ``lines`` add up to it."""

    points: float | None
    confidence: float
    lines: tuple


class ScoredClass(NamedTuple):
    """A class and the points from which on it applies."""

    key: int
    points_from: float


UNKNOWN = Figure(None, 0)


def points_of(value, ranges):
    """Return the points of a figure.

    >>> ranges = ((0, 0), (5, 40), (30, 100))
    >>> [points_of(value, ranges) for value in (-3, 0, 4.99, 5, 29, 30, 1000)]
    [0.0, 0.0, 0.0, 40.0, 40.0, 100.0, 100.0]
    """
    reached = [points for value_from, points in ranges if value >= value_from]
    return float(reached[-1]) if reached else 0.0


def score(criteria, figures):
    """Return the :class:`Score` of a customer.

    :param criteria: list of :class:`Criterion`
    :param dict figures: :class:`Figure` by key of the criterion

    >>> late = Criterion("late", 30, ((0, 0), (10, 100)), minimum=3)
    >>> age = Criterion("age", 10, ((0, 60), (365, 20)))
    >>> whole = score([late, age], {"late": Figure(12, 5), "age": Figure(400, 1)})
    >>> whole.points, whole.confidence, [line.share for line in whole.lines]
    (80.0, 1.0, [75.0, 5.0])

    Two invoices are too few to say anything about lateness:

    >>> part = score([late, age], {"late": Figure(12, 2), "age": Figure(400, 1)})
    >>> part.points, part.confidence, [line.share for line in part.lines]
    (20.0, 0.25, [0.0, 20.0])
    >>> score([late, age], {})[:2]
    (None, 0.0)
    """
    known = {
        criterion.key: points_of(figures[criterion.key].value, criterion.ranges)
        for criterion in criteria
        if _is_known(criterion, figures.get(criterion.key, UNKNOWN))
    }
    total = sum(criterion.weight for criterion in criteria)
    weight = sum(criterion.weight for criterion in criteria if criterion.key in known)
    lines = tuple(_line(criterion, figures, known, weight) for criterion in criteria)
    if not weight:
        return Score(None, 0.0, lines)
    return Score(sum(line.share for line in lines), weight / total, lines)


def _is_known(criterion, figure):
    return figure.value is not None and figure.evidence >= criterion.minimum


def _line(criterion, figures, known, weight):
    figure = figures.get(criterion.key, UNKNOWN)
    points = known.get(criterion.key)
    share = points * criterion.weight / weight if points is not None and weight else 0.0
    return Line(
        criterion.key, figure.value, figure.evidence, criterion.weight, points, share
    )


def choose_class(points, classes, current=None, margin=0.0):
    """Return the key of the class that points make; None where there is no class.

    A customer leaves the current class only by more than ``margin`` points, so that one
    who hovers around a bound does not change class from night to night.

    :param classes: list of :class:`ScoredClass`
    :param current: key of the class of today, if any

    >>> classes = [ScoredClass(1, 0), ScoredClass(2, 35), ScoredClass(3, 65)]
    >>> [choose_class(points, classes) for points in (0, 34.9, 35, 64.9, 65, 100)]
    [1, 1, 2, 2, 3, 3]
    >>> [choose_class(p, classes, current=2, margin=3) for p in (31.9, 32, 67, 68)]
    [1, 2, 2, 3]
    """
    ordered = sorted(classes, key=lambda scored: scored.points_from)
    if current is not None and margin:
        for place, scored in enumerate(ordered):
            if scored.key == current and _is_within(points, ordered, place, margin):
                return current
    reached = [scored.key for scored in ordered if points >= scored.points_from]
    return (reached or [scored.key for scored in ordered[:1]] or [None])[-1]


def _is_within(points, ordered, place, margin):
    above = ordered[place + 1 :]
    lowest = ordered[place].points_from - margin if place else 0.0
    return points >= lowest and (not above or points < above[0].points_from + margin)


def normalise(value, lowest, highest, higher_is_better):
    """Return an outside score on our scale: 0 is no risk, 100 the most.

    >>> normalise(600, 100, 600, higher_is_better=False)
    100.0
    >>> normalise(75, 0, 100, higher_is_better=True)
    25.0
    """
    share = (value - lowest) / (highest - lowest) * MOST_POINTS
    return MOST_POINTS - share if higher_is_better else share
