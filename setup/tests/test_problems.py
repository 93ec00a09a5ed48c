"""What can go wrong on a stranger's machine is one sentence, never a traceback."""

import ast
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from environment import (
    addons,
    build,
    cache,
    debian,
    demo,
    odoo_source,
    python_environment,
)
from environment.problems import Problem, download_problem

DEBIAN = 'ID=debian\nVERSION_CODENAME="bookworm"\n'


@pytest.mark.parametrize("version", [(3, 9, 18), (3, 14, 0)])
def test_unsupported_python(version):
    with pytest.raises(Problem, match=r"Unsupported Python 3\.\d+: use 3.10 to 3.13"):
        python_environment.require_supported_python(version)


@pytest.mark.parametrize("version", [(3, 10, 0), (3, 13, 9)])
def test_supported_python(version):
    python_environment.require_supported_python(version)


@pytest.mark.parametrize(
    "output",
    [
        "E: Failed to fetch http://x  Temporary failure resolving 'x'",
        "ERROR: [Errno 101] Network is unreachable\nsome more",
    ],
)
def test_no_network(output):
    assert str(download_problem("Odoo 19", output)).startswith("No network: Odoo 19")


def test_other_download_failures_give_the_tools_reason():
    problem = download_problem("Odoo 19", "line\nE: Version 'sid' was not found\n\n")
    assert str(problem) == "Could not get Odoo 19: E: Version 'sid' was not found"


def test_port_taken():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        with pytest.raises(Problem, match="is taken: .* setup/demo --port"):
            demo.require_free_port(other.getsockname()[1])
    demo.require_free_port(demo.free_port())


@pytest.mark.parametrize("folder", ["", "usr/lib/python3/dist-packages"])
def test_odoo_home_of_another_version(tmp_path, folder):
    release = tmp_path / folder / "odoo/release.py"
    release.parent.mkdir(parents=True)
    release.write_text("version_info = (18, 0, 0, FINAL, 0, '')\n")
    with pytest.raises(
        Problem, match="Wrong Odoo version: .* Odoo 18.0, .* needs 19.0"
    ):
        odoo_source.from_home(tmp_path)
    release.write_text("version_info = (19, 0, 0, FINAL, 0, '')\n")
    assert odoo_source.from_home(tmp_path).python_path == (tmp_path / folder)


def test_odoo_home_without_odoo(tmp_path):
    with pytest.raises(Problem, match="no odoo/release.py below it"):
        odoo_source.from_home(tmp_path)


def test_unreleased_odoo_is_named():
    assert odoo_source.read_series("version_info = ('saas~19', 1, 0)") == "saas~19.1"


def test_main_archive_is_chosen():
    sources = [
        "https://one.example/security/ bookworm-security main",
        "https://one.example/debian/ bookworm-updates main",
        "https://one.example/debian/ bookworm contrib",
        "https://one.example/debian/ bookworm main",
    ]
    assert debian.choose_mirror(sources, DEBIAN) == (
        "https://one.example/debian/",
        "bookworm",
    )


@pytest.mark.parametrize(
    ("sources", "release"),
    [
        (["https://one.example/ubuntu/ noble main"], "ID=ubuntu\n"),
        (["https://one.example/debian/ bookworm-security main"], DEBIAN),
    ],
)
def test_archives_without_odoo_are_told(sources, release):
    with pytest.raises(Problem, match="set ODOO_HOME"):
        debian.choose_mirror(sources, release)


def test_machine_without_apt(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="no apt-get .* set ODOO_HOME"):
        debian.configured_mirror()


def test_missing_programs_without_root_name_the_command(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(Problem, match="Type: sudo apt-get install .* no-such-package"):
        debian.require_programs({"no-such-program": "no-such-package"})
    debian.require_programs({})


def test_comma_in_the_path_of_the_clone(tmp_path):
    """Odoo would read two folders, and install nothing."""
    environment = SimpleNamespace(odoo=SimpleNamespace(addons_paths=[tmp_path]))
    with pytest.raises(Problem, match="comma in its path"):
        build.Environment.configuration(environment, tmp_path / "a,b")


@pytest.mark.parametrize("ending", [signal.SIGHUP, signal.SIGTERM])
def test_ignored_signals_stay_ignored(ending):
    """As nohup has them."""
    program = (
        "import signal, sys; from environment.problems import run_main;"
        f"signal.signal({ending:d}, signal.SIG_IGN);"
        f"run_main(lambda _: int(signal.getsignal({ending:d}) != signal.SIG_IGN))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(addons.CLONE / "setup")},
    )
    assert done.returncode == 0


def test_command_ends_with_one_sentence_and_status_1(tmp_path):
    done = subprocess.run(
        [sys.executable, addons.CLONE / "setup/odoo", "--version"],
        env={**os.environ, "AR_CACHE": "/dev/null/cache"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize("entry", ["environment/__init__.py", "demo", "test", "odoo"])
def test_old_pythons_can_read_what_refuses_them(entry):
    text = (addons.CLONE / "setup" / entry).read_text()
    ast.parse(text, feature_version=(3, 4))


def test_old_pythons_are_refused_before_anything_is_read():
    program = "import sys; sys.version_info = (3, 6, 9); import environment"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(addons.CLONE / "setup")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert done.stderr.strip().startswith("Unsupported Python 3.6: use 3.10 to 3.13")


@pytest.mark.parametrize("port", ["99999", "-1", "0", "80", "x", "٣٠٠٠", ""])
def test_unusable_ports(port):
    with pytest.raises(Problem, match="choose a number from 1024 to 65535"):
        demo.parse([f"--port={port}"])


def test_a_cache_that_cannot_be_written(monkeypatch):
    monkeypatch.setenv("AR_CACHE", "/proc")
    with pytest.raises(Problem, match="cannot be made or written .* AR_CACHE"):
        cache.root()


@pytest.mark.parametrize(
    ("release", "refused"),
    [
        (DEBIAN, False),
        ("ID=debian\nVERSION_CODENAME=trixie\n", True),
        ("ID=ubuntu\nVERSION_CODENAME=noble\n", False),
    ],
)
def test_debian_without_the_pdf_program(release, refused):
    debian.require_packages(["chromium"], release)
    if refused:
        with pytest.raises(Problem, match="no package wkhtmltopdf"):
            debian.require_packages(["chromium", "wkhtmltopdf"], release)
    else:
        debian.require_packages(["wkhtmltopdf"], release)


def test_a_demo_is_started_once(tmp_path):
    with demo.only_demo(tmp_path, "demo"):
        with demo.only_demo(tmp_path, "other"):
            pass
        with pytest.raises(Problem, match="demo demo is running already"):
            with demo.only_demo(tmp_path, "demo"):
                pass
    with demo.only_demo(tmp_path, "demo"):
        pass


def test_what_was_started_ends_with_a_command_that_is_killed():
    program = (
        "import os, signal; from environment import demo;"
        "child = demo.start(['sleep', '300'], None, None);"
        "print(child.pid, flush=True); os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(addons.CLONE / "setup")},
        stdout=subprocess.PIPE,
        timeout=60,
    )
    child = int(done.stdout)
    for _attempt in range(100):
        if not is_sleeping(child):
            break
        time.sleep(0.1)
    assert not is_sleeping(child)


def is_sleeping(pid):
    command = Path(f"/proc/{pid}/cmdline")
    return command.exists() and b"sleep" in command.read_bytes()


def test_a_second_interrupt_leaves_nothing_half_stopped():
    with demo.undisturbed():
        os.kill(os.getpid(), signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), signal.SIGINT)


def test_mail_goes_nowhere_unless_a_command_says_where(tmp_path):
    server = SimpleNamespace(variables={}, name="embedded")
    odoo = SimpleNamespace(addons_paths=[])
    environment = build.Environment(tmp_path, Path("python"), odoo, server)
    text = environment.configuration().read_text()
    assert "smtp_server = 127.0.0.1\nsmtp_port = 9\n" in text
