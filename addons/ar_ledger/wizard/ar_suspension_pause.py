from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError


class ArSuspensionPause(models.TransientModel):
    """Pause open items by hand, with a reason and a last day."""

    _name = "ar.suspension.pause"
    _description = "Pause Open Items"

    item_ids = fields.Many2many(
        "ar.open.item", string="Open Items", required=True, readonly=True
    )
    date_until = fields.Date(
        required=True, help="The last day on which the items are left alone."
    )
    reason = fields.Char(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "ar.open.item":
            values["item_ids"] = [
                fields.Command.set(self.env.context.get("active_ids", []))
            ]
        return values

    def action_pause(self):
        if not self.env.user.has_group("ar_ledger.ar_ledger_group_collector"):
            raise AccessError(self.env._("Only collectors pause open items."))
        self._check_pausable()
        self.env["ar.suspension"]._suspend(
            self.item_ids.sudo().line_id,
            "pause",
            self.reason,
            self.env["ar.suspension"],
            date_until=self.date_until,
        )
        return {"type": "ir.actions.act_window_close"}

    def _check_pausable(self):
        for company in self.item_ids.company_id:
            if self.date_until < company._ar_today():
                raise UserError(self.env._("Choose a last day that is today or later."))
        suspended = self.item_ids.filtered("suspension_kind")
        if suspended:
            raise UserError(
                self.env._(
                    "Already suspended: %(items)s. End that suspension first.",
                    items=", ".join(suspended.mapped("move_name")),
                )
            )
