from odoo import fields, models


class ArSuspension(models.Model):
    _inherit = "ar.suspension"

    # Without disputes their suspensions stay as pauses: the days that stood still must
    # not count after all.
    kind = fields.Selection(
        selection_add=[("dispute", "Dispute")], ondelete={"dispute": "set pause"}
    )
