"""What is accepted is credited by core's reversal, to the cent."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

GROUP_BILLING = "account.group_account_invoice"


class ArDispute(models.Model):
    _inherit = "ar.dispute"

    credit_note_ids = fields.One2many(
        "account.move", "ar_dispute_id", string="Credit Notes", readonly=True
    )
    credit_note_count = fields.Integer(
        compute="_compute_credit_notes", string="Credit Notes Issued"
    )
    amount_credited = fields.Monetary(
        string="Credited",
        currency_field="company_currency_id",
        compute="_compute_credit_notes",
        help="What posted credit notes of this dispute come to, taxes included.",
    )

    is_credit_due = fields.Boolean(
        compute="_compute_is_credit_due",
        compute_sudo=True,
        help="Something was accepted that no credit note is about yet.",
    )

    @api.depends("state", "line_ids.amount_accepted", "line_ids.credit_note_id.state")
    def _compute_is_credit_due(self):
        for dispute in self:
            dispute.is_credit_due = dispute.state in ("accepted", "partly") and bool(
                dispute.line_ids._get_credit_due()
            )

    @api.depends("credit_note_ids.state", "credit_note_ids.amount_total_signed")
    def _compute_credit_notes(self):
        for dispute in self:
            notes = dispute.sudo().credit_note_ids
            posted = notes.filtered(lambda note: note.state == "posted")
            dispute.credit_note_count = len(notes)
            dispute.amount_credited = -sum(posted.mapped("amount_total_signed"))

    def action_open_credit_notes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "account.action_move_out_refund_type"
        )
        action["domain"] = [("ar_dispute_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_issue_credit_notes(self):
        """Credit what was accepted and not credited yet."""
        self._check_may_decide()
        for dispute in self:
            if dispute.state not in ("accepted", "partly"):
                raise UserError(
                    self.env._(
                        "%(dispute)s: only what was accepted can be credited.",
                        dispute=dispute.name,
                    )
                )
            if not dispute.is_credit_due:
                raise UserError(
                    self.env._(
                        "%(dispute)s has a credit note already: open it by its button.",
                        dispute=dispute.name,
                    )
                )
            dispute._issue_credit_notes()

    def _issue_credit_notes(self):
        """Credit the accepted amounts, a credit note for each invoice, posted and
        reconciled with what was disputed of it.

        :return: account.move
        :raise AccessError: for users who may not issue invoices
        """
        self.ensure_one()
        if not self.env.user.has_group(GROUP_BILLING) and not self.env.su:
            raise AccessError(
                self.env._(
                    "Credit notes are issued by accountants: decide without one and "
                    "ask an accountant for it."
                )
            )
        accepted = self.line_ids._get_credit_due()
        if not accepted and self.line_ids._get_uncredited():
            raise UserError(
                self.env._(
                    "%(items)s: only invoices can be credited by a credit note. Decide "
                    "without one and correct the entry by hand.",
                    items=", ".join(
                        self.line_ids._get_uncredited().mapped("move_name")
                    ),
                )
            )
        notes = self.env["account.move"]
        for invoice, lines in accepted.grouped("move_id").items():
            note = self._issue_credit_note(
                invoice, sum(lines.mapped("amount_accepted"))
            )
            lines.sudo().credit_note_id = note
            notes |= note
        if self.state == "accepted" and not self.line_ids._get_uncredited():
            # All that was disputed is credited, though not all that is open may be.
            self._change_state("closed")
        return notes

    def _issue_credit_note(self, invoice, amount):
        """Credit an invoice by core's reversal.

        :param float amount: taxes included, in the currency of the invoice
        """
        note = self._reverse(invoice)
        note.ar_dispute_id = self
        if invoice.currency_id.compare_amounts(amount, note.amount_total):
            note._ar_lower_to(amount, self._get_credit_text(invoice))
        note.action_post()
        self._log(
            self.env._(
                "Credit note %(number)s about %(amount)s",
                number=note.name,
                amount=note.currency_id.format(note.amount_total),
            )
        )
        return note

    def _reverse(self, invoice):
        today = self.company_id._ar_today()
        wizard = (
            self.env["account.move.reversal"]
            .with_company(invoice.company_id)
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create(
                {
                    "reason": self._get_credit_text(invoice),
                    "journal_id": invoice.journal_id.id,
                    "date": today,
                }
            )
        )
        wizard.refund_moves()
        return wizard.new_move_ids

    def _get_credit_text(self, invoice):
        lang = invoice.partner_id.lang or self.env.lang
        dispute = self.with_context(lang=lang)
        return f"{dispute.name}: {dispute.reason_id.name}"
