from odoo import api, fields, models

from odoo.addons.ar_ledger.models.res_partner import GROUP_COLLECTOR

from .account_move import GROUP_OWN


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_root_dunning_scenario_id = fields.Many2one(
        "ar.dunning.scenario",
        string="Scenario of the Root Company",
        company_dependent=True,
        groups=GROUP_OWN,
        help="Where the scenario is kept: on the root company. Use Dunning Scenario.",
    )
    ar_dunning_scenario_id = fields.Many2one(
        "ar.dunning.scenario",
        string="Dunning Scenario",
        compute="_compute_ar_dunning_scenario_id",
        inverse="_inverse_ar_dunning_scenario_id",
        search="_search_ar_dunning_scenario_id",
        groups=GROUP_OWN,
        help="Empty: the default scenario of the company. The same for all branches.",
    )
    ar_dunning_step_id = fields.Many2one(
        "ar.dunning.step",
        string="Next Dunning Step",
        compute="_compute_ar_dunning_next",
        groups=GROUP_OWN,
    )
    ar_dunning_date = fields.Date(
        string="Next Dunning Date",
        compute="_compute_ar_dunning_next",
        groups=GROUP_OWN,
    )
    ar_dunning_active = fields.Boolean(
        compute="_compute_ar_dunning_active", groups=GROUP_OWN
    )

    ar_dunning_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Days of the Customer",
        groups=GROUP_OWN,
        ondelete="set null",
        help="Steps are taken, and messages leave, on the working days of this "
        "calendar. Empty: those of the country, else those of the company.",
    )
    ar_dunning_role = fields.Selection(
        [
            ("accounting", "Accounting"),
            ("manager", "Manager"),
            ("copy", "Copy"),
        ],
        string="Role in Dunning",
        groups=GROUP_OWN,
        help="Accounting: gets the reminders. Manager: gets the steps that address the "
        "manager. Copy: gets a copy of every e-mail. Where nobody has the role, the "
        "invoice address is written to, else the customer itself.",
    )

    @api.depends_context("company")
    @api.depends("commercial_partner_id")
    def _compute_ar_dunning_scenario_id(self):
        for partner in self:
            customer = partner._get_ar_customer_at_root()
            partner.ar_dunning_scenario_id = customer.ar_root_dunning_scenario_id

    def _inverse_ar_dunning_scenario_id(self):
        for partner in self:
            scenario = partner.ar_dunning_scenario_id
            scenario._check_usable_in(self.env.company)
            partner._write_ar_root_value(
                "ar_root_dunning_scenario_id", scenario, GROUP_COLLECTOR
            )
            self.env["ar.event"]._log(
                "reminder",
                partner,
                self.env.company.root_id,
                self.env._("Scenario: %(name)s", name=scenario.name or "-"),
                source=partner.commercial_partner_id,
            )

    def _search_ar_dunning_scenario_id(self, operator, value):
        return self._search_ar_root_value(
            "ar_root_dunning_scenario_id", operator, value
        )

    @api.depends_context("company")
    def _compute_ar_dunning_active(self):
        self.ar_dunning_active = self.env.company.ar_dunning_active

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id")
    def _compute_ar_dunning_next(self):
        self.ar_dunning_step_id = False
        self.ar_dunning_date = False
        if not self.env.company.ar_dunning_active:
            return
        customers = self._get_ar_visible().commercial_partner_id
        items = self.env["ar.dunning.item"].sudo()
        items = items.search(
            [
                ("commercial_partner_id", "in", customers.ids),
                ("company_id", "=", self.env.company.root_id.id),
                ("next_date", "!=", False),
            ]
        )
        first = {
            customer: of_customer[0]
            for customer, of_customer in items.grouped("commercial_partner_id").items()
        }
        for partner in self:
            if item := first.get(partner.commercial_partner_id):
                partner.ar_dunning_step_id = item.next_step_id
                partner.ar_dunning_date = item._get_coming_date()

    def action_open_ar_reminders(self):
        """Drill down: what this customer was and will be asked for."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_dunning_reminder_action"
        )
        action["domain"] = [
            ("commercial_partner_id", "=", self.commercial_partner_id.id),
            ("company_id", "=", self.env.company.root_id.id),
        ]
        action["context"] = {}
        return action
