"""The embedded server starts again whatever ended it."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from environment import postgres
from environment.problems import Problem


def test_server_serves_the_role_odoo(embedded):
    server = embedded.ensure_running()
    assert server.sql("SELECT current_user") == ["odoo"]
    assert int(server.sql("SHOW server_version_num")[0]) >= 130000
    assert server.sql("SHOW autovacuum") == ["off"]
    assert server.sql("SHOW listen_addresses") == [""]


def test_server_survives_being_killed(embedded):
    server = embedded.ensure_running()
    server.sql("CREATE TABLE IF NOT EXISTS kept (id int)")
    server.sql("CHECKPOINT")
    pid = int((embedded.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    server = embedded.ensure_running()
    assert server.sql("SELECT count(*) FROM kept") == ["0"]


def test_a_killed_server_whose_client_is_at_work(embedded):
    """The files are whole: what still works on them is ended, nothing is moved away."""
    server = embedded.ensure_running()
    server.sql("CREATE TABLE IF NOT EXISTS kept (id int)")
    server.sql("CHECKPOINT")
    query = "SELECT count(*) FROM generate_series(1, 1e12)"
    psql = [server.programs / "psql", "-d", "postgres", "-c", query]
    with subprocess.Popen(psql, env=server.environ(), stderr=subprocess.DEVNULL) as at:
        while not server.sql(
            "SELECT 1 FROM pg_stat_activity WHERE query LIKE '%generate_series%'"
            " AND state = 'active' AND pid != pg_backend_pid()"
        ):
            time.sleep(0.1)
        pid = int((embedded.data / "postmaster.pid").read_text().split()[0])
        os.kill(pid, signal.SIGKILL)
        server = embedded.ensure_running()
        at.wait()
    assert server.sql("SELECT count(*) FROM kept") == ["0"]
    assert not list(embedded.data.parent.glob("postgresql.broken-*"))


def test_only_the_server_is_ended(embedded):
    """Not who happens to stand in its folder."""
    embedded.ensure_running()
    assert postgres.servers_in(embedded.data)
    with subprocess.Popen(["sleep", "60"], cwd=embedded.data) as bystander:
        assert bystander.pid not in postgres.servers_in(embedded.data)
        bystander.kill()


def test_pid_file_of_another_process_is_forgotten(tmp_path):
    pid_file = tmp_path / "postmaster.pid"
    for content in (str(os.getpid()), "999999999", ""):
        pid_file.write_text(content)
        postgres.forget_dead_server(pid_file)
        assert not pid_file.exists(), content


def test_unusable_files_are_moved_aside(programs, tmp_path):
    server = postgres.Embedded(tmp_path, programs)
    server.data.mkdir()
    (server.data / "PG_VERSION").write_text("18\n")
    try:
        assert server.ensure_running().sql("SELECT 1") == ["1"]
    finally:
        server.ensure_running().stop_if_idle()
    assert len(list(tmp_path.glob("postgresql.broken-*"))) == 1
    assert not (server.data / "postmaster.pid").exists()


def test_socket_path_fits_the_systems_limit():
    short, long = Path("/cache/postgresql"), Path("/" + "x" * 100)
    assert postgres.socket_folder(short) == short
    assert len(str(postgres.socket_folder(long))) < postgres.LONGEST_SOCKET_FOLDER


def test_socket_folder_is_closed_to_others(tmp_path):
    folder = tmp_path / "sockets"
    folder.mkdir(mode=0o755)
    postgres.make_private(folder)
    assert folder.stat().st_mode & 0o777 == 0o700
    link = tmp_path / "link"
    link.symlink_to(folder)
    with pytest.raises(Problem, match="belongs to somebody else"):
        postgres.make_private(link)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_socket_folder_of_somebody_else_is_refused(tmp_path):
    os.chown(tmp_path, 12345, 12345)
    with pytest.raises(Problem, match="belongs to somebody else"):
        postgres.make_private(tmp_path)


def test_spaces_in_the_path_of_the_cache(programs, tmp_path):
    cache = tmp_path / "two words"
    cache.mkdir()
    server = postgres.Embedded(cache, programs)
    try:
        assert server.ensure_running().sql("SELECT 1") == ["1"]
    finally:
        server.ensure_running().stop_if_idle()


class TestExistingServer:
    """What is asked of a server that PG* variables name."""

    @pytest.fixture(autouse=True)
    def variables(self, embedded, monkeypatch):
        server = embedded.ensure_running()
        for role in ("postgres SUPERUSER", "visitor", "maker CREATEDB"):
            name, options = (role + " ").split(" ", 1)
            if not server.sql(f"SELECT 1 FROM pg_roles WHERE rolname = '{name}'"):
                server.sql(f"CREATE ROLE {name} LOGIN {options}")
        monkeypatch.setenv("PGHOST", server.variables["PGHOST"])

    @pytest.mark.parametrize(
        ("role", "sentence"),
        [("postgres", "refuses the role postgres"), ("visitor", "grant it CREATEDB")],
    )
    def test_unfit_roles_are_refused(self, role, sentence, programs, monkeypatch):
        monkeypatch.setenv("PGUSER", role)
        with pytest.raises(Problem, match=sentence):
            postgres.existing(programs)

    def test_fit_role_is_used_and_the_server_left_alone(self, programs, monkeypatch):
        monkeypatch.setenv("PGUSER", "maker")
        server = postgres.existing(programs)
        server.stop_if_idle()
        assert server.sql("SELECT current_user") == ["maker"]

    def test_unreachable_server_is_one_sentence(self, programs, monkeypatch):
        monkeypatch.setenv("PGHOST", "/nowhere")
        with pytest.raises(Problem, match="PostgreSQL: .*/nowhere.* failed: No such"):
            postgres.existing(programs)

    def test_a_role_alone_names_no_server(self, programs, monkeypatch, tmp_path):
        monkeypatch.setattr(postgres, "_programs", lambda _python: programs)
        monkeypatch.setattr(postgres.Embedded, "ensure_running", lambda _self: "ours")
        monkeypatch.delenv("PGHOST")
        monkeypatch.delenv("PGPORT", raising=False)
        monkeypatch.setenv("PGUSER", "maker")
        assert postgres.find(tmp_path, Path("python")) == "ours"

    def test_a_port_alone_is_one_of_this_machine(self, programs, monkeypatch):
        monkeypatch.delenv("PGHOST")
        monkeypatch.setenv("PGPORT", "5999")
        with pytest.raises(Problem, match="/var/run/postgresql/.s.PGSQL.5999"):
            postgres.existing(programs)
