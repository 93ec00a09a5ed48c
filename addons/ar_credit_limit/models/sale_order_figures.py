"""What the salesperson sees of the customer's credit on quotation and order."""

from odoo import api, fields, models

from .res_partner import GROUP_OWN


class SaleOrder(models.Model):
    _inherit = "sale.order"

    ar_shows_customer_credit = fields.Boolean(
        compute="_compute_ar_customer_credit",
        groups=GROUP_OWN,
        help="The check is on in this company, and the customer is one whose figures "
        "you may see.",
    )
    ar_credit_currency_id = fields.Many2one(
        "res.currency", compute="_compute_ar_customer_credit", groups=GROUP_OWN
    )
    ar_customer_limit_state = fields.Selection(
        selection=lambda self: (
            self.env["ar.credit.limit"]._fields["limit_state"].selection
        ),
        string="Customer's Limit Decision",
        compute="_compute_ar_customer_credit",
        groups=GROUP_OWN,
    )
    ar_customer_credit_limit = fields.Monetary(
        string="Customer's Credit Limit",
        compute="_compute_ar_customer_credit",
        currency_field="ar_credit_currency_id",
        groups=GROUP_OWN,
        help="How much the paying customer may owe today.",
    )
    ar_customer_exposure = fields.Monetary(
        string="Credit Used",
        compute="_compute_ar_customer_credit",
        currency_field="ar_credit_currency_id",
        groups=GROUP_OWN,
        help="What the paying customer owes, open and ordered. A quotation is not in "
        "it, a confirmed order is.",
    )
    ar_customer_credit_available = fields.Monetary(
        string="Credit Free",
        compute="_compute_ar_customer_credit",
        currency_field="ar_credit_currency_id",
        groups=GROUP_OWN,
        help="Credit limit less what is used; below zero the customer is over it.",
    )
    ar_customer_total_overdue = fields.Monetary(
        string="Customer Overdue",
        compute="_compute_ar_customer_credit",
        currency_field="ar_credit_currency_id",
        groups=GROUP_OWN,
    )
    ar_customer_days_overdue = fields.Integer(
        string="Worst Overdue (days)",
        compute="_compute_ar_customer_credit",
        groups=GROUP_OWN,
        help="Days by which the customer's oldest open item is overdue.",
    )

    @api.depends_context("uid")
    @api.depends("partner_invoice_id", "company_id", "state")
    def _compute_ar_customer_credit(self):
        """The partner's own figures, in the order's company: a constant number of
        queries for each root company, none where the check is off."""
        checked = self.filtered(lambda order: order.company_id._has_credit_check())
        (self - checked)._set_customer_credit(self.env["res.partner"])
        for company, orders in checked.grouped(lambda o: o.company_id.root_id).items():
            customers = orders._get_credit_customers().with_env(self.env)
            visible = customers.with_company(company)._get_ar_visible()
            for order in orders:
                customer = visible & order._get_credit_customers()
                order._set_customer_credit(customer.with_prefetch(visible._ids))

    def _set_customer_credit(self, customer):
        for order in self:
            order.ar_shows_customer_credit = bool(customer)
            order.ar_credit_currency_id = order.company_id.root_id.sudo().currency_id
            order.ar_customer_limit_state = customer.ar_limit_state
            order.ar_customer_credit_limit = customer.ar_credit_limit
            order.ar_customer_exposure = customer.ar_exposure
            order.ar_customer_credit_available = customer.ar_credit_available
            order.ar_customer_total_overdue = customer.ar_total_overdue
            order.ar_customer_days_overdue = customer.ar_days_overdue
