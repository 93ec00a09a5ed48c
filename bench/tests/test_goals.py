"""A table says pass where a promise was kept, and nothing of what was not run."""

from benchmark.figures import summary
from benchmark.goals import GOALS
from benchmark.table import grid, verdicts

READ = {"seconds": summary([0.2]), "queries": 2}
RESULTS = {
    "reading": {
        "plain": {"views": {"sale.order list": [20, 50]}},
        "suite": {
            "floor": {"seconds": summary([0.1]), "queries": 1},
            "exposure of all": {**READ, "megabytes": 30.4},
            "over limit": READ,
            "one customer": READ,
            "views": {"ar.position list": [12, 12], "sale.order list": [20, 60]},
        },
    }
}


def verdict_of(text):
    return {row[0]: row for row in verdicts(RESULTS)}[text]


def test_bounds():
    _text, bound, measured, verdict = verdict_of(
        "Exposure of all customers, times the floor"
    )
    assert (bound, measured, verdict) == ("1.50", "2.00", "**fail**")
    assert verdict_of("One customer, queries")[-1] == "pass"


def test_a_view_that_reads_row_by_row_is_found():
    name = "Queries more for 80 rows than for 40, beyond plain Odoo's"
    assert verdict_of(name)[2:] == ("10", "**fail**")


def test_what_was_not_run_has_no_row():
    assert 0 < len(verdicts(RESULTS)) < len(GOALS)
    assert verdicts({}) == []


def test_summary_of_one_and_of_many():
    assert summary([3]) == {"median": 3, "low": 3, "high": 3, "count": 1}
    assert summary([1, 2, 3, 4, 5])["median"] == 3


def test_grid():
    assert grid(("a", "b"), [("1", "2")]) == "| a | b |\n| --- | --- |\n| 1 | 2 |"
