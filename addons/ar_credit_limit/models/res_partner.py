import json

from odoo import api, fields, models
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..tools.exposure import NO_EXPOSURE
from .ar_credit_limit import LIMIT_STATES, NO_GRANT

GROUP_OWN = "ar_ledger.ar_ledger_group_own"
GROUP_MANAGER = "ar_ledger.ar_ledger_group_manager"


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_limit_state = fields.Selection(
        LIMIT_STATES,
        string="Credit Limit Decision",
        compute="_compute_ar_credit",
        search="_search_ar_limit_state",
        groups=GROUP_OWN,
        help="Whether orders of this customer are checked against a credit limit.",
    )
    ar_credit_limit = fields.Monetary(
        string="Credit Limit in Force",
        compute="_compute_ar_credit",
        search="_search_ar_credit_limit",
        groups=GROUP_OWN,
        help="How much the customer may owe today, open items and orders together.",
    )
    ar_credit_available = fields.Monetary(
        string="Available Credit",
        compute="_compute_ar_credit",
        search="_search_ar_credit_available",
        groups=GROUP_OWN,
        help="Credit limit less exposure; below zero the customer is over the limit.",
    )
    ar_utilization = fields.Float(
        string="Limit Used",
        compute="_compute_ar_credit",
        search="_search_ar_utilization",
        groups=GROUP_OWN,
        help="Exposure as a share of the credit limit.",
    )
    ar_has_credit_check = fields.Boolean(
        string="Credit Check Active",
        compute="_compute_ar_has_credit_check",
        groups=GROUP_OWN,
    )

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id", "user_id")
    def _compute_ar_credit(self):
        company = self.env.company
        customers = self._get_ar_visible().commercial_partner_id._origin
        exposures = customers._get_exposure(company)
        limits = self.env["ar.credit.limit"].sudo()._get_in_force(customers, company)
        group_partner_ids = self.env["res.company"]._ar_group_partner_ids()
        for partner in self:
            customer_id = partner.commercial_partner_id._origin.id
            exposure = exposures.get(customer_id, NO_EXPOSURE)
            limit = limits.get(customer_id, NO_GRANT)
            partner.ar_limit_state = (
                limit.state if customer_id in customers.ids else False
            )
            partner.ar_credit_limit = limit.amount
            is_tested = limit.is_checked and customer_id not in group_partner_ids
            partner.ar_credit_available = (
                limit.amount - exposure.tested if is_tested else 0.0
            )
            partner.ar_utilization = (
                max(exposure.tested, 0.0) / limit.amount
                if is_tested and limit.amount
                else 0.0
            )

    def _search_ar_limit_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_ar_figure("limit_state", "unchecked", operator, value)

    def _search_ar_credit_limit(self, operator, value):
        return self._search_ar_figure("credit_limit", 0.0, operator, value)

    def _search_ar_credit_available(self, operator, value):
        return self._search_ar_figure("credit_available", 0.0, operator, value)

    def _search_ar_utilization(self, operator, value):
        return self._search_ar_figure("utilization", 0.0, operator, value)

    @api.depends_context("company")
    def _compute_ar_has_credit_check(self):
        self.ar_has_credit_check = self.env.company._has_credit_check()

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        default = self._get_core_default(self.env.company)
        for partner, vals in zip(partners, vals_list, strict=True):
            if vals.get("credit_limit", default) not in (default, 0.0, False):
                partner._grant_written_limit(vals["credit_limit"])
        return partners

    def write(self, vals):
        if "credit_limit" not in vals:
            return super().write(vals)
        changed = self._get_customers_with_other_limit(vals["credit_limit"])
        changed._check_may_write_limit()
        result = super().write(vals)
        changed._grant_written_limit(vals["credit_limit"])
        return result

    def _get_customers_with_other_limit(self, value):
        """Return the customers whose limit in core's field the value would change."""
        if not self.env.company._has_credit_check():
            return self.browse()
        return self.filtered(
            lambda partner: (
                partner == partner.commercial_partner_id
                and partner.sudo().credit_limit != (value or 0.0)
            )
        )

    def _check_may_write_limit(self):
        """Only credit managers decide; code with superuser rights, such as a connector
        or a nightly import, has decided already and answers for it."""
        if self and not self.env.su and not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._(
                    "Only credit managers decide how much a customer may owe. Ask one "
                    "of them to set the credit limit of %(customers)s.",
                    customers=", ".join(self.mapped("display_name")),
                )
            )

    def _grant_written_limit(self, value):
        """Make a decision on record out of a value written to core's field."""
        company = self.env.company
        customers = self.filtered(
            lambda partner: partner == partner.commercial_partner_id
        )
        if not customers or not company._has_credit_check():
            return
        customers._check_may_write_limit()
        self.env["ar.credit.limit"]._grant_from_core(customers, company, value or 0.0)

    @api.model
    def _get_core_default(self, company):
        """Return the limit that core gives a customer without one of its own."""
        field = self._fields["credit_limit"]
        return field.get_company_dependent_fallback(self.with_company(company)) or 0.0

    def _follow_credit_limit(self, company, limit):
        """Let core's own field say what the grant in force says: the amount, the
        company's default where nothing is checked, the smallest unit where no credit is
        given (zero would mean no limit to core and to others).

        The write goes past our own, which would make a decision of it.
        """
        for each in company._get_credit_companies():
            value = self._get_followed_value(each, limit)
            super(ResPartner, self.with_company(each)).write({"credit_limit": value})

    @api.model
    def _get_followed_value(self, company, limit):
        unit = company.currency_id.rounding
        if limit.state == "unchecked" and limit.source == "grant":
            if self.env["ar.credit.policy"]._has_company_default(company):
                # Without limit, though others have one by default.
                return 0.0
        if limit.state == "unchecked" or limit.source in ("company", "none"):
            return self._get_core_default(company)
        # Nobody knows what a limit without exchange rate is worth: as good as none.
        return limit.amount or unit

    @api.model
    def _restore_credit_limits(self, company, customers):
        """Put core's field back for the companies of a root.

        :param customers: list of (partner id, {company id as text: value})
        """
        self.flush_model(["credit_limit"])
        company_keys = [str(c.id) for c in company._get_credit_companies()]
        for partner_id, values in customers:
            self.env.cr.execute(
                SQL(
                    """UPDATE res_partner
                          SET credit_limit = NULLIF(
                              (COALESCE(credit_limit, '{}'::jsonb) - %(keys)s::text[])
                              || %(values)s::jsonb, '{}'::jsonb)
                        WHERE id = %(id)s""",
                    keys=company_keys,
                    values=json.dumps(values),
                    id=partner_id,
                )
            )
        self.invalidate_model(["credit_limit"])

    def action_set_credit_limit(self):
        """Open the decision on how much the customer may owe."""
        self.ensure_one()
        self.env["ar.credit.limit"]._check_may_grant(self.env.company)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Credit Limit"),
            "res_model": "ar.credit.limit.set",
            "view_mode": "form",
            "target": "new",
            "context": {"default_partner_id": self.commercial_partner_id.id},
        }

    def action_open_credit_limits(self):
        """Drill down: all decisions on the credit limit, the newest first."""
        self.ensure_one()
        return self._get_ar_credit_action(
            "ar_credit_limit.ar_credit_limit_action", "company_id"
        )

    def _get_ar_credit_action(self, xmlid, company_field):
        action = self.env["ir.actions.act_window"]._for_xml_id(xmlid)
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            (company_field, "=", self.env.company.root_id.id),
        ]
        action["context"] = {}
        return action
