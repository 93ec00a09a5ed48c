from odoo import fields, models


class ArRiskClass(models.Model):
    _inherit = "ar.risk.class"

    ar_dunning_weight = fields.Float(
        string="Weight in the Worklist",
        default=1.0,
        help="Collectors see reminders by amount × days overdue × this weight: at 2, a "
        "customer of this class comes before one without class who owes twice as much.",
    )

    _ar_dunning_weight_positive = models.Constraint(
        "CHECK (ar_dunning_weight > 0)", "The weight of a risk class is above zero."
    )
