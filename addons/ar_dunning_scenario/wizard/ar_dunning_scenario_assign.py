from odoo import api, fields, models
from odoo.exceptions import AccessError

from odoo.addons.ar_ledger.models.res_partner import GROUP_COLLECTOR


class ArDunningScenarioAssign(models.TransientModel):
    """Give customers a scenario of their own by hand, with a reason."""

    _name = "ar.dunning.scenario.assign"
    _description = "Assign a Dunning Scenario"

    partner_ids = fields.Many2many("res.partner", string="Customers", required=True)
    scenario_id = fields.Many2one(
        "ar.dunning.scenario",
        string="Dunning Scenario",
        domain="[('company_id', 'in', (False, company_id))]",
        help="Empty: the rules of the scenarios decide again.",
    )
    company_id = fields.Many2one(
        "res.company", default=lambda self: self.env.company.root_id
    )
    reason = fields.Char(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "res.partner":
            partners = self.env["res.partner"].browse(self.env.context["active_ids"])
            customers = partners.commercial_partner_id
            values["partner_ids"] = [fields.Command.set(customers.ids)]
        return values

    def action_assign(self):
        """Do it, for the company in which the user works and its branches."""
        self.ensure_one()
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(self.env._("Only collectors assign scenarios."))
        company = self.env.company.root_id
        customers = self.partner_ids.commercial_partner_id
        customers.check_access("read")
        self.scenario_id._check_usable_in(company)
        customers.sudo().with_company(
            company
        ).ar_root_dunning_scenario_id = self.scenario_id
        self._log_reason(customers, company)
        self._refresh_items(customers, company)
        return {"type": "ir.actions.act_window_close"}

    def _log_reason(self, customers, company):
        text = self.env._(
            "Scenario: %(name)s. %(reason)s",
            name=self.scenario_id.name or "-",
            reason=self.reason,
        )
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "reminder",
                    "partner": customer,
                    "company": company,
                    "text": text,
                    "source": customer,
                }
                for customer in customers
            ]
        )

    def _refresh_items(self, customers, company):
        """What comes next for the items changes at once, not only in the night."""
        items = self.env["ar.dunning.item"].sudo()
        items = items.search(
            [
                ("company_id", "=", company.id),
                ("commercial_partner_id", "in", customers.ids),
            ]
        )
        items._refresh_lines(items.line_id.ids)
