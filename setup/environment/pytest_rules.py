"""Pytest plugin of this project: the tag `slow`, no browser test left out, and a
filestore for each worker.

Odoo skips a browser test when it finds no browser. Here that is a failure: a green
run must mean that the tours ran.
"""

import shutil
import sys
from contextlib import contextmanager

import pytest

from .databases import copy_filestore

BROWSER_WORDS = ("chrome", "chromium", "websocket")


def pytest_configure(config):
    """Give each worker the attachments of its own database."""
    if plugin := sys.modules.get("pytest_odoo"):
        plugin._shared_filestore = worker_filestore


@contextmanager
def worker_filestore(original, name):
    """Copy the filestore of a database for the copy that one worker tests on.

    pytest-odoo lets the workers share it. But after each class Odoo removes the files
    that no attachment of its database names, also those of the page another worker's
    browser is about to load, which then stays blank.
    """
    from odoo.tools import config

    if original == name:
        yield
        return
    own = config.filestore(name)
    shutil.rmtree(own, ignore_errors=True)
    copy_filestore(config.filestore(original), own)
    try:
        yield
    finally:
        shutil.rmtree(own, ignore_errors=True)


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
