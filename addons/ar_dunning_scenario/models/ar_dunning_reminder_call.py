from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .ar_promise_mixin import ACTIVITY_TOLD

ACTIVITY_CALL = "mail.mail_activity_data_call"


class ArDunningReminderCall(models.Model):
    """A call ends with a result, and the next action follows from it."""

    _inherit = "ar.dunning.reminder"

    call_result_id = fields.Many2one(
        "ar.dunning.call.result",
        string="Result of the Call",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        copy=False,
    )
    call_note = fields.Text(string="Note of the Call", readonly=True, copy=False)
    call_count = fields.Integer(
        string="Calls", readonly=True, copy=False, aggregator=None
    )
    call_again_on = fields.Date(
        readonly=True, copy=False, help="When the customer is to be called again."
    )
    promise_ids = fields.One2many(
        "ar.promise", "reminder_id", string="Promises", readonly=True
    )

    def action_call_result(self):
        """Ask how the call ended."""
        self.ensure_one()
        self._check_collector()
        self._check_call()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Result of the Call"),
            "res_model": "ar.dunning.call",
            "view_mode": "form",
            "target": "new",
            "context": {"default_reminder_id": self.id},
        }

    def action_ar_promise(self):
        """Record what the customer promises for the items of the reminder."""
        self.ensure_one()
        return self._launch_promise()

    def _check_call(self):
        for reminder in self:
            if reminder.channel != "call" or reminder.state != "draft":
                raise UserError(
                    self.env._(
                        "%(reminder)s is not a call to make.",
                        reminder=reminder.display_name,
                    )
                )

    def _end_call(self, result, note=None, cause=None, again_on=None):
        """Keep how a call ended, and do what follows from it.

        :param result: ar.dunning.call.result
        :param str note: what was said
        :param str cause: why the items are late, a key of ``ar_delay_cause``
        :param date again_on: when to call again, where the result asks for it; none:
            after the days of the result
        :return: an action to go on with, or None
        """
        self.ensure_one()
        self._check_collector()
        self._check_call()
        self.sudo().write(
            {
                "call_result_id": result.id,
                "call_note": note,
                "call_count": self.call_count + 1,
            }
        )
        self._message_log(body=": ".join(filter(None, [result.name, note])))
        self._log_events(self.env._("Call: %(result)s", result=result.name))
        if cause:
            self.sudo()._get_active_lines().line_id._set_ar_delay_cause(cause)
        if result.outcome in ("again", "contact"):
            return self._call_again(result, again_on)
        self.action_done()
        if result.outcome == "dispute":
            return self._on_call_disputed(note)
        return None

    def _call_again(self, result, again_on=None):
        """Leave the call open for another day, unless it was tried often enough."""
        if result.outcome == "contact":
            self._ask_for_contact()
        if self.call_count >= result.retry_max:
            self._log_decision(
                self.env._("Not reached in %(count)s calls", count=self.call_count)
            )
            self.action_done()
            return
        today = self.company_id._ar_today()
        again_on = again_on or today + timedelta(days=result.retry_days)
        if again_on < today:
            raise UserError(self.env._("Call again today or on a later day."))
        self.sudo().call_again_on = again_on
        self.sudo().activity_reschedule([ACTIVITY_CALL], date_deadline=again_on)

    def _ask_for_contact(self):
        """Give the responsible person the task to repair the contact."""
        self._schedule_on_customer(
            self.env._(
                "Wrong number: find out how to reach %(customer)s",
                customer=self.commercial_partner_id.display_name,
            )
        )

    def _launch_dispute(self, **values):
        """Return the action that disputes the items of this reminder. Hook: there is
        none without the floor of disputes; the call ends when the dispute is opened.

        :param values: of the wizard: what the customer said on the call
        """
        return None

    def _on_call_disputed(self, note):
        """The customer disputes items of this call. Hook: who has a record for it
        needs no task.

        :param str note: what the customer says
        :return: an action to go on with, or None
        """
        self._log_events(self.env._("Disputed: %(note)s", note=note or "-"))
        self._schedule_on_customer(self.env._("Clear what the customer disputes"), note)

    def _schedule_on_customer(self, summary, note=None):
        responsible = self.user_id.filtered("active") or self.env.user
        self.sudo().commercial_partner_id.activity_schedule(
            ACTIVITY_TOLD,
            date_deadline=self.company_id._ar_today(),
            user_id=responsible.id,
            summary=summary,
            note=note,
        )

    def _launch_promise(self, **values):
        """Return the action that opens the wizard on the items of this reminder."""
        lines = self.sudo()._get_active_lines().line_id
        items = self.env["ar.open.item"].search([("line_id", "in", lines.ids)])
        return self.env["ar.promise.record"]._launch(
            items, reminder_id=self.id, partner_id=self.partner_id.id, **values
        )
