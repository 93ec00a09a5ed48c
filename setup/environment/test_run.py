"""One run of pytest on a database of its own."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

from . import addons, build, cache, templates
from .commands import run_attached

DEFAULT_PATHS = ("addons", "setup/tests", "tools/tests", "bench/tests")
MOST_WORKERS = 4
#: Pytest's; others are written with "=".
OPTIONS_WITH_VALUE = ("-k", "-m", "-n", "-p", "-o", "-c", "-W", "-r", "--dist")


def main(arguments):
    """Run the tests and return pytest's exit status; its closing line is the last."""
    with build.prepared(browser=True) as environment:
        template = templates.suite(environment)
        with temporary_clone(environment, "test", template) as name:
            command = pytest_command(environment.python, name, arguments)
            with tempfile.TemporaryDirectory(prefix="odoo-receivables-") as folder:
                # What browsers leave goes with the run that started them.
                variables = {**environment.variables(), "TMPDIR": folder}
                return run_attached(command, variables, cwd=addons.CLONE)


@contextmanager
def temporary_clone(environment, purpose, template):
    """The name of a copy of a template that is dropped at the end."""
    databases = environment.databases
    name = templates.temporary_name(databases, purpose, os.getpid())
    with cache.locked(environment.folder):
        templates.forget_abandoned(databases)
        databases.clone(templates.ready(environment, template), name)
    try:
        yield name
    finally:
        databases.drop(name)


def pytest_command(python, database, arguments):
    """The pytest command line: our defaults first, so that arguments override them."""
    command = [str(python), "-m", "pytest", "-p", "environment.pytest_rules"]
    command += [f"--odoo-database={database}", "--odoo-http", "-m", "not slow"]
    if "--pdb" not in arguments:
        workers = max(1, min(MOST_WORKERS, os.cpu_count() or 1))
        command += ["-n", str(workers), "--dist", "loadscope"]
    paths = paths_in(arguments)
    seen = [from_here(a) if n in paths else a for n, a in enumerate(arguments)]
    return [*command, *seen, *default_paths(arguments)]


def from_here(argument):
    """A path as pytest finds it, which runs in the clone's own folder: seen from where
    the command was typed, else from there."""
    path, separator, test = argument.partition("::")
    if Path.cwd() == addons.CLONE or not Path(path).exists():
        return argument
    return f"{Path(path).resolve()}{separator}{test}"


def paths_in(arguments):
    """The places of the arguments that name tests, not a value of an option."""
    return [
        place
        for place, argument in enumerate(arguments)
        if names_tests(argument)
        and not (place and arguments[place - 1] in OPTIONS_WITH_VALUE)
    ]


def default_paths(arguments):
    """All tests, unless the arguments name some."""
    if paths_in(arguments):
        return []
    present = [path for path in DEFAULT_PATHS if (addons.CLONE / path).is_dir()]
    return present


def names_tests(argument):
    path = argument.partition("::")[0]
    return (
        not argument.startswith("-")
        and bool(path)
        and ((addons.CLONE / path).exists() or Path(path).exists())
    )
