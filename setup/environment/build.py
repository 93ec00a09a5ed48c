"""The whole environment: prepared once, described by one object."""

import fcntl
import os
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import addons, cache, debian, odoo_source, postgres, python_environment
from .cache import digest
from .databases import Databases
from .problems import Problem
from .progress import use_plain_output

PDF_PROGRAM = {"wkhtmltopdf": "wkhtmltopdf"}
BROWSER = {"chromium": "chromium"}
FIRST_SETUP_GIGABYTES = 5
BROWSER_NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome",
    "google-chrome-stable",
)


@dataclass(frozen=True)
class Environment:
    """All that is needed to run Odoo on this machine."""

    folder: Path
    python: Path
    odoo: odoo_source.OdooSource
    server: postgres.Server

    @property
    def databases(self):
        return Databases(self.server, self.data_dir)

    @property
    def data_dir(self):
        """Attachments belong to a server's databases, so each server has its own."""
        return self.folder / "data" / self.server.name

    def variables(self, configuration=None):
        """Process variables for a command that imports Odoo."""
        setup = Path(__file__).resolve().parent.parent
        paths = [str(self.odoo.python_path), str(setup)]
        return {
            **self.server.environ(),
            "PYTHONPATH": os.pathsep.join(paths),
            "ODOO_RC": str(configuration or self.configuration()),
            "AR_CACHE": str(self.folder),
        }

    def configuration(self, addons_folder=addons.FOLDER):
        """Write the Odoo configuration of this clone and return its path."""
        paths = [*self.odoo.addons_paths, addons_folder]
        if comma := next((path for path in paths if "," in str(path)), None):
            raise Problem(
                f"{comma}: Odoo finds no addons in a folder with a comma in its path. "
                "Move or rename it."
            )
        present = [str(path) for path in paths if any(path.glob("*/__manifest__.py"))]
        self.data_dir.mkdir(parents=True, exist_ok=True)
        options = {
            "addons_path": ",".join(present),
            "data_dir": self.data_dir,
            "db_host": self.server.variables.get("PGHOST", False),
            "db_port": self.server.variables.get("PGPORT", False),
            "db_user": self.server.variables.get("PGUSER", False),
            "http_interface": "127.0.0.1",
            # Nothing listens there: mail leaves only where a command says so.
            "smtp_server": "127.0.0.1",
            "smtp_port": 9,
            "workers": 0,
        }
        lines = "".join(f"{name} = {value}\n" for name, value in options.items())
        path = self.folder / f"odoo-{digest(lines)}.conf"
        if not path.exists():
            cache.write(path, f"[options]\n{lines}")
        return path

    def odoo_command(self, *arguments):
        """The command line of an Odoo command."""
        return [str(self.python), "-m", "odoo", *map(str, arguments)]


@contextmanager
def prepared(browser=False):
    """The Environment, made ready; at the end its server stops if nobody else uses it.

    :param browser: whether browser tests will run
    """
    use_plain_output()
    python_environment.require_supported_python()
    folder = cache.root()
    with open(folder / "in-use", "w") as users:
        with cache.locked(folder):
            fcntl.flock(users, fcntl.LOCK_SH)
            environment = _prepare(folder, browser)
        try:
            yield environment
        finally:
            _leave(environment, users)


def _prepare(folder, browser):
    """Install, download and start whatever is missing."""
    programs = dict(PDF_PROGRAM)
    if browser and not any(map(debian.present, BROWSER_NAMES)):
        programs.update(BROWSER)
    debian.require_programs(programs)
    if not (folder / "data").exists():
        cache.require_space(folder, FIRST_SETUP_GIGABYTES, "the first setup")
    archive = debian.Archive(folder)
    odoo, python = side_by_side(
        lambda: odoo_source.find(archive), lambda: python_environment.find(archive)
    )
    return Environment(folder, python, odoo, postgres.find(folder, python))


def _leave(environment, users):
    """Stop the server unless another command uses it, or is about to."""
    with open(environment.folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        environment.server.stop_if_idle()


def side_by_side(*tasks):
    """Run functions at the same time and return their results in order."""
    results, failures = [None] * len(tasks), []

    def work(position, task):
        try:
            results[position] = task()
        except Problem as problem:
            failures.append(problem)

    threads = [
        threading.Thread(target=work, args=pair, daemon=True)
        for pair in enumerate(tasks)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results
