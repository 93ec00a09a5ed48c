from odoo import api, fields, models

from ..tools.scoring import ScoredClass


class ArRiskClass(models.Model):
    _inherit = "ar.risk.class"

    ar_is_scored = fields.Boolean(
        string="By Score",
        help="Customers come into this class by their points. Off: by decision only, "
        "and the score does not take them out of it again.",
    )
    ar_points_from = fields.Float(
        string="From Points",
        aggregator=None,
        help="From so many points of the risk score on, up to those of the next class.",
    )

    _ar_points_valid = models.Constraint(
        "CHECK (ar_points_from BETWEEN 0 AND 100)", "Points go from 0 to 100."
    )

    @api.model
    def _get_scored_classes(self):
        """Return the classes that points lead to, as plain data."""
        scored = self.sudo().search([("ar_is_scored", "=", True)])
        return [ScoredClass(each.id, each.ar_points_from) for each in scored]
