from odoo import api, fields, models

from .account_move import GROUP_OWN


class AccountMove(models.Model):
    _inherit = "account.move"

    ar_promise_count = fields.Integer(
        string="Promises",
        compute="_compute_ar_promise_count",
        groups=GROUP_OWN,
        help="Promises and instalments about this invoice, whatever became of them.",
    )

    @api.depends("line_ids")
    def _compute_ar_promise_count(self):
        self.ar_promise_count = 0
        promised = self.filtered("company_id.ar_dunning_active")
        promised = promised.filtered(
            lambda move: move.company_id.root_id._get_ar_promising()
        )
        if not promised.ids:
            return
        counts = dict(
            self.env["ar.promise.line"]._read_group(
                [("move_id", "in", promised.ids)],
                ["move_id"],
                ["promise_id:count_distinct"],
            )
        )
        for move in promised:
            move.ar_promise_count = counts.get(move._origin, 0)

    def button_draft(self):
        result = super().button_draft()
        self._judge_ar_promises()
        return result

    def _post(self, soft=True):
        posted = super()._post(soft=soft)
        posted._judge_ar_promises()
        return posted

    def _judge_ar_promises(self):
        """A payment stays matched when it is reset to draft, but only booked ones
        count: what was promised is judged again, as when an invoice is reset."""
        if not self.sudo().company_id._has_ar_promises():
            return
        lines = self.sudo().line_ids
        self.env["ar.promise"]._on_lines_matched(
            lines | lines.matched_debit_ids.debit_move_id
        )

    def action_open_ar_promises(self):
        """Drill down: what was promised of this invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_promise_action"
        )
        action["domain"] = [("line_ids.move_id", "=", self.id)]
        action["context"] = {}
        return action
