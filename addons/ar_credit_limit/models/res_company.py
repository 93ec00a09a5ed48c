from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_credit_limit_mode = fields.Selection(
        [
            ("off", "Off"),
            ("observe", "Observe"),
            ("hold", "Hold"),
        ],
        string="Credit Check of Orders",
        required=True,
        default="off",
        help="Off: orders confirm as in plain Odoo.\n"
        "Observe: what would be held is recorded in the customer's history, nothing is "
        "stopped.\n"
        "Hold: an order over the customer's credit limit stays a quotation until the "
        "reason is gone or a credit manager releases it.",
    )

    ar_credit_confirm_released = fields.Boolean(
        string="Confirm Accepted Orders When Let Go",
        help="A held order that its customer has signed or paid meanwhile confirms "
        "itself within a minute or two of its release, or of its reasons going. "
        "Otherwise the salesperson confirms it.",
    )
    ar_credit_tell_managers = fields.Boolean(
        string="Tell Credit Managers of Each Hold",
        help="Notify whoever may release an order as soon as it is held. Requests for "
        "a release tell them in any case.",
    )

    def write(self, vals):
        switched_off = self.filtered(lambda company: not company._has_credit_check())
        result = super().write(vals)
        if "ar_credit_limit_mode" in vals:
            switched_off._adopt_credit_limits()
        if "currency_id" in vals:
            self.env.registry.clear_cache()  # ar.credit.limit._has_foreign_grants()
        return result

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_credit_limit_mode",
            "ar_credit_confirm_released",
            "ar_credit_tell_managers",
        ]

    def _has_credit_check(self):
        """Return whether credit is checked at all, be it only to observe."""
        return self.sudo().ar_credit_limit_mode in ("observe", "hold")

    def _holds_orders(self):
        return self.sudo().ar_credit_limit_mode == "hold"

    def _get_credit_companies(self):
        """Return the root company and all its branches, archived ones too."""
        companies = self.sudo().with_context(active_test=False)
        return companies.search([("id", "child_of", self.root_id.id)])

    def _adopt_credit_limits(self):
        """Take the limits that stand on the customers as first grants."""
        for company in self.filtered(lambda company: not company.parent_id):
            if company._has_credit_check():
                self.env["ar.credit.limit"]._adopt(company)
                self.env["ar.credit.policy"].sudo().search(
                    [("company_id", "=", company.id)]
                )._after_change()
