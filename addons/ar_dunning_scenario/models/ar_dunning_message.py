from contextlib import contextmanager
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..channels import Problem

#: First key of the advisory locks that say "a living process is sending this one".
SENDING_LOCK = 0x61726472
#: After how long a message that certainly did not arrive is tried again.
BACK_OFF = (timedelta(minutes=15), timedelta(hours=1), timedelta(hours=4))
#: The message was handed over, as far as we know.
ARRIVED = ("sent", "delivered")
#: Nothing of it can have reached the customer.
WAITING = ("queued", "failed")


class ArDunningMessage(models.Model):
    """The outbox: one reminder by one channel.

    It is written before anything leaves and tells what became of it. A message whose
    fate is unknown is uncertain; it is never sent again by itself.
    """

    _name = "ar.dunning.message"
    _description = "Outgoing Reminder"
    _inherit = ["ar.record"]
    _order = "id desc"
    _open_fields = frozenset({"text"})

    reminder_id = fields.Many2one(
        "ar.dunning.reminder",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="reminder_id.company_id", store=True, precompute=True
    )
    commercial_partner_id = fields.Many2one(
        related="reminder_id.commercial_partner_id",
        string="Customer",
        store=True,
        precompute=True,
        index=True,
    )
    user_id = fields.Many2one(related="reminder_id.user_id")
    step_name = fields.Char(related="reminder_id.step_name")
    date = fields.Date(related="reminder_id.date", store=True, precompute=True)
    currency_id = fields.Many2one(related="reminder_id.currency_id")
    amount_net = fields.Monetary(related="reminder_id.amount_net")
    channel = fields.Selection(
        selection=lambda self: self.env["ar.dunning.step"]._fields["channel"].selection,
        required=True,
        readonly=True,
    )
    role = fields.Selection(
        selection=lambda self: self.env["ar.dunning.step"]._fields["role"].selection,
        required=True,
        readonly=True,
        default="accounting",
    )
    is_fallback = fields.Boolean(
        readonly=True, help="Another channel did not reach the customer."
    )
    partner_id = fields.Many2one(
        "res.partner", string="Contact", readonly=True, ondelete="restrict"
    )
    address = fields.Char(readonly=True)
    address_cc = fields.Char(
        string="Copies", readonly=True, help="Contacts with the role Copy."
    )
    text = fields.Text(help="The words of a short message, in the customer's language.")
    state = fields.Selection(
        [
            ("queued", "Queued"),
            ("sending", "Sending"),
            ("sent", "Sent"),
            ("delivered", "Delivered"),
            ("failed", "Failed"),
            ("uncertain", "Uncertain"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="queued",
        help="Sent: handed over, to the mail server for instance. Delivered: the other "
        "side said that it arrived.",
    )
    attempts = fields.Integer(readonly=True, aggregator=None)
    next_attempt = fields.Datetime(
        readonly=True,
        help="It certainly did not arrive, and is tried again by itself: after a "
        "quarter of an hour, an hour, and four hours.",
    )
    failure_code = fields.Selection(
        [
            ("no_address", "No usable address"),
            ("blacklisted", "Blacklisted"),
            ("bounced", "Came back"),
            ("refused", "Refused"),
            ("connect", "Server not reached"),
            ("sender", "No sender"),
            ("template", "Text could not be written"),
            ("document", "Document could not be made"),
            ("provider", "Refused by the provider"),
            ("credit", "No credit with the provider"),
            ("changed", "The items changed"),
            ("broken", "The connection broke"),
            ("interrupted", "Interrupted"),
            ("other", "Something else"),
        ],
        string="Reason",
        readonly=True,
    )
    failure = fields.Char(string="What Went Wrong", readonly=True)
    reference = fields.Char(
        readonly=True,
        index="btree_not_null",
        help="By which the other side knows the message: the Message-ID of an e-mail, "
        "the identifier of a short message.",
    )
    sent_on = fields.Datetime(readonly=True)

    _once_per_channel = models.UniqueIndex(
        "(reminder_id, channel)", "A reminder leaves once by each channel."
    )
    _waiting_idx = models.Index(
        "(company_id, state) WHERE state IN ('queued', 'sending', 'failed')"
    )

    @api.depends("channel", "reminder_id.display_name")
    def _compute_display_name(self):
        labels = self._get_channel_labels()
        for message in self:
            about = message.reminder_id.display_name
            label = labels.get(message.channel, message.channel)
            message.display_name = f"{label} · {about}"

    def write(self, vals):
        if "text" in vals and not self.env.su:
            self._check_state(*WAITING)
        return super().write(vals)

    @api.model
    def _get_by_hand_text(self):
        return self.env._("The outbox tells what was sent: it is not written by hand.")

    # -- Decisions of a collector ------------------------------------------------------

    def action_retry(self):
        """Try again what failed or is uncertain, at today's address."""
        self.reminder_id._check_collector()
        again = self.filtered(lambda m: m.state in ("failed", "uncertain"))
        self.reminder_id._check_any(again, self.env._("None of these failed."))
        again.reminder_id._check_not_overtaken()
        for message in again:
            message.reminder_id._log_decision(
                self.env._("Tried again: %(message)s", message=message.display_name)
            )
        again.sudo()._requeue()
        again.sudo()._make_ready()
        again.sudo().reminder_id._settle()

    def action_mark_sent(self):
        """Somebody found out that an uncertain message did arrive."""
        self.reminder_id._check_collector()
        uncertain = self.filtered(lambda m: m.state == "uncertain")
        self.reminder_id._check_any(
            uncertain, self.env._("None of these is uncertain.")
        )
        for message in uncertain:
            message.reminder_id._log_decision(
                self.env._("It did arrive: %(message)s", message=message.display_name)
            )
        uncertain.sudo()._set_arrived("sent")
        uncertain.sudo().reminder_id._settle()

    def action_cancel(self):
        """Do without this channel; where it is the last one, cancel the reminder."""
        self.reminder_id._check_collector()
        self._check_state(*WAITING)
        for message in self:
            others = message.reminder_id.outbox_ids - message
            if not others.filtered(lambda m: m.state != "cancelled"):
                raise UserError(
                    self.env._(
                        "%(message)s is all that is left: cancel the reminder instead.",
                        message=message.display_name,
                    )
                )
            message.reminder_id._log_decision(
                self.env._("Not sent: %(message)s", message=message.display_name)
            )
        self.sudo()._set_cancelled()
        self.sudo().reminder_id._settle()

    def action_open_reminder(self):
        self.ensure_one()
        return self.reminder_id.get_formview_action()

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for message in self:
            if message.state not in states:
                raise UserError(
                    self.env._(
                        "%(message)s can no longer be changed: it is %(state)s.",
                        message=message.display_name,
                        state=labels[message.state],
                    )
                )

    # -- States ------------------------------------------------------------------------

    def _is_final(self):
        """Tell whether the message failed and is not tried again by itself."""
        return self.state == "failed" and not self.next_attempt

    def _is_due(self):
        """Tell whether the message may leave by itself now."""
        self.ensure_one()
        if self.state == "failed":
            return bool(
                self.next_attempt and self.next_attempt <= fields.Datetime.now()
            )
        return self.state == "queued" and self._get_channel().by_machine

    def _requeue(self):
        """Forget what went wrong, an address that refused us included."""
        came_back = self.filtered(lambda m: m.failure_code == "bounced")
        came_back.partner_id.message_bounce = 0
        self._by_code().write(
            {
                "state": "queued",
                "attempts": 0,
                "next_attempt": False,
                "failure_code": False,
                "failure": False,
                "sent_on": False,
            }
        )

    def _set_sending(self, reference):
        self._by_code().write(
            {
                "state": "sending",
                "attempts": self.attempts + 1,
                "reference": reference,
                "next_attempt": False,
            }
        )

    def _set_arrived(self, state):
        new = self.filtered(lambda message: not message.sent_on)
        new._by_code().sent_on = fields.Datetime.now()
        self._by_code().write(
            {
                "state": state,
                "next_attempt": False,
                "failure_code": False,
                "failure": False,
            }
        )

    def _set_failed(self, problem, again=False):
        """Nothing arrived, and this is why.

        :param problem: :class:`Problem`
        :param bool again: it is tried again by itself, some times
        """
        delay = None
        if again and self.attempts <= len(BACK_OFF):
            delay = BACK_OFF[max(self.attempts, 1) - 1]
        self._by_code().write(
            {
                "state": "failed",
                "failure_code": problem.code,
                "failure": problem.text,
                "next_attempt": delay and fields.Datetime.now() + delay,
            }
        )

    def _set_uncertain(self, problem):
        self._by_code().write(
            {
                "state": "uncertain",
                "sent_on": fields.Datetime.now(),
                "failure_code": problem.code,
                "failure": problem.text,
                "next_attempt": False,
            }
        )

    def _set_cancelled(self):
        self._by_code().write({"state": "cancelled", "next_attempt": False})

    # -- What the other side says later ------------------------------------------------

    def _on_delivered(self):
        """The other side says that it arrived, even where we did not know."""
        told = self.filtered(lambda m: m.state in ("sent", "uncertain"))
        told._set_arrived("delivered")
        told.reminder_id._settle()

    def _on_came_back(self, problem):
        """What was handed over did not arrive: somebody has to act, or another channel
        stands in."""
        back = self.filtered(lambda m: m.state in (*ARRIVED, "uncertain"))
        if not back:
            return
        back._set_failed(problem)
        back.reminder_id._on_came_back(problem)

    # -- A process that dies -----------------------------------------------------------

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

    def _mark_interrupted(self):
        """Say that nobody knows about a message in "sending", unless a living process
        holds it."""
        keys = [SENDING_LOCK, self.id]
        self.env.cr.execute("SELECT pg_try_advisory_lock(%s, %s)", keys)
        if not self.env.cr.fetchone()[0]:
            return
        try:
            if self.state == "sending":
                text = self.env._("Interrupted while sending: it may have arrived.")
                self._set_uncertain(Problem("interrupted", text))
                self.reminder_id._settle()
                self.env.flush_all()
        finally:
            self.env.cr.execute("SELECT pg_advisory_unlock(%s, %s)", keys)

    # -- Channel and address -----------------------------------------------------------

    def _get_channel(self):
        self.ensure_one()
        return self.env["ar.dunning.reminder"]._find_channel(self.channel)

    def _fail_where_channel_is_gone(self):
        """Say on waiting messages that their channel is no longer there; another one
        may then stand in."""
        known = self.env["ar.dunning.reminder"]._get_channels()
        for message in self.filtered(lambda m: m.state in WAITING):
            if message.channel not in known:
                message._set_failed(message._get_channel().get_obstacle(message))

    def _get_channel_labels(self):
        return dict(self._fields["channel"]._description_selection(self.env))

    def _make_ready(self):
        """Address queued messages and write their words; what stands in the way stands
        on the row. In a constant number of queries."""
        find = self.env["ar.dunning.reminder"]._find_channel
        self._set_addresses()
        self.reminder_id._set_main_contacts()
        self.reminder_id._set_languages()
        for channel, messages in self.grouped("channel").items():
            find(channel).write_texts(messages)
        self._check_obstacles()

    def _set_addresses(self):
        """Choose contact and address as they are now."""
        find = self.env["ar.dunning.reminder"]._find_channel
        for (channel, role, _company), messages in self.grouped(
            lambda message: (message.channel, message.role, message.company_id)
        ).items():
            messages._set_addresses_by(find(channel), role)

    def _set_addresses_by(self, channel, role):
        customers = self.reminder_id.commercial_partner_id
        reaches = self.reminder_id._choose_contacts(
            self.company_id, customers, channel, role
        )
        for message in self:
            reach = reaches[message.commercial_partner_id.id]
            copies = ", ".join(reach.copies) or False
            known = (message.partner_id, message.address or None, message.address_cc)
            if known != (reach.contact, reach.address, copies):
                message._by_code().write(
                    {
                        "partner_id": reach.contact.id,
                        "address": reach.address,
                        "address_cc": copies,
                    }
                )
            if reach.problem:
                message._set_failed(reach.problem)

    def _check_obstacles(self):
        for message in self.filtered(lambda m: m.state == "queued"):
            if obstacle := message._get_channel().get_obstacle(message):
                message._set_failed(obstacle)
