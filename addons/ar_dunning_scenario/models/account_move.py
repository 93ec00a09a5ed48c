from odoo import api, fields, models

GROUP_OWN = "ar_ledger.ar_ledger_group_own"


class AccountMove(models.Model):
    _inherit = "account.move"

    ar_dunning_step_id = fields.Many2one(
        "ar.dunning.step",
        string="Next Dunning Step",
        compute="_compute_ar_dunning",
        groups=GROUP_OWN,
    )
    ar_dunning_date = fields.Date(
        string="Next Dunning Date",
        compute="_compute_ar_dunning",
        groups=GROUP_OWN,
        help="When the invoice, or its next instalment, is asked for again.",
    )

    @api.depends("line_ids")
    def _compute_ar_dunning(self):
        self.ar_dunning_step_id = False
        self.ar_dunning_date = False
        chased = self.filtered("company_id.ar_dunning_active")
        if not chased:
            return
        items = self.env["ar.dunning.item"].sudo()
        items = items.search([("move_id", "in", chased.ids)], order="next_date, id")
        for move, of_move in items.grouped("move_id").items():
            move.ar_dunning_step_id = of_move[0].next_step_id
            move.ar_dunning_date = of_move[0]._get_coming_date()

    def button_draft(self):
        """An invoice that is posted again is a new demand: its steps start anew."""
        result = super().button_draft()
        chased = self.filtered("company_id.ar_dunning_active")
        if chased:
            lines = self.env["ar.dunning.reminder.line"].sudo()
            lines = lines.search(
                [("move_id", "in", chased.ids), ("state", "!=", "cancelled")]
            )
            lines.cycle_closed = True
            self.env["ar.dunning.item"]._on_lines_changed(lines.line_id)
        return result
