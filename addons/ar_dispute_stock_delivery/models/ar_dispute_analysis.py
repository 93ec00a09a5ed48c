from odoo import fields, models


class ArDisputeAnalysis(models.Model):
    _inherit = "ar.dispute.analysis"
    _depends = {"ar.dispute": ["carrier_id"]}

    carrier_id = fields.Many2one("delivery.carrier", readonly=True)
