from odoo import api, fields, models


class ArCreditChangeDecide(models.TransientModel):
    """Approve or refuse requested changes."""

    _name = "ar.credit.change.decide"
    _description = "Decide on a Change"

    change_ids = fields.Many2many("ar.credit.change", required=True, readonly=True)
    decision = fields.Selection(
        [("approve", "Approve"), ("refuse", "Refuse")], required=True, readonly=True
    )
    reason = fields.Char(required=True)
    reasons_text = fields.Text(
        string="What Speaks Against It", compute="_compute_texts"
    )
    request_note = fields.Text(string="Request", compute="_compute_texts")

    @api.depends("change_ids")
    def _compute_texts(self):
        for wizard in self:
            changes = wizard.change_ids
            wizard.reasons_text = "\n".join(
                f"{change.name}: {change.reasons_text}" for change in changes
            )
            wizard.request_note = "\n".join(
                filter(None, changes.mapped("request_note"))
            )

    @api.constrains("change_ids")
    def _check_change_access(self):
        self.sudo(False).change_ids.check_access("read")

    def action_decide(self):
        """Put the decision on record, and make the change where it is approved."""
        self.ensure_one()
        if self.decision == "refuse":
            self.change_ids._refuse(self.reason)
        else:
            self.change_ids._approve(self.reason)
        return {"type": "ir.actions.act_window_close"}
