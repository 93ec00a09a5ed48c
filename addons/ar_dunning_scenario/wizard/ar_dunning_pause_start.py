from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.ar_ledger.models.res_partner import GROUP_COLLECTOR, GROUP_MANAGER


class ArDunningPauseStart(models.TransientModel):
    """Pause customers, a scenario, or the whole company until a date."""

    _name = "ar.dunning.pause.start"
    _description = "Pause Dunning"

    target = fields.Selection(
        [
            ("customer", "Customers"),
            ("scenario", "A scenario"),
            ("company", "The whole company"),
        ],
        required=True,
        default="customer",
    )
    partner_ids = fields.Many2many("res.partner", string="Customers")
    scenario_id = fields.Many2one("ar.dunning.scenario")
    date_until = fields.Date(
        string="Last Day",
        required=True,
        help="Nobody is asked for anything up to and including this day; the day "
        "after, the clocks go on by themselves.",
    )
    reason = fields.Char(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        active = self.env.context.get("active_ids", [])
        match self.env.context.get("active_model"):
            case "res.partner":
                customers = self.env["res.partner"].browse(active).commercial_partner_id
                values["partner_ids"] = [fields.Command.set(customers.ids)]
            case "ar.dunning.scenario":
                values.update(target="scenario", scenario_id=active[:1] and active[0])
        return values

    def action_pause(self):
        self.ensure_one()
        group = GROUP_COLLECTOR if self.target == "customer" else GROUP_MANAGER
        if not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "Collectors pause customers; credit managers pause scenarios and "
                    "the company."
                )
            )
        company = self.env.company.root_id
        if self.date_until < company._ar_today():
            raise UserError(self.env._("Choose a last day that is today or later."))
        targets = self._get_targets(company)
        targets.check_access("read")
        self.env["ar.dunning.pause"]._pause(
            company, targets, self.date_until, self.reason
        )
        return {"type": "ir.actions.act_window_close"}

    def _get_targets(self, company):
        targets = {
            "customer": self.partner_ids.commercial_partner_id,
            "scenario": self.scenario_id,
            "company": company,
        }[self.target]
        if not targets:
            raise UserError(self.env._("Choose what is paused."))
        return targets
