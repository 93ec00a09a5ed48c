"""What counts as a failure that our addons caused in Odoo's own tests."""

import pytest
from environment import core_suites
from environment.core_suites import FAILED, PASSED, SKIPPED, Result

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
