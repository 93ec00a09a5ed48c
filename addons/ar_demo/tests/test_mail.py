import socket
from unittest.mock import patch

from aiosmtpd.controller import Controller
from aiosmtpd.handlers import Sink

from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.ar_ledger.tests.common import ReceivablesCommon

from ..models.ir_mail_server import IrMailServer


@tagged("post_install", "-at_install")
class TestMail(ReceivablesCommon):
    """The demo's mail reaches nobody, whatever server somebody enters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_test_model(IrMailServer)

    def start(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        controller = Controller(Sink(), hostname="127.0.0.1", port=port)
        controller.start()
        self.addCleanup(controller.stop)
        return port

    def test_mail_goes_where_the_command_says(self):
        ours, theirs = self.start(), self.start()
        servers = self.env["ir.mail_server"]
        entered = servers.create(
            {"name": "Theirs", "smtp_host": "127.0.0.1", "smtp_port": theirs}
        )
        entered_config = {"smtp_server": "127.0.0.1", "smtp_port": ours}
        with (
            patch.object(type(servers), "_disable_send", lambda _self: False),
            patch.dict(config.options, entered_config),
        ):
            for options in {"mail_server_id": entered.id}, {"smtp_from": "a@b.example"}:
                connection = servers._connect__(**options)
                self.addCleanup(connection.quit)
                self.assertEqual(connection.sock.getpeername()[1], ours)
