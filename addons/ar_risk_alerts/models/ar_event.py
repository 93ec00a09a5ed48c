from odoo import fields, models


class ArEvent(models.Model):
    _inherit = "ar.event"

    kind = fields.Selection(
        selection_add=[("risk_alert", "Risk alert")],
        ondelete={"risk_alert": "cascade"},
    )
