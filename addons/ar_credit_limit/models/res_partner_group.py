"""Customers that share one credit limit: the companies of a corporate group."""

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL, ormcache

from ..tools.case import CreditGroup
from ..tools.exposure import NO_EXPOSURE
from ..tools.violation import Violation
from .ar_credit_limit import NO_GRANT
from .res_partner import GROUP_MANAGER, GROUP_OWN


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_credit_head_id = fields.Many2one(
        "res.partner",
        string="Shares the Limit Of",
        index="btree_not_null",
        copy=False,
        ondelete="restrict",
        groups=GROUP_OWN,
        help="The head of the corporate group. What all its companies owe and order "
        "together is compared with the credit limit of the head, besides the limit "
        "that each of them has of its own.",
    )
    ar_credit_member_ids = fields.One2many(
        "res.partner",
        "ar_credit_head_id",
        string="Companies That Share the Limit",
        groups=GROUP_OWN,
    )
    ar_in_credit_group = fields.Boolean(
        string="Shares a Limit", compute="_compute_ar_credit_group", groups=GROUP_OWN
    )
    ar_group_exposure = fields.Monetary(
        string="Exposure of the Group",
        compute="_compute_ar_credit_group",
        groups=GROUP_OWN,
        help="What weighs on the credit of all customers that share the limit.",
    )
    ar_group_credit_limit = fields.Monetary(
        string="Limit of the Group",
        compute="_compute_ar_credit_group",
        groups=GROUP_OWN,
        help="The limit of the head; zero where it is not checked, or gets no credit.",
    )
    ar_group_credit_available = fields.Monetary(
        string="Available to the Group",
        compute="_compute_ar_credit_group",
        groups=GROUP_OWN,
        help="Below zero the group is over its limit.",
    )

    @api.depends_context("company", "uid")
    @api.depends("ar_credit_head_id", "ar_credit_member_ids")
    def _compute_ar_credit_group(self):
        company = self.env.company.root_id
        customers = self._get_ar_visible().commercial_partner_id._origin
        groups = customers.sudo()._read_credit_groups(company)
        for partner in self:
            group = groups.get(partner.commercial_partner_id._origin.id)
            partner.ar_in_credit_group = bool(group)
            group = group or CreditGroup(self.browse(), NO_GRANT, 0.0)
            limit = group.limit
            partner.ar_group_exposure = group.exposure
            partner.ar_group_credit_limit = limit.amount
            partner.ar_group_credit_available = (
                limit.amount - group.exposure if limit.is_checked else 0.0
            )

    @api.constrains("ar_credit_head_id", "parent_id", "is_company")
    def _check_ar_credit_head(self):
        for partner in self.sudo().filtered("ar_credit_head_id"):
            head = partner.ar_credit_head_id
            if head == partner or head.ar_credit_head_id:
                raise ValidationError(
                    self.env._(
                        "%(head)s cannot be the head of %(partner)s: a head shares "
                        "nobody else's limit.",
                        head=head.display_name,
                        partner=partner.display_name,
                    )
                )
            if partner.ar_credit_member_ids:
                raise ValidationError(
                    self.env._(
                        "%(partner)s is the head of others: it cannot share a limit "
                        "itself.",
                        partner=partner.display_name,
                    )
                )
            if head != head.commercial_partner_id:
                raise ValidationError(
                    self.env._(
                        "%(head)s is a contact of %(company)s, which has the limit: "
                        "choose that one.",
                        head=head.display_name,
                        company=head.commercial_partner_id.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        joining = [vals for vals in vals_list if vals.get("ar_credit_head_id")]
        if joining:
            self._check_may_share_limit()
        partners = super().create(vals_list)
        if joining:
            self._forget_shared_limits()
        return partners

    def write(self, vals):
        if "ar_credit_head_id" not in vals:
            return super().write(vals)
        head = self.browse(vals["ar_credit_head_id"] or ())
        changed = self.filtered(lambda p: p.sudo().ar_credit_head_id != head)
        if changed:
            self._check_may_share_limit()
        left = changed.sudo().ar_credit_head_id
        result = super().write(vals)
        self._forget_shared_limits()
        changed._log_shared_limit()
        changed._recheck_everywhere(left)
        return result

    @api.model
    def _check_may_share_limit(self):
        if not self.env.su and not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._("Only credit managers decide which customers share a limit.")
            )

    @api.model
    def _forget_shared_limits(self):
        self.flush_model(["ar_credit_head_id"])
        self.env.registry.clear_cache()  # other workers remember that none is shared

    def _log_shared_limit(self):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "credit_limit",
                    "partner": partner,
                    "company": self.env.company.root_id,
                    "text": self.env._(
                        "Shares the limit of %(head)s",
                        head=partner.ar_credit_head_id.display_name,
                    )
                    if partner.ar_credit_head_id
                    else self.env._("Shares nobody's limit any more"),
                    "source": partner,
                }
                for partner in self.sudo()
            ]
        )

    def _recheck_everywhere(self, left=()):
        """Have what is held looked at again, of these customers and those that they
        shared a limit with until now."""
        companies = self.env["res.company"].sudo().search([("parent_id", "=", False)])
        customers = self.commercial_partner_id.ids + list(left and left.ids)
        for company in companies:
            self.env["ar.recheck"]._add(customers, company)

    @api.model
    @ormcache()
    def _shares_limits(self) -> bool:
        """Return whether any customers share a limit, so that checks ask nothing where
        none do."""
        return bool(
            self.sudo()
            .with_context(active_test=False)
            .search_count([("ar_credit_head_id", "!=", False)], limit=1)
        )

    def _get_credit_groups(self):
        """Return {commercial partner id: (head, members with the head)} of those who
        share a limit, in one query; in none where nobody does."""
        if not self or not self._shares_limits():
            return {}
        self.flush_model(["ar_credit_head_id"])
        rows = self.env.execute_query(
            SQL(
                """SELECT asked.id, COALESCE(asked.ar_credit_head_id, asked.id),
                          array_agg(member.id)
                     FROM res_partner asked
                     JOIN res_partner member
                       ON member.ar_credit_head_id
                          = COALESCE(asked.ar_credit_head_id, asked.id)
                    WHERE asked.id = ANY(%s)
                 GROUP BY asked.id""",
                self.ids,
            )
        )
        return {
            asked_id: (self.browse(head_id), self.browse([head_id, *member_ids]))
            for asked_id, head_id, member_ids in rows
        }

    def _read_credit_groups(self, company):
        """Return {commercial partner id: :class:`CreditGroup`} with figures of now.

        :param company: res.company, a root
        """
        groups = self._get_credit_groups()
        heads, members = self._get_sharing(groups)
        limits = self.env["ar.credit.limit"].sudo()._get_in_force(heads, company)
        exposures = members._get_exposure(company)
        return {
            customer_id: self._make_credit_group(
                group, limits.get(group[0].id, NO_GRANT), exposures
            )
            for customer_id, group in groups.items()
        }

    @api.model
    def _get_sharing(self, groups):
        """Return all heads and all members of what :meth:`_get_credit_groups` found."""
        heads, members = self.browse(), self.browse()
        for head, of_head in groups.values():
            heads |= head
            members |= of_head
        return heads, members

    @api.model
    def _make_credit_group(self, group, limit, exposures):
        head, members = group
        exposure = sum(
            exposures.get(member_id, NO_EXPOSURE).tested for member_id in members.ids
        )
        return CreditGroup(head, limit, round(exposure, 6))

    def _hand_members_over(self, payer):
        """The head has become a part of another customer: those who share its limit
        share that one's from now on.

        :param payer: res.partner, the commercial partner of the head now
        """
        self.ensure_one()
        members = self.sudo().with_context(active_test=False).ar_credit_member_ids
        if not members:
            return
        payer = payer.sudo()
        if payer.ar_credit_head_id == self:
            payer.ar_credit_head_id = False
        members -= payer
        members.ar_credit_head_id = payer.ar_credit_head_id or payer

    @api.model
    def _find_over_limit(self, case, check):
        found = super()._find_over_limit(case, check)
        if not case.group or (found and case.customer == case.group.head):
            return found
        return found + self._find_over_group_limit(case)

    @api.model
    def _find_over_group_limit(self, case):
        group, currency = case.group, case.company.currency_id
        if not group.limit.is_checked:
            return []
        if group.limit.lacks_rate:
            facts = case.facts._replace(limit=group.limit)
            of_head = case._replace(customer=group.head, facts=facts)
            return [self._get_rate_violation(of_head)]
        total = group.exposure + group.reserved + case.added
        excess = total - group.limit.amount
        tolerated = case.policy.get_tolerated(group.limit.amount)
        if currency.compare_amounts(excess, tolerated) <= 0:
            return []
        figures = {
            "group_limit": group.limit.amount,
            "group_exposure": group.exposure + group.reserved,
            "limit": group.limit.amount,
            "exposure": case.exposure.total + case.reserved,
            "order": case.order_amount,
            "total": total,
            "excess": excess,
            "currency": currency.name,
        }
        sentence = self.env._(
            "%(customer)s shares the credit limit of %(head)s: together they would owe "
            "%(total)s, which is %(excess)s over the limit of %(limit)s.",
            customer=case.customer.display_name,
            head=group.head.display_name,
            total=self._format_credit(case, total),
            excess=self._format_credit(case, excess),
            limit=self._format_credit(case, group.limit.amount),
        )
        return [Violation("over_group_limit", sentence, figures)]

    def action_open_ar_group(self):
        """Drill down: the positions of all that share the limit."""
        self.ensure_one()
        groups = self.commercial_partner_id.sudo()._get_credit_groups()
        _head, members = groups.get(
            self.commercial_partner_id.id, (None, self.commercial_partner_id)
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_ledger.ar_position_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "in", members.ids),
            ("company_id", "=", self.env.company.root_id.id),
        ]
        action["context"] = {}
        return action


class ArCreditAccount(models.Model):
    _inherit = "ar.credit.account"

    @api.model
    def _serialize(self, partners, company):
        """Who shares a limit decides in turn, too: on the row of the head."""
        heads = partners.browse()
        if partners._shares_limits():
            heads = partners.sudo().ar_credit_head_id
        return super()._serialize(partners | heads.sudo(False), company)


class ArRecheck(models.Model):
    _inherit = "ar.recheck"

    @api.model
    def _add(self, partner_ids, company):
        """What one of them pays frees the limit of all that share it."""
        customers = self.env["res.partner"].sudo().browse(partner_ids)
        if partner_ids and company.root_id._has_credit_check():
            for _head, members in customers._get_credit_groups().values():
                customers |= members
        return super()._add(customers.ids, company)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def _is_credit_checked(self, case):
        is_shared = bool(case.group and case.group.limit.is_checked)
        return is_shared or super()._is_credit_checked(case)

    def _get_reserved(self, case, reserved):
        """What other members order in the same confirmation counts for the group."""
        case = super()._get_reserved(case, reserved)
        if not case.group:
            return case
        group = case.group._replace(reserved=reserved[case.group.head, "group"])
        return case._replace(group=group)

    def _reserve(self, case, reserved):
        super()._reserve(case, reserved)
        if case.group:
            amount = case.order_amount - case.in_exposure
            reserved[case.group.head, "group"] += amount
