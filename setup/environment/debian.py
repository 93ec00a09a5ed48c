"""Debian's package archive, read without changing the system.

The mirror is the one this machine already uses. A private apt state below the cache
lets any user fetch packages, also from sid, the suite that carries Odoo 19.
"""

import os
import shutil
import threading
from pathlib import Path

from .commands import run
from .problems import Problem, download_problem
from .progress import stage

LAST_WITH_WKHTMLTOPDF = ("buster", "bullseye", "bookworm")
SID = "sid"
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


class Archive:
    """Downloads packages into ``folder/debs`` through a private apt state."""

    def __init__(self, folder):
        self.folder = folder
        self.debs = folder / "debs"
        self._lists_read = False
        self._one_at_a_time = threading.Lock()

    def fetch(self, packages, what):
        """The .deb files of ``packages``.

        :param dict packages: suite to names; the suite "own" is this machine's
        :param str what: what is fetched, for the sentence of a failure
        """
        with self._one_at_a_time:
            mirror, own_suite = configured_mirror()
            self._read_lists(mirror, own_suite, what)
            wanted = [
                f"{name}/{own_suite if suite == 'own' else suite}"
                for suite, names in packages.items()
                for name in names
            ]
            self._apt("download", *wanted, what=what)
        names = {name for group in packages.values() for name in group}
        return [newest(self.debs, name) for name in sorted(names)]

    def _read_lists(self, mirror, own_suite, what):
        if self._lists_read:
            return
        for path in ("debs", "apt/lists/partial", "apt/cache/archives/partial"):
            (self.folder / path).mkdir(parents=True, exist_ok=True)
        signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
        (self.folder / "apt/sources.list").write_text(
            "".join(f"deb {signed}{mirror} {s} main\n" for s in (own_suite, SID))
        )
        self._apt("update", what=what)
        self._lists_read = True

    def _apt(self, *arguments, what):
        """apt-get on the private state; the system's own lists stay as they are."""
        state = self.folder / "apt"
        options = {
            "Dir::Etc::sourcelist": state / "sources.list",
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::preferences": "-",
            "Dir::Etc::preferencesparts": "-",
            "Dir::State::Lists": state / "lists",
            "Dir::Cache": state / "cache",
            "APT::Sandbox::User": "root",
            "APT::Update::Error-Mode": "any",
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        pairs = [part for k, v in options.items() for part in ("-o", f"{k}={v}")]
        run(
            ["apt-get", "-qq", *pairs, *arguments],
            problem=lambda output: download_problem(what, output),
            cwd=self.debs,
            env={**os.environ, "LC_ALL": "C"},
        )


def configured_mirror():
    """The main archive among this machine's sources: (address, suite)."""
    if not present("apt-get"):
        raise Problem(
            "This machine has no apt-get to fetch Odoo 19 with: set ODOO_HOME to a "
            "folder that holds Odoo 19 and run again."
        )
    lines = run(
        [
            "apt-get",
            "indextargets",
            "--format",
            "$(REPO_URI) $(RELEASE) $(COMPONENT)",
            "Created-By: Packages",
        ]
    ).splitlines()
    return choose_mirror(lines, Path("/etc/os-release").read_text())


def choose_mirror(lines, os_release):
    """The first source that is a release of its own: not security, not updates.

    :param lines: "address suite component" of every configured source
    :param os_release: text of /etc/os-release
    """
    codename = _assigned(os_release, "VERSION_CODENAME")
    suites = {codename, "stable", "oldstable", "testing", "trixie", "bookworm", SID}
    targets = [line.split() for line in lines if len(line.split()) == 3]
    if _assigned(os_release, "ID") == "debian":
        for address, suite, component in targets:
            if suite in suites and component == "main":
                return address, suite
    raise Problem(
        "This machine's package sources are not Debian's, where Odoo 19 is taken "
        "from: set ODOO_HOME to a folder that holds Odoo 19 and run again."
    )


def _assigned(text, name):
    """The value of ``NAME=value`` in a shell-like file, or None."""
    for line in text.splitlines():
        key, _, value = line.partition("=")
        if key == name:
            return value.strip().strip('"')
    return None


def newest(folder, name):
    """The latest fetched file of a package."""
    files = sorted(folder.glob(f"{name}_*.deb"), key=lambda path: path.stat().st_mtime)
    if not files:
        raise Problem(f"The package {name} was not found in this machine's archive.")
    return files[-1]


def unpack(debs, prefix):
    """Unpack packages below ``prefix``, without installing them."""
    for deb in debs:
        run(["dpkg", "-x", deb, prefix], problem=f"{deb.name} cannot be unpacked")


def present(program):
    """Whether a program can be run on this machine."""
    return shutil.which(program) is not None


def require_packages(packages, os_release):
    """Say what to do where Debian no longer has a package.

    :param os_release: text of /etc/os-release
    """
    newer = _assigned(os_release, "ID") == "debian" and (
        _assigned(os_release, "VERSION_CODENAME") not in LAST_WITH_WKHTMLTOPDF
    )
    if newer and "wkhtmltopdf" in packages:
        raise Problem(
            "This Debian has no package wkhtmltopdf, which makes the PDFs: install "
            "the one of Debian 12 by hand and run again."
        )


def require_programs(programs):
    """Install the Debian packages of missing programs, if root; else say how.

    :param dict programs: program name to package name
    """
    missing = sorted(pkg for name, pkg in programs.items() if not present(name))
    if not missing:
        return
    require_packages(missing, Path("/etc/os-release").read_text())
    command = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if os.geteuid() != 0 or not present("apt-get"):
        raise Problem(
            f"Missing on this machine: {', '.join(missing)}. Type: sudo {command}"
        )
    with stage(f"installing the Debian packages {', '.join(missing)}"):
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
        for step in ("apt-get -qq update", f"{command} -y -qq"):
            run(
                step.split(),
                problem=lambda out: download_problem(", ".join(missing), out),
                env=quiet,
            )
