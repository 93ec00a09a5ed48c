from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.ar_ledger.models.res_partner import GROUP_VIEWER


class ResPartner(models.Model):
    _inherit = "res.partner"

    ar_without_scenario = fields.Boolean(
        compute="_compute_ar_without_scenario",
        search="_search_ar_without_scenario",
        groups=GROUP_VIEWER,
        help="Has open items that could be chased, but no scenario is for them.",
    )

    @api.depends_context("company")
    def _compute_ar_without_scenario(self):
        without = self.search([("ar_without_scenario", "=", True)])
        for partner in self:
            partner.ar_without_scenario = partner in without

    def _search_ar_without_scenario(self, operator, value):
        if operator != "in" or set(value) - {True}:
            return NotImplemented
        company = self.env.company.root_id
        if not company.ar_dunning_active:
            return Domain.FALSE
        self.env.flush_all()
        assigned = self.env["ar.dunning.item"]._get_assigned_sql(company)
        return Domain(
            "id",
            "in",
            SQL(
                """(SELECT assigned.commercial_partner_id FROM (%s) assigned
                     WHERE NOT EXISTS (
                         SELECT FROM ar_dunning_scenario scenario
                          WHERE scenario.id = assigned.scenario_id
                            AND scenario.active))""",
                assigned,
            ),
        )
