from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.ar_ledger.models.res_partner import GROUP_COLLECTOR, GROUP_MANAGER

from ..models.ar_dunning_outcome import FINAL, UNTIL


class ArDunningItemDecide(models.TransientModel):
    """Decide what becomes of items after the amicable phase."""

    _name = "ar.dunning.item.decide"
    _description = "Decide About Items"

    item_ids = fields.Many2many("ar.dunning.item", required=True, readonly=True)
    outcome = fields.Selection(
        selection=lambda self: (
            self.env["ar.dunning.outcome"]._fields["outcome"].selection
        ),
        string="Decision",
        required=True,
        default="extension",
    )
    date_until = fields.Date(
        string="Holds Until", help="Last day; then it is decided again."
    )
    needs_date = fields.Boolean(compute="_compute_needs_date")
    reason = fields.Char(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        if self.env.context.get("active_model") == "ar.dunning.item":
            items = self.env.context.get("active_ids", [])
            values["item_ids"] = [fields.Command.set(items)]
        return values

    @api.depends("outcome")
    def _compute_needs_date(self):
        for wizard in self:
            wizard.needs_date = wizard.outcome in UNTIL

    def action_decide(self):
        self.ensure_one()
        group = GROUP_MANAGER if self.outcome in FINAL else GROUP_COLLECTOR
        if not self.env.user.has_group(group):
            raise AccessError(
                self.env._(
                    "Collectors decide on items; only credit managers give them up."
                )
            )
        self.item_ids.check_access("read")
        for company in self.item_ids.company_id:
            if not self.needs_date:
                break
            if not self.date_until or self.date_until < company._ar_today():
                raise UserError(self.env._("Choose until when the decision holds."))
        without = self.item_ids.filtered(
            lambda item: not item.scenario_id.amicable_days
        )
        if without:
            raise UserError(
                self.env._(
                    "The scenario of %(items)s has no amicable phase: set its length "
                    "first.",
                    items=", ".join(without.mapped("move_id.name")),
                )
            )
        self.env["ar.dunning.outcome"]._decide(
            self.item_ids, self.outcome, self.reason, date_until=self.date_until
        )
        return self._get_next_action() or {"type": "ir.actions.act_window_close"}

    def _get_next_action(self):
        """Return the action by which the decision is carried out, if one person does
        it at once for one customer. Hook: floors above add theirs."""
        if self.outcome != "plan" or len(self.item_ids.commercial_partner_id) > 1:
            return None
        items = self.env["ar.open.item"].search(
            [("line_id", "in", self.item_ids.sudo().line_id.ids)]
        )
        return self.env["ar.promise.record"]._launch(
            items, is_plan=True, note=self.reason
        )
