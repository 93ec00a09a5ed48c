from odoo import api, fields, models


class ArDunningReminderLine(models.Model):
    _inherit = "ar.dunning.reminder.line"

    ar_amount_disputed = fields.Monetary(
        string="In Dispute",
        compute="_compute_ar_amount_disputed",
        help="The part of the item that is in dispute and therefore not asked for.",
    )

    @api.depends("line_id.amount_residual_currency")
    def _compute_ar_amount_disputed(self):
        disputed = dict(
            self.env["ar.dispute.line"]
            .sudo()
            ._read_group(
                [("line_id", "in", self.sudo().line_id.ids), ("is_open", "=", True)],
                ["line_id"],
                ["amount_disputed:sum"],
            )
        )
        for line in self.sudo():
            item = line.line_id
            amount = min(disputed.get(item, 0.0), item.amount_residual_currency)
            line.ar_amount_disputed = amount

    def action_open_invoice(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    def action_ar_dispute(self):
        """Open the wizard that disputes the item that is asked for."""
        self.ensure_one()
        self.check_access("read")
        return self.env["ar.dispute.open"]._launch(self.sudo().line_id)
