"""Databases are copied and removed together with their attachments."""

import os
import subprocess

import pytest
from environment import databases as module
from environment import templates
from environment.problems import Problem
from environment.templates import Template


@pytest.fixture
def source(databases):
    databases.drop("source")
    databases.server.sql('CREATE DATABASE "source" TEMPLATE template0')
    databases.server.sql("CREATE TABLE fact (id int)", database="source")
    attachment = databases.filestore("source") / "ab/abcdef"
    attachment.parent.mkdir(parents=True)
    attachment.write_text("a picture")
    return "source"


def test_clone_has_rows_and_attachments(databases, source):
    databases.clone(source, "copy")
    assert databases.server.sql("SELECT count(*) FROM fact", database="copy") == ["0"]
    assert (databases.filestore("copy") / "ab/abcdef").read_text() == "a picture"


def test_dropping_a_clone_keeps_its_source(databases, source):
    databases.clone(source, "copy")
    databases.drop("copy")
    assert not databases.exists("copy")
    assert not databases.filestore("copy").exists()
    assert (databases.filestore(source) / "ab/abcdef").exists()


def test_what_a_killed_removal_left_is_removed(databases, source):
    databases.clone(source, "copy")
    # What PostgreSQL notes as a removal begins.
    databases.server.sql(
        "UPDATE pg_database SET datconnlimit = -2 WHERE datname = 'copy'"
    )
    databases.drop("copy")
    assert not databases.exists("copy")


def test_closed_database_can_be_cloned_but_not_opened(databases, source):
    databases.close(source)
    databases.clone(source, "copy")
    with pytest.raises(Problem, match="not currently accepting connections"):
        databases.server.sql("SELECT 1", database=source)
    assert databases.server.sql("SELECT 1", database="copy") == ["1"]


def test_rename_takes_the_attachments_along(databases, source):
    databases.drop("renamed")
    databases.rename(source, "renamed")
    assert not databases.exists(source)
    assert (databases.filestore("renamed") / "ab/abcdef").exists()


def test_facts_are_added_to(databases, source):
    assert databases.facts(source) == {}
    databases.note(source, made_on="2026-01-31")
    databases.note(source, addons="it's")
    assert databases.facts(source) == {"made_on": "2026-01-31", "addons": "it's"}
    assert databases.facts("no such database") == {}


def test_only_what_killed_commands_left_is_forgotten(databases, source, tmp_path):
    """Not what the commands of another cache make on the same server."""
    elsewhere = module.Databases(databases.server, tmp_path / "elsewhere")
    ended = subprocess.Popen(["true"])
    ended.wait()
    dead = templates.temporary_name(databases, "test", ended.pid)
    alive = templates.temporary_name(databases, "test", os.getpid())
    half_built = f"{Template('suite', (), '').name}_new_{databases.mark}"
    others = templates.temporary_name(elsewhere, "test", ended.pid)
    for name in (dead, f"{dead}-gw0", alive, half_built, others):
        databases.clone(source, name)
    templates.forget_abandoned(databases)
    left = [name for name in databases.names() if name.startswith("ar_")]
    assert sorted(left) == sorted([alive, others])
    for name in left:
        databases.drop(name)


@pytest.mark.parametrize(
    "name", ["", "a;b", "a b", 'a"b', "é", "postgres", "x" * 51, "ar_run_x", "-x"]
)
def test_unusable_names_are_refused(name):
    with pytest.raises(Problem, match="no usable database name"):
        module.check_name(name)


def test_quoting_of_sql():
    assert module.quoted('a"b') == '"a""b"'
    assert module.literal("a'b") == "'a''b'"
    assert module.check_name("demo-2_b") == "demo-2_b"
