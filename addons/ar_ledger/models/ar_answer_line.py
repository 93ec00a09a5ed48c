from odoo import fields, models


class ArAnswerLine(models.Model):
    """An item that an answer is about, as it was when it was given."""

    _name = "ar.answer.line"
    _description = "Item of an Answer"
    _inherit = ["ar.record"]
    _order = "due_date, id"
    _rec_name = "number"

    answer_id = fields.Many2one(
        "ar.answer", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="answer_id.company_id", store=True)
    line_id = fields.Many2one(
        "account.move.line", readonly=True, index="btree_not_null", ondelete="set null"
    )
    move_id = fields.Many2one("account.move", readonly=True, ondelete="set null")
    number = fields.Char(readonly=True)
    due_date = fields.Date(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_open = fields.Monetary(
        string="Open", readonly=True, help="When the answer was given."
    )
    is_taken = fields.Boolean(
        string="Taken",
        readonly=True,
        default=True,
        help="Not taken: the collector accepted the answer for other items only.",
    )
