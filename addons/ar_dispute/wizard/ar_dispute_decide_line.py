from odoo import fields, models
from odoo.exceptions import UserError


class ArDisputeDecideLine(models.TransientModel):
    _name = "ar.dispute.decide.line"
    _description = "Item to Decide About"

    wizard_id = fields.Many2one("ar.dispute.decide", required=True, ondelete="cascade")
    dispute_line_id = fields.Many2one(
        "ar.dispute.line", required=True, readonly=True, ondelete="cascade"
    )
    move_name = fields.Char(related="dispute_line_id.move_name")
    date_maturity = fields.Date(related="dispute_line_id.date_maturity")
    currency_id = fields.Many2one(related="dispute_line_id.currency_id")
    amount_disputed = fields.Monetary(related="dispute_line_id.amount_disputed")
    amount_accepted = fields.Monetary(
        string="Accepted",
        help="What the customer is right about, taxes included, in the currency of the "
        "item.",
    )

    def _write_accepted(self):
        """Keep what was accepted of each item.

        :raise UserError: when it is more than was disputed, or below zero
        """
        for line in self:
            disputed = line.dispute_line_id.sudo()
            beyond = line.currency_id.compare_amounts(
                line.amount_accepted, disputed.amount_disputed
            )
            if line.amount_accepted < 0 or beyond > 0:
                raise UserError(
                    self.env._(
                        "Of %(item)s at least nothing and at most the disputed "
                        "%(amount)s can be accepted.",
                        item=disputed.move_name,
                        amount=line.currency_id.format(disputed.amount_disputed),
                    )
                )
            disputed.amount_accepted = line.currency_id.round(line.amount_accepted)
