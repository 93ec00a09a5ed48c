from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .res_partner import GROUP_COLLECTOR, GROUP_OWN

#: Marks the message by which an invoice is sent. A client can forge the key of a
#: context, never this object.
INVOICE_MAIL = object()
#: Written by the suite's own code only: clocks are read from them.
SENT_FIELDS = frozenset({"ar_sent_date", "ar_sent_state", "ar_sent_message_id"})
#: What they are before.
NOT_SENT = (None, False, "none")


class AccountMove(models.Model):
    """When the invoice really went to the customer.

    Core's "sent" is set as soon as the PDF exists, also when the e-mail fails.
    """

    _inherit = "account.move"

    ar_sent_date = fields.Date(
        string="Sent On",
        readonly=True,
        copy=False,
        groups=GROUP_OWN,
        help="The day on which the invoice left by e-mail or another way, was "
        "downloaded to be handed over, or was marked as sent by hand.",
    )
    ar_sent_state = fields.Selection(
        [
            ("none", "Not sent"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("bounced", "Came back"),
        ],
        string="Sending",
        readonly=True,
        copy=False,
        default="none",
        groups=GROUP_OWN,
        help="What became of the invoice on its way to the customer.",
    )
    ar_sent_message_id = fields.Many2one(
        "mail.message",
        string="Message of the Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups=GROUP_OWN,
    )

    @api.model_create_multi
    def create(self, vals_list):
        context = self.env.context
        defaults = {name: context.get(f"default_{name}") for name in SENT_FIELDS}
        for vals in (defaults, *vals_list):
            # What is made of a move, a line of a statement for instance, hands the
            # defaults over.
            told = [name for name in SENT_FIELDS if vals.get(name) not in NOT_SENT]
            self._check_ar_not_sent_by_hand(told)
        return super().create(vals_list)

    def write(self, vals):
        self._check_ar_not_sent_by_hand(vals)
        return super().write(vals)

    def _check_ar_not_sent_by_hand(self, names):
        if not self.env.su and not SENT_FIELDS.isdisjoint(names):
            raise AccessError(
                self.env._(
                    "When an invoice was sent is not written by hand: use the button."
                )
            )

    def action_ar_mark_sent(self):
        """Somebody handed the invoices over on another way."""
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._("Only collectors mark invoices as sent by hand.")
            )
        self.check_access("read")
        self._mark_ar_sent()

    def _mark_ar_sent(self):
        """Note that somebody handed the invoices over. No access check: who calls has
        decided that the user may; one without accounting rights, for instance, of the
        invoices of items that he or she chases."""
        unsent = self.sudo().filtered(
            lambda move: move.state == "posted" and not move.ar_sent_date
        )
        if not unsent:
            raise UserError(self.env._("All of these were sent already."))
        unsent._set_ar_sent()
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "sending",
                    "partner": move.commercial_partner_id,
                    "company": move.company_id,
                    "text": self.env._(
                        "%(invoice)s: marked as sent", invoice=move.name
                    ),
                    "source": move,
                }
                for move in unsent
            ]
        )

    def button_draft(self):
        """What is posted again is another document: it has not been sent yet."""
        result = super().button_draft()
        sent = self.sudo().filtered(
            lambda move: move.ar_sent_state not in (False, "none")
        )
        if sent:
            sent._forget_ar_sending("none")
            sent.ar_sent_message_id = False
        return result

    def _set_ar_sent(self):
        """The invoices left today; the first time counts."""
        for company, moves in self.sudo().grouped("company_id").items():
            if company.ar_ledger_active:
                first = moves.filtered(lambda move: not move.ar_sent_date)
                first.write(
                    {"ar_sent_date": company._ar_today(), "ar_sent_state": "sent"}
                )

    def _forget_ar_sending(self, state):
        self.sudo().write({"ar_sent_date": False, "ar_sent_state": state})

    def _message_post_after_hook(self, message, msg_values):
        if self.env.context.get("ar_invoice_mail") is INVOICE_MAIL:
            self.sudo().ar_sent_message_id = message
        return super()._message_post_after_hook(message, msg_values)

    def _on_ar_invoice_bounce(self, message):
        """An invoice that came back from all whom it was sent to was not received.

        :param message: mail.message that came back from one of its addressees
        """
        moves = self.sudo().search([("ar_sent_message_id", "in", message.ids)])
        received = message.notification_ids.filtered(
            lambda n: (
                n.notification_status != "bounce"
                and n.res_partner_id in message.partner_ids
            )
        )
        if moves and not received:
            moves._forget_ar_sending("bounced")

    def _on_ar_invoice_mails(self, messages, is_delivered):
        """E-mails left, or did not; note it on the invoices that were sent by them."""
        moves = self.sudo().search([("ar_sent_message_id", "in", messages.ids)])
        if is_delivered:
            moves._set_ar_sent()
        else:
            moves.filtered(lambda m: not m.ar_sent_date).ar_sent_state = "failed"

    def _get_ar_pdf(self):
        """Return the invoice as (file name, content, mime type)."""
        self.ensure_one()
        stored = self._get_invoice_legal_documents("pdf")
        if stored:
            return stored["filename"], stored["content"], stored["filetype"]
        report = self.partner_id.invoice_template_pdf_report_id or self.env.ref(
            "account.account_invoices"
        )
        # One document a call: some builds of wkhtmltopdf cannot do more.
        content, _kind = self.env["ir.actions.report"]._render_qweb_pdf(
            report.report_name, self.ids
        )
        name = self._get_invoice_report_filename(report=report)
        return name, content, "application/pdf"
