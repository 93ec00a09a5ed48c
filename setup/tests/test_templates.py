"""Templates are told apart by what went into them, and built without a warning."""

import pytest
from environment import addons, templates
from environment.problems import Problem
from environment.templates import Template, logged_problems

LOG = f"""\
2026-03-01 10:00:00,000 7 WARNING ? py.warnings: a library is deprecated
2026-03-01 10:00:01,000 7 INFO new odoo.modules.loading: loading
2026-03-01 10:00:02,000 7 WARNING new odoo.fields: two fields have the same label
  more about it
2026-03-01 10:00:03,000 7 ERROR other odoo.sql_db: of another database
2026-03-01 10:00:04,000 7 WARNING new py.warnings: /usr/lib/python3/x.py: old
2026-03-01 10:00:05,000 7 WARNING new py.warnings: {addons.FOLDER}/ar_a/x.py: old
"""


def test_warnings_about_the_database_are_found():
    found = logged_problems(LOG, "new")
    assert [problem.splitlines()[0].split(" ", 6)[5] for problem in found] == [
        "odoo.fields:",
        "py.warnings:",
    ]
    assert found[0].endswith("more about it")


def test_names_follow_all_that_matters():
    base = Template("bare", ("account",), "19.0")
    same = Template("bare", ("account",), "19.0")
    others = [
        Template("bare", ("account",), "19.1"),
        Template("bare", ("account", "sale"), "19.0"),
        Template("bare", ("account",), "19.0", parent=base),
        Template("bare", ("account",), "19.0", options=("--load-language=fr_FR",)),
    ]
    assert base.name == same.name
    assert len({base.name, *(other.name for other in others)}) == 5


def test_what_odoo_left_out_is_told(databases):
    databases.server.sql("CREATE DATABASE partly")
    rows = "('ar_ledger', 'installed'), ('ar_dispute', 'uninstallable')"
    for statement in (
        "CREATE TABLE ir_module_module (name text, state text)",
        f"INSERT INTO ir_module_module VALUES {rows}",
    ):
        databases.server.sql(statement, "partly")
    templates.require_installed(databases.server, "partly", ("ar_ledger",))
    with pytest.raises(Problem, match="did not install ar_dispute, sale in partly"):
        wanted = ("ar_ledger", "ar_dispute", "sale")
        templates.require_installed(databases.server, "partly", wanted)
    databases.drop("partly")
