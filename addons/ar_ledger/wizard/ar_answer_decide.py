from odoo import api, fields, models
from odoo.exceptions import UserError


class ArAnswerDecide(models.TransientModel):
    """Accept an answer as corrected, or refuse it, with a word why."""

    _name = "ar.answer.decide"
    _description = "Decide on an Answer"

    answer_id = fields.Many2one(
        "ar.answer", required=True, readonly=True, ondelete="cascade"
    )
    decision = fields.Selection(
        [("correct", "Correct"), ("refuse", "Refuse")], required=True, readonly=True
    )
    kind = fields.Selection(related="answer_id.kind")
    currency_id = fields.Many2one(related="answer_id.currency_id")
    day = fields.Date(help="The day to go by instead of the one the customer named.")
    amount = fields.Monetary(help="0: the whole of the items.")
    line_ids = fields.Many2many(
        "ar.answer.line",
        string="For These Items",
        compute="_compute_line_ids",
        store=True,
        readonly=False,
        domain="[('answer_id', '=', answer_id)]",
    )
    text = fields.Char(string="Reason", help="The customer reads it.")

    @api.depends("answer_id")
    def _compute_line_ids(self):
        for wizard in self:
            wizard.line_ids = wizard.answer_id.line_ids

    def action_confirm(self):
        self.ensure_one()
        text = (self.text or "").strip()
        if not text:
            raise UserError(self.env._("Enter a reason: the customer reads it."))
        if self.decision == "refuse":
            self.answer_id._refuse(text)
        else:
            self._check_correction()
            self.answer_id._correct(self.day, self.amount, self.line_ids, text)
        return {"type": "ir.actions.act_window_close"}

    def _check_correction(self):
        if self.amount < 0:
            raise UserError(self.env._("Enter an amount above zero, or none."))
        if self.line_ids.answer_id - self.answer_id:
            raise UserError(self.env._("Choose items of this answer."))
        if self.answer_id.line_ids and not self.line_ids:
            raise UserError(self.env._("Choose at least one item, or refuse it."))
