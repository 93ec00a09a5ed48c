"""Odoo processes that work on a database with the suite, and a mail server that keeps
what they send."""

import asyncio
import email.policy
import socket
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass, field

from aiosmtpd.controller import Controller

NIGHT = 'env["ar.run"]._run_night()\nenv.cr.commit()\n'
# Not through the scheduled action: its lock would keep the second worker out.
DELIVER = 'env["ar.dunning.reminder"]._cron_deliver()\nenv.cr.commit()\n'


@dataclass
class Inbox:
    """All that a mail server of our own received."""

    mails: list = field(default_factory=list)
    silent: bool = False

    async def handle_DATA(self, _server, _session, envelope):
        mail = email.message_from_bytes(
            envelope.original_content, policy=email.policy.default
        )
        self.mails.append((envelope.rcpt_tos, mail))
        if self.silent:
            await asyncio.sleep(600)
        return "250 OK"

    def to(self, address):
        return [mail for addressees, mail in self.mails if addressees == [address]]


@dataclass
class Company:
    """A database with the suite, and Odoo processes that work on it."""

    environment: object
    database: str
    port: int

    def start(self, script):
        """Start an Odoo process that runs ``script`` in its shell."""
        process = subprocess.Popen(
            self.environment.odoo_command(
                "shell", "-d", self.database, "--no-http", "--log-level=warn",
                "--smtp=127.0.0.1", f"--smtp-port={self.port}",
            ),
            env=self.environment.variables(),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )  # fmt: skip
        process.stdin.write(script)
        process.stdin.close()
        return process

    def run(self, *scripts):
        """Run scripts at the same time, each in a process; return what they printed."""
        processes = [self.start(script) for script in scripts]
        printed = [process.stdout.read() for process in processes]
        for process, output in zip(processes, printed, strict=True):
            assert process.wait() == 0, output
        return "".join(printed)

    def rows(self, query):
        return self.environment.server.sql(query, self.database)

    def states(self):
        """The reminders' states by customer."""
        rows = self.rows(
            "SELECT p.name, r.state FROM ar_dunning_reminder r"
            " JOIN res_partner p ON p.id = r.commercial_partner_id"
        )
        return dict(row.split("|") for row in rows)


@contextmanager
def mail_server(inbox, server=Controller):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = server(inbox, hostname="127.0.0.1", port=port)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()
