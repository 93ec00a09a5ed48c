"""Databases with their filestores: clone, rename, drop, and what is kept of them."""

import json
import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from .cache import digest
from .problems import Problem


@dataclass(frozen=True)
class Databases:
    """The databases of one server and the folder with their attachments."""

    server: object
    data_dir: Path

    @property
    def mark(self):
        """Tells the databases of this machine and cache from those that others make on
        the same server."""
        return digest(socket.gethostname(), str(self.data_dir))[:6]

    def names(self):
        return self.server.sql("SELECT datname FROM pg_database ORDER BY datname")

    def exists(self, name):
        return bool(
            self.server.sql(
                f"SELECT 1 FROM pg_database WHERE datname = {literal(name)}"
            )
        )

    def filestore(self, name):
        return self.data_dir / "filestore" / name

    def clone(self, source, name):
        """Make ``name`` a copy of ``source``, whatever it was before."""
        self.drop(name)
        copying = ""
        if self.server.sql("SHOW server_version_num")[0] >= "150000":
            # the files are copied as they are: half the time of the default
            copying = " STRATEGY FILE_COPY"
        self.server.sql(
            f"CREATE DATABASE {quoted(name)} TEMPLATE {quoted(source)}{copying}"
        )
        self._copy_filestore(source, name)

    def _copy_filestore(self, source, name):
        copy_filestore(self.filestore(source), self.filestore(name))

    def drop(self, name):
        """Remove a database and its attachments; also one that is not there, or whose
        removal was interrupted: PostgreSQL lets nothing be done with it but that."""
        if self.exists(name):
            if self._is_template(name):
                self.server.sql(f"ALTER DATABASE {quoted(name)} WITH IS_TEMPLATE false")
            self.server.sql(f"DROP DATABASE {quoted(name)} WITH (FORCE)")
        shutil.rmtree(self.filestore(name), ignore_errors=True)

    def _is_template(self, name):
        condition = f"datname = {literal(name)} AND datistemplate"
        return bool(self.server.sql(f"SELECT 1 FROM pg_database WHERE {condition}"))

    def rename(self, old, new):
        """Give a database and its attachments another name."""
        shutil.rmtree(self.filestore(new), ignore_errors=True)
        if self.filestore(old).is_dir():
            self.filestore(old).rename(self.filestore(new))
        self.server.sql(f"ALTER DATABASE {quoted(old)} RENAME TO {quoted(new)}")

    def close(self, name):
        """Make a database a template that nobody can connect to.

        Only such a one may be cloned at any time, and an Odoo server started without
        a database name leaves it alone.
        """
        self.server.sql(
            f"ALTER DATABASE {quoted(name)} WITH"
            " IS_TEMPLATE true ALLOW_CONNECTIONS false"
        )

    def note(self, name, **facts):
        """Remember facts about a database, in the database server itself."""
        text = literal(json.dumps({**self.facts(name), **facts}))
        self.server.sql(f"COMMENT ON DATABASE {quoted(name)} IS {text}")

    def facts(self, name):
        """What was noted about a database, {} for one that is not of ours."""
        rows = self.server.sql(
            "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
            f" WHERE datname = {literal(name)}"
        )
        try:
            return dict(json.loads("\n".join(rows)))
        except ValueError:
            return {}


def copy_filestore(source, target):
    """Attachments never change once written: both databases share the files, and each
    forgets its own."""
    if Path(source).is_dir():
        shutil.copytree(source, target, copy_function=_link_or_copy)


def _link_or_copy(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


def check_name(name):
    """Refuse a database name that PostgreSQL or the filestore would stumble on, and
    those that start like the databases of the setup itself, which come and go."""
    plain = name.replace("_", "").replace("-", "").isalnum() and name.isascii()
    taken = name in ("postgres", "template0", "template1")
    if not plain or len(name) > 50 or taken or name.startswith(("ar_", "-")):
        raise Problem(
            f"{name!r} is no usable database name: take at most 50 letters, digits, - "
            "and _, and do not begin with - or ar_."
        )
    return name


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"
