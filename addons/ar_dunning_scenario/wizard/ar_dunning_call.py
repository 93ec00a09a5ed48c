from datetime import timedelta

from odoo import api, fields, models


class ArDunningCall(models.TransientModel):
    """How a call ended; what follows is the result's."""

    _name = "ar.dunning.call"
    _description = "Result of a Call"

    reminder_id = fields.Many2one(
        "ar.dunning.reminder", required=True, readonly=True, ondelete="cascade"
    )
    partner_id = fields.Many2one(related="reminder_id.partner_id", related_sudo=False)
    phone = fields.Char(related="reminder_id.partner_id.phone", related_sudo=False)
    script = fields.Html(related="reminder_id.body", related_sudo=False)
    result_id = fields.Many2one(
        "ar.dunning.call.result", required=True, ondelete="cascade"
    )
    outcome = fields.Selection(related="result_id.outcome")
    note = fields.Text(help="What was said; it stays on the reminder.")
    again_on = fields.Date(
        string="Call Again On",
        compute="_compute_from_result",
        store=True,
        readonly=False,
    )
    delay_cause = fields.Selection(
        selection=lambda self: (
            self.env["account.move.line"]._fields["ar_delay_cause"].selection
        ),
        string="Cause of Delay",
        compute="_compute_from_result",
        store=True,
        readonly=False,
        help="Why the items are late, as far as the call told.",
    )

    @api.depends("result_id")
    def _compute_from_result(self):
        for call in self:
            result = call.result_id
            call.delay_cause = result.delay_cause or call.delay_cause
            call.again_on = False
            if result.outcome in ("again", "contact"):
                today = call.reminder_id.company_id._ar_today()
                call.again_on = today + timedelta(days=result.retry_days)

    def action_apply(self):
        """Keep the result and go on with what follows from it."""
        self.ensure_one()
        reminder = self.reminder_id
        reminder.check_access("read")
        if self.outcome == "promise":
            # The call is over when the promise is recorded, not before.
            reminder._check_collector()
            reminder._check_call()
            return reminder._launch_promise(
                call_result_id=self.result_id.id,
                note=self.note,
                delay_cause=self.delay_cause,
            )
        if self.outcome == "dispute":
            reminder._check_collector()
            reminder._check_call()
            dispute = reminder._launch_dispute(
                call_result_id=self.result_id.id,
                description=self.note,
                delay_cause=self.delay_cause,
            )
            if dispute:
                return dispute
        action = reminder._end_call(
            self.result_id, self.note, self.delay_cause, self.again_on
        )
        return action or {"type": "ir.actions.act_window_close"}
