from odoo import fields, models


class ArDisputeAnalysis(models.Model):
    _inherit = "ar.dispute.analysis"
    _depends = {"ar.dispute": ["team_id"]}

    team_id = fields.Many2one("crm.team", string="Sales Team", readonly=True)
