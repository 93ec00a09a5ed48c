from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.ar_dispute_credit import GROUP_BILLING

OUTCOMES = [
    ("accepted", "The customer is right"),
    ("partly", "The customer is right about a part"),
    ("rejected", "The customer is wrong"),
]


class ArDisputeDecide(models.TransientModel):
    """One decision with all that follows from it: how much, why, what the customer is
    told, and the credit note."""

    _name = "ar.dispute.decide"
    _description = "Decide a Dispute"

    dispute_id = fields.Many2one(
        "ar.dispute", required=True, readonly=True, ondelete="cascade"
    )
    outcome = fields.Selection(OUTCOMES, required=True, default="accepted")
    line_ids = fields.One2many("ar.dispute.decide.line", "wizard_id", string="Items")
    cause_id = fields.Many2one(
        "ar.dispute.cause",
        string="Root Cause",
        help="Why it went wrong, so that it can be removed.",
    )
    answer = fields.Text(help="What the customer is told.")
    contact_id = fields.Many2one(
        "res.partner", string="To", readonly=True, compute="_compute_contact_id"
    )
    contact_email = fields.Char(related="contact_id.email", string="E-mail Address")
    is_told = fields.Boolean(
        string="Write to the Customer",
        compute="_compute_is_told",
        store=True,
        readonly=False,
        help="An e-mail in the customer's language, with your answer.",
    )
    can_credit = fields.Boolean(compute="_compute_can_credit")
    is_credited = fields.Boolean(
        string="Issue the Credit Note",
        compute="_compute_is_credited",
        store=True,
        readonly=False,
        help="Posted today, about the accepted amount with its taxes, and matched with "
        "the disputed items.",
    )

    @api.depends("dispute_id")
    def _compute_contact_id(self):
        for wizard in self:
            wizard.contact_id = wizard.dispute_id._get_customer_contact()

    @api.depends("contact_id.email")
    def _compute_is_told(self):
        for wizard in self:
            wizard.is_told = bool(wizard.contact_id.email)

    @api.depends_context("uid")
    @api.depends("outcome", "line_ids")
    def _compute_can_credit(self):
        is_allowed = self.env.user.has_group(GROUP_BILLING)
        for wizard in self:
            invoices = wizard.line_ids.dispute_line_id.move_id.filtered(
                lambda move: move.is_sale_document(include_receipts=True)
            )
            wizard.can_credit = is_allowed and bool(invoices)

    @api.depends("outcome", "can_credit")
    def _compute_is_credited(self):
        for wizard in self:
            wizard.is_credited = wizard.can_credit and wizard.outcome != "rejected"

    @api.model
    def _launch(self, dispute, outcome):
        """Return the action that opens the wizard.

        :raise UserError: when the dispute cannot be decided any more
        """
        dispute._check_may_decide()
        dispute._check_transition(outcome)
        wizard = self.create(
            {
                "dispute_id": dispute.id,
                "outcome": outcome,
                "cause_id": dispute.cause_id.id,
                "answer": dispute.answer,
                "line_ids": [
                    fields.Command.create(
                        {
                            "dispute_line_id": line.id,
                            "amount_accepted": line.amount_disputed,
                        }
                    )
                    for line in dispute._get_open_lines()
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decide %(dispute)s", dispute=dispute.name),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [[False, "form"]],
            "target": "new",
        }

    def action_confirm(self):
        """Decide; then credit and tell as chosen. All of it or nothing."""
        self.ensure_one()
        dispute = self.dispute_id
        dispute._check_may_decide()
        if self.is_told and not self.contact_id.email:
            raise UserError(
                self.env._(
                    "%(contact)s has no e-mail address: enter one, or untick “Write to "
                    "the Customer”.",
                    contact=self.contact_id.display_name,
                )
            )
        dispute.write({"answer": self.answer, "cause_id": self.cause_id.id})
        self._decide(dispute)
        if self.is_told:
            dispute._tell_customer(self.contact_id)
        if self.is_credited and self.outcome != "rejected":
            dispute._issue_credit_notes()
        return {"type": "ir.actions.act_window_close"}

    def _check_lines(self):
        others = self.line_ids.dispute_line_id.sudo().dispute_id - self.dispute_id
        if others:
            raise AccessError(
                self.env._(
                    "Only the items of %(dispute)s are decided about here.",
                    dispute=self.dispute_id.name,
                )
            )

    def _decide(self, dispute):
        self._check_lines()
        if self.outcome == "accepted":
            dispute.action_accept()
        elif self.outcome == "rejected":
            dispute.action_reject()
        else:
            self.line_ids._write_accepted()
            lines = dispute.sudo()._get_open_lines()
            dispute.amount_accepted = lines._get_accepted_in_company()
            dispute.action_partly()
