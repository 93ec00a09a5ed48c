from odoo import fields, models

KINDS = [
    ("credit_limit", "Credit limit"),
    ("credit_hold", "Hold"),
    ("credit_policy", "Credit policy"),
    ("credit_warning", "Warned of"),
    ("credit_observed", "Would have been held"),
    ("credit_release", "Release"),
    ("credit_exemption", "Exemption"),
    ("credit_authority", "Authority to release"),
]


class ArEvent(models.Model):
    _inherit = "ar.event"

    kind = fields.Selection(
        selection_add=KINDS,
        ondelete={kind: "cascade" for kind, _label in KINDS},
    )
