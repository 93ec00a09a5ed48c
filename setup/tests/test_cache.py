"""What is half done never looks done."""

import subprocess
import sys
import time

import pytest
from environment import addons, cache
from environment.problems import Problem


def test_folder_takes_its_name_only_when_filled(tmp_path):
    final = tmp_path / "odoo"
    with pytest.raises(KeyboardInterrupt), cache.new_folder(final) as partial:
        (partial / "file").write_text("half")
        raise KeyboardInterrupt
    assert not final.exists()
    with cache.new_folder(final) as partial:
        assert not (partial / "file").exists()
        (partial / "file").write_text("whole")
    assert (final / "file").read_text() == "whole"


def test_second_command_waits_for_the_first(tmp_path):
    code = (
        "from environment import cache; from pathlib import Path\n"
        f"with cache.locked(Path({str(tmp_path)!r})): print('mine')"
    )
    with cache.locked(tmp_path):
        second = subprocess.Popen(
            [sys.executable, "-c", code],
            stdout=subprocess.PIPE,
            text=True,
            cwd=addons.CLONE / "setup",
        )
        assert "waiting for another" in second.stdout.readline()
        assert second.poll() is None
    assert second.stdout.readline() == "mine\n"
    second.stdout.close()
    assert second.wait() == 0


def test_what_a_killed_command_started_is_waited_for(tmp_path):
    code = (
        "from environment import cache, commands; from pathlib import Path\n"
        f"with cache.locked(Path({str(tmp_path)!r})):\n"
        "    print('begun', flush=True); commands.run(['sleep', '1'])"
    )
    first = subprocess.Popen(
        [sys.executable, "-c", code],
        stdout=subprocess.PIPE,
        cwd=addons.CLONE / "setup",
    )
    first.stdout.readline()
    time.sleep(0.3)
    first.kill()
    first.wait()
    first.stdout.close()
    begun = time.monotonic()
    with cache.locked(tmp_path):
        assert time.monotonic() - begun > 0.2


def test_cache_folder_follows_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("AR_CACHE", raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert cache.root() == tmp_path / "odoo-receivables"
    monkeypatch.setenv("AR_CACHE", str(tmp_path / "mine"))
    assert cache.root() == tmp_path / "mine"


def test_cache_folder_that_cannot_be_made(monkeypatch):
    monkeypatch.setenv("AR_CACHE", "/dev/null/cache")
    with pytest.raises(Problem, match="name another with AR_CACHE"):
        cache.root()


def test_full_disk_is_told_before_work_begins(tmp_path):
    cache.require_space(tmp_path, 0, "nothing")
    with pytest.raises(Problem, match="Disk full: the moon needs 1e.06 GB"):
        cache.require_space(tmp_path, 1e6, "the moon")
