"""The virtual environment with the exact package versions of the lock file."""

import importlib.util
import os
import shutil
import subprocess
import sys
from pathlib import Path

from .cache import digest, require_space
from .commands import run
from .problems import Problem, download_problem
from .progress import stage

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
OLDEST, NEWEST = (3, 10), (3, 13)


def require_supported_python(version=None):
    """Refuse a Python that Odoo 19 or the locked packages do not run on."""
    version = tuple(version or sys.version_info)[:2]
    if OLDEST <= version <= NEWEST:
        return
    name, oldest, newest = (".".join(map(str, v)) for v in (version, OLDEST, NEWEST))
    raise Problem(
        f"Unsupported Python {name}: use {oldest} to {newest}, for example "
        f"python{newest} {sys.argv[0]}."
    )


def find(archive):
    """The path of the environment's Python, built when it has to be."""
    require_supported_python()
    name = "venv-{}.{}-{}".format(*sys.version_info[:2], digest(LOCK.read_text()))
    folder = archive.folder / name
    python, complete = folder / "bin/python", folder / "complete"
    if complete.exists() and _runs(python):
        return python
    require_space(archive.folder, 1.5, "installing the Python packages")
    with stage("Python packages: virtual environment and locked versions"):
        _create(folder, archive)
        run(
            [python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", LOCK],
            problem=lambda output: download_problem("the Python packages", output),
            env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"},
        )
        complete.touch()
    return python


def _runs(python):
    """Whether the environment's Python still starts (the system's may be gone)."""
    try:
        return subprocess.run([python, "-c", ""], capture_output=True).returncode == 0
    except OSError:
        return False


def _create(folder, archive):
    """A fresh virtual environment with pip in it."""
    shutil.rmtree(folder, ignore_errors=True)
    if importlib.util.find_spec("ensurepip"):
        run([sys.executable, "-m", "venv", folder], problem="python3 -m venv failed")
        return
    # Debian splits ensurepip off into python3-venv; its pip wheel is a package too.
    run([sys.executable, "-m", "venv", "--without-pip", folder])
    _install_pip(folder, archive)


def _install_pip(folder, archive):
    """Put pip into an environment made without it, from Debian's wheel of pip."""
    try:
        deb = archive.fetch({"own": ["python3-pip-whl"]}, "pip")
    except Problem as problem:
        raise Problem(f"{problem} Or install the package python3-venv.") from None
    run(["dpkg", "-x", deb[0], folder / "pip"])
    wheel = next((folder / "pip").rglob("pip-*.whl"))
    run(
        [folder / "bin/python", f"{wheel}/pip", "install", "--no-index", wheel],
        problem="pip could not be set up; install the package python3-venv",
    )
