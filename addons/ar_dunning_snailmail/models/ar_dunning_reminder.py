from odoo import api, models

from ..channels import SnailmailChannel


class ArDunningReminder(models.Model):
    _inherit = "ar.dunning.reminder"

    @api.model
    def _get_channels(self):
        return {**super()._get_channels(), "snailmail": SnailmailChannel(self.env)}
