from odoo import fields, models
from odoo.exceptions import UserError


class ArDisputeReopen(models.TransientModel):
    """Looking into a dispute again needs a word why."""

    _name = "ar.dispute.reopen"
    _description = "Reopen a Dispute"

    dispute_id = fields.Many2one(
        "ar.dispute", required=True, readonly=True, ondelete="cascade"
    )
    reason = fields.Char(help="What is new since it was decided.")

    def action_confirm(self):
        self.ensure_one()
        self.dispute_id._check_may_decide()
        if not (self.reason or "").strip():
            raise UserError(self.env._("Enter what is new since it was decided."))
        self.dispute_id._reopen(self.reason.strip())
        return {"type": "ir.actions.act_window_close"}
