from odoo import api, fields, models

#: Where the wizard is opened from, and where the journal items are there.
SOURCES = {
    "ar.open.item": "line_id",
    "ar.dunning.item": "line_id",
    "ar.dunning.reminder": "line_ids.line_id",
}


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
        model = self.env.context.get("active_model")
        if model in SOURCES:
            chosen = self.env[model].browse(self.env.context.get("active_ids", []))
            chosen.check_access("read")
            lines = chosen.sudo().mapped(SOURCES[model])
            items = self.env["ar.open.item"].search([("line_id", "in", lines.ids)])
            values["item_ids"] = [fields.Command.set(items.ids)]
        return values

    def action_set(self):
        self.ensure_one()
        self.item_ids._set_delay_cause(self.delay_cause)
        return {"type": "ir.actions.act_window_close"}
