from odoo import SUPERUSER_ID, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    ar_left_cart = fields.Boolean(
        string="Left the Cart",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="The customer checked this shop order out, and it was held.",
    )

    def _hold(self, assessments):
        """A held shop order leaves the cart: it is a quotation with a salesperson, who
        is told, as one that was paid would be."""
        carts = self.filtered("website_id")
        carts._assign_shop_salesperson()
        super()._hold(assessments)
        carts._leave_cart()

    def _assign_shop_salesperson(self):
        carts = self.with_user(SUPERUSER_ID) if self.env.su else self
        carts.with_context(force_user_recomputation=True)._compute_user_id()

    def _leave_cart(self):
        drafts = self.filtered(lambda order: order.state == "draft")
        drafts.with_context(tracking_disable=True).action_quotation_sent()
        if not self.env.user._is_internal():
            self.sudo().ar_left_cart = True

    def _is_accepted_by_customer(self):
        return super()._is_accepted_by_customer() or self.ar_left_cart

    def _get_credit_foreword(self):
        """Return what the customer reads before paying, when this order would be held
        as things stand, or False. It tells no figure and no reason. Hook."""
        self.ensure_one()
        if not self.company_id._holds_orders():
            return False
        if not self.sudo()._get_credit_violations():
            return False
        return self.env._(
            "We may review this order before we confirm it. You hear from us by e-mail."
        )
