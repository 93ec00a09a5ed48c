from odoo import fields, models


class ArRiskClass(models.Model):
    _name = "ar.risk.class"
    _description = "Risk Class"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(
        default=10, help="From the safest class to the riskiest one."
    )
    color = fields.Integer(string="Colour")
    active = fields.Boolean(default=True)
    description = fields.Text(
        translate=True, help="What makes a customer belong to this class."
    )

    _name_unique = models.UniqueIndex("(name)", "A risk class of this name exists.")
