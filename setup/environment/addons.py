"""The addons of this clone: which there are, and what a database built of them is."""

import ast
import hashlib
from pathlib import Path

CLONE = Path(__file__).resolve().parent.parent.parent
FOLDER = CLONE / "addons"
DEMO = "ar_demo"
# Read while tests run or by the browser, never stored at installation.
IGNORED_FOLDERS = {"tests", "static", "readme", "__pycache__"}
IGNORED_SUFFIXES = {".pyc", ".rst", ".pot", ".md", ".toml"}


def manifests(folder=FOLDER):
    """Installable addons of a folder: {name: manifest}, sorted by name."""
    found = {}
    for path in sorted(folder.glob("*/__manifest__.py")):
        manifest = ast.literal_eval(path.read_text())
        if manifest.get("installable", True):
            found[path.parent.name] = manifest
    return found


def suite(folder=FOLDER):
    """Names of our addons, every addon after those it depends on, no demo company."""
    return [name for name in ordered(manifests(folder)) if name != DEMO]


def has_demo(folder=FOLDER):
    return DEMO in manifests(folder)


def ordered(known):
    """Addon names of {name: manifest}, dependencies first."""
    result = []

    def add(name):
        for dependency in known[name].get("depends", []):
            if dependency in known and dependency not in result:
                add(dependency)
        if name not in result:
            result.append(name)

    for name in known:
        add(name)
    return result


def fingerprint(names, folder=FOLDER):
    """A digest of all that the installation of these addons reads."""
    hashed = hashlib.sha256()
    for name in names:
        for path in sorted((folder / name).rglob("*")):
            parts = path.relative_to(folder / name).parts
            if path.suffix in IGNORED_SUFFIXES or IGNORED_FOLDERS & set(parts[:-1]):
                continue
            if path.is_file():
                hashed.update(f"{name}/{'/'.join(parts)}\0".encode())
                hashed.update(path.read_bytes())
    return hashed.hexdigest()[:12]
