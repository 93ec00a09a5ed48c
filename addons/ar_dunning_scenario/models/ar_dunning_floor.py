from odoo import fields, models


class ArDunningFloor(models.Model):
    """Below these amounts nobody is asked, in one currency."""

    _name = "ar.dunning.floor"
    _description = "Smallest Amounts That Are Asked For"
    _order = "scenario_id, currency_id"

    scenario_id = fields.Many2one(
        "ar.dunning.scenario", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        ondelete="cascade",
    )
    item_amount = fields.Monetary(
        string="Per Item", help="An item below this amount is not asked for."
    )
    customer_amount = fields.Monetary(
        string="Per Customer",
        help="A customer is not written to or called for less than this amount in all.",
    )

    _scenario_currency_unique = models.UniqueIndex(
        "(scenario_id, currency_id)", "There is one floor per scenario and currency."
    )
    _amounts_not_negative = models.Constraint(
        "CHECK (item_amount >= 0 AND customer_amount >= 0)",
        "A floor cannot be below zero.",
    )
