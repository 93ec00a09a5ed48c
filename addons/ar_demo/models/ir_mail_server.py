from odoo import models
from odoo.tools import config


class IrMailServer(models.Model):
    """The demo company's customers do not exist, but their addresses might: whatever
    server somebody enters, mail goes where the command that runs Odoo says."""

    _inherit = "ir.mail_server"

    def _connect__(self, *_args, smtp_from=None, **_options):
        return super()._connect__(
            host=config["smtp_server"], port=config["smtp_port"], smtp_from=smtp_from
        )
