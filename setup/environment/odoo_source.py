"""Odoo 19: the one ODOO_HOME names, else Debian's package unpacked in the cache."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

from .cache import digest, new_folder, require_space
from .debian import SID, unpack
from .problems import Problem
from .progress import say, stage

SERIES = "19.0"
PACKAGES = {
    SID: [
        "odoo-19",
        "libjs-jquery",
        "libjs-jquery-form",
        "libjs-underscore",
        "fonts-glyphicons-halflings",
        "fonts-montserrat",
        "fonts-ocr-b",
        "fonts-roboto-unhinted",
    ],
    # sid's own releases of these have other file names than Odoo links to
    "own": ["fonts-font-awesome", "fonts-inconsolata"],
}
PYTHON_FOLDERS = ("", "usr/lib/python3/dist-packages", "lib/python3/dist-packages")
# Removed from Debian's package for its licence. Every page loads it, and the missing
# file is an error in the browser that fails every tour; only video calls use it.
REMOVED_SCRIPT = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"

VERSION = re.compile(r"version_info\s*=\s*\(\s*['\"]?([^,'\"]+)['\"]?,\s*(\d+)")


@dataclass(frozen=True)
class OdooSource:
    """Where Odoo is imported from, and what tells it from another Odoo 19."""

    python_path: Path
    identity: str

    @property
    def addons_paths(self):
        """Odoo's own addons folders: one inside the package, one beside it."""
        folders = (self.python_path / "odoo/addons", self.python_path / "addons")
        return [folder for folder in folders if folder.is_dir()]


def find(archive):
    """The Odoo to run, fetched when it has to be."""
    home = os.environ.get("ODOO_HOME")
    return from_home(Path(home)) if home else from_debian(archive)


def from_home(home):
    """The Odoo 19 of an ``ODOO_HOME``: a source checkout or an installed prefix."""
    for folder in PYTHON_FOLDERS:
        release = home / folder / "odoo/release.py"
        if release.is_file():
            break
    else:
        raise Problem(f"ODOO_HOME is {home}, but there is no odoo/release.py below it.")
    series = read_series(release.read_text())
    if series != SERIES:
        raise Problem(
            f"Wrong Odoo version: ODOO_HOME holds Odoo {series}, this project needs "
            f"{SERIES}."
        )
    place = (home / folder).resolve()
    return OdooSource(place, digest(str(place), *_stamps(place)))


def _stamps(place):
    """What changes when the Odoo in a folder is updated."""
    for name in ("odoo/release.py", ".git/HEAD", ".git/ORIG_HEAD", ".git/index"):
        file = place / name
        if file.is_file():
            yield f"{name} {file.stat().st_mtime_ns}"


def read_series(release):
    """The series ("19.0") that the text of a release.py declares."""
    found = VERSION.search(release)
    return ".".join(found.groups()) if found else "unknown"


def from_debian(archive):
    """Debian's Odoo 19, unpacked once into the cache."""
    prefix = archive.folder / f"odoo-{SERIES}"
    if not prefix.is_dir():
        require_space(archive.folder, 2, "unpacking Odoo")
        with stage("Odoo 19: download and unpack (120 MB)"):
            debs = archive.fetch(PACKAGES, "Odoo 19")
            with new_folder(prefix) as partial:
                unpack(debs, partial)
                _complete(partial)
                version = next(d for d in debs if d.name.startswith("odoo-19_")).name
                (partial / "identity").write_text(version)
    place = prefix / PYTHON_FOLDERS[1]
    if read_series((place / "odoo/release.py").read_text()) != SERIES:
        raise Problem(f"Wrong Odoo version: {prefix} is not Odoo {SERIES}; remove it.")
    return OdooSource(place, (prefix / "identity").read_text())


def _complete(prefix):
    """Make an unpacked Odoo whole: no link to nowhere, no missing script."""
    script = prefix / PYTHON_FOLDERS[1] / "odoo/addons" / REMOVED_SCRIPT
    if not script.exists():
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text("")
    dangling = [p for p in prefix.rglob("*") if p.is_symlink() and not p.exists()]
    for link in dangling:
        say(f"    note: {link.name} links to a package that was not fetched")
