"""Core's own default credit limit says what the policy for all customers says."""

from odoo import api, fields, models

from ..tools.policy import choose


class ArCreditPolicy(models.Model):
    _inherit = "ar.credit.policy"

    core_defaults = fields.Json(
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="What Odoo's default credit limit was before this policy replaced it, by "
        "company; it is put back when the policy gives no default any more.",
    )

    def unlink(self):
        self.sudo()._restore_core_defaults()
        return super().unlink()

    def _after_change(self):
        super()._after_change()
        for policy in self.exists().sudo():
            if policy.company_id._has_credit_check():
                policy._follow_core_default()

    def _follow_core_default(self):
        if self.risk_class_id or self.default_limit_state == "unchecked":
            self._restore_core_defaults()
            return
        companies = self.company_id._get_credit_companies()
        if not self.core_defaults:
            self.core_defaults = {
                str(company.id): self._get_core_default(company)
                for company in companies
            }
        value = {
            "amount": self.default_amount,
            # Zero would mean no limit to core and to others.
            "none": self.currency_id.rounding,
        }[self.default_limit_state]
        if any(self._get_core_default(company) != value for company in companies):
            for company in companies:
                self._set_core_default(company, value)
            self._follow_customers()

    def _restore_core_defaults(self):
        for policy in self.filtered("core_defaults"):
            remembered = policy.core_defaults
            policy.core_defaults = False
            for company in policy.company_id._get_credit_companies():
                if str(company.id) in remembered:
                    self._set_core_default(company, remembered[str(company.id)])
            policy._follow_customers()

    def _follow_customers(self):
        """Who has no limit of the own says in core what the default is now."""
        self.env["ar.credit.limit"].sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("limit_state", "in", ("default", "unchecked")),
            ]
        )._follow()

    @api.model
    def _get_core_default(self, company):
        defaults = self.env["ir.default"].sudo()
        return defaults._get("res.partner", "credit_limit", company_id=company.id)

    @api.model
    def _set_core_default(self, company, value):
        defaults = self.env["ir.default"].sudo()
        if value is not None:
            defaults.set("res.partner", "credit_limit", value, company_id=company.id)
            return
        field = self.env["ir.model.fields"].sudo()._get("res.partner", "credit_limit")
        defaults.search(
            [("field_id", "=", field.id), ("company_id", "=", company.id)]
        ).unlink()

    @api.model
    def _adopt_core_default(self, company, value):
        """Core's default was changed in the settings: the policy for all customers
        says the same.

        :param company: res.company; its root is meant
        :param float value: in the company's currency; zero: no limit
        """
        company = company.root_id
        policy = self.search(
            [("company_id", "=", company.id), ("risk_class_id", "=", False)]
        )
        unit = company.currency_id
        values = {"default_limit_state": "unchecked", "default_amount": 0.0}
        if value > 0:
            is_unit = unit.compare_amounts(value, unit.rounding) <= 0
            values = {
                "default_limit_state": "none" if is_unit else "amount",
                "default_amount": 0.0 if is_unit else value,
            }
        for each in company._get_credit_companies():
            self._set_core_default(each, value)
        if policy:
            # What was typed is core's own from now on.
            policy.sudo().write({**values, "core_defaults": False})
        elif value > 0:
            self.sudo().create({"company_id": company.id, **values})

    @api.model
    def _has_company_default(self, company):
        policy = choose(self._get_rules(company.root_id.id), None)
        return policy.limit_state != "unchecked"
