from odoo import api, fields, models
from odoo.exceptions import UserError


class ArCreditExemptionGrant(models.TransientModel):
    """Exempt a customer, or one order, from credit checks for some days."""

    _name = "ar.credit.exemption.grant"
    _description = "Exempt from Credit Checks"

    partner_id = fields.Many2one(
        "res.partner", string="Customer", required=True, readonly=True
    )
    order_id = fields.Many2one("sale.order", readonly=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._ar_today(),
    )
    date_until = fields.Date(string="Until", required=True, help="The last day.")
    ceiling = fields.Monetary(
        string="Up To",
        help="In the company's currency; zero: without bound. Of an order: its amount. "
        "Of a customer: what is owed and ordered, the new order included.",
    )
    reason = fields.Char(required=True)

    @api.constrains("company_id", "order_id", "partner_id")
    def _check_subject(self):
        for wizard in self.sudo(False):
            exemptions = wizard.env["ar.credit.exemption"]
            exemptions._check_may_decide(wizard.company_id)
            wizard.partner_id.check_access("read")
            if wizard.order_id:
                wizard._check_order()

    def _check_order(self):
        order = self.order_id
        order.check_access("read")
        customer = self.partner_id.commercial_partner_id
        if (
            order.company_id.root_id != self.company_id.root_id
            or order._get_credit_customers() != customer
        ):
            raise UserError(self.env._("The order is of another customer or company."))

    def action_grant(self):
        """Put the decision on record; held orders are let go within two minutes."""
        self.ensure_one()
        self.env["ar.credit.exemption"]._grant(
            self.partner_id,
            self.company_id,
            self.reason,
            self.date_until,
            date_from=self.date_from,
            ceiling=self.ceiling,
            order=self.order_id or None,
        )
        return {"type": "ir.actions.act_window_close"}
