from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.ar_ledger.models.res_partner import GROUP_COLLECTOR

#: Further ahead too much of it would be supposed.
MOST_DAYS = 92


class ArDunningPreview(models.TransientModel):
    """What tonight, or the next weeks, would bring."""

    _name = "ar.dunning.preview"
    _description = "Preview of Reminders"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company.root_id,
    )
    date_from = fields.Date(
        string="From", required=True, default=lambda self: self._get_tonight()
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self._get_tonight(),
        help="The same day for a preview of one night.",
    )
    line_ids = fields.One2many("ar.dunning.preview.line", "preview_id")

    @api.model
    def _get_tonight(self):
        return self.env.company.root_id._ar_today() + timedelta(days=1)

    def action_show(self):
        """Show the reminders as a list, to be grouped and drilled into."""
        self.ensure_one()
        self._check_input()
        self.line_ids.unlink()
        planned = self.env["ar.dunning.scenario"]._simulate(
            self.date_from, self.date_to, self.company_id
        )
        self.env["ar.dunning.preview.line"].create(
            [
                {
                    "preview_id": self.id,
                    "date": each.date,
                    "commercial_partner_id": each.partner_id,
                    "currency_id": each.currency_id,
                    "step_id": each.step_id,
                    "scenario_id": each.scenario_id,
                    "item_count": len(each.line_ids),
                    "amount_net": each.amount,
                    "amount_company": each.amount_company,
                    "days_overdue": each.days_overdue,
                }
                for each in planned
            ]
        )
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_dunning_preview_line_action"
        )
        action["domain"] = [("preview_id", "=", self.id)]
        return action

    def _check_input(self):
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(self.env._("The preview is for collectors."))
        if self.company_id not in self.env.companies.root_id:
            raise AccessError(self.env._("Choose this company first."))
        if not self.company_id.ar_dunning_active:
            raise UserError(
                self.env._(
                    "Dunning is switched off in %(company)s: nothing would happen.",
                    company=self.company_id.name,
                )
            )
        if self.date_to < self.date_from:
            raise UserError(self.env._("The last day comes before the first."))
        if (self.date_to - self.date_from).days > MOST_DAYS:
            raise UserError(self.env._("Choose three months at most."))


class ArDunningPreviewLine(models.TransientModel):
    """A reminder that would be planned."""

    _name = "ar.dunning.preview.line"
    _description = "Reminder That Would Be Planned"
    _order = "date, amount_company desc, id"
    _rec_name = "commercial_partner_id"

    preview_id = fields.Many2one(
        "ar.dunning.preview", required=True, ondelete="cascade", index=True
    )
    date = fields.Date(readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    scenario_id = fields.Many2one("ar.dunning.scenario", readonly=True)
    step_id = fields.Many2one("ar.dunning.step", readonly=True)
    channel = fields.Selection(related="step_id.channel", store=True)
    mode = fields.Selection(related="step_id.mode", store=True)
    item_count = fields.Integer(string="Items", readonly=True)
    days_overdue = fields.Integer(
        string="Days Overdue Now", readonly=True, aggregator="max"
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_net = fields.Monetary(
        string="To Pay", readonly=True, aggregator="sum_currency"
    )
    company_currency_id = fields.Many2one(
        related="preview_id.company_id.currency_id", string="Currency of the Company"
    )
    amount_company = fields.Monetary(
        string="In Company Currency",
        currency_field="company_currency_id",
        readonly=True,
        help="Of the items, before open credits.",
    )

    def action_open_customer(self):
        self.ensure_one()
        return self.commercial_partner_id.get_formview_action()
