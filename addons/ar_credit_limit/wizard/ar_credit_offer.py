import math

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..models.ar_credit_hold import STANDING_STATES


class ArCreditOffer(models.TransientModel):
    """Offer the customer of a held order other terms instead of the stop."""

    _name = "ar.credit.offer"
    _description = "Offer Other Terms"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    # As the user: a wizard computes before it is checked whose order it is about.
    currency_id = fields.Many2one(related="order_id.currency_id", related_sudo=False)
    reasons_text = fields.Text(compute="_compute_from_order")
    amount_total = fields.Monetary(related="order_id.amount_total", related_sudo=False)
    kind = fields.Selection(
        [
            ("deposit", "Deposit"),
            ("prepayment", "Prepayment in full"),
            ("cash", "Cash terms"),
        ],
        required=True,
        default="deposit",
        help="Deposit: the order confirms itself once the customer has paid the share "
        "online; the rest is on account.\n"
        "Prepayment in full: as a deposit of the whole amount.\n"
        "Cash terms: payable at once. What is held is released, if your authority "
        "reaches; else it is requested.",
    )
    percent = fields.Float(
        string="Share",
        compute="_compute_percent",
        store=True,
        readonly=False,
        precompute=True,
        help="Of the order's amount. Proposed is what lets the rest stay within the "
        "limit.",
    )
    deposit = fields.Monetary(compute="_compute_deposit")
    payment_term_id = fields.Many2one(
        "account.payment.term",
        compute="_compute_payment_term_id",
        store=True,
        readonly=False,
        precompute=True,
    )
    reason = fields.Char(required=True)

    @api.depends("order_id")
    def _compute_from_order(self):
        for wizard in self:
            wizard.reasons_text = wizard._get_hold().reasons_text

    @api.depends("order_id", "kind")
    def _compute_percent(self):
        for wizard in self:
            hold = wizard._get_hold()
            share = hold.excess / hold.amount if hold.amount > 0 else 1.0
            # Up to the next whole percent: a cent short would be held again.
            share = math.ceil(round(share * 100, 6)) / 100
            wizard.percent = min(share or 1.0, 1.0) if wizard.kind == "deposit" else 1.0

    @api.depends("order_id", "percent")
    def _compute_deposit(self):
        for wizard in self:
            order = wizard.order_id
            wizard.deposit = order.currency_id.round(
                order.amount_total * wizard.percent
            )

    @api.depends("kind")
    def _compute_payment_term_id(self):
        immediate = self.env.ref(
            "account.account_payment_term_immediate", raise_if_not_found=False
        )
        for wizard in self:
            wizard.payment_term_id = immediate if wizard.kind == "cash" else False

    @api.constrains("order_id")
    def _check_order_access(self):
        for wizard in self.sudo(False):
            wizard.order_id.check_access("write")
            wizard._get_hold().check_access("read")

    def _get_hold(self):
        return self.order_id.ar_credit_hold_id.sudo(False)

    def action_offer(self):
        """Write the terms on the order and tell it on the hold."""
        self.ensure_one()
        hold = self._get_hold()
        if hold.state not in STANDING_STATES or self.order_id.state not in (
            "draft",
            "sent",
        ):
            raise UserError(
                self.env._("%(order)s is not held.", order=self.order_id.name)
            )
        close = {"type": "ir.actions.act_window_close"}
        if self.kind != "cash":
            self._offer_deposit(hold)
            return close
        return self._offer_cash(hold) or close

    def _offer_deposit(self, hold):
        if not 0 < self.percent <= 1:
            raise UserError(
                self.env._("The deposit must be above zero and at most all of it.")
            )
        self.order_id.write(
            {"require_payment": True, "prepayment_percent": self.percent}
        )
        hold._note_offer(
            self.env._(
                "Offered instead: %(deposit)s in advance. %(reason)s",
                deposit=self.currency_id.format(self.deposit),
                reason=self.reason,
            )
        )

    def _offer_cash(self, hold):
        """Return the action that tells that the release is requested, or None."""
        if not self.payment_term_id:
            raise UserError(self.env._("Choose the terms to be paid at once."))
        self.order_id.write({"payment_term_id": self.payment_term_id.id})
        reason = self.env._(
            "Cash terms (%(terms)s): %(reason)s",
            terms=self.payment_term_id.name,
            reason=self.reason,
        )
        hold._note_offer(reason)
        if hold._get_refusal_to_decide():
            hold._request(reason)
            return hold._notify_requested({"type": "ir.actions.act_window_close"})
        requested = hold._release_or_request(reason)
        if requested:
            return requested._notify_requested({"type": "ir.actions.act_window_close"})
        return None
