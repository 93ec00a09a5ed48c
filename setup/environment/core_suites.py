"""Odoo's own tests with and without our addons, compared test by test.

Four variants: without our addons, with them installed but switched off (as they are
after installation), and switched on in every company, also those the tests make: first
as one switches them on, with credit limits observed, then with orders held.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field

from . import addons, build, cache, templates
from .problems import Problem
from .progress import say, stage
from .python_environment import LOCK
from .test_run import temporary_clone

SUITES = ("account", "sale", "sale_stock")
VARIANTS = ("without", "off", "on", "hold")
TITLES = {
    "without": "without ours",
    "off": "installed, off",
    "on": "switched on",
    "hold": "orders held",
}
MOST_EXTRA_QUERIES = 2
REPORT = addons.CLONE / "docs/core-suites.md"
#: Tests of what our addons take the place of once orders are held, each with what is so
#: instead. They are run and listed like the others.
REPLACED = {
    "sale.tests.test_credit_limit.TestSaleOrderCreditLimit." + name: reason
    for name, reason in {
        "test_credit_limit_and_warning_overinvoiced_sales_order": "the second order "
        "is over the limit and held, so it does not count as confirmed",
        "test_credit_limit_multicurrency": "the banner speaks in other words",
        "test_invoice_independent_of_credit_to_invoice": "the banner speaks in other "
        "words, and counts orders",
        "test_warning_on_invoice_with_downpayment": "the banner speaks in other words",
    }.items()
}
PASSED, FAILED, SKIPPED, NOT_RUN = "passed", "failed", "skipped", "not run"
CREDIT_MODES = {"on": "observe", "hold": "hold"}

# Read by `odoo shell`: every switch on, in the companies there are and in new ones.
SWITCH_ON = """
credit_mode = {credit_mode!r}
companies = env["res.company"].search([("parent_id", "=", False)])
switches = dict(
    ar_ledger_active=True,
    ar_credit_limit_mode=credit_mode,
    ar_dunning_active=True,
    ar_dispute_active=True,
    ar_risk_active=True,
)
for name, value in switches.items():
    if name in companies._fields:
        env["ir.default"].set("res.company", name, value)
        companies[name] = value
env.cr.commit()
"""

RECORD = re.compile(r"^\d{4}-\S+ \S+ \d+ [A-Z]+ \S+ (?P<logger>\S+): (?P<text>.*)$")
STARTING = re.compile(r"Starting (?P<test>\S+\.\S+) \.\.\.")
SKIPPING = re.compile(r"skipped (?P<test>\S+\.\S+) : ")
FAILING = re.compile(r"(?:FAIL|ERROR): (?:Subtest )?(?P<test>\S+\.\S+)")
CLASS_FAILING = re.compile(r"ERROR: (?P<what>setUp\w+|tearDown\w+) \((?P<test>\S+)\)")
#: What Odoo logs when all tests have run.
ENDING = re.compile(r"odoo\.tests\.result: \d+ failed, \d+ error\(s\) of \d+ tests")
TOO_MANY = re.compile(r"Query count more than expected for user \S+: (\d+) > (\d+) in")


@dataclass
class Result:
    """What one test did: its outcome, and [count, bound] of each query bound broken."""

    outcome: str = PASSED
    queries: list = field(default_factory=list)
    other_reason: str = ""


def main(arguments):
    """Run what was not run yet of these addons, compare, report; 1 on a new failure."""
    options = parse(arguments)
    suites, variants = options.suite or SUITES, options.variant or VARIANTS
    parts = [(suite, variant) for variant in variants for suite in suites]
    with build.prepared(browser=True) as environment:
        if options.again:
            forget(environment, parts)
        if len(parts) == 1:
            run_part(environment, *parts[0])
        else:
            run_side_by_side(environment, parts)
        results = {part: read_results(kept_file(environment, *part)) for part in parts}
        add_plain(environment, results)
    for (suite, variant), tests in results.items():
        say(f"{suite}, {TITLES[variant]}: {counted(tests)}")
    broken = new_failures(results)
    for _suite, variant, name in broken:
        say(f"New failure, {TITLES[variant]}: {name}")
    if len(parts) == len(SUITES) * len(VARIANTS):
        REPORT.parent.mkdir(exist_ok=True)
        REPORT.write_text(report(results))
        name = REPORT.relative_to(addons.CLONE)
        say(f"{name} is written: {len(broken)} new failures.")
    for suite in (alone := without_plain(results)):
        say(f"{suite} is compared with nothing: run it with --variant without too.")
    return 1 if broken or alone else 0


def without_plain(results):
    """The suites of which it is not known what they do without our addons."""
    suites = {suite for suite, _variant in results}
    return sorted(s for s in suites if (s, VARIANTS[0]) not in results)


def forget(environment, parts):
    """What is run again has no results before it has run."""
    for part in parts:
        kept_file(environment, *part).unlink(missing_ok=True)


def add_plain(environment, results):
    """Add what the suites do without our addons, where that is known: a part is
    compared with it too."""
    for suite in {suite for suite, _variant in results}:
        kept = kept_file(environment, suite, VARIANTS[0])
        if (suite, VARIANTS[0]) not in results and kept.exists():
            results[suite, VARIANTS[0]] = read_results(kept)


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="setup/core-suites",
        description="Run Odoo's own tests without and with our addons, and compare.",
    )
    parser.add_argument("--suite", action="append", choices=SUITES)
    parser.add_argument("--variant", action="append", choices=VARIANTS)
    parser.add_argument("--again", action="store_true", help="also what was run before")
    return parser.parse_args(arguments)


def template_of(environment, variant):
    if variant == "without":
        return templates.core(environment)
    return templates.suite(environment)


def kept_file(environment, suite, variant):
    """Where the results of a suite are kept, for this state of the addons and of the
    packages that Odoo runs on."""
    packages = cache.digest(LOCK.read_text())
    template = template_of(environment, variant).name
    name = f"{suite}-{variant}-{template}-{packages}.json"
    return environment.folder / "core-suites" / name


def run_side_by_side(environment, parts):
    """Run parts as commands of their own, as many at a time as there are cores."""
    waiting = [part for part in parts if not kept_file(environment, *part).exists()]
    running = []
    try:
        while waiting or running:
            while waiting and len(running) < (os.cpu_count() or 1):
                running.append(start_part(*waiting.pop(0)))
            running = [process for process in running if process.poll() is None]
            time.sleep(0.5)
    finally:
        for process in running:
            process.terminate()
            process.wait()


def start_part(suite, variant):
    command = [sys.executable, addons.CLONE / "setup/core-suites"]
    return subprocess.Popen([*command, "--suite", suite, "--variant", variant])


def run_part(environment, suite, variant):
    """Run one suite in one variant and keep its results, once for these addons."""
    kept = kept_file(environment, suite, variant)
    if kept.exists():
        return
    log = kept.with_suffix(".log")
    log.parent.mkdir(exist_ok=True)
    with stage(f"Odoo's own tests of {suite}, {TITLES[variant]} (log: {log})"):
        run_suite(environment, suite, variant, log)
    text = log.read_text(errors="replace")
    results = read_log(text)
    if not results:
        raise Problem(f"No test of {suite} ran; see {log}.")
    if not ENDING.search(text):
        raise Problem(f"The tests of {suite} were cut off; see {log}.")
    plain = {test: asdict(result) for test, result in results.items()}
    cache.write(kept, json.dumps(plain, indent=1))


def read_results(kept):
    """The kept results of one suite: {test: Result}."""
    if not kept.exists():
        raise Problem(f"{kept.stem} did not run to its end; run the command again.")
    return {test: Result(**kept) for test, kept in json.loads(kept.read_text()).items()}


def run_suite(environment, suite, variant, log):
    """Have Odoo test one of its modules on a fresh database, and log to a file.

    Without -u: then Odoo runs the tests of what is installed, and updates nothing.
    """
    with clone_for(environment, suite, variant) as database:
        command = environment.odoo_command(
            "server", "-d", database, "--test-tags", f"/{suite}", "--stop-after-init",
            "--log-level=info", "--max-cron-threads=0",
            "--http-port", 0,
        )  # fmt: skip
        with open(log, "w") as output:
            subprocess.run(
                command,
                env=environment.variables(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )


@contextmanager
def clone_for(environment, suite, variant):
    """A database for one suite in one variant."""
    purpose, template = f"{suite}_{variant}", template_of(environment, variant)
    with temporary_clone(environment, purpose, template) as database:
        if credit_mode := CREDIT_MODES.get(variant):
            script = SWITCH_ON.format(credit_mode=credit_mode)
            templates.run_odoo_script(environment, database, script)
        yield database


def read_log(log):
    """What every test did, read from Odoo's log.

    :return: {"module.file.Class.test": Result}
    """
    results, failing = {}, None
    for line in log.splitlines():
        record = RECORD.match(line)
        if record:
            failing = _read_record(results, record["logger"], record["text"])
        elif failing:
            _read_reason(failing, line)
    return results


def _read_record(results, logger, text):
    """Note what a log record says of a test; the Result when it tells of a failure."""
    module = logger.removeprefix("odoo.addons.")
    if found := STARTING.match(text):
        results.setdefault(f"{module}.{found['test']}", Result())
    elif found := SKIPPING.match(text):
        results.setdefault(f"{module}.{found['test']}", Result()).outcome = SKIPPED
    elif found := CLASS_FAILING.match(text):
        name = f"{found['test'].removeprefix('odoo.addons.')}.{found['what']}"
        return results.setdefault(name, Result(FAILED))
    elif found := FAILING.match(text):
        result = results.setdefault(f"{module}.{found['test']}", Result())
        result.outcome = FAILED
        return result
    return None


def _read_reason(result, line):
    """Read a line below a failure: the exception stands at the line's beginning."""
    if found := TOO_MANY.search(line):
        result.queries.append([int(found[1]), int(found[2])])
    elif re.match(r"[\w.]*(Error|Exception|Failure|Warning|Timeout)\b", line):
        result.other_reason = result.other_reason or line[:200]


def extra_queries(result, plain):
    """How many queries more than allowed, and than without our addons, a test made.

    :return: None when it failed for another reason
    """
    if result.other_reason or not result.queries:
        return None
    before = {bound: count for count, bound in (plain.queries if plain else ())}
    return max(count - before.get(bound, bound) for count, bound in result.queries)


def is_new_failure(result, plain):
    """Whether our addons broke a test, a query bound exceeded a little set aside."""
    was = plain.outcome if plain else NOT_RUN
    if result is None:
        return was == PASSED
    if result.outcome != FAILED or (was == FAILED and plain.other_reason):
        return result.outcome == SKIPPED and was == PASSED
    extra = extra_queries(result, plain)
    return extra is None or extra > MOST_EXTRA_QUERIES


def compare(plain, variants):
    """The tests whose outcome or query counts depend on our addons.

    :param plain: {test: Result} without ours
    :param variants: {variant: {test: Result}}
    :return: sorted test names
    """
    names = set(plain).union(*variants.values())
    return sorted(
        name
        for name in names
        if any(
            _told(tests.get(name)) != _told(plain.get(name))
            for tests in variants.values()
        )
    )


def _told(result):
    """What the report says of a test's result."""
    if result is None:
        return NOT_RUN
    bounds = ", ".join(f"{count} > {bound}" for count, bound in result.queries)
    reasons = [f"queries {bounds}" if bounds else "", result.other_reason]
    told = "; ".join(reason.replace("|", "/") for reason in reasons if reason)
    return f"{result.outcome}: {told}" if told else result.outcome


def by_suite(results):
    """Split {(suite, variant): tests} into (suite, plain, {variant: tests})."""
    for suite in dict.fromkeys(suite for suite, _variant in results):
        plain = results.get((suite, VARIANTS[0]))
        if plain is not None:
            ours = {v: results[suite, v] for v in VARIANTS[1:] if (suite, v) in results}
            yield suite, plain, ours


def new_failures(results):
    """(suite, variant, test) of every test that our addons broke."""
    return [
        (suite, variant, name)
        for suite, plain, variants in by_suite(results)
        for variant, tests in variants.items()
        for name in compare(plain, {variant: tests})
        if is_new_failure(tests.get(name), plain.get(name))
        and not (variant == "hold" and name in REPLACED)
    ]


def counted(tests):
    """How many tests had which outcome, in words."""
    outcomes = [result.outcome for result in tests.values()]
    parts = [f"{outcomes.count(o)} {o}" for o in (PASSED, FAILED, SKIPPED)]
    return ", ".join(parts)


def report(results):
    """The text of docs/core-suites.md."""
    broken = new_failures(results)
    lines = [
        "# Odoo's own tests, with our addons",
        "",
        "Made by `setup/core-suites`. Odoo 19 runs its own tests of `account`, `sale` "
        "and `sale_stock` four times on the same applications: without our addons, "
        "with all of them installed and switched off (as installation leaves them), "
        "with every switch on in every company and credit limits observed (as one "
        "begins), and with orders over the limit held. A new failure is not accepted, "
        "except a query-count bound exceeded by at most "
        f"{MOST_EXTRA_QUERIES}; where orders are held, the tests of the warning that "
        "gives way to it fail by design and are listed apart.",
        "",
        f"**New failures: {len(broken) or 'none'}.**",
        "",
        "| suite | " + " | ".join(TITLES.values()) + " |",
        "| --- |" + " --- |" * len(TITLES),
    ]
    for suite, plain, variants in by_suite(results):
        cells = (counted(tests) for tests in (plain, *variants.values()))
        lines.append(f"| {suite} | " + " | ".join(cells) + " |")
    for suite, plain, variants in by_suite(results):
        lines += ["", f"## {suite}", "", *_differences(plain, variants)]
    lines += ["", *_replacements(results)]
    return "\n".join(lines) + "\n"


def _replacements(results):
    """The tests that fail by design where orders are held, and why."""
    replaced = [
        f"- `{name}`: {REPLACED[name]}."
        for (_suite, variant), tests in results.items()
        for name, result in sorted(tests.items())
        if variant == "hold" and name in REPLACED and result.outcome == FAILED
    ]
    if not replaced:
        return ["No test fails by design."]
    return [
        "## By design",
        "",
        "Where orders are held, `ar_credit_limit` takes the place of Odoo's own "
        "warning about credit limits. These tests of that warning are not counted "
        "above:",
        "",
        *replaced,
    ]


def _differences(plain, variants):
    names = compare(plain, variants)
    if not names:
        return ["No test differs."]
    head = ["| test | " + " | ".join(TITLES.values()) + " |"]
    head.append("| --- |" + " --- |" * len(TITLES))
    return head + [
        f"| `{name}` | "
        + " | ".join(_told(tests.get(name)) for tests in (plain, *variants.values()))
        + " |"
        for name in names
    ]
