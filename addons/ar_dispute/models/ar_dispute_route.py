"""Who finds out what happened, until when, and who is told when nobody did."""

from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class Handling(NamedTuple):
    """How a dispute is handled: ``owner`` and ``escalation_user`` are res.users."""

    owner: Any
    escalation_user: Any
    deadline_days: int


class ArDisputeRoute(models.Model):
    """A rule by which disputes find their owner: the first one that fits decides.

    An empty condition fits all. Without any rule that fits, the default owner of the
    reason is asked, else whoever opens the dispute.
    """

    _name = "ar.dispute.route"
    _description = "Dispute Routing"
    _order = "sequence, id"
    _rec_name = "user_id"

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one(
        "res.company",
        index="btree_not_null",
        ondelete="cascade",
        help="Empty: all companies.",
    )
    reason_ids = fields.Many2many(
        "ar.dispute.reason", string="Reasons", help="Empty: whatever is said."
    )
    product_categ_ids = fields.Many2many(
        "product.category",
        string="Product Categories",
        help="One of the invoiced products is in one of these categories or below. "
        "Empty: whatever was invoiced.",
    )
    product_ids = fields.Many2many(
        "product.product",
        string="Products",
        help="One of these was invoiced. Empty: whatever was invoiced.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        ondelete="cascade",
        domain=[("share", "=", False)],
        help="Finds out what happened.",
    )
    deadline_days = fields.Integer(
        string="Working Days to Answer",
        help="0: as the reason says.",
    )
    escalation_user_id = fields.Many2one(
        "res.users",
        string="Escalated To",
        ondelete="set null",
        domain=[("share", "=", False)],
        help="Is told when the deadline passes and nothing is decided. Empty: as the "
        "company says.",
    )

    _deadline_not_negative = models.Constraint(
        "CHECK (deadline_days >= 0)", "Working days to answer cannot be negative."
    )

    @api.constrains("user_id", "escalation_user_id")
    def _check_users(self):
        for user in self.user_id | self.escalation_user_id:
            if not user._ar_can_answer():
                raise ValidationError(
                    self.env._(
                        "%(user)s could not see the disputes: give them a role under "
                        "Receivables on their user form, or choose somebody else.",
                        user=user.name,
                    )
                )

    @api.model
    def _get_routes(self, company):
        """Return the rules that may apply in a company, in their order."""
        # In a branch those of its root count too, which may not be activated.
        domain = [("company_id", "in", (False, company.id, company.root_id.id))]
        return self.sudo().search(domain)

    def _get_handling(self, reason, company, products, lines):
        """Return how a dispute about these products is handled, by these rules.

        :param reason: ar.dispute.reason
        :param company: res.company of the disputed items
        :param products: product.product on their invoices
        :param lines: account.move.line, the disputed items
        :return: :class:`Handling`
        """
        route = self._choose(reason, company, products, lines)
        return Handling(
            route.user_id
            or reason._get_owner(company)
            or self._get_collector(company, lines),
            route.escalation_user_id or company.sudo().ar_dispute_escalation_user_id,
            route.deadline_days or reason.deadline_days,
        )

    @api.model
    def _get_collector(self, company, lines):
        customer = lines.partner_id.commercial_partner_id.with_company(company.root_id)
        return customer.ar_collector_id._ar_can_answer(company)[:1]

    def _choose(self, reason, company, products, lines):
        """Return the first rule that fits and whose owner can still answer."""
        for route in self:
            able = route.user_id._ar_can_answer(company)
            if able and route._fits(reason, products, lines):
                return route
        return self.browse()

    def _fits(self, reason, products, lines):
        """Return whether a dispute fits this rule. Hook: call super, add conditions."""
        self.ensure_one()
        if self.reason_ids and reason not in self.reason_ids:
            return False
        if self.product_ids and not self.product_ids & products:
            return False
        return not self.product_categ_ids or self._has_category(products)

    def _has_category(self, products):
        wanted = self.product_categ_ids._ids
        return any(
            str(category_id) in (category.parent_path or "").split("/")
            for category in products.categ_id
            for category_id in wanted
        )
