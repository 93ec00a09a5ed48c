from odoo import fields, models


class ArDunningStep(models.Model):
    _inherit = "ar.dunning.step"

    channel = fields.Selection(
        selection_add=[("snailmail", "Snail mail"), ("call",)],
        ondelete={"snailmail": "set letter"},
    )
