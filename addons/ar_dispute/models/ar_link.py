from odoo import fields, models


class ArLink(models.Model):
    _inherit = "ar.link"

    purpose = fields.Selection(
        selection_add=[("dispute_question", "Question about a dispute")],
        ondelete={"dispute_question": "cascade"},
    )
