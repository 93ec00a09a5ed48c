from odoo import fields, models


class ArDisputeOpenLine(models.TransientModel):
    _name = "ar.dispute.open.line"
    _description = "Item to Dispute"
    _order = "date_maturity, id"

    wizard_id = fields.Many2one("ar.dispute.open", required=True, ondelete="cascade")
    line_id = fields.Many2one(
        "account.move.line", required=True, readonly=True, ondelete="cascade"
    )
    selected = fields.Boolean(string="Disputed", default=True)
    move_name = fields.Char(string="Number", readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_open = fields.Monetary(string="Open", readonly=True)
    amount_disputed = fields.Monetary(
        string="Disputed Amount",
        help="Lower it when the customer disputes only a part: the rest goes on being "
        "chased.",
    )

    def _get_amounts(self):
        """Return the disputed amounts as the dispute asks for them."""
        return {line.sudo().line_id.id: line.amount_disputed for line in self}
