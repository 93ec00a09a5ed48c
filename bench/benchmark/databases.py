"""The databases that are measured: plain Odoo, with the suite, with the peers.

A ledger is filled once and kept as a template; every other database starts as a copy
of it. Nothing here is dropped by other commands: a name below construction carries the
number of its process, a finished one is not of theirs.
"""

import os
import re
import time
from contextlib import contextmanager

from environment import addons, templates
from environment.cache import digest, require_space
from environment.commands import run
from environment.problems import Problem
from environment.progress import stage

from . import peers, plan
from .processes import run_module

PREFIX = f"{templates.PREFIX}bench_"
#: All that the suite and the peers depend on, so that installing either is measured
#: without what plain Odoo brings.
MODULES = (
    "account",
    "account_payment",
    "contacts",
    "sale_management",
    "sale_stock",
    "sms",
    "stock_picking_batch",
)
KIND = re.compile(rf"{PREFIX}(?P<kind>[a-z_]+)_[0-9a-f]{{12}}")
KEPT_OF_A_KIND = 1
GIGABYTES = {"XS": 1, "S": 2, "2S": 4, "M": 12}


def base_name(environment):
    """The name of plain Odoo without a ledger."""
    return f"{PREFIX}base_{digest(environment.odoo.identity, *MODULES)}"


def ledger_name(environment, size):
    """The name of plain Odoo with the ledger of a size."""
    key = digest(base_name(environment), plan.fingerprint(size))
    return f"{PREFIX}{size.name.lower()}_{key}"


def suite_name(environment, size):
    """The name of a ledger with our addons of this very state."""
    names = addons.suite()
    key = digest(ledger_name(environment, size), addons.fingerprint(names))
    return f"{PREFIX}{size.name.lower()}_suite_{key}"


def suite_addons():
    """Our addons to install. Odoo adds the glue to what is there by itself; to ask for
    all glue would bring applications with it, whose cost would look like ours."""
    manifests = addons.manifests()
    return [name for name in addons.suite() if not manifests[name].get("auto_install")]


def oca_name(environment, size):
    """The name of a ledger with OCA's addons."""
    key = digest(ledger_name(environment, size), *peers.OCA, *peers.OCA.values())
    return f"{PREFIX}{size.name.lower()}_oca_{key}"


def ready(environment, name, source, fill, gigabytes=2):
    """Have a database: filled under another name, renamed when it is whole.

    :param source: the database that it starts as a copy of, None for an empty one
    :param fill: callable(database name) that puts in what it is for; what it returns
        is noted on the database
    """
    databases = environment.databases
    if not databases.exists(name):
        building = templates.temporary_name(databases, "bench", os.getpid())
        require_space(environment.folder, gigabytes, "a database")
        with stage(f"database: {name}"):
            databases.drop(building)
            if source:
                databases.clone(source, building)
            noted = fill(building) or {}
            environment.server.sql("VACUUM ANALYZE", building)
            databases.close(building)
            databases.rename(building, name)
            databases.note(name, **noted)
    databases.note(name, used=time.time())
    return name


def base(environment):
    def fill(database):
        templates.run_odoo_once(environment, database, "-i", ",".join(MODULES))

    return ready(environment, base_name(environment), None, fill)


def ledger(environment, size):
    """Plain Odoo with the ledger of a size, checked by Odoo itself."""

    def fill(database):
        facts = run_module(environment, "fill", database, size.name)
        environment.server.sql("ANALYZE", database)
        checked = run_module(environment, "check", database)
        if checked["count"]:
            raise Problem(f"Odoo disagrees: {checked['differences'][0]}")
        return {"filled_in": facts["seconds"], "counts": facts["counts"]}

    return ready(
        environment,
        ledger_name(environment, size),
        base(environment),
        fill,
        gigabytes=GIGABYTES[size.name],
    )


def suite(environment, size):
    """The ledger with our addons, switched on; notes the seconds of installing."""

    def fill(database):
        return _installed(environment, database, suite_addons(), "suite", None)

    return ready(
        environment,
        suite_name(environment, size),
        ledger(environment, size),
        fill,
        gigabytes=GIGABYTES[size.name],
    )


def oca(environment, size):
    """The ledger with OCA's addons, switched on."""

    def fill(database):
        return _installed(
            environment, database, peers.OCA, "oca", oca_configuration(environment)
        )

    return ready(
        environment,
        oca_name(environment, size),
        ledger(environment, size),
        fill,
        gigabytes=GIGABYTES[size.name],
    )


def oca_configuration(environment):
    return environment.configuration(peers.oca_folder(environment))


def oca_dunning(environment, size):
    """(name of the ledger with OCA's dunning, its Odoo configuration)."""
    addons_of = peers.OCA_DUNNING
    configuration = environment.configuration(peers.oca_folder(environment, addons_of))
    key = digest(ledger_name(environment, size), *addons_of, *addons_of.values())

    def fill(database):
        _run_odoo(environment, database, configuration, "-i", ",".join(addons_of))

    name = ready(
        environment,
        f"{PREFIX}{size.name.lower()}_ocadunning_{key}",
        ledger(environment, size),
        fill,
        gigabytes=GIGABYTES[size.name],
    )
    return name, configuration


def _installed(environment, database, names, variant, configuration):
    """Install addons and switch them on.

    :return: facts: the seconds of Odoo's command, less those of one without work
    """
    before = indexes(environment, database)
    idle = _run_odoo(environment, database, configuration)
    busy = _run_odoo(environment, database, configuration, "-i", ",".join(names))
    added = indexes(environment, database).items() - before.items()
    run_module(environment, "prepare", database, variant, configuration=configuration)
    return {
        "installed_in": round(busy - idle, 1),
        "load": os.getloadavg()[0],
        "indexes": dict(added),
    }


def _run_odoo(environment, database, configuration, *arguments):
    began = time.monotonic()
    run(
        environment.odoo_command(
            "server", "-d", database, "--no-http", "--max-cron-threads=0",
            "--stop-after-init", "--log-level=error", *arguments,
        ),
        problem=f"Odoo could not set up {database}",
        env=environment.variables(configuration),
    )  # fmt: skip
    return time.monotonic() - began


@contextmanager
def copies(environment, *names):
    """Copies of databases that live as long as the block."""
    databases = environment.databases
    made = []
    try:
        for name in names:
            copy = templates.temporary_name(databases, f"bench{len(made)}", os.getpid())
            databases.clone(name, copy)
            made.append(copy)
        yield made
    finally:
        for copy in made:
            databases.drop(copy)


def forget(environment, *names):
    for name in names:
        environment.databases.drop(name)


def forget_old(environment):
    """Drop all but the latest used databases of a kind."""
    databases = environment.databases
    kinds = {}
    for name in databases.names():
        found = KIND.fullmatch(name)
        if found:
            kinds.setdefault(found["kind"], []).append(name)
    for names in kinds.values():
        names.sort(key=lambda name: databases.facts(name).get("used", 0), reverse=True)
        forget(environment, *names[KEPT_OF_A_KIND:])


def indexes(environment, database):
    """{name: definition} of the indexes on journal items."""
    rows = environment.server.sql(
        "SELECT indexname, indexdef FROM pg_indexes"
        " WHERE tablename = 'account_move_line'",
        database,
    )
    return dict(row.split("|", 1) for row in rows)
