from odoo import fields, models


class ArSuspension(models.Model):
    _inherit = "ar.suspension"

    # Without promises their suspensions stay as pauses: the days that stood still must
    # not count after all.
    kind = fields.Selection(
        selection_add=[("promise", "Promise")], ondelete={"promise": "set pause"}
    )
