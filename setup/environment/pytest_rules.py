"""Pytest plugin of this project: the tag `slow`, and no browser test left out.

Odoo skips a browser test when it finds no browser. Here that is a failure: a green
run must mean that the tours ran.
"""

import sys

import pytest

BROWSER_WORDS = ("chrome", "chromium", "websocket")


def pytest_itemcollected(item):
    """Give tests of classes with ``@tagged("slow")`` the pytest marker ``slow``."""
    if "slow" in getattr(getattr(item, "cls", None), "test_tags", ()):
        item.add_marker("slow")


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    outcome = yield
    report = outcome.get_result()
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if report.longrepr else ""
        if needs_browser(item) or mentions_browser(reason):
            report.outcome = "failed"
            report.longrepr = f"A browser test may not be skipped. {reason}"


def needs_browser(item):
    """Whether the test is one of Odoo's HttpCase."""
    common = sys.modules.get("odoo.tests.common")
    http_case = getattr(common, "HttpCase", None)
    cls = getattr(item, "cls", None)
    return bool(http_case and cls and issubclass(cls, http_case))


def mentions_browser(reason):
    return any(word in reason.lower() for word in BROWSER_WORDS)
