"""The living demo company: built once a day, started with its mailbox."""

import argparse
import ctypes
import fcntl
import os
import re
import signal
import socket
import subprocess
import textwrap
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from datetime import date

from . import addons, build, cache, templates
from .databases import check_name
from .problems import Problem, last_line
from .progress import say, stage, total

LOOPBACK = "127.0.0.1"
PORT, DATABASE = 8069, "demo"
PR_SET_PDEATHSIG = 1
# Updating it updates all that stands on it.
GROUND = "ar_ledger"
START_LIMIT = 120
STOP_LIMIT = 20
LOGINS = {
    "accountant": "runs the night, works the list, opens disputes",
    "salesperson": "quotes, sees why an order is held, asks for its release",
    "manager": "the credit manager: grants limits, releases orders with a reason",
    "warehouse": "delivers, and sees which transfers are stopped",
    "customer": "the portal: what a customer sees of their account",
    "admin": "everything, settings included",
}
# The customers are those of ar_demo, which is the same whenever it is built.
IDEAS = (
    "accountant: Invoicing > Receivables shows who owes what, since when and why; "
    "open Transports Marchetti, tab Receivables.",
    "salesperson: confirm the quotation of Hôtel du Lac Bleu; it is held, with the "
    "reason and the figures. Ask for its release.",
    "manager: release the quotation of Ateliers Bonnard with a reason; now the "
    "salesperson can confirm it.",
    "accountant: open a dispute on an overdue invoice; its reminders stop. Press "
    "Send Now on another customer's reminder, and read it on the page of mails.",
    "warehouse: validate the delivery to Garage Perrin: an alert stops it. As the "
    "accountant register the overdue payments; then it validates.",
)


def main(arguments):
    """Prepare, start, say what to try, and run until Ctrl-C."""
    options = parse(arguments)
    with only_demo(cache.root(), options.db), build.prepared() as environment:
        require_free_port(options.port)
        with cache.locked(environment.folder):
            prepare_database(environment, options.db, options.reset)
        with running(environment, options) as (odoo, mail_port):
            say(welcome(environment, options, mail_port))
            try:
                odoo.wait()
            except KeyboardInterrupt:
                say("\nStopping.")
                return 0
        raise Problem(f"Odoo stopped by itself; see {log_file(environment, options)}.")


def parse(arguments):
    parser = argparse.ArgumentParser(
        prog="setup/demo",
        description="Start a demo company of the receivables suite in Odoo 19.",
    )
    parser.add_argument(
        "--port", type=check_port, default=PORT, help=f"default: {PORT}"
    )
    parser.add_argument("--db", type=check_name, default=DATABASE, metavar="NAME")
    parser.add_argument("--reset", action="store_true", help="begin again from today")
    return parser.parse_args(arguments)


def check_port(text):
    """Refuse what is no port that a user may listen on."""
    if text.isascii() and text.isdigit() and 1024 <= int(text) <= 65535:
        return int(text)
    raise Problem(f"{text!r} is no usable port: choose a number from 1024 to 65535.")


@contextmanager
def only_demo(folder, name):
    """Hold a demo database for one command: it ends with it, even when it is killed."""
    with open(folder / f"demo-{name}.lock", "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Problem(
                f"The demo {name} is running already: stop it with Ctrl-C where it was "
                "started, or choose another --db and --port."
            ) from None
        yield


def require_free_port(port):
    """Refuse a port that is in use, before anything is built."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            raise Problem(
                f"Port {port} is taken: stop what uses it, or choose another, for "
                f"example: setup/demo --port {port + 1 if port < 65535 else PORT}"
            ) from None


def log_file(environment, options):
    return environment.folder / f"demo-{options.db}.log"


def free_port():
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return probe.getsockname()[1]


def prepare_database(environment, name, reset):
    """Have the demo database of these very addons: made, brought up to date or kept."""
    databases = environment.databases
    templates.forget_abandoned(databases)
    facts = databases.facts(name)
    if databases.exists(name) and "addons" not in facts:
        raise Problem(
            f"The database {name} was not made by setup/demo: choose another --db."
        )
    if reset or not databases.exists(name):
        _make(environment, name)
    elif facts["addons"] != fingerprint():
        _update(environment, name)
    made_on = databases.facts(name)["made_on"]
    if made_on != date.today().isoformat():
        say(f"  The demo was made on {made_on}; --reset makes it anew for today.")


def _make(environment, name):
    """Clone the day's demo company, under another name until it is whole."""
    databases, today = environment.databases, date.today().isoformat()
    template = templates.ready(environment, templates.demo(environment, today))
    building = templates.temporary_name(databases, "demo", os.getpid())
    databases.clone(template, building)
    databases.note(building, addons=fingerprint(), made_on=today)
    databases.drop(name)
    databases.rename(building, name)


def _update(environment, name):
    """Bring a demo that was made of other addons up to date, with what is in it."""
    with stage("the addons have changed: bringing the demo up to date"):
        try:
            templates.run_odoo_once(environment, name, "-i", addons.DEMO, "-u", GROUND)
        except Problem as problem:
            raise Problem(f"{problem}\nTo begin again: setup/demo --reset") from None
    environment.databases.note(name, addons=fingerprint())


def demo_addons():
    return (*addons.suite(), addons.DEMO)


def fingerprint():
    return addons.fingerprint(demo_addons())


@contextmanager
def running(environment, options):
    """Odoo and the mailbox, both ended on leaving: (Odoo's process, mailbox port)."""
    smtp_port, mail_port = free_port(), free_port()
    log = log_file(environment, options)
    with stage("start Odoo and the mailbox"), open(log, "w") as output:
        mailbox = start(
            [environment.python, "-m", "environment.mail_catcher",
             environment.folder / "mail" / options.db, smtp_port, mail_port],
            environment.variables(), output,
        )  # fmt: skip
        command = odoo_command(environment, options, smtp_port)
        odoo = start(command, offline(environment.variables()), output)
    try:
        with stage("wait for the first page"):
            wait_until_ready(f"http://{LOOPBACK}:{options.port}/web/login", odoo, log)
        yield odoo, mail_port
    finally:
        with undisturbed():
            for process in (odoo, mailbox):
                stop(process)


@contextmanager
def undisturbed():
    """Let a second Ctrl-C, or another ending, not leave half of it running."""
    endings = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {ending: signal.signal(ending, signal.SIG_IGN) for ending in endings}
    try:
        yield
    finally:
        for ending, handler in before.items():
            signal.signal(ending, handler)


def start(command, variables, output):
    """Start a program that Ctrl-C does not reach: it is stopped by us, in order; or by
    the system, where we are killed."""
    return subprocess.Popen(
        [str(part) for part in command],
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        preexec_fn=end_with_parent,
    )


def end_with_parent():
    """Have the system end this process when the one that started it is gone."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def odoo_command(environment, options, smtp_port):
    """Odoo on the demo database only, with its scheduled actions, its mail to us."""
    return environment.odoo_command(
        "server", "-d", options.db, "--db-filter", f"^{re.escape(options.db)}$",
        "--no-database-list", "--http-port", options.port, "--smtp", LOOPBACK,
        "--smtp-port", smtp_port, "--email-from", "demo@example.com",
    )  # fmt: skip


def offline(variables):
    """Process variables that send every call to the internet into a closed door."""
    closed = f"http://{LOOPBACK}:9"
    names = ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY")
    local = f"{LOOPBACK},localhost"
    return {
        **variables,
        **dict.fromkeys(names, closed),
        "no_proxy": local,
        "NO_PROXY": local,
    }


def wait_until_ready(address, odoo, log):
    """Wait for Odoo's first page, which also builds its stylesheets."""
    deadline = time.monotonic() + START_LIMIT
    while time.monotonic() < deadline and odoo.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=START_LIMIT):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.3)
    reason = last_line(log.read_text(errors="replace"))
    raise Problem(f"Odoo did not start: {reason} (its log is {log})")


def stop(process):
    """End a program, by force when it does not go."""
    process.terminate()
    try:
        process.wait(STOP_LIMIT)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def welcome(environment, options, mail_port):
    """What the user reads when the demo is up."""
    logins = "\n".join(f"  {login:12} {what}" for login, what in LOGINS.items())
    ideas = "\n".join(
        textwrap.fill(
            f"{n}. {idea}", 88, initial_indent="  ", subsequent_indent=" " * 5
        )
        for n, idea in enumerate(IDEAS, 1)
    )
    return f"""
The demo is ready, after {total():.0f} s.

  Odoo        http://{LOOPBACK}:{options.port}
  Its mails   http://{LOOPBACK}:{mail_port}  (nothing leaves this machine)
  Its log     {log_file(environment, options)}

Log in as (the password is the login):
{logins}

Five things to try:
{ideas}

Ctrl-C stops everything; setup/demo starts it again as you left it."""
