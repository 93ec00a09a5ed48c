from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import ormcache

from ..tools import policy as rules
from .ar_credit_limit import LARGEST_AMOUNT, LIMIT_STATES


class ArCreditPolicy(models.Model):
    """What is checked for the customers of a risk class, or for all others, and what
    happens then. A company without any policy checks the credit limit alone."""

    _name = "ar.credit.policy"
    _description = "Credit Policy"
    _order = "company_id, risk_class_sequence, id"
    _check_company_auto = True
    _check_company_domain = models.check_company_domain_parent_of

    name = fields.Char(compute="_compute_name", string="Applies To")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        ondelete="cascade",
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        help="The root company: its branches share the policy.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    risk_class_id = fields.Many2one(
        "ar.risk.class",
        index="btree_not_null",
        ondelete="restrict",
        help="The customers that this policy is for. Leave empty for all customers "
        "whose class has no policy of its own.",
    )
    risk_class_sequence = fields.Integer(related="risk_class_id.sequence", store=True)
    default_limit_state = fields.Selection(
        LIMIT_STATES,
        string="Limit Without Decision",
        required=True,
        default="unchecked",
        help="How much a customer may owe for whom nothing is decided.",
    )
    default_amount = fields.Monetary(
        string="Default Limit", help="In the company's currency."
    )
    tolerance_percent = fields.Float(
        string="Tolerance (%)",
        help="By how many percent a limit may be exceeded before anything happens. "
        "With an amount as well, the smaller of the two counts.",
    )
    tolerance_amount = fields.Monetary(
        string="Tolerance",
        help="By how much a limit may be exceeded before anything happens, in the "
        "company's currency.",
    )
    required_payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        ondelete="restrict",
        help="New orders of these customers get these terms instead of the customer's.",
    )
    allowed_payment_term_ids = fields.Many2many(
        "account.payment.term",
        string="Also Allowed",
        check_company=True,
        help="Terms that orders may have without being held for them, however long "
        "they are. Only with the check of payment terms.",
    )
    required_payment_method_line_id = fields.Many2one(
        "account.payment.method.line",
        string="Payment Method",
        domain="[('payment_type', '=', 'inbound'),"
        " ('company_id', 'parent_of', company_id)]",
        ondelete="restrict",
        help="New orders of these customers are to be paid this way: direct debit, "
        "draft or cash instead of a transfer.",
    )
    check_ids = fields.One2many(
        "ar.credit.policy.check",
        "policy_id",
        string="Checks",
        copy=True,
        default=lambda self: self._get_standard_checks(),
    )

    _company_class_unique = models.UniqueIndex(
        "(company_id, COALESCE(risk_class_id, 0))",
        "This risk class has a policy in this company already.",
    )
    _tolerance_sane = models.Constraint(
        "CHECK (tolerance_percent >= 0 AND tolerance_percent <= 100"
        " AND tolerance_amount >= 0)",
        "A tolerance lies between 0 and 100 percent and is no negative amount.",
    )

    @api.depends("risk_class_id")
    def _compute_name(self):
        for policy in self:
            policy.name = policy.risk_class_id.name or self.env._("All other customers")

    @api.depends("name", "company_id")
    def _compute_display_name(self):
        for policy in self:
            policy.display_name = policy.name

    @api.constrains("company_id")
    def _check_root_company(self):
        if self.company_id.filtered("parent_id"):
            raise ValidationError(
                self.env._(
                    "A credit policy belongs to a root company: its branches share it."
                )
            )

    @api.constrains("default_limit_state", "default_amount")
    def _check_default(self):
        for policy in self:
            amount = policy.default_amount
            if policy.default_limit_state != "amount":
                continue
            if not 0 < amount <= LARGEST_AMOUNT:
                raise ValidationError(
                    self.env._(
                        "The default limit must be above zero, and an amount that "
                        "somebody could owe. To give no credit, choose “No credit”."
                    )
                )

    @api.constrains("required_payment_method_line_id", "company_id")
    def _check_payment_method(self):
        for policy in self:
            line = policy.required_payment_method_line_id
            if line and line.company_id.root_id != policy.company_id:
                raise ValidationError(
                    self.env._(
                        "The payment method %(method)s belongs to another company.",
                        method=line.display_name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        policies = super().create(vals_list)
        policies._after_change()
        return policies

    def write(self, vals):
        result = super().write(vals)
        if set(vals) != {"core_defaults"}:
            self._after_change()
        return result

    def unlink(self):
        self._log(is_deleted=True)
        companies = self.company_id
        result = super().unlink()
        self.env.registry.clear_cache()
        self._recheck_held(companies)
        return result

    def _after_change(self):
        """Hook: policies, or checks of them, changed or are new."""
        self.env.registry.clear_cache()
        precommit = self.env.cr.precommit
        changed = precommit.data.get("ar.credit.policy.changed")
        if changed is None:
            changed = precommit.data["ar.credit.policy.changed"] = set()
            precommit.add(self._settle_changes)
        changed.update(self.ids)

    @api.model
    def _settle_changes(self):
        """Once per transaction: put on record what policies say from now on, and look
        again at what they hold."""
        changed = self.env.cr.precommit.data.pop("ar.credit.policy.changed", ())
        policies = self.sudo().browse(sorted(changed)).exists().sudo(False)
        policies._log()
        self._recheck_held(policies.sudo().company_id)

    @api.model
    def _recheck_held(self, companies):
        for company in companies:
            self.env["ar.recheck"]._add_held(company)

    def _get_log_text(self, is_deleted):
        if is_deleted:
            return self.env._("Policy deleted: %(policy)s", policy=self.display_name)
        return self.env._("Policy: %(policy)s", policy=self.display_name)

    def _log(self, is_deleted=False):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "credit_policy",
                    "partner": self.env["res.partner"],
                    "company": policy.company_id,
                    "text": policy._get_log_text(is_deleted),
                    "figures": policy._get_figures(),
                    "source": policy,
                }
                for policy in self.sudo()
            ]
        )

    def _get_figures(self):
        """Return all that this policy says, as the journal keeps it."""
        self.ensure_one()
        rule = self._as_rule()._asdict()
        rule["checks"] = [check._asdict() for check in rule["checks"]]
        rule["allowed_term_ids"] = sorted(rule["allowed_term_ids"])
        return {**rule, "currency": self.currency_id.name}

    @api.model
    def _get_standard_checks(self):
        return [
            fields.Command.create({"code": check.code})
            for check in rules.STANDARD_CHECKS
        ]

    @api.model
    @ormcache("company_id")
    def _get_rules(self, company_id):
        """Return the policies of a root company as plain data, cached.

        :return: tuple of :class:`~..tools.policy.Policy`
        """
        policies = self.sudo().search([("company_id", "=", company_id)])
        return tuple(policy._as_rule() for policy in policies)

    @api.model
    @ormcache()
    def _has_defaults(self):
        """Return whether any policy of any company gives a limit by default, cached."""
        decided = [("default_limit_state", "!=", "unchecked")]
        return bool(self.sudo().search_count(decided, limit=1))

    def _as_rule(self):
        self.ensure_one()
        checks = self.check_ids._as_checks()
        codes = {check.code for check in checks}
        if "manual_stop" not in codes:
            # What somebody stopped by hand is stopped, whatever a policy forgets.
            checks += (rules.Check("manual_stop"),)
        has_default = self.default_limit_state != "unchecked"
        source = "class" if self.risk_class_id else "company"
        return rules.Policy(
            policy_id=self.id,
            risk_class_id=self.risk_class_id.id or None,
            source=source if has_default else "none",
            limit_state=self.default_limit_state,
            amount=self.default_amount if self.default_limit_state == "amount" else 0.0,
            tolerance_percent=self.tolerance_percent,
            tolerance_amount=self.tolerance_amount,
            payment_term_id=self.required_payment_term_id.id or None,
            allowed_term_ids=frozenset(self.allowed_payment_term_ids.ids),
            payment_method_line_id=self.required_payment_method_line_id.id or None,
            checks=checks,
        )

    @api.model
    def _get_policies(self, customers, company):
        """Return {commercial partner id: :class:`~..tools.policy.Policy`}.

        No query once the policies and the customers' classes are known.

        :param customers: res.partner, commercial partners
        :param company: res.company; its root is meant
        """
        company = company.root_id
        policies = self._get_rules(company.id)
        if not policies:
            return dict.fromkeys(customers.ids, rules.STANDARD)
        return {
            customer.id: rules.choose(policies, customer.ar_root_risk_class_id.id)
            for customer in customers.sudo().with_company(company)
        }
