from odoo import api, fields, models


class ArPromiseDecide(models.TransientModel):
    """Approve, refuse or cancel promises and payment plans, with a reason."""

    _name = "ar.promise.decide"
    _description = "Decide on Promises"

    promise_ids = fields.Many2many("ar.promise", readonly=True)
    plan_ids = fields.Many2many("ar.payment.plan", readonly=True)
    decision = fields.Selection(
        [("approve", "Approve"), ("refuse", "Refuse"), ("cancel", "Cancel")],
        required=True,
        readonly=True,
    )
    approval_reasons = fields.Text(
        string="Goes Beyond the Policy", compute="_compute_approval_reasons"
    )
    reason = fields.Char(required=True)

    @api.depends("promise_ids", "plan_ids")
    def _compute_approval_reasons(self):
        for wizard in self:
            wizard.approval_reasons = "\n".join(
                f"{record.display_name}: {record.approval_reasons}"
                for record in [*wizard.promise_ids, *wizard.plan_ids]
                if record.approval_reasons
            )

    def action_decide(self):
        """Put the decision on record."""
        self.ensure_one()
        for records in self.promise_ids, self.plan_ids:
            if not records:
                continue
            if self.decision == "approve":
                records._approve(self.reason)
            elif self.decision == "refuse":
                records._refuse(self.reason)
            else:
                records._cancel(self.reason)
        return {"type": "ir.actions.act_window_close"}
