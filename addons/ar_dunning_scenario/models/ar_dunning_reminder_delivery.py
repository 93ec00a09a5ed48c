import logging
from collections import Counter
from contextlib import contextmanager

import psycopg2

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools.mail import generate_tracking_message_id

_logger = logging.getLogger(__name__)

#: First key of the advisory locks that say "a living process is sending this one".
SENDING_LOCK = 0x61726472
REMINDERS_PER_CALL = 50
OUTCOME_ATTEMPTS = 5


class ArDunningReminderDelivery(models.Model):
    """Stage 4, delivering: at most once, and never a message nobody knows about.

    A message leaves in three transactions: "sending" with its Message-ID is committed,
    the message is handed over, the outcome is committed. A process that dies in between
    leaves a row in "sending" that nobody holds; it becomes "uncertain", and a person
    decides.
    """

    _inherit = "ar.dunning.reminder"

    @api.model
    def _cron_deliver(self):
        """Send what is ready, in the working hours of each company."""
        self._mark_interrupted()
        ready = self._get_deliverable()
        progress = self.env["ir.cron"]._commit_progress
        progress(remaining=len(ready))
        for reminder in ready[:REMINDERS_PER_CALL]:
            reminder._deliver()
            if not progress(1):
                break

    @api.model
    def _get_deliverable(self):
        companies = self.env["res.company"].search(
            [("ar_dunning_active", "=", True), ("parent_id", "=", False)]
        )
        awake = companies.filtered(lambda company: company._is_ar_dunning_hour())
        return self.search(
            [("company_id", "in", awake.ids), ("state", "=", "ready")], order="id"
        )

    def _deliver(self, states=("ready",)):
        """Re-check and send reminders, each in transactions of its own.

        :param states: the states from which a reminder may be sent; another worker may
            have moved it on meanwhile
        :return: Counter of the states that the reminders ended in
        """
        outcomes = Counter()
        for reminder_id in self.ids:
            try:
                with self._in_new_transaction(reminder_id) as reminder:
                    if reminder._lock_in(states):
                        reminder._deliver_locked()
                        outcomes[reminder.state] += 1
            except psycopg2.OperationalError:
                # Another worker has it: that one's outcome counts.
                _logger.info("Reminder %s is being handled elsewhere", reminder_id)
            except Exception:  # pylint: disable=broad-except
                # The row stays as it is; the other customers must not wait for it.
                _logger.exception("Reminder %s could not be delivered", reminder_id)
        self.invalidate_recordset()
        return outcomes

    @contextmanager
    def _in_new_transaction(self, reminder_id):
        """Yield the reminder, as the system, in a transaction committed at the end."""
        with self.env.registry.cursor() as cr:
            yield self.with_env(self.env(cr=cr)).sudo().browse(reminder_id)

    def _lock_in(self, states):
        """Lock the reminder if nobody else has it and it may be sent."""
        locked = self.try_lock_for_update()
        return locked.state in states and locked.company_id.ar_dunning_active

    def _deliver_locked(self):
        self.state = "ready"
        self._recheck()
        if self.state != "ready":
            return
        self._set_contacts()
        channel = self._get_channel()
        if obstacle := channel.get_obstacle(self):
            self._set_failed(obstacle)
            return
        self.smtp_message_id = self.smtp_message_id or self._make_message_id()
        try:
            with self.env.cr.savepoint():
                message = channel.compose(self)
        except Exception as error:  # pylint: disable=broad-except
            # A template or a PDF that breaks: nothing was sent, and the row says why.
            self._set_failed(self._explain(error))
            return
        self._hand_over(channel, message)

    def _hand_over(self, channel, message):
        self.state = "sending"
        with self._sending_lock():
            # The row says "sending" before the message can leave: whatever happens to
            # this process, it is not sent again. pylint: disable=invalid-commit
            self.env.cr.commit()
            self._commit_outcome(channel, message, channel.send(self, message))

    def _commit_outcome(self, channel, message, outcome):
        """Write what became of the message, again if another worker was in the way:
        sending it again is not an option."""
        for _attempt in range(OUTCOME_ATTEMPTS):
            try:
                self._set_outcome(channel, message, outcome)
                # Before the lock goes. pylint: disable=invalid-commit
                self.env.cr.commit()
                return
            except psycopg2.OperationalError:
                self.env.cr.rollback()
        _logger.warning("Reminder %s: its outcome could not be written", self.id)

    def _set_outcome(self, channel, message, outcome):
        if outcome.state != "failed":
            channel.keep(self, message)
        if outcome.state == "sent":
            self._set_sent()
        elif outcome.state == "failed":
            self._set_failed(outcome.text)
        else:
            self._set_uncertain(outcome.text)

    @contextmanager
    def _sending_lock(self):
        """Hold a lock of the session, which ends with the process."""
        keys = [SENDING_LOCK, self.id]
        self.env.cr.execute("SELECT pg_advisory_lock(%s, %s)", keys)
        try:
            yield
        finally:
            # The outcome is committed, or an error broke the transaction.
            self.env.cr.rollback()
            self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", keys)

    @api.model
    def _mark_interrupted(self):
        """Show what a process left in "sending" when it died."""
        for reminder_id in self.search([("state", "=", "sending")]).ids:
            try:
                with self._in_new_transaction(reminder_id) as reminder:
                    reminder._mark_interrupted_one()
            except psycopg2.OperationalError:
                _logger.info("Reminder %s has just been finished", reminder_id)

    def _mark_interrupted_one(self):
        keys = [SENDING_LOCK, self.id]
        self.env.cr.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        if not self.env.cr.fetchone()[0]:
            return
        try:
            if self.state == "sending":
                self._set_uncertain(
                    self.env._("Interrupted while sending: it may have arrived.")
                )
                self.env.flush_all()
        finally:
            self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", keys)

    # -- What leaves -------------------------------------------------------------------

    def _make_message_id(self):
        return generate_tracking_message_id(f"{self.id}-{self._name}")

    def _get_sender(self):
        """The collector, else the company: who signs and gets the answers."""
        self.ensure_one()
        collector = self._get_signer()
        sender = collector if collector.email else self.company_id
        return sender.email_formatted

    def _get_signer(self):
        """The collector, unless he or she has left."""
        return self.user_id.filtered("active")

    def _render_items(self):
        """Return the table of items and totals, in the language of the customer."""
        return self._render_view("ar_dunning_scenario.reminder_items")

    def _render_mail(self):
        """Return the whole message: text, table and who sends it."""
        return self._render_view(
            "ar_dunning_scenario.reminder_mail", items=self._render_items()
        )

    def _render_view(self, xmlid, **values):
        self.ensure_one()
        lang = self.lang or self.company_id.partner_id.lang
        reminder = self.sudo().with_context(lang=lang)
        return reminder.env["ir.qweb"]._render(
            xmlid,
            {
                "reminder": reminder,
                "lines": reminder._get_active_lines(),
                "company": reminder.company_id,
                "user": reminder._get_signer(),
                **values,
            },
            lang=lang,
        )

    def _get_documents(self):
        """Return the PDFs of the invoices as (name, content, type): the legal document
        that core stored, or one made now where there is none."""
        moves = self.sudo()._get_active_lines().move_id
        return [move._get_ar_pdf() for move in moves if move.is_sale_document()]

    def _keep_sent_message(self, message):
        """Keep the message as it left; answers find it by its Message-ID."""
        self.ensure_one()
        files = [
            (part.get_filename(), part.get_payload(decode=True))
            for part in message.iter_attachments()
        ]
        attachments = self.env["ir.attachment"].create(
            [
                {"name": name, "raw": raw, "res_model": self._name, "res_id": self.id}
                for name, raw in files
            ]
        )
        self._message_create(
            [
                {
                    "model": self._name,
                    "res_id": self.id,
                    "message_type": "email_outgoing",
                    "subtype_id": self.env.ref("mail.mt_note").id,
                    "subject": self.subject,
                    "body": self._render_mail(),
                    "email_from": message["From"],
                    "reply_to": message["Reply-To"],
                    "author_id": self._get_signer().partner_id.id
                    or self.company_id.partner_id.id,
                    "message_id": self.smtp_message_id,
                    "partner_ids": self.partner_id.ids,
                    "attachment_ids": attachments.ids,
                }
            ]
        )

    def _notify_outcomes(self, outcomes):
        """Return the client action that tells what became of reminders sent by hand."""
        labels = dict(self._fields["state"]._description_selection(self.env))
        if not outcomes:
            raise UserError(
                self.env._("Somebody else is sending these, or dunning is off.")
            )
        told = ", ".join(f"{labels[state]}: {n}" for state, n in outcomes.items())
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "message": told,
                "type": "success" if set(outcomes) == {"sent"} else "warning",
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
