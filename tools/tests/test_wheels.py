"""Every addon builds into a wheel that holds all it needs."""

import subprocess
import sys
import zipfile
from email import message_from_bytes

import pytest
from environment import addons

MANIFESTS = addons.manifests()


@pytest.fixture(scope="module", params=sorted(MANIFESTS))
def name(request):
    return request.param


@pytest.fixture(scope="module")
def wheel(name, tmp_path_factory):
    folder = tmp_path_factory.mktemp(name)
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--wheel-dir", folder, addons.FOLDER / name]
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    (path,) = folder.glob("*.whl")
    with zipfile.ZipFile(path) as opened:
        yield opened


def test_wheel_holds_the_addon(name, wheel):
    manifest = MANIFESTS[name]
    wanted = {"__manifest__.py", "__init__.py", "static/description/icon.png"}
    wanted.update(manifest.get("data", ()), manifest.get("demo", ()))
    wanted.update({"i18n/fr.po", "README.rst"})
    held = set(wheel.namelist())
    assert {f"odoo/addons/{name}/{file}" for file in wanted} - held == set()


def test_wheel_requires_what_the_manifest_depends_on(name, wheel):
    (path,) = (file for file in wheel.namelist() if file.endswith("/METADATA"))
    metadata = message_from_bytes(wheel.read(path))
    required = {line.replace(" ", "") for line in metadata.get_all("Requires-Dist")}
    ours = [addon for addon in MANIFESTS[name]["depends"] if addon in MANIFESTS]
    external = MANIFESTS[name].get("external_dependencies", {}).get("python", [])
    assert metadata["Version"].startswith(MANIFESTS[name]["version"])
    assert metadata["License"] == "LGPL-3"
    assert required == {
        "odoo==19.0.*",
        *(f"odoo-addon-{addon}==19.0.*" for addon in ours),
        *external,
    }
