"""A green run means that every browser tour ran."""

import os
import sys
import types

import pytest
from environment import addons, pytest_rules

pytest_plugins = ["pytester"]
ARGUMENTS = (
    "-p",
    "no:odoo",
    "-p",
    "environment.pytest_rules",
    "-p",
    "no:cacheprovider",
)


@pytest.fixture
def run(pytester, monkeypatch):
    """Run pytest with our plugin on a source text."""
    path = (str(addons.CLONE / "setup"), os.environ.get("PYTHONPATH", ""))
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(path))
    monkeypatch.delenv("PYTEST_XDIST_WORKER", raising=False)

    def run_on(source, *arguments):
        pytester.makepyfile(source)
        return pytester.runpytest_subprocess(*ARGUMENTS, *arguments)

    return run_on


def test_skip_for_want_of_a_browser_fails(run):
    result = run(
        """
        import unittest

        class TestTour(unittest.TestCase):
            @classmethod
            def setUpClass(cls):
                raise unittest.SkipTest("Chrome executable not found")

            def test_tour(self):
                pass

        class TestOther(unittest.TestCase):
            @unittest.skip("of another kind")
            def test_other(self):
                pass
        """,
    )
    result.assert_outcomes(errors=1, skipped=1)
    result.stdout.fnmatch_lines(["*A browser test may not be skipped. *Chrome*"])


def test_any_skip_of_an_http_case_fails(run):
    result = run(
        """
        import sys, types, unittest

        class HttpCase(unittest.TestCase):
            pass

        sys.modules["odoo.tests.common"] = types.ModuleType("odoo.tests.common")
        sys.modules["odoo.tests.common"].HttpCase = HttpCase

        class TestTour(HttpCase):
            def test_tour(self):
                self.skipTest("whatever")
        """,
    )
    result.assert_outcomes(failed=1)


def test_odoo_tag_slow_is_the_marker_slow(run):
    source = """
        import unittest

        class TestQuick(unittest.TestCase):
            test_tags = {"standard"}

            def test_a(self):
                pass

        class TestLong(unittest.TestCase):
            test_tags = {"slow"}

            def test_b(self):
                pass
        """
    run(source, "-m", "not slow").assert_outcomes(passed=1, deselected=1)
    run(source, "-m", "slow").assert_outcomes(passed=1, deselected=1)


def test_each_worker_has_a_filestore_of_its_own(tmp_path, monkeypatch):
    config = types.ModuleType("odoo.tools")
    config.config = types.SimpleNamespace(filestore=lambda name: str(tmp_path / name))
    monkeypatch.setitem(sys.modules, "odoo.tools", config)
    shared = tmp_path / "base" / "ab" / "abcdef"
    shared.parent.mkdir(parents=True)
    shared.write_text("a script")
    with pytest_rules.worker_filestore("base", "base-gw0"):
        own = tmp_path / "base-gw0" / "ab" / "abcdef"
        assert own.read_text() == "a script"
        own.unlink()
        assert shared.exists()
    assert not (tmp_path / "base-gw0").exists()
    with pytest_rules.worker_filestore("base", "base"):
        assert shared.exists()
    assert shared.exists()
