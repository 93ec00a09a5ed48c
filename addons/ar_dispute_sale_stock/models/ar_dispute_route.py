from odoo import fields, models


class ArDisputeRoute(models.Model):
    _inherit = "ar.dispute.route"

    team_ids = fields.Many2many(
        "crm.team",
        string="Sales Teams",
        help="The invoice is of one of these teams. Empty: of whatever team.",
    )

    def _fits(self, reason, products, lines):
        fits = super()._fits(reason, products, lines)
        teams = lines.move_id.team_id
        return fits and (not self.team_ids or bool(self.team_ids & teams))
