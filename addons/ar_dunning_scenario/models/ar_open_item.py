from odoo import api, fields, models
from odoo.tools import SQL


class ArOpenItem(models.Model):
    _inherit = "ar.open.item"
    _depends = {"account.move.line": ["discount_date"]}

    discount_date = fields.Date(
        readonly=True, help="Last day of the early-payment discount, if there is one."
    )
    amount_to_ask = fields.Monetary(
        string="To Ask For",
        readonly=True,
        aggregator=None,
        help="What is open less what is suspended, in the currency of the item.",
    )

    @api.model
    def _get_columns(self):
        to_ask = SQL(
            """CASE
                WHEN suspension.whole THEN 0
                ELSE line.amount_residual_currency - LEAST(
                    COALESCE(suspension.amount, 0), line.amount_residual_currency)
            END"""
        )
        return {
            **super()._get_columns(),
            "discount_date": SQL("line.discount_date"),
            "amount_to_ask": to_ask,
        }
