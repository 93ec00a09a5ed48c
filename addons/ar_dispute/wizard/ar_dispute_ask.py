from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

#: Days until the link of a question expires.
VALID_DAYS = 14


class ArDisputeAsk(models.TransientModel):
    """Ask somebody who has no login: the driver, the mill, the lawyer."""

    _name = "ar.dispute.ask"
    _description = "Ask a Colleague"

    dispute_id = fields.Many2one(
        "ar.dispute", required=True, readonly=True, ondelete="cascade"
    )
    email = fields.Char(string="E-mail Address", help="Who knows what happened.")
    text = fields.Text(string="Question")

    def action_confirm(self):
        """Send the question; the dispute waits for the answer."""
        self.ensure_one()
        dispute = self.dispute_id
        dispute.check_access("write")
        email = email_normalize(self.email or "")
        if not email:
            raise UserError(self.env._("Enter the e-mail address of one person."))
        if not (self.text or "").strip():
            raise UserError(self.env._("Enter the question."))
        dispute._ask(email, self.text.strip(), VALID_DAYS)
        return {"type": "ir.actions.act_window_close"}
