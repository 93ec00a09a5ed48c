from odoo import fields, models


class ArRiskRuleThreshold(models.Model):
    """From when on a customer of this class is a concern."""

    _name = "ar.risk.rule.threshold"
    _description = "Threshold by Risk Class"
    _order = "rule_id, risk_class_id"

    rule_id = fields.Many2one(
        "ar.risk.rule", required=True, index=True, ondelete="cascade"
    )
    risk_class_id = fields.Many2one(
        "ar.risk.class", required=True, ondelete="cascade", index=True
    )
    open_value = fields.Float(string="Opens Above", required=True, aggregator=None)
    close_value = fields.Float(
        string="Closes At Or Below", required=True, aggregator=None
    )

    _one_per_class = models.UniqueIndex(
        "(rule_id, risk_class_id)", "A class has one threshold per rule."
    )
