"""The folder outside the clone that keeps what is downloaded and built."""

import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from .commands import held_locks
from .problems import Problem
from .progress import say

NAME = "odoo-receivables"
GIGABYTE = 1024**3


def root():
    """The cache folder, made when missing: AR_CACHE, else the XDG cache."""
    named = os.environ.get("AR_CACHE")
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(named) if named else Path(base) / NAME
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "in-use").touch()
    except OSError as error:
        raise Problem(
            f"The cache folder {folder} cannot be made or written ({error.strerror}); "
            "name another with AR_CACHE."
        ) from None
    return folder.resolve()


@contextmanager
def locked(folder, name="lock"):
    """Hold the cache for one command at a time; freed even when it is killed."""
    with open(folder / name, "w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("  … waiting for another setup command to finish")
            fcntl.flock(handle, fcntl.LOCK_EX)
        held_locks.add(handle.fileno())
        try:
            yield
        finally:
            held_locks.discard(handle.fileno())


@contextmanager
def new_folder(final):
    """A folder to fill that takes its final name only when all went well."""
    partial = final.with_name(final.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    yield partial
    partial.rename(final)


def require_space(folder, gigabytes, purpose):
    """Refuse to begin what the disk cannot hold."""
    free = shutil.disk_usage(folder).free / GIGABYTE
    if free < gigabytes:
        raise Problem(
            f"Disk full: {purpose} needs {gigabytes:g} GB and {folder} has "
            f"{free:.1f} GB free. Free some, or name another folder with AR_CACHE."
        )


def digest(*parts):
    """A short name for a combination of texts."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:12]


def write(path, text):
    """Write a file that others may be reading: whole or not at all."""
    partial = path.with_name(f"{path.name}.{os.getpid()}")
    partial.write_text(text)
    partial.replace(path)
