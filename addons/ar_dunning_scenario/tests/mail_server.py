import socket
from contextlib import contextmanager
from email import message_from_bytes, policy
from unittest.mock import patch

from aiosmtpd.controller import Controller

from odoo.tools import config, mute_logger

from .common import DunningCommon

LOGGERS = ("odoo.addons.base.models.ir_mail_server", "mail.log")


class Peer:
    """A mail server of our own: keeps what it takes, and misbehaves when told to."""

    def __init__(self):
        self.messages = []
        self.refuse_recipient = self.refuse_text = self.hang_up = None
        #: Only these are refused; everybody if empty.
        self.refused = set()

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.refuse_recipient and (not self.refused or address in self.refused):
            return self.refuse_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, _session, envelope):
        if self.refuse_text:
            return self.refuse_text
        self.messages.append((envelope.rcpt_tos, envelope.content))
        if self.hang_up:
            server.transport.abort()
        return "250 OK"


class MailServerCommon(DunningCommon):
    """Sending, against a real SMTP server. Today is 2 March 2026, noon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(
            patch.object(
                type(cls.env["ir.mail_server"]), "_disable_send", lambda self: False
            )
        )
        cls.env["ir.mail_server"].search([]).active = False

    def setUp(self):
        super().setUp()
        self.peer = Peer()
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        self.controller = Controller(self.peer, hostname="127.0.0.1", port=port)
        self.controller.start()
        self.addCleanup(self.stop)
        self.point_to(port)

    def stop(self):
        if not self.controller.loop.is_closed():
            self.controller.stop(no_assert=True)

    def point_to(self, port):
        options = {"smtp_server": "127.0.0.1", "smtp_port": port}
        patcher = patch.dict(config.options, options)
        patcher.start()
        self.addCleanup(patcher.stop)

    @contextmanager
    def working(self, moment="2026-03-02 12:00:00"):
        """Working hours, and transactions of their own inside the one of the test."""
        with self.at(moment), self.enter_registry_test_mode():
            yield
        self.env.invalidate_all()

    @mute_logger(*LOGGERS)
    def deliver(self, moment="2026-03-02 12:00:00"):
        cron = self.env.ref("ar_dunning_scenario.ir_cron_ar_dunning_deliver")
        with self.working(moment):
            cron.method_direct_trigger()

    def received(self):
        return [
            (to, message_from_bytes(content, policy=policy.default))
            for to, content in self.peer.messages
        ]
