import logging
import re
from collections import Counter
from contextlib import contextmanager

import psycopg2
from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools.mail import generate_tracking_message_id

from ..channels import Problem
from .ar_dunning_calendar import get_timezone
from .ar_dunning_reminder_outbox import ASKED_STATES

_logger = logging.getLogger(__name__)

REMINDERS_PER_CALL = 50
ACCOUNT_LINK = re.compile(r"https?://[^\"\s]+/ar/account/[\w-]+")
OUTCOME_ATTEMPTS = 5
#: Of all PDFs of one e-mail, in bytes; on its way it grows by a third.
DOCUMENTS_SIZE = 10 * 1024 * 1024
#: From these a message may leave by itself: a further one, or one tried again.
DELIVERABLE_STATES = ("ready", "failed", *ASKED_STATES)


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
        """Return the reminders with a message that is due, of customers who work
        now."""
        companies = self.env["res.company"].search(
            [("ar_dunning_active", "=", True), ("parent_id", "=", False)]
        )
        current = companies.filtered(lambda company: not company._get_ar_stale_books())
        due = self.search(
            Domain("company_id", "in", current.ids) & self._get_due_domain(), order="id"
        )
        working = due._filter_working()
        return working - working._filter_waiting()

    def _filter_working(self):
        """Return the reminders whose customers are in their working hours; a constant
        number of queries for each company and each calendar."""
        working = {
            company: self._get_working(company, reminders.commercial_partner_id)
            for company, reminders in self.grouped("company_id").items()
        }
        return self.filtered(
            lambda reminder: (
                reminder.commercial_partner_id in working[reminder.company_id]
            )
        )

    @api.model
    def _get_working(self, company, customers):
        """Return the customers of a root company who are in their working hours."""
        calendars = self.env["ar.dunning.calendar"]._get_of_customers(
            company, customers
        )
        used = self.env["resource.calendar"].union(*calendars.values())
        days = used._get_ar_workdays()
        default = company._ar_timezone()
        return customers.filtered(
            lambda customer: company._is_ar_dunning_hour(
                get_timezone(customer, default), days[calendars[customer.id].id]
            )
        )

    @api.model
    def _get_due_domain(self):
        channels = self._get_channels()
        by_machine = [key for key in channels if channels[key].by_machine]
        queued = Domain("channel", "in", by_machine) & Domain("state", "=", "queued")
        again = Domain("state", "=", "failed") & Domain(
            "next_attempt", "<=", fields.Datetime.now()
        )
        due = Domain("state", "in", DELIVERABLE_STATES) & Domain(
            "outbox_ids", "any", queued | again
        )
        # One that nobody prepared, in an older version for instance, is not forgotten.
        unmade = Domain("state", "=", "ready") & Domain("channel", "in", by_machine)
        return due | unmade & Domain("outbox_ids", "=", False)

    def _deliver(self, states=DELIVERABLE_STATES):
        """Re-check and send the messages of reminders, each in transactions of its own.

        :param states: the states from which a reminder may be sent; another worker may
            have moved it on meanwhile
        :return: Counter of the states that the reminders ended in
        """
        outcomes = Counter()
        for reminder_id in self.ids:
            try:
                if state := self._deliver_one(reminder_id, states):
                    outcomes[state] += 1
            except psycopg2.OperationalError:
                # Another worker has it: that one's outcome counts.
                _logger.info("Reminder %s is being handled elsewhere", reminder_id)
            except Exception:  # pylint: disable=broad-except
                # The row stays as it is; the other customers must not wait for it.
                _logger.exception("Reminder %s could not be delivered", reminder_id)
        self.invalidate_recordset()
        return outcomes

    def _deliver_one(self, reminder_id, states):
        """Send one message after the other, those included that stand in for another.

        :return: the state of the reminder, None if there was nothing to send
        """
        state, tried = None, set()
        while True:
            with self._in_new_transaction(reminder_id) as reminder:
                message = reminder._lock_next_message(states, tried)
                if not message:
                    return state
                tried.add(message.id)
                reminder._deliver_locked(message)
                state = reminder.state
            # What it was when we began: the first message moved it on.
            states = {*states, *DELIVERABLE_STATES}

    @contextmanager
    def _in_new_transaction(self, reminder_id):
        """Yield the reminder, as the system, in a transaction committed at the end."""
        with self.env.registry.cursor() as cr:
            yield self.with_env(self.env(cr=cr)).sudo().browse(reminder_id)

    def _lock_next_message(self, states, tried):
        """Lock the reminder and its next message, if nobody else has them and they may
        be sent.

        :param set tried: ids of messages that had their turn
        :return: the message, or an empty set
        """
        locked = self.try_lock_for_update()
        if locked.state not in states or not self._may_leave(states):
            return self.env["ar.dunning.message"]
        if not self.outbox_ids:
            self._prepare_outbox()
        due = self.outbox_ids.filtered(lambda m: m.id not in tried and m._is_due())
        return due.sorted("id")[:1].try_lock_for_update()

    def _may_leave(self, states):
        """Tell whether the company sends anything now, and to this customer.

        Where drafts may leave, somebody said: now.
        """
        company = self.company_id
        if not company.ar_dunning_active or company._get_ar_stale_books():
            return False
        return "draft" in states or not self._filter_waiting()

    def _filter_waiting(self):
        """Return the reminders to customers that do not leave today because the
        customer heard from us lately. Further messages of a reminder, and those tried
        again, belong to the contact that was made."""
        first = self.filtered(lambda r: r.channel in self._get_customer_channels())
        return first.filtered(lambda r: not r._was_asked())._filter_quiet()

    def _deliver_locked(self, message):
        if not self._recheck_for(message):
            return
        if message.state == "failed":
            message._by_code().state = "queued"
        self._note_booked_until()
        message._set_addresses()
        message._check_obstacles()
        self._set_main_contacts()
        if message.state == "failed":
            self._settle()
            return
        self.smtp_message_id = self.smtp_message_id or self._make_message_id()
        try:
            with self.env.cr.savepoint():
                content = message._get_channel().compose(message)
        except Exception as error:  # pylint: disable=broad-except
            # A template or a PDF that breaks: nothing was sent, and the row says why.
            message._set_failed(Problem("document", self._explain(error)))
            self._settle()
            return
        self._hand_over(message, content)

    def _hand_over(self, message, content):
        channel = message._get_channel()
        message._set_sending(channel.get_reference(message))
        self._settle()
        with message._sending_lock():
            # The row says "sending" before the message can leave: whatever happens to
            # this process, it is not sent again. pylint: disable=invalid-commit
            self.env.cr.commit()
            self._commit_outcome(message, content, channel.send(message, content))

    def _commit_outcome(self, message, content, outcome):
        """Write what became of the message, again if another worker was in the way:
        sending it again is not an option."""
        for _attempt in range(OUTCOME_ATTEMPTS):
            try:
                self._set_outcome(message, content, outcome)
                # Before the lock goes. pylint: disable=invalid-commit
                self.env.cr.commit()
                return
            except psycopg2.OperationalError:
                self.env.cr.rollback()
        _logger.warning("Message %s: its outcome could not be written", message.id)

    def _set_outcome(self, message, content, outcome):
        if outcome.state != "failed":
            message._get_channel().keep(message, content)
        problem = Problem(outcome.code or "other", outcome.text)
        if outcome.state == "failed":
            message._set_failed(problem, again=outcome.again)
        elif outcome.state == "uncertain":
            message._set_uncertain(problem)
        else:
            message._set_arrived(outcome.state)
        self._settle()

    @api.model
    def _mark_interrupted(self):
        """Show what a process left in "sending" when it died."""
        messages = self.env["ar.dunning.message"]
        for message in messages.search([("state", "=", "sending")]):
            try:
                with self._in_new_transaction(message.reminder_id.id) as reminder:
                    reminder.outbox_ids.browse(message.id)._mark_interrupted()
            except psycopg2.OperationalError:
                _logger.info("Message %s has just been finished", message.id)

    # -- What leaves -------------------------------------------------------------------

    def _make_message_id(self):
        return generate_tracking_message_id(f"{self.id}-{self._name}")

    def _get_sender(self):
        """The collector, else the company: who signs and gets the answers."""
        self.ensure_one()
        collector = self._get_signer()
        sender = collector if collector.email else self.company_id
        return sender.email_formatted

    def _get_reply_to(self):
        """Where answers go: to the reminder by the company's catchall, else to the
        sender."""
        sender = self._get_sender()
        author = self._get_signer().partner_id or self.company_id.partner_id
        return self._notify_get_reply_to(default=sender, author_id=author.id)[self.id]

    def _get_signer(self):
        """The collector, unless he or she has left."""
        return self.user_id.filtered("active")

    def _render_items(self, lang=None):
        """Return the table of items and totals, in the language of the customer."""
        return self._render_view("ar_dunning_scenario.reminder_items", lang)

    def _render_mail(self, message=None, too_large=(), account_url=None):
        """Return the whole message: text, table and who sends it.

        :param message: ar.dunning.message, with the language and words of its contact
        :param too_large: numbers of invoices that are not attached
        :param account_url: the address of the contact's own account page
        """
        lang = message and message._get_lang()
        return self._render_view(
            "ar_dunning_scenario.reminder_mail",
            lang,
            body=message._get_body() if message else self.body,
            items=self._render_items(lang),
            too_large=too_large,
            account_url=account_url,
        )

    def _render_view(self, xmlid, lang=None, **values):
        self.ensure_one()
        lang = lang or self._get_active_language()
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
        that core stored, or one made now where there is none; and the numbers of those
        that would make the message too large for mail servers."""
        moves = self.sudo()._get_active_lines().move_id
        documents, too_large, size = [], [], 0
        for move in moves.filtered(lambda m: m.is_sale_document()):
            document = move._get_ar_pdf()
            if size + len(document[1]) > DOCUMENTS_SIZE:
                too_large.append(move.name)
                continue
            documents.append(document)
            size += len(document[1])
        return documents, too_large

    def _keep_sent_message(self, message):
        """Keep the message as it left; answers find it by its Message-ID."""
        self.ensure_one()
        mails = self.outbox_ids.filtered(lambda m: m.channel == "email")
        addressee = mails.partner_id or self.partner_id
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
                    "subject": message["Subject"],
                    "body": self._without_links(message),
                    "email_from": message["From"],
                    "reply_to": message["Reply-To"],
                    "author_id": self._get_signer().partner_id.id
                    or self.company_id.partner_id.id,
                    "message_id": self.smtp_message_id,
                    "partner_ids": addressee.ids,
                    "attachment_ids": attachments.ids,
                }
            ]
        )

    def _without_links(self, message):
        """Return the body as it left, but for what opens the account page: that is
        between the contact and us."""
        html = message.get_body(("html",)).get_content()
        return Markup(ACCOUNT_LINK.sub("#", html))

    def action_send_all(self):
        """Send all that is ready, at any hour, with a bar that shows how far it is."""
        self._check_collector()
        ready = self.search(Domain("state", "=", "ready") & self._get_due_domain())
        self._check_any(ready, self.env._("Nothing is ready to be sent."))
        ready.company_id._check_ar_books()
        return {
            "type": "ir.actions.client",
            "tag": "ar_dunning_send_all",
            "name": self.env._("Send All Ready"),
            "target": "new",
            "params": {"reminder_ids": ready.ids},
        }

    def action_send_some(self):
        """Send some of them; return {label of the state: how many ended in it}."""
        self._check_collector()
        labels = dict(self._fields["state"]._description_selection(self.env))
        outcomes = self._deliver(("ready",))
        return {labels[state]: count for state, count in outcomes.items()}

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
