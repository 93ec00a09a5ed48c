from odoo import fields, models


class ArEvent(models.Model):
    _inherit = "ar.event"

    kind = fields.Selection(
        selection_add=[("promise", "Promise")], ondelete={"promise": "cascade"}
    )
