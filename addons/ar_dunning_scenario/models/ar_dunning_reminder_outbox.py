from odoo import api, fields, models

from ..channels import Problem
from .ar_dunning_message import ARRIVED, WAITING
from .ar_dunning_reminder import OPEN_STATES

#: States in which the customer was, or may have been, asked.
ASKED_STATES = ("sent", "delivered", "uncertain")


class ArDunningReminderOutbox(models.Model):
    """The messages of a reminder, and what they make of its state."""

    _inherit = "ar.dunning.reminder"

    outbox_ids = fields.One2many("ar.dunning.message", "reminder_id", readonly=True)

    booked_until = fields.Date(
        string="Payments Booked Up To",
        readonly=True,
        help="Printed below the table of items.",
    )
    waiting_reason = fields.Char(
        string="Waits Because",
        compute="_compute_waiting_reason",
        help="Why a reminder that is ready does not leave yet.",
    )

    def _compute_waiting_reason(self):
        for company, reminders in self.grouped("company_id").items():
            waiting = reminders.filtered(lambda r: r.state in ("draft", "ready"))
            (reminders - waiting).waiting_reason = False
            stale = waiting and company._get_ar_stale_books()
            waiting.waiting_reason = stale
            if not stale:
                waiting._filter_waiting().waiting_reason = self.env._(
                    "The customer heard from us lately: it leaves when the days "
                    "between contacts are over."
                )

    def action_print_letters(self):
        """Print the letters of these reminders, to be posted."""
        return self.outbox_ids.action_print()

    # -- Preparing ---------------------------------------------------------------------

    def _prepare_outbox(self):
        """Make, address and word the messages of planned reminders, all at once."""
        for mode, reminders in self.grouped("mode").items():
            reminders.state = "draft" if mode == "confirm" else "ready"
        self._note_booked_until()
        self._ensure_outbox()
        queued = self.outbox_ids.filtered(lambda m: m.state == "queued")
        queued.filtered(lambda m: not m._is_printed())._make_ready()
        self._settle()

    def _note_booked_until(self):
        """Take down up to when payments are booked, to be printed."""
        dates = self.company_id._get_ar_booked_dates()
        for reminder in self:
            booked = dates[reminder.company_id.id]
            if reminder.booked_until != (booked or False):
                reminder.booked_until = booked

    def _ensure_outbox(self):
        """Make the messages that are missing, one per channel of the step."""
        values = []
        for reminder in self:
            done = set(reminder.outbox_ids.mapped("channel"))
            values += [
                row
                for row in reminder._prepare_messages()
                if row["channel"] not in done and not row["is_fallback"]
            ]
        self._create_messages(values)

    def _prepare_messages(self):
        """Return the values of all messages that the step may need."""
        first = {"channel": self.channel, "role": self.step_id.role or "accounting"}
        rows = [{"reminder_id": self.id, "is_fallback": False, **first}]
        for further in self.step_id.channel_ids:
            rows.append(
                {
                    "reminder_id": self.id,
                    "is_fallback": further.condition == "fallback",
                    "channel": further.channel,
                    "role": further.role,
                }
            )
        return rows

    def _set_unprepared(self, text):
        """Say on each of its messages why a reminder could not be prepared."""
        if self._get_channel().has_outbox:
            self._ensure_outbox()
            queued = self.outbox_ids.filtered(lambda m: m.state == "queued")
            queued._set_failed(Problem("template", text))
        self._set_failed(text)

    @api.model
    def _create_messages(self, values):
        messages = self.env["ar.dunning.message"]
        return messages._by_code().create(values).with_env(self.env).sudo()

    def _write_texts(self):
        """Render subject and text for the contacts, in their languages, where there are
        none or others were written to; what somebody edited stays."""
        blank = self.filtered(lambda reminder: reminder._needs_words())
        for template, reminders in blank.grouped(
            lambda reminder: reminder.step_id.template_id
        ).items():
            langs = {reminder.id: reminder.lang for reminder in reminders}
            subjects, bodies = reminders._render_words(template, langs)
            for reminder in reminders:
                reminder._keep_words(subjects[reminder.id], bodies[reminder.id])

    def _needs_words(self):
        if not self.step_id.template_id:
            return False
        return not self._is_written() or self._is_for_another()

    def _is_for_another(self):
        """Tell whether the text, as it was rendered, speaks to another contact than the
        main one now, or in another language."""
        if self.is_text_edited or not self.text_partner_id:
            return False
        return (self.text_partner_id, self.text_lang) != (self.partner_id, self.lang)

    def _render_words(self, template, langs):
        """Return subjects and texts by reminder id.

        :param dict langs: {reminder id: language}
        """
        return [
            template._render_field(name, self.ids, res_ids_lang=langs, options=options)
            for name, options in [
                ("subject", None),
                ("body_html", {"post_process": True}),
            ]
        ]

    def _keep_words(self, subject, body):
        if self._is_for_another():
            self.write({"subject": subject, "body": body})
        else:
            self._fill_texts(subject, body)
        self.write({"text_partner_id": self.partner_id.id, "text_lang": self.lang})

    def _add_fallbacks(self):
        """Where nothing arrives any more, try the next channel that stands in."""
        stuck = self.filtered(lambda reminder: reminder._get_fallback())
        while stuck:
            values = [reminder._get_fallback() for reminder in stuck]
            stuck._create_messages(values)._make_ready()
            stuck = stuck.filtered(lambda reminder: reminder._get_fallback())

    def _get_fallback(self):
        """Return the values of the next message that stands in, None if none does."""
        tried = self.outbox_ids.filtered(lambda m: m.state != "cancelled")
        if not tried or not all(message._is_final() for message in tried):
            return None
        done = set(self.outbox_ids.mapped("channel"))
        fallbacks = [row for row in self._prepare_messages() if row["is_fallback"]]
        return next((row for row in fallbacks if row["channel"] not in done), None)

    # -- States ------------------------------------------------------------------------

    def _settle(self):
        """Bring the states of reminders up to those of their messages."""
        self._add_fallbacks()
        for (state, text), reminders in self.grouped(
            lambda reminder: reminder._read_outbox()
        ).items():
            if state:
                reminders._move_to(state, text)

    def _read_outbox(self):
        """Return what the messages make of the reminder, as (state, what went wrong).

        One that arrived is enough: the customer was asked. Nothing that could be sent
        is a failure, never "sent".
        """
        messages = self.outbox_ids.filtered(lambda m: m.state != "cancelled")
        states = set(messages.mapped("state"))
        text = " ".join(filter(None, messages.mapped("failure"))) or None
        if not states or self.state == "cancelled":
            return None, None
        if states == {"delivered"}:
            return "delivered", None
        if states & set(ARRIVED):
            return "sent", None
        for state, result in [
            ("sending", "sending"),
            ("uncertain", "uncertain"),
            ("queued", "ready"),
        ]:
            if state in states:
                return result, text if result == "uncertain" else None
        return "failed", text

    def _move_to(self, state, text):
        if state in ARRIVED:
            self.filtered(lambda r: r.state not in ARRIVED)._set_sent()
            changed = self.filtered(lambda r: r.state != state)
            changed.sudo().state = state
        elif state == "failed":
            self.filtered(lambda r: (r.state, r.failure) != (state, text))._set_failed(
                text
            )
        elif state == "uncertain":
            self.filtered(lambda r: r.state != state)._set_uncertain(text)
        else:
            # A draft stays one until somebody confirms it.
            kept = ("draft", "ready") if state == "ready" else ("sending",)
            changed = self.filtered(lambda r: r.state not in kept)
            changed.sudo().write({"state": state, "failure": False})

    def _has_mail(self):
        """Tell whether a message waits that leaves by machine."""
        messages = self.outbox_ids.filtered(lambda m: m.state in WAITING)
        return any(message._get_channel().by_machine for message in messages)

    def _requeue(self):
        """Let what failed, or is uncertain, be tried again."""
        messages = self.outbox_ids
        messages.filtered(lambda m: m.state in ("failed", "uncertain"))._requeue()

    def _set_arrived(self):
        """Somebody found out that what is uncertain did arrive."""
        self.outbox_ids.filtered(lambda m: m.state == "uncertain")._set_arrived("sent")
        self.write({"state": "sent", "failure": False})

    def _set_cancelled(self, reason):
        result = super()._set_cancelled(reason)
        self._cancel_waiting()
        return result

    def _cancel_waiting(self):
        messages = self.sudo().outbox_ids
        messages.filtered(lambda m: m.state in WAITING)._set_cancelled()

    # -- A channel that goes -----------------------------------------------------------

    @api.model
    def _retire_channel(self, key, successor):
        """Give up a channel for a similar one: steps go on by that, what was sent is on
        record as sent by it, and what waits leaves by it, or fails with the reason. For
        uninstall hooks; no access check.

        :param str key: the channel whose addon goes
        :param str successor: a channel that stays
        """
        self.env.flush_all()
        waiting = self.env["ar.dunning.message"].search(
            [("channel", "=", key), ("state", "in", WAITING)]
        )
        reminders = waiting.reminder_id
        self._replace_channel_of_steps(key, successor)
        self._replace_channel_of_messages(key, successor)
        self.env.invalidate_all(flush=False)
        waiting = waiting.exists()
        waiting._requeue()
        waiting._make_ready()
        reminders._settle()
        reminders.filtered(lambda r: r.state in OPEN_STATES)._log_decision(
            self.env._("A channel is no longer there: it leaves by another one.")
        )

    @api.model
    def _replace_channel_of_steps(self, key, successor):
        """A step uses each channel once."""
        self.env.cr.execute(
            """DELETE FROM ar_dunning_step_channel further
                     USING ar_dunning_step step
                     WHERE step.id = further.step_id
                       AND (further.channel = %(key)s AND (
                               step.channel IN %(both)s
                               OR EXISTS (SELECT FROM ar_dunning_step_channel other
                                           WHERE other.step_id = step.id
                                             AND other.channel = %(successor)s))
                            OR further.channel = %(successor)s
                               AND step.channel = %(key)s);
               UPDATE ar_dunning_step_channel SET channel = %(successor)s
                WHERE channel = %(key)s;
               UPDATE ar_dunning_step SET channel = %(successor)s
                WHERE channel = %(key)s""",
            {"key": key, "successor": successor, "both": (key, successor)},
        )

    @api.model
    def _replace_channel_of_messages(self, key, successor):
        """A reminder leaves once by each channel: where it has a message by the other
        one already, that one tells."""
        self.env.cr.execute(
            """DELETE FROM ar_dunning_message message
                WHERE channel = %(key)s
                  AND EXISTS (SELECT FROM ar_dunning_message other
                               WHERE other.reminder_id = message.reminder_id
                                 AND other.channel = %(successor)s);
               UPDATE ar_dunning_message SET channel = %(successor)s
                WHERE channel = %(key)s;
               UPDATE ar_dunning_reminder SET channel = %(successor)s
                WHERE channel = %(key)s""",
            {"key": key, "successor": successor},
        )

    # -- What changed since the first message ------------------------------------------

    def _recheck_for(self, message):
        """Re-check before a message leaves.

        Items of a reminder that was sent are on record: where they changed, a further
        message is not sent by itself.

        :return: whether the message may leave
        """
        if not self._was_asked():
            self.state = "ready"
            self._recheck()
            return self.state == "ready"
        lines = self._get_active_lines()
        facts, reasons = self._get_obsolete_reasons(lines)
        if all(reasons.values()):
            self._leave_out(message, ", ".join(sorted(set(reasons.values()))))
            return False
        changed = self._get_changes(lines, facts, reasons)
        if changed:
            text = self.env._(
                "Changed since the first message: %(items)s.", items=", ".join(changed)
            )
            self._leave_out(message, text, again=True)
        return not changed

    def _get_changes(self, lines, facts, reasons):
        """Return what became different since the customer was asked, as words."""
        changed = [
            line.number
            for line in lines
            if reasons[line]
            or float(facts[line.line_id.id]["amount_to_ask"]) != line.amount_open
        ]
        if self._read_credits()[self] != self.amount_credit:
            changed.append(self.env._("open credits"))
        return changed

    def _leave_out(self, message, text, again=False):
        """Do not send a further message.

        :param bool again: whether somebody may want to send it all the same
        """
        problem = Problem("changed", text)
        if self.state not in ASKED_STATES:
            # It may have arrived the first time, and is not tried a second time.
            message._set_uncertain(problem)
        elif again:
            message._set_failed(problem)
        else:
            message._set_cancelled()
        self._settle()

    def _reopen(self):
        """Nothing arrived after all: the step is not done for items that were not asked
        for since, and their clocks wait."""
        self.sudo().sent_on = False
        lines = self.sudo().line_ids.filtered(lambda line: line.state == "done")
        again = lines - lines._get_overtaken()
        again.write({"state": "planned", "done_on": False})
        self.env["ar.dunning.item"]._on_lines_changed(again.line_id)
