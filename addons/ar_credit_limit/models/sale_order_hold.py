"""Orders that are held by hand, and what their customers did meanwhile."""

from odoo import models
from odoo.exceptions import UserError

from ..tools.violation import Violation
from .ar_credit_hold import STANDING_STATES


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def action_hold_by_hand(self):
        """Ask why, and hold these quotations."""
        return self._open_credit_wizard(
            "ar.credit.stop",
            self.env._("Hold by Hand"),
            {
                "default_order_ids": self.ids,
                "default_company_id": self.company_id.root_id[:1].id,
            },
        )

    def action_exempt_from_credit_checks(self):
        """Ask why and until when this order is not to be held."""
        self.ensure_one()
        return self._open_credit_wizard(
            "ar.credit.exemption.grant",
            self.env._("Exempt from Credit Checks"),
            {
                "default_order_id": self.id,
                "default_partner_id": self._get_credit_customers().id,
                "default_company_id": self.company_id.root_id.id,
                "default_ceiling": self._get_credit_amount(),
            },
        )

    def action_offer_terms(self):
        """Ask which terms the customer is offered instead of the stop."""
        self.ensure_one()
        if self.ar_credit_state != "held":
            raise UserError(self.env._("%(order)s is not held.", order=self.name))
        return self._open_credit_wizard(
            "ar.credit.offer",
            self.env._("Offer Other Terms"),
            {"default_order_id": self.id},
        )

    def _open_credit_wizard(self, model, name, context):
        self.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "form",
            "target": "new",
            "context": context,
        }

    def _get_forced_violations(self):
        """Return {order id: [Violation]} of the orders that somebody holds by hand, a
        release or not, which is asked for afterwards; in one query, in none unless an
        order is held or released."""
        held = self.sudo().filtered(
            lambda order: order.ar_credit_state in ("held", "released")
        )
        if not held:
            return {}
        reasons = self.env["ar.credit.hold.reason"].sudo()
        reasons = reasons.search(
            [
                ("code", "=", "order_stop"),
                ("cleared_on", "=", False),
                ("hold_id.order_id", "in", held._origin.ids),
                ("hold_id.state", "in", (*STANDING_STATES, "released")),
            ]
        )
        forced = {}
        for order in held:
            forced[order.id] = [
                Violation(reason.code, reason.sentence, {}, reason.hold_id)
                for reason in reasons
                if reason.hold_id.order_id == order._origin
            ]
        return forced

    def _hold_by_hand(self, sentence):
        """Hold quotations for a reason that no check knows.

        :param str sentence: why, for people
        :raise UserError: an order is not a quotation any more
        """
        over = self.filtered(lambda order: order.state not in ("draft", "sent"))
        if over:
            raise UserError(
                self.env._(
                    "%(orders)s: no quotation any more. Stop the orders or deliveries "
                    "of the customer instead.",
                    orders=", ".join(over.mapped("name")),
                )
            )
        self._serialize_credit()
        assessments = self._assess_credit()
        demands = []
        for order in self:
            found = [
                violation
                for violation in assessments[order.id].standing
                if violation.code != "order_stop"
            ]
            figures = {"order": order._get_credit_amount()}
            stop = Violation("order_stop", sentence, figures)
            demands.append(
                {
                    "partner": order._get_credit_customers(),
                    "company": order.company_id,
                    "scope": "order",
                    "violations": [stop, *found],
                    "order": order,
                }
            )
        holds = self.env["ar.credit.hold"]._place_many(demands)
        self._set_credit_state("held")
        holds.sudo().filtered(
            lambda hold: hold.order_id.user_id != self.env.user
        )._tell_salespeople(self.env._("Held for credit"), sentence)
        return holds

    def _waits_for_hold_alone(self):
        """Return whether nothing but the hold kept the customer's signature or payment
        from confirming this quotation."""
        self.ensure_one()
        if self.state not in ("draft", "sent"):
            return False
        if self.require_signature and not self.signature:
            return False
        is_paid = self.sudo().amount_paid > 0 and self._is_confirmation_amount_reached()
        if self.require_payment and not is_paid:
            return False
        return bool(self.signature) or is_paid
