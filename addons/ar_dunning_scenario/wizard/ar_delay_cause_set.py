from odoo import api, fields, models


class ArDelayCauseSet(models.TransientModel):
    """Note why open items are late."""

    _name = "ar.delay.cause.set"
    _description = "Cause of Delay"

    item_ids = fields.Many2many(
        "ar.open.item", string="Open Items", required=True, readonly=True
    )
    delay_cause = fields.Selection(
        selection=lambda self: (
            self.env["account.move.line"]._fields["ar_delay_cause"].selection
        ),
        string="Cause of Delay",
        help="Empty: the cause that was noted is taken back.",
    )

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "ar.open.item":
            values["item_ids"] = [
                fields.Command.set(self.env.context.get("active_ids", []))
            ]
        return values

    def action_set(self):
        self.ensure_one()
        self.item_ids._set_delay_cause(self.delay_cause)
        return {"type": "ir.actions.act_window_close"}
