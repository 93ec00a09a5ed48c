"""The command `bench/run`."""

import argparse
import json
import os
import platform
import time
from datetime import date
from pathlib import Path

from environment import build
from environment.progress import say, stage

from . import databases, pairs, plan, table
from .processes import run_module

BENCH = Path(__file__).resolve().parent.parent
PARTS = ("install", "reading", "acts", "index", "dunning", "disputes")
ACTS = ("confirm", "post", "validate", "reconcile")
VARIANTS = ("plain", "suite", "oca")
#: With more customers, OCA's dunning does not come to an end in an hour.
LARGEST_OF_OCA = 4_000
#: How often what reads the whole ledger is repeated.
ROUNDS = {"plain": 3, "suite": 7, "oca": 1}
CUSTOMERS_OF_ACTS = """
SELECT partner.id
  FROM res_partner partner
 WHERE (partner.credit_limit ->> '1')::float >= 50000
   AND (SELECT COALESCE(SUM(line.amount_residual), 0)
          FROM account_move_line line
          JOIN account_account account ON account.id = line.account_id
         WHERE line.partner_id = partner.id
           AND account.account_type = 'asset_receivable'
           AND line.parent_state = 'posted') BETWEEN 100 AND 10000
   AND (SELECT COALESCE(SUM(sale.amount_total / sale.currency_rate), 0)
          FROM sale_order sale
         WHERE sale.partner_id = partner.id AND sale.state = 'sale'
           AND sale.invoice_status = 'to invoice') < 10000
 ORDER BY partner.id
 LIMIT 50
"""


def main(arguments):
    options = parse(arguments)
    size = plan.SIZES[options.size]
    with build.prepared() as environment:
        run = Run(environment, size, options)
        for part in options.only or PARTS:
            with stage(f"{part}, size {size.name}"):
                run.results[part] = getattr(run, part)()
            run.keep()
        databases.forget_old(environment)
        table.write(BENCH)
        for row in table.verdicts(run.results):
            say("  " + " | ".join(row))
    return 0


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="bench/run",
        description="Measure the suite beside plain Odoo and OCA's addons on a ledger "
        "of a stated size, and write the table in bench/README.md.",
    )
    parser.add_argument("--size", choices=plan.SIZES, default="S")
    parser.add_argument(
        "--only", choices=PARTS, action="append", help="a part, again for more of them"
    )
    parser.add_argument(
        "--variant",
        choices=VARIANTS,
        action="append",
        help="measure only these, for a look while working; the rest stays as it was",
    )
    parser.add_argument("--pairs", type=int, default=200, help="default: %(default)s")
    parser.add_argument(
        "--fresh", action="store_true", help="install suite and peers anew"
    )
    return parser.parse_args(arguments)


class Run:
    """One run on a size; what parts of it found is kept between runs."""

    def __init__(self, environment, size, options):
        self.environment = environment
        self.size = size
        self.options = options
        self.path = BENCH / "results" / f"{size.name}.json"
        self.results = {}
        if self.path.exists():
            self.results = json.loads(self.path.read_text())
        if options.fresh:
            databases.forget(
                environment,
                databases.suite_name(environment, size),
                databases.oca_name(environment, size),
            )

    @property
    def variants(self):
        return self.options.variant or VARIANTS

    def keep(self):
        self.results["machine"] = self._machine()
        self.results["size"] = self.size.name
        self.path.parent.mkdir(exist_ok=True)
        self.path.write_text(json.dumps(self.results, indent=1, sort_keys=True) + "\n")

    def _machine(self):
        server = self.environment.server
        return {
            "date": date.today().isoformat(),
            "cores": os.cpu_count(),
            "load": round(os.getloadavg()[0], 1),
            "processor": _processor(),
            "python": platform.python_version(),
            "postgresql": server.sql("SHOW server_version")[0],
            "odoo": self.environment.odoo.identity,
            "ledger": self._ledger_counts(),
        }

    def _ledger_counts(self):
        name = databases.ledger_name(self.environment, self.size)
        return self.environment.databases.facts(name).get("counts")

    def _database(self, variant):
        """(name of the template, Odoo configuration) of a variant."""
        if variant == "oca":
            configuration = databases.oca_configuration(self.environment)
            return databases.oca(self.environment, self.size), configuration
        make = {"plain": databases.ledger, "suite": databases.suite}[variant]
        return make(self.environment, self.size), None

    def _update(self, part, found):
        return {**self.results.get(part, {}), **found}

    def install(self):
        facts = {}
        for variant in self.variants:
            if variant != "plain":
                name, _configuration = self._database(variant)
                facts[variant] = self.environment.databases.facts(name)
        return self._update("install", facts)

    def reading(self):
        found = {}
        for variant in self.variants:
            template, configuration = self._database(variant)
            with databases.copies(self.environment, template) as (name,):
                found[variant] = run_module(
                    self.environment,
                    "reading",
                    name,
                    variant,
                    ROUNDS[variant],
                    configuration=configuration,
                )
        return self._update("reading", found)

    def acts(self):
        where = {variant: self._database(variant) for variant in self.variants}
        return self._update("acts", self._compare(where, ACTS))

    def _sql(self, statement, database):
        return self.environment.server.sql(statement, database)

    def _compare(self, where, acts, before=None):
        """Run acts by turns in copies of the databases.

        :param before: called with the name of the first copy
        """
        templates = [template for template, _configuration in where.values()]
        with databases.copies(self.environment, *templates) as names:
            copied = {
                variant: (name, configuration)
                for (variant, (_template, configuration)), name in zip(
                    where.items(), names, strict=True
                )
            }
            if before:
                before(names[0])
            customers = list(map(int, self._sql(CUSTOMERS_OF_ACTS, names[0])))
            count = self.options.pairs
            return pairs.compare(self.environment, copied, customers, acts, count)

    def dunning(self):
        """What the nights of the suite cost, and OCA's run where it comes to an end."""
        found = {}
        variants = [v for v in self.variants if v in self._get_dunning()]
        for variant in variants:
            template, configuration = self._get_dunning()[variant]()
            with databases.copies(self.environment, template) as (name,):
                found[variant] = run_module(
                    self.environment,
                    "dunning",
                    name,
                    variant,
                    configuration=configuration,
                )
        return self._update("dunning", found)

    def _get_dunning(self):
        """{variant: function that returns (template, configuration)}."""
        found = {"suite": lambda: self._database("suite")}
        if self.size.customers <= LARGEST_OF_OCA:
            found["oca"] = lambda: databases.oca_dunning(self.environment, self.size)
        return found

    def disputes(self):
        """What open disputes cost a night, and opening many at once."""
        template, configuration = self._database("suite")
        share = self.size.customers / plan.SIZES["M"].customers
        with databases.copies(self.environment, template) as (name,):
            return run_module(
                self.environment, "disputes", name, share, configuration=configuration
            )

    def index(self):
        """What the suite's indexes on journal items cost those who write them."""
        template, _configuration = self._database("suite")
        added = self.environment.databases.facts(template).get("indexes")
        if not added:
            return {}
        where = {"plain": (template, None), "suite": (template, None)}
        facts = {}

        def take_off(without):
            facts.update(self._rebuild(added, without))
            for name in added:
                self._sql(f"DROP INDEX {name}", without)

        found = self._compare(where, ("post", "reconcile"), before=take_off)
        for act, variants in found.items():
            facts[act] = variants["suite"]["over plain"]
        return {", ".join(sorted(added)): facts}

    def _rebuild(self, indexes, database):
        """The size of indexes and the seconds of building them."""
        names = ", ".join(f"'{name}'::regclass" for name in indexes)
        size = self._sql(
            "SELECT pg_size_pretty(SUM(pg_relation_size(name)))"
            f" FROM unnest(ARRAY[{names}]) AS name",
            database,
        )[0]
        began = time.monotonic()
        for name, definition in indexes.items():
            self._sql(f"DROP INDEX {name}", database)
            self._sql(definition, database)
        return {"size": size, "seconds": time.monotonic() - began}


def _processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
