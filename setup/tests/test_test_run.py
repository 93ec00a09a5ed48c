"""The arguments of setup/test reach pytest."""

import pytest
from environment import test_run


def command(*arguments):
    return test_run.pytest_command("python", "db", list(arguments))


def test_everything_but_the_slow_without_arguments():
    words = command()
    assert words[words.index("-m", 3) + 1] == "not slow"
    assert words[-1] == test_run.DEFAULT_PATHS[-1]


@pytest.mark.parametrize(
    "path", ["setup/tests", "setup/tests/test_cache.py::test_x", "pytest.ini"]
)
def test_paths_replace_the_default(path):
    assert command("-k", "word", path)[-3:] == ["-k", "word", path]


def test_paths_are_seen_from_where_one_stands(monkeypatch):
    monkeypatch.chdir(test_run.addons.CLONE / "setup" / "tests")
    here = str(test_run.addons.CLONE / "setup/tests/test_cache.py")
    assert command("test_cache.py::test_x")[-1] == f"{here}::test_x"
    assert command(".")[-1] == str(test_run.addons.CLONE / "setup/tests")
    assert "test_cache.py" in command("-k", "test_cache.py")
    assert command("-k", "test_cache.py")[-1] == test_run.DEFAULT_PATHS[-1]
    assert command("-k", "word")[-1] == test_run.DEFAULT_PATHS[-1]


def test_arguments_that_are_no_paths_keep_the_default():
    assert command("-k", "word")[-1] == test_run.DEFAULT_PATHS[-1]


def test_arguments_come_after_our_defaults():
    words = command("-m", "slow", "-n", "0")
    assert words.index("not slow") < words.index("slow")
    assert words.index("--dist") < len(words) - words[::-1].index("-n")


def test_debugger_gets_the_terminal():
    assert "--dist" not in command("--pdb")
