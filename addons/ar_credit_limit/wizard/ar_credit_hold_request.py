from odoo import api, fields, models


class ArCreditHoldRequest(models.TransientModel):
    """What a salesperson says for the release of a held order."""

    _name = "ar.credit.hold.request"
    _description = "Request Release"

    hold_id = fields.Many2one("ar.credit.hold", required=True, readonly=True)
    reasons_text = fields.Text(related="hold_id.reasons_text", related_sudo=False)
    note = fields.Text(required=True)

    @api.constrains("hold_id")
    def _check_hold_access(self):
        self.sudo(False).hold_id.check_access("read")

    def action_request(self):
        """Send the request to the credit managers."""
        self.ensure_one()
        self.hold_id._request(self.note)
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": self.env._("The credit managers are asked for the release."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }
