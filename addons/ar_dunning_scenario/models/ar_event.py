from odoo import fields, models


class ArEvent(models.Model):
    _inherit = "ar.event"

    kind = fields.Selection(
        selection_add=[("reminder", "Reminder"), ("hold_proposal", "Hold proposed")],
        ondelete={"reminder": "cascade", "hold_proposal": "cascade"},
    )
