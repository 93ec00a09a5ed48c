from odoo import api, fields, models


class ArCreditHoldClear(models.TransientModel):
    """Decide that one reason of a hold holds no longer."""

    _name = "ar.credit.hold.clear"
    _description = "Clear a Reason"

    reason_id = fields.Many2one("ar.credit.hold.reason", required=True, readonly=True)
    sentence = fields.Text(related="reason_id.sentence", related_sudo=False)
    note = fields.Char(string="Why", required=True)
    valid_until = fields.Date(
        help="Last day on which it does not hold. Empty: until the order is confirmed."
    )

    @api.constrains("reason_id")
    def _check_reason_access(self):
        self.sudo(False).reason_id.check_access("read")

    def action_clear(self):
        """Put the decision on record; the other reasons go on holding."""
        self.ensure_one()
        hold = self.reason_id.hold_id
        hold._check_release_day(self.valid_until)
        hold._clear_by_hand(self.reason_id, self.note, valid_until=self.valid_until)
        return {"type": "ir.actions.act_window_close"}
