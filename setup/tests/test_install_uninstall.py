"""Every addon installs alone, and its removal leaves nothing behind.

A database is compared with itself: before one of our addons was installed, and after
it was uninstalled. What it needs, of Odoo and of ours, is in both.
"""

import os
import re

import pytest
from environment import addons, build, cache, templates
from environment.commands import run

# They note what happens in a database, or list what could be installed in it.
SELF_CHANGING = re.compile(
    r"orm_signaling_|ir_module_|ir_cron_trigger$|bus_bus$|ir_logging$"
)
# Rows that come and go with the list of available addons, or with pages shown.
UNCOUNTED = {
    "ir_attachment": "url LIKE '/web/assets/%'",
    "ir_model_data": "model = 'ir.module.module'",
}
# Values of core records that an addon could have changed.
CORE_VALUES = {
    "external ids": "SELECT module || '.' || name FROM ir_model_data"
    " WHERE model != 'ir.module.module'",
    "parameters": "SELECT key || '=' || value FROM ir_config_parameter",
    "groups": "SELECT id || ' ' || name::text FROM res_groups",
    "implied groups": "SELECT gid || ' ' || hid FROM res_groups_implied_rel",
    "scheduled actions": "SELECT id || ' ' || active FROM ir_cron",
    "defaults": "SELECT field_id || ' ' || json_value FROM ir_default",
    "menus": "SELECT id || ' ' || active || ' ' || name::text FROM ir_ui_menu",
    "views": "SELECT id || ' ' || active || ' ' || md5(arch_db::text) FROM ir_ui_view",
    "access rights": "SELECT id || ' ' || active || ' ' || name FROM ir_model_access",
    "record rules": "SELECT id || ' ' || active || ' ' || name FROM ir_rule",
    "companies": "SELECT to_jsonb(c) - 'write_date' - 'write_uid' FROM res_company c",
    "partners": "SELECT to_jsonb(p) - 'write_date' - 'write_uid' FROM res_partner p",
}


class Database:
    """One throw-away database and what is installed in it."""

    def __init__(self, environment, name):
        self.environment, self.name = environment, name

    def install(self, *modules):
        """Install modules; a warning of Odoo about them is a failure."""
        missing = [module for module in modules if not self.installed(module)]
        if missing:
            names = ",".join(missing)
            assert not templates.run_odoo_once(self.environment, self.name, "-i", names)

    def uninstall(self, module):
        environment = self.environment
        run(
            environment.odoo_command("module", "uninstall", "-d", self.name, module),
            env=environment.variables(),
            problem=f"{module} cannot be uninstalled",
        )

    def installed(self, module):
        return self.rows(
            "SELECT 1 FROM ir_module_module"
            f" WHERE name = '{module}' AND state = 'installed'"
        )

    def rows(self, query):
        return self.environment.server.sql(query, self.name)

    def schema(self):
        """The statements that would make the empty database, one string each."""
        command = [self.environment.server.programs / "pg_dump", "-s", "-d", self.name]
        dump = run(command, env=self.environment.server.environ())
        # a random word of every dump
        return [
            line for line in dump.splitlines() if not re.match(r"\\(un)?restrict", line)
        ]

    def counts(self):
        """The number of rows of every table that does not change by itself."""
        tables = self.rows(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        )
        return self.rows(
            " UNION ALL ".join(
                f"SELECT '{table}: ' || count(*) FROM \"{table}\""
                f" WHERE ({UNCOUNTED.get(table, 'false')}) IS NOT true"
                for table in tables
                if not SELF_CHANGING.match(table)
            )
        )

    def state(self):
        """All that is compared: {what: set of lines}."""
        values = {what: set(self.rows(query)) for what, query in CORE_VALUES.items()}
        return {**values, "schema": set(self.schema()), "rows": set(self.counts())}


@pytest.fixture(scope="module")
def environment():
    with build.prepared() as environment:
        yield environment


@pytest.fixture
def database(environment):
    """A database with Invoicing and payments, and nothing of ours."""
    databases = environment.databases
    name = templates.temporary_name(environment.databases, "install", os.getpid())
    with cache.locked(environment.folder):
        databases.clone(templates.ready(environment, templates.bare(environment)), name)
    yield Database(environment, name)
    databases.drop(name)


def differences(before, after):
    """What is there only before or only after: {what: (gone, left behind)}."""
    return {
        what: (sorted(before[what] - after[what]), sorted(after[what] - before[what]))
        for what in before
        if before[what] != after[what]
    }


def core_needs(names):
    """The modules of Odoo that some of our addons depend on."""
    known = addons.manifests()
    needs = {need for name in names for need in known[name].get("depends", [])}
    return sorted(needs - known.keys())


def check_addon(database, name):
    """Install an addon on what it depends on alone, remove it, compare."""
    manifest = addons.manifests()[name]
    database.install(*manifest.get("depends", []))
    assert not database.installed(name) or manifest.get("auto_install")
    if database.installed(name):
        database.uninstall(name)
    before = database.state()
    database.install(name)
    assert database.installed(name)
    database.uninstall(name)
    assert differences(before, database.state()) == {}


def test_first_addon_leaves_nothing(database):
    check_addon(database, addons.suite()[0])


@pytest.mark.slow
@pytest.mark.parametrize("name", addons.suite()[1:])
def test_addon_leaves_nothing(database, name):
    check_addon(database, name)


@pytest.mark.slow
def test_all_addons_in_reverse_order_leave_nothing(database):
    names = addons.suite()
    database.install(*core_needs(names))
    before = database.state()
    database.install(*names)
    for name in reversed(names):
        database.uninstall(name)
    assert differences(before, database.state()) == {}


def test_differences_are_found():
    before = {"schema": {"a", "b"}, "rows": {"x: 1"}}
    after = {"schema": {"a", "c"}, "rows": {"x: 1"}}
    assert differences(before, after) == {"schema": (["b"], ["c"])}
