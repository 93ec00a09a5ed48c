"""Databases built once and cloned for every run.

A template's name carries a digest of all that went into it, so a changed addon simply
names another template. It is built under another name and renamed when it is whole.
"""

import re
import subprocess
import time
from dataclasses import dataclass, field

from . import addons
from .cache import digest, require_space
from .postgres import process_alive
from .problems import Problem, last_line
from .progress import say, stage

PREFIX = "ar_"
KEPT_OF_A_KIND = 2
BARE_MODULES = ("account", "account_payment")
CORE_MODULES = (
    *BARE_MODULES,
    "sale_management",
    "sale_loyalty",
    "event_sale",
    "website_sale",
    "stock_picking_batch",
    "stock_dropshipping",
    "point_of_sale",
    "payment_demo",
    "sale_stock",
    "sms",
    "snailmail_account",
)
TRADE_MODULES = ("account", "sale_management", "sale_stock", "contacts", "sms")
# Read by `odoo shell`: the scripts and stylesheets of web client, portal and shop. The
# pages of a website have their own.
BUILD_PAGES = """
websites = env["website"].search([]) if "website" in env else ()
frontend = [{"website_id": website.id} for website in websites] or [{}]
bundles = [
    ("web.assets_web", "js css", [{}]),
    ("web.assets_web_print", "css", [{}]),
    ("web.assets_tests", "js", [{}, *frontend]),
    ("web.assets_frontend", "css", frontend),
    ("web.assets_frontend_minimal", "js", frontend),
    ("web.assets_frontend_lazy", "js", frontend),
]
for name, kinds, places in bundles:
    for params in places:
        bundle = env["ir.qweb"]._get_asset_bundle(name, assets_params=params)
        for kind in kinds.split():
            getattr(bundle, kind)()
env.cr.commit()
"""
LOG_RECORD = re.compile(r"^\d{4}-\S+ \S+ \d+ (?P<level>[A-Z]+) (?P<database>\S+) \S+: ")


@dataclass(frozen=True)
class Template:
    """What a template database holds.

    :param kind: bare, core, suite, trade or demo: the readable part of its name
    :param modules: installed in this step
    :param key: all else that tells it from another of its kind
    :param parent: the template it starts from
    :param strict: whether a warning logged while installing fails the build
    :param pages: whether scripts and stylesheets of all pages are built too, so that
        no test waits for them
    """

    kind: str
    modules: tuple
    key: str
    parent: "Template | None" = None
    strict: bool = False
    options: tuple = field(default=())
    pages: bool = False

    @property
    def name(self):
        parent = self.parent.name if self.parent else ""
        parts = (self.key, parent, *self.modules, *self.options)
        return f"{PREFIX}{self.kind}_{digest(*parts)}"


def bare(environment):
    """Odoo with Invoicing only: the ground every addon must install on alone."""
    return Template("bare", BARE_MODULES, _ground(environment))


def _ground(environment):
    """What every template stands on: this Odoo, and the attachments of this cache."""
    return f"{environment.odoo.identity} {environment.databases.mark}"


def core(environment):
    """Odoo with every application the suite touches, without the suite."""
    return Template("core", CORE_MODULES, "", parent=bare(environment))


def suite(environment):
    """The core template with all our addons but the demo company."""
    names = tuple(addons.suite())
    if not names:
        return core(environment)
    return Template(
        "suite",
        names,
        addons.fingerprint(names),
        core(environment),
        strict=True,
        pages=True,
    )


def demo(environment, today):
    """The demo company with all our addons, in English and French.

    :param str today: the day its history ends on
    """
    base = Template("trade", TRADE_MODULES, _ground(environment))
    key = addons.fingerprint((*addons.suite(), addons.DEMO)) + today
    languages = ("--load-language=en_US,fr_FR",)
    # With what it needs; glue to applications that it has not stays out.
    return Template("demo", (addons.DEMO,), key, base, options=languages)


def ready(environment, template):
    """The name of the template's database, built when it is not there."""
    databases = environment.databases
    if not databases.exists(template.name):
        parent = template.parent and ready(environment, template.parent)
        _build(environment, template, parent)
    databases.note(template.name, used=time.time(), mark=databases.mark)
    _forget_old(databases, template.kind)
    return template.name


def _build(environment, template, parent):
    databases = environment.databases
    building = f"{template.name}_new_{databases.mark}"
    require_space(environment.folder, 1, "a database")
    with stage(f"database: {template.kind} ({len(template.modules)} modules named)"):
        databases.drop(building)
        if parent:
            databases.clone(parent, building)
        install(environment, building, template)
        environment.server.sql("VACUUM ANALYZE", building)
        databases.close(building)
        databases.rename(building, template.name)


def install(environment, database, template):
    """Install a template's modules; a strict one may not log a warning meanwhile."""
    modules = ",".join(template.modules)
    complaints = run_odoo_once(environment, database, "-i", modules, *template.options)
    require_installed(environment.server, database, template.modules)
    if template.strict and complaints:
        raise Problem(f"Installing {modules} logged: {last_line(complaints[-1])}")
    if template.pages:
        run_odoo_script(environment, database, BUILD_PAGES)


def require_installed(server, database, modules):
    """Refuse a database in which Odoo left a module out, which it does in silence where
    something is missing that the module needs."""
    installed = server.sql(
        "SELECT name FROM ir_module_module WHERE state = 'installed'", database
    )
    if missing := sorted(set(modules) - set(installed)):
        raise Problem(f"Odoo did not install {', '.join(missing)} in {database}.")


def run_odoo_script(environment, database, script):
    """Have `odoo shell` run a script on a database; it commits by itself.

    :raises Problem: when it fails
    """
    done = subprocess.run(
        environment.odoo_command("shell", "-d", database, "--no-http"),
        input=script,
        env=environment.variables(),
        text=True,
        errors="replace",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        raise Problem(f"A script failed on {database}: {last_line(done.stdout)}")


def run_odoo_once(environment, database, *arguments):
    """Have Odoo install or update a database and stop.

    :return: the warnings and errors it logged about the database
    :raises Problem: when it fails
    """
    done = subprocess.run(
        environment.odoo_command(
            "server", "-d", database, "--no-http", "--max-cron-threads=0",
            "--stop-after-init", "--log-level=warn", *arguments,
        ),
        env=environment.variables(),
        text=True,
        errors="replace",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )  # fmt: skip
    complaints = logged_problems(done.stdout, database)
    for complaint in complaints:
        say(complaint)
    if done.returncode:
        reason = last_line(complaints[-1] if complaints else done.stdout)
        raise Problem(f"Odoo could not set up the database {database}: {reason}")
    return complaints


def logged_problems(log, database):
    """The warnings and errors that an Odoo log holds about a database.

    What Odoo logs before it opens the database, and Python's own warnings about code
    that is not ours, are left out.

    :return: the records, each with the lines that belong to it
    """
    records = []
    for line in log.splitlines():
        if LOG_RECORD.match(line):
            records.append(line)
        elif records:
            records[-1] += f"\n{line}"
    return [record for record in records if _concerns_us(record, database)]


def _concerns_us(record, database):
    found = LOG_RECORD.match(record)
    if found["level"] == "INFO" or found["database"] != database:
        return False
    return " py.warnings: " not in record or str(addons.FOLDER) in record


def _forget_old(databases, kind):
    """Drop all but the latest used templates of a kind, those of other caches apart."""
    pattern = re.compile(rf"{PREFIX}{kind}_[0-9a-f]{{12}}")
    facts = {
        name: databases.facts(name)
        for name in databases.names()
        if pattern.fullmatch(name)
    }
    # An older version noted no cache.
    ours = [n for n in facts if facts[n].get("mark", databases.mark) == databases.mark]
    ours.sort(key=lambda name: facts[name].get("used", 0), reverse=True)
    for name in ours[KEPT_OF_A_KIND:]:
        databases.drop(name)


def temporary_name(databases, purpose, pid):
    """The name of a database that lives as long as the process that uses it."""
    return f"{PREFIX}run_{databases.mark}_{purpose}_{pid}"


def forget_abandoned(databases):
    """Drop what killed commands left: their databases, and half-built templates.

    To be called with the cache locked, when no template is being built.
    """
    for name in databases.names():
        run = re.match(rf"{PREFIX}run_{databases.mark}_\w+?_(\d+)", name)
        half_built = re.fullmatch(rf"{PREFIX}\w+_new_{databases.mark}", name)
        if half_built or (run and not process_alive(int(run.group(1)))):
            databases.drop(name)
