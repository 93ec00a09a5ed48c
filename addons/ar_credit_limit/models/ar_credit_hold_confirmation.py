"""Orders that confirm themselves once they are let go."""

import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY

_logger = logging.getLogger(__name__)


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    is_confirmation_due = fields.Boolean(
        readonly=True,
        help="The order was signed or paid before it was let go: it is confirmed "
        "within a minute or two.",
    )

    _confirmation_due_idx = models.Index(
        "(company_id, commercial_partner_id) WHERE is_confirmation_due"
    )

    def _queue_confirmation(self):
        """Have the orders confirmed soon that were let go and that their customer has
        accepted already, where the company wants it."""
        due = self.sudo().filtered(
            lambda hold: (
                hold.state in ("released", "cleared")
                and hold.company_id.ar_credit_confirm_released
                and hold.order_id._waits_for_hold_alone()
            )
        )
        due._by_code().write({"is_confirmation_due": True})
        for company, holds in due.grouped("company_id").items():
            self.env["ar.recheck"]._add(holds.commercial_partner_id.ids, company)

    @api.model
    def _confirm_due(self, company, partners):
        """Confirm what is due, each order by itself. What cannot be confirmed is told
        to its salesperson and not tried again."""
        due = self.sudo().search(
            [
                ("is_confirmation_due", "=", True),
                ("company_id", "=", company.id),
                ("commercial_partner_id", "in", partners.ids),
            ]
        )
        due._by_code().write({"is_confirmation_due": False})
        for hold in due:
            if hold.order_id._waits_for_hold_alone():
                hold._confirm_order()

    def _confirm_order(self):
        """Confirm as the customer's signature or payment would have."""
        self.ensure_one()
        order = self.order_id.with_company(self.order_id.company_id)
        try:
            with self.env.cr.savepoint():
                order._validate_order()
                if order.state == "sale":
                    order.transaction_ids._invoice_confirmed_later()
                    self._log(
                        "credit_release", self.env._("Let go and confirmed by itself")
                    )
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Exception as error:  # pylint: disable=broad-except
            # One order that cannot be confirmed stops no other; people are told.
            if not isinstance(error, UserError):
                _logger.exception("Order %s does not confirm itself", order.id)
            self._tell_salespeople(
                self.env._("Let go, but not confirmed"),
                self.env._(
                    "The customer has accepted, but the order cannot be confirmed by "
                    "itself: %(error)s",
                    error=error,
                ),
            )
