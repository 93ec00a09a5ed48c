from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..models.ar_credit_hold import STANDING_STATES
from ..tools.violation import Violation

GROUP_COLLECTOR = "ar_ledger.ar_ledger_group_collector"


class ArCreditStop(models.TransientModel):
    """Hold quotations, or all orders or deliveries of customers, for a reason that no
    check knows."""

    _name = "ar.credit.stop"
    _description = "Hold by Hand"

    order_ids = fields.Many2many("sale.order", readonly=True)
    partner_ids = fields.Many2many("res.partner", string="Customers", readonly=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    is_of_orders = fields.Boolean(compute="_compute_is_of_orders")
    stops_orders = fields.Boolean(
        string="New Orders",
        default=True,
        help="No order of the customer is confirmed until somebody lifts it.",
    )
    stops_deliveries = fields.Boolean(
        string="Deliveries",
        help="Nothing leaves to the customer until somebody lifts it, where Inventory "
        "is installed.",
    )
    reason = fields.Char(
        required=True, help="Stays on record; whoever is stopped by it reads it."
    )

    @api.depends("order_ids")
    def _compute_is_of_orders(self):
        for wizard in self:
            wizard.is_of_orders = bool(wizard.order_ids)

    @api.constrains("order_ids", "partner_ids", "company_id")
    def _check_subjects(self):
        for wizard in self.sudo(False):
            wizard._check_may_stop()
            if wizard.order_ids:
                wizard.order_ids.check_access("read")
            wizard.partner_ids.check_access("read")

    def _check_may_stop(self):
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(
                self.env._("Only collectors and credit managers hold by hand.")
            )
        own_companies = self.env.user.company_ids.root_id
        companies = (self.company_id | self.sudo().order_ids.company_id).root_id
        if companies - own_companies:
            raise AccessError(
                self.env._("You decide only in the companies that you work in.")
            )
        for company in companies:
            if not company._has_credit_check():
                raise UserError(
                    self.env._(
                        "Credit is not checked in %(company)s, so that nothing would "
                        "be held.",
                        company=company.name,
                    )
                )

    def action_stop(self):
        """Put the holds on record; they last until somebody decides otherwise."""
        self.ensure_one()
        self.sudo(False)._check_may_stop()
        reason = (self.reason or "").strip()
        if not reason:
            raise UserError(self.env._("Say why: a decision needs a reason."))
        if self.order_ids:
            self.order_ids._hold_by_hand(reason)
        else:
            self._stop_customers(reason)
        return {"type": "ir.actions.act_window_close"}

    def _stop_customers(self, reason):
        customers = self.partner_ids.commercial_partner_id
        scopes = [
            scope
            for scope, wanted in (
                ("customer_orders", self.stops_orders),
                ("customer_deliveries", self.stops_deliveries),
            )
            if wanted
        ]
        if not scopes or not customers:
            raise UserError(self.env._("Choose what is stopped."))
        Hold = self.env["ar.credit.hold"]
        self.env["ar.credit.account"].sudo()._serialize(customers, self.company_id)
        stopped = self._get_stopped(customers, reason)
        demands = [
            {
                "partner": customer,
                "company": self.company_id,
                "scope": scope,
                "violations": [Violation("manual_stop", reason, {})],
            }
            for customer in customers
            for scope in scopes
            if (customer, scope) not in stopped
        ]
        if not demands:
            raise UserError(
                self.env._("They are stopped already, for the same reason.")
            )
        Hold._place_many(demands)

    def _get_stopped(self, customers, reason):
        """Return {(customer, scope)} that are stopped for the very same reason."""
        holds = self.env["ar.credit.hold"].sudo()
        holds = holds.search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "=", self.company_id.root_id.id),
                ("scope", "!=", "order"),
                ("state", "in", STANDING_STATES),
                ("reason_ids.code", "=", "manual_stop"),
            ]
        )
        return {
            (hold.commercial_partner_id, hold.scope)
            for hold in holds
            if reason in hold.reason_ids.mapped("sentence")
        }
