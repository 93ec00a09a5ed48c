from odoo import fields, models


class ArCreditHoldReason(models.Model):
    _inherit = "ar.credit.hold.reason"

    code = fields.Selection(
        selection_add=[("risk_alert", "Risk alert")],
        ondelete={"risk_alert": "cascade"},
    )
