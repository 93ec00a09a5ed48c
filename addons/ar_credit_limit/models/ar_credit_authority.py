from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..tools.authority import WHOLE, Bound, Subject
from .ar_credit_hold import GROUP_MANAGER


class ArCreditAuthority(models.Model):
    """Up to how much a role or a person releases what is held.

    A company without any row leaves it to every credit manager, without bound.
    """

    _name = "ar.credit.authority"
    _description = "Authority to Release"
    _order = "company_id, is_unbounded, amount, id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        domain=[("parent_id", "=", False)],
        default=lambda self: self.env.company.root_id,
        help="The root company: its branches share the authorities. Once a company has "
        "one row, only who has a row decides there.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    group_id = fields.Many2one(
        "res.groups",
        string="Role",
        ondelete="cascade",
        index="btree_not_null",
        help="Everybody who has this role. They see and decide only what their role "
        "in receivables shows them.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Person",
        ondelete="cascade",
        index="btree_not_null",
        domain=[("share", "=", False)],
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Sales Team",
        ondelete="cascade",
        index="btree_not_null",
        domain="['|', ('company_id', '=', False),"
        " ('company_id', 'child_of', company_id)]",
        help="Orders of this team alone; decisions on a whole customer are no team's. "
        "Empty: whatever team.",
    )
    risk_class_id = fields.Many2one(
        "ar.risk.class",
        ondelete="restrict",
        index="btree_not_null",
        help="Customers of this class alone. Empty: of whatever class.",
    )
    basis = fields.Selection(
        [("order", "Order Amount"), ("excess", "Amount Over the Limit")],
        required=True,
        default="order",
        help="What is compared with the bound: the amount up to which the order is "
        "released, or by how much the customer would be over the limit with it. An "
        "order that is held for another reason counts with its amount, a stop of a "
        "whole customer with all that is owed and ordered.",
    )
    is_unbounded = fields.Boolean(string="Without Bound")
    amount = fields.Monetary(string="Up To", aggregator=None)
    active = fields.Boolean(default=True)

    _amount_not_negative = models.Constraint(
        "CHECK (amount >= 0)", "An authority cannot be negative."
    )

    @api.depends(
        "group_id", "user_id", "team_id", "risk_class_id", "amount", "is_unbounded"
    )
    def _compute_display_name(self):
        for authority in self:
            name = self.env._(
                "%(who)s up to %(amount)s",
                who=(authority.user_id or authority.group_id).sudo().display_name,
                amount=self.env._("any amount")
                if authority.is_unbounded
                else authority.currency_id.format(authority.amount),
            )
            about = (authority.sudo().team_id, authority.risk_class_id)
            names = [record.display_name for record in about if record]
            authority.display_name = f"{name} ({', '.join(names)})" if names else name

    @api.constrains("company_id", "group_id", "user_id")
    def _check_who(self):
        for authority in self:
            if bool(authority.group_id) == bool(authority.user_id):
                raise ValidationError(
                    self.env._("An authority is of a role or of a person: choose one.")
                )

    @api.constrains("company_id")
    def _check_company_is_root(self):
        for authority in self:
            if authority.company_id.parent_id:
                raise ValidationError(
                    self.env._(
                        "%(company)s is a branch: authorities are given in its root "
                        "company.",
                        company=authority.company_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        authorities = super().create(vals_list)
        authorities._after_change(self.env._("Authority given"))
        return authorities

    def write(self, vals):
        self._log(self.env._("Authority before the change"))
        result = super().write(vals)
        self._after_change(self.env._("Authority changed"))
        return result

    def unlink(self):
        self._after_change(self.env._("Authority taken away"))
        return super().unlink()

    def _after_change(self, text):
        self.env.registry.clear_cache()
        self._log(text)

    def _log(self, text):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "credit_authority",
                    "partner": self.env["res.partner"],
                    "company": authority.company_id,
                    "text": f"{text}: {authority.display_name}",
                    "figures": {
                        "amount": authority.amount,
                        "without_bound": authority.is_unbounded,
                        "basis": authority.basis,
                        "team": authority.team_id.name,
                        "class": authority.risk_class_id.name,
                        "currency": authority.currency_id.name,
                        "active": authority.active,
                    },
                    "source": authority,
                }
                for authority in self.sudo()
            ]
        )

    @api.model
    @ormcache("company_id")
    def _get_bounds(self, company_id) -> tuple:
        """Return a :class:`Bound` for each of a company's rows."""
        return tuple(
            Bound(
                authority.group_id.id,
                authority.user_id.id,
                authority.basis,
                float("inf") if authority.is_unbounded else authority.amount,
                Subject(
                    authority.team_id.id or None, authority.risk_class_id.id or None
                ),
            )
            for authority in self.sudo().search([("company_id", "=", company_id)])
        )

    @api.model
    def _get_subject(self, customer, company, order=None):
        """Return the :class:`Subject` of a decision; nothing is read where no row is
        bound to a team or class.

        :param customer: res.partner, a commercial partner
        :param company: res.company; its root is meant
        :param order: sale.order; none: about the whole customer
        """
        root = company.root_id
        if all(bound.subject == WHOLE for bound in self._get_bounds(root.id)):
            return WHOLE
        customer = customer.sudo()._origin.with_company(root)
        team = order.sudo().team_id if order else self.env["crm.team"]
        return Subject(team.id or None, customer.ar_root_risk_class_id.id or None)

    @api.model
    def _is_held_by(self, user, company, measures=None, subject=None):
        """Return whether a user may decide by an authority of their own.

        :param dict measures: {basis: amount} that the authority has to reach; none: any
            authority does
        :param subject: :class:`Subject` that the authority has to be for; none: as for
            the amount
        """
        bounds = self._get_bounds(company.root_id.id)
        group_ids = set(user.sudo().all_group_ids.ids)
        if not bounds:
            return self.env.ref(GROUP_MANAGER).id in group_ids
        return any(
            (bound.user_id == user.id or bound.group_id in group_ids)
            and (subject is None or bound.is_about(subject))
            and (measures is None or self._reaches(bound, company, measures))
            for bound in bounds
        )

    @api.model
    def _reaches(self, bound, company, measures):
        if bound.amount == float("inf"):
            return True
        currency = company.root_id.currency_id
        asked = min(measures[bound.basis], 1e18)
        return currency.compare_amounts(asked, bound.amount) <= 0

    @api.model
    def _get_lender(self, company, measures=None, excluded=None, subject=None):
        """Return by whose authority the current user decides: their own, else that of
        somebody whose substitute they are today; empty if neither reaches.

        :param excluded: res.users whose authority does not count
        """
        user = self.env.user
        if self._is_held_by(user, company, measures, subject):
            return user
        lenders = self.env["ar.credit.substitute"]._get_represented(user, company)
        for lender in lenders - (excluded or lenders.browse()):
            if self._is_held_by(lender, company, measures, subject):
                return lender
        return lenders.browse()

    @api.model
    def _get_refusal(self, company, measures, excluded=None, subject=WHOLE):
        """Return why the current user cannot decide on so much, or False."""
        if self._get_lender(company, measures, excluded, subject):
            return False
        return self.env._(
            "This is beyond your authority in %(company)s: somebody with a higher one "
            "has to decide.",
            company=company.root_id.name,
        )

    @api.model
    def _get_holders(self, company, measures=None, subject=None):
        """Return the active users who may decide by an authority of their own."""
        bounds = self._get_bounds(company.root_id.id)
        if not bounds:
            candidates = self.env.ref(GROUP_MANAGER).sudo().all_user_ids
        else:
            group_ids = filter(None, (bound.group_id for bound in bounds))
            user_ids = filter(None, (bound.user_id for bound in bounds))
            groups = self.env["res.groups"].browse(group_ids)
            users = self.env["res.users"].browse(user_ids)
            candidates = groups.sudo().all_user_ids | users.sudo()
        return candidates.filtered(
            lambda user: (
                user.active
                and not user.share
                and company.root_id in user.company_ids.root_id
                and self._is_held_by(user, company, measures, subject)
            )
        )
