from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.ar_ledger.models.res_partner import GROUP_COLLECTOR


class ArDunningItemMove(models.TransientModel):
    """Put items on another step, or leave them alone until a date, with a reason."""

    _name = "ar.dunning.item.move"
    _description = "Move or Postpone Items"

    item_ids = fields.Many2many("ar.dunning.item", required=True, readonly=True)
    decision = fields.Selection(
        [("step", "Go on with a step"), ("postpone", "Postpone")],
        required=True,
        default="step",
    )
    scenario_id = fields.Many2one("ar.dunning.scenario", compute="_compute_scenario_id")
    step_id = fields.Many2one(
        "ar.dunning.step",
        domain="[('scenario_id', '=', scenario_id)]",
        help="The items go on with this step; those before it are passed over, those "
        "after it follow in their time.",
    )
    date = fields.Date(
        string="Not Before",
        help="The items are left alone until this day.",
    )
    reason = fields.Char(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "ar.dunning.item":
            items = self.env.context.get("active_ids", [])
            values["item_ids"] = [fields.Command.set(items)]
        return values

    @api.depends("item_ids")
    def _compute_scenario_id(self):
        for wizard in self:
            scenarios = wizard.item_ids.scenario_id
            wizard.scenario_id = scenarios if len(scenarios) == 1 else False

    def action_move(self):
        self.ensure_one()
        if not self.env.user.has_group(GROUP_COLLECTOR):
            raise AccessError(self.env._("Only collectors move or postpone items."))
        self.item_ids.check_access("read")
        if self.decision == "step":
            self._move()
        else:
            self._postpone()
        return {"type": "ir.actions.act_window_close"}

    def _move(self):
        if not self.step_id:
            raise UserError(self.env._("Choose the step to go on with."))
        placements = self.env["ar.dunning.placement"]
        for items in self.item_ids.grouped("company_id").values():
            placements |= placements._place(
                items, self.step_id, self.reason, earliest=self.date
            )
        self._log(placements)

    def _log(self, placements):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "reminder",
                    "partner": placement.commercial_partner_id,
                    "company": placement.company_id,
                    "text": self.env._(
                        "%(item)s goes on with %(step)s: %(reason)s",
                        item=placement.number,
                        step=placement.step_name,
                        reason=placement.reason,
                    ),
                    "source": placement,
                }
                for placement in placements.sudo()
            ]
        )

    def _postpone(self):
        """A postponed item is suspended: its clock stands still until then."""
        for company in self.item_ids.company_id:
            if not self.date or self.date <= company._ar_today():
                raise UserError(self.env._("Choose a day after today."))
        moves = self.item_ids.sudo().move_id
        self.env["ar.suspension"]._suspend(
            self.item_ids.sudo().line_id,
            "pause",
            self.reason,
            moves if len(moves) == 1 else self.env.user,
            date_until=self.date - timedelta(days=1),
        )
