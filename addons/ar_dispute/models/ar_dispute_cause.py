from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDisputeCause(models.Model):
    """Why it went wrong on our side or the customer's: what is to be removed."""

    _name = "ar.dispute.cause"
    _description = "Dispute Root Cause"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    action_ids = fields.One2many(
        "ar.corrective.action", "cause_id", string="Corrective Actions"
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unused(self):
        used = (
            self.env["ar.dispute"]
            .sudo()
            .search_count([("cause_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "Disputes are filed under this cause. Archive it: it is then not "
                    "offered any more and past disputes keep it."
                )
            )
