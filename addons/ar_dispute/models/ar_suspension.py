from odoo import fields, models


class ArSuspension(models.Model):
    _inherit = "ar.suspension"

    kind = fields.Selection(
        selection_add=[("dispute", "Dispute")], ondelete={"dispute": "cascade"}
    )
