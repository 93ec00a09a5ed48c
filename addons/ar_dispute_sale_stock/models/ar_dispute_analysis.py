from odoo import fields, models
from odoo.tools import SQL


class ArDisputeAnalysis(models.Model):
    _inherit = "ar.dispute.analysis"
    _depends = {"ar.dispute": ["team_id"]}

    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)

    def _get_columns(self):
        return {**super()._get_columns(), "team_id": SQL("dispute.team_id")}
