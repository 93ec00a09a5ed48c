"""tools/check-addons and tools/requirements, on a small repository of their own."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
MANIFEST = """{
    "name": "Sample",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "Odoo Receivables contributors",
    "website": "https://github.com/odoo-receivables/odoo-receivables",
    "external_dependencies": {"python": ["phonenumbers"]},
}
"""
PYPROJECT = '[build-system]\nrequires = ["whool"]\nbuild-backend = "whool.buildapi"\n'
FRAGMENTS = ("DESCRIPTION", "CONTEXT", "CONFIGURE", "USAGE", "DEVELOP", "CONTRIBUTORS")
TEMPLATE = 'msgid "Paid"\nmsgstr ""\n\nmsgid "Late"\nmsgstr ""\n'
FRENCH = 'msgid "Paid"\nmsgstr "Payé"\n\nmsgid "Late"\nmsgstr "En retard"\n'

# What is done to a repository without fault, and what is found then.
FAULTS = {
    "a fragment is missing": (
        ("addons/ar_x/readme/USAGE.md", None),
        "readme/USAGE.md is missing or empty",
    ),
    "a fragment has a first-level heading": (
        ("addons/ar_x/readme/USAGE.md", "# Usage\n"),
        "headings start at the second level",
    ),
    "the icon is missing": (
        ("addons/ar_x/static/description/icon.png", None),
        "static/description/icon.png is missing",
    ),
    "another build system": (
        ("addons/ar_x/pyproject.toml", PYPROJECT.replace("whool", "flit")),
        "pyproject.toml differs",
    ),
    "another licence": (
        ("addons/ar_x/__manifest__.py", MANIFEST.replace("LGPL-3", "OEEL-1")),
        "license is not 'LGPL-3'",
    ),
    "another series": (
        ("addons/ar_x/__manifest__.py", MANIFEST.replace("19.0.1", "18.0.1")),
        "version is not 19.0.x.y.z",
    ),
    "no template": (("addons/ar_x/i18n/ar_x.pot", None), "ar_x.pot is missing"),
    "no French": (("addons/ar_x/i18n/fr.po", None), "fr.po is missing"),
    "a translation is empty": (
        ("addons/ar_x/i18n/fr.po", FRENCH.replace("Payé", "")),
        "fr.po: not translated: 'Paid'",
    ),
    "a translation is fuzzy": (
        ("addons/ar_x/i18n/fr.po", f"#, fuzzy\n{FRENCH}"),
        "fr.po: not translated: 'Paid'",
    ),
    "a term has no translation": (
        ("addons/ar_x/i18n/ar_x.pot", f'{TEMPLATE}\nmsgid "New"\nmsgstr ""\n'),
        "fr.po: not translated: 'New'",
    ),
    "a translation has lost its term": (
        ("addons/ar_x/i18n/fr.po", f'{FRENCH}\nmsgid "Old"\nmsgstr "Vieux"\n'),
        "fr.po: not in the .pot: 'Old'",
    ),
    "a set-up script names a host": (
        ("setup/fetch", "curl -O packages.somewhere.org/x\n"),
        "setup/fetch:1: names a host",
    ),
    "a requirement file names an index": (
        ("test-requirements.txt", "--extra-index-url mirror\n"),
        "test-requirements.txt:1: names a host",
    ),
    "CI names an address": (
        (".ci/run", "true\nget http://mirror/x\n"),
        ".ci/run:2: names a host",
    ),
}


@pytest.fixture
def repository(tmp_path):
    """A repository with one addon in which nothing is wrong."""
    for folder in ("tools", "setup/environment"):
        shutil.copytree(
            ROOT / folder,
            tmp_path / folder,
            ignore=shutil.ignore_patterns("tests", "__pycache__"),
        )
    addon = "addons/ar_x"
    put(tmp_path, f"{addon}/__manifest__.py", MANIFEST)
    put(tmp_path, f"{addon}/pyproject.toml", PYPROJECT)
    put(tmp_path, f"{addon}/README.rst", "Words.\n")
    put(tmp_path, f"{addon}/static/description/icon.png", "a picture")
    put(tmp_path, f"{addon}/i18n/ar_x.pot", TEMPLATE)
    put(tmp_path, f"{addon}/i18n/fr.po", FRENCH)
    for name in FRAGMENTS:
        put(tmp_path, f"{addon}/readme/{name}.md", "Words.\n\n## Steps\n")
    put(tmp_path, "setup/demo", "print('http://127.0.0.1:8069')\n")
    subprocess.run(["git", "init", "--quiet", tmp_path], check=True)
    return tmp_path


def put(repository, name, text):
    """Write a file, or remove it when the text is None."""
    path = repository / name
    path.parent.mkdir(parents=True, exist_ok=True)
    if text is None:
        path.unlink()
    else:
        path.write_text(text, "utf-8")


def run(repository, tool):
    subprocess.run(["git", "-C", repository, "add", "--all"], check=True)
    command = [sys.executable, repository / "tools" / tool]
    return subprocess.run(command, capture_output=True, text=True)


def test_nothing_is_found_where_nothing_is_wrong(repository):
    done = run(repository, "check-addons")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_is_named(repository, fault):
    change, finding = FAULTS[fault]
    put(repository, *change)
    done = run(repository, "check-addons")
    (line,) = done.stdout.splitlines()
    assert finding in line
    assert done.returncode == 1


def test_requirements_follow_the_manifests(repository):
    assert run(repository, "requirements").returncode == 1
    written = (repository / "requirements.txt").read_text("utf-8")
    assert written.splitlines()[1:] == ["phonenumbers"]
    assert run(repository, "requirements").returncode == 0
