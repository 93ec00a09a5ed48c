from odoo import api, fields, models


class ArCreditExemptionEnd(models.TransientModel):
    """End exemptions before their last day."""

    _name = "ar.credit.exemption.end"
    _description = "End Exemption"

    exemption_ids = fields.Many2many(
        "ar.credit.exemption", required=True, readonly=True
    )
    reason = fields.Char(required=True)

    @api.constrains("exemption_ids")
    def _check_exemption_access(self):
        self.sudo(False).exemption_ids.check_access("read")

    def action_end(self):
        """Put it on record; orders are checked again from now on."""
        self.ensure_one()
        self.exemption_ids._end(self.reason)
        return {"type": "ir.actions.act_window_close"}
