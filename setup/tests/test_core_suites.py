"""What counts as a failure that our addons caused in Odoo's own tests."""

import json
from dataclasses import asdict

import pytest
from environment import core_suites
from environment.core_suites import FAILED, PASSED, SKIPPED, Result
from environment.problems import Problem

LOG = """\
2026-03-01 10:00:00,000 7 INFO db odoo.addons.sale.tests.test_a: Starting TestA.test_ok ...
2026-03-01 10:00:00,000 7 INFO db odoo.addons.sale.tests.test_a: Starting TestA.test_bad ...
2026-03-01 10:00:01,000 7 INFO db odoo.addons.sale.tests.test_a: ======
2026-03-01 10:00:01,000 7 ERROR db odoo.addons.sale.tests.test_a: FAIL: TestA.test_bad
Traceback (most recent call last):
  File "x.py", line 1, in test_bad
AssertionError: 1 != 2
2026-03-01 10:00:02,000 7 INFO db odoo.addons.sale.tests.test_a: Starting TestA.test_sql ...
2026-03-01 10:00:02,000 7 ERROR db odoo.addons.sale.tests.test_a: FAIL: Subtest TestA.test_sql (<subtest>)
Traceback (most recent call last):
AssertionError: Query count more than expected for user admin: 12 > 10 in test_sql at x.py:3
2026-03-01 10:00:03,000 7 INFO db odoo.addons.sale.tests.test_a: Starting TestA.test_no ...
2026-03-01 10:00:03,000 7 INFO db odoo.addons.sale.tests.test_a: skipped TestA.test_no : why
2026-03-01 10:00:04,000 7 ERROR db odoo.tests.suite: ERROR: setUpClass (odoo.addons.sale.tests.test_b.TestB)
ValueError: broken
2026-03-01 10:00:05,000 7 INFO db odoo.tests.result: 1 failed, 1 error(s) of 4 tests
"""  # noqa: E501
BAD = Result(FAILED, other_reason="AssertionError: 1 != 2")


def over(count, bound):
    return Result(FAILED, queries=[[count, bound]])


def test_log_is_read_test_by_test():
    assert core_suites.read_log(LOG) == {
        "sale.tests.test_a.TestA.test_ok": Result(PASSED),
        "sale.tests.test_a.TestA.test_bad": BAD,
        "sale.tests.test_a.TestA.test_sql": over(12, 10),
        "sale.tests.test_a.TestA.test_no": Result(SKIPPED),
        "sale.tests.test_b.TestB.setUpClass": Result(
            FAILED, other_reason="ValueError: broken"
        ),
    }


@pytest.mark.parametrize(
    ("plain", "ours", "new"),
    [
        (Result(), Result(), False),
        (Result(), BAD, True),
        (BAD, BAD, False),
        (BAD, Result(), False),
        (None, BAD, True),
        (Result(), None, True),
        (BAD, None, False),
        (Result(), Result(SKIPPED), True),
        (Result(), over(12, 10), False),
        (Result(), over(13, 10), True),
        (over(13, 10), over(15, 10), False),
        (over(13, 10), over(16, 10), True),
        (over(12, 10), BAD, True),
        (Result(), Result(FAILED, [[11, 10]], "ValueError"), True),
    ],
)
def test_new_failure(plain, ours, new):
    assert core_suites.is_new_failure(ours, plain) is new


def test_report_lists_only_differences():
    plain = {"a.T.test_same": BAD, "a.T.test_sql": Result()}
    ours = {"a.T.test_same": BAD, "a.T.test_sql": over(12, 10)}
    results = {("sale", "without"): plain}
    results |= {("sale", variant): ours for variant in core_suites.VARIANTS[1:]}
    text = core_suites.report(results)
    assert "New failures: none" in text
    assert "1 passed, 1 failed, 0 skipped" in text
    assert "| `a.T.test_sql` | passed |" + " failed: queries 12 > 10 |" * 3 in text
    assert "test_same" not in text
    assert core_suites.new_failures(results) == []


def test_what_is_replaced_by_design_is_listed_and_not_counted():
    name = next(iter(core_suites.REPLACED))
    plain, broken = {name: Result()}, {name: BAD}
    results = {
        ("sale", "without"): plain,
        ("sale", "off"): plain,
        ("sale", "on"): plain,
        ("sale", "hold"): broken,
    }
    text = core_suites.report(results)
    assert "New failures: none" in text
    assert f"- `{name}`: {core_suites.REPLACED[name]}." in text
    for variant in ("off", "on"):
        results["sale", variant] = broken
        assert core_suites.new_failures(results) == [("sale", variant, name)]
        results["sale", variant] = plain


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """Results are kept in a folder of the test; `run` is what Odoo logs."""

    def file_of(_environment, suite, variant):
        return tmp_path / f"{suite}-{variant}.json"

    monkeypatch.setattr(core_suites, "kept_file", file_of)
    return file_of


def run_part(monkeypatch, log):
    def write(_environment, _suite, _variant, path):
        path.write_text(log)

    monkeypatch.setattr(core_suites, "run_suite", write)
    core_suites.run_part(None, "sale", "on")


def test_a_suite_that_was_cut_off_is_not_complete(kept, monkeypatch):
    cut = LOG[: LOG.index("2026-03-01 10:00:05")]
    with pytest.raises(Problem, match="cut off"):
        run_part(monkeypatch, cut)
    assert not kept(None, "sale", "on").exists()
    run_part(monkeypatch, LOG)
    assert len(core_suites.read_results(kept(None, "sale", "on"))) == 5


def test_what_is_run_again_forgets_its_results(kept, monkeypatch):
    run_part(monkeypatch, LOG)
    core_suites.forget(None, [("sale", "on"), ("sale", "off")])
    with pytest.raises(Problem, match="did not run to its end"):
        core_suites.read_results(kept(None, "sale", "on"))


def test_a_part_is_compared_with_what_is_known(kept):
    results = {("sale", "on"): {"test": BAD}}
    assert core_suites.new_failures(results) == []
    assert core_suites.without_plain(results) == ["sale"]
    plain = kept(None, "sale", "without")
    plain.write_text(json.dumps({"test": asdict(Result())}))
    core_suites.add_plain(None, results)
    assert core_suites.new_failures(results) == [("sale", "on", "test")]
    assert core_suites.without_plain(results) == []
