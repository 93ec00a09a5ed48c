from odoo import api, fields, models
from odoo.exceptions import UserError


class ArCreditHoldDecide(models.TransientModel):
    """Release or refuse what is held."""

    _name = "ar.credit.hold.decide"
    _description = "Decide on a Hold"

    hold_ids = fields.Many2many("ar.credit.hold", required=True, readonly=True)
    decision = fields.Selection(
        [("release", "Release"), ("refuse", "Refuse")], required=True, readonly=True
    )
    reason = fields.Char(required=True)
    reasons_text = fields.Text(string="Held Because", compute="_compute_from_holds")
    request_note = fields.Text(string="Request", compute="_compute_from_holds")
    currency_id = fields.Many2one("res.currency", compute="_compute_from_holds")
    is_single_order = fields.Boolean(compute="_compute_from_holds")
    valid_until = fields.Date(
        help="Last day on which the order may be confirmed under this release. Empty: "
        "without end."
    )
    ceiling = fields.Monetary(
        string="Up To",
        compute="_compute_ceiling",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        help="The order passes up to this amount, in the company's currency. If it "
        "grows beyond it, it is held again.",
    )

    @api.depends("hold_ids")
    def _compute_from_holds(self):
        for wizard in self:
            holds = wizard.hold_ids
            wizard.reasons_text = "\n".join(
                f"{hold.name}: {hold.reasons_text}" for hold in holds
            )
            wizard.request_note = "\n".join(filter(None, holds.mapped("request_note")))
            wizard.currency_id = holds.currency_id[:1]
            wizard.is_single_order = len(holds) == 1 and holds.scope == "order"

    @api.constrains("hold_ids")
    def _check_hold_access(self):
        self.sudo(False).hold_ids.check_access("read")

    @api.depends("hold_ids")
    def _compute_ceiling(self):
        for wizard in self:
            wizard.ceiling = wizard.hold_ids.amount if len(wizard.hold_ids) == 1 else 0

    def action_decide(self):
        """Put the decision on record."""
        self.ensure_one()
        if self.decision == "refuse":
            self.hold_ids._refuse(self.reason)
        else:
            self._check_release()
            self.hold_ids._release(
                self.reason,
                valid_until=self.valid_until,
                ceiling=self.ceiling if self.is_single_order else None,
            )
        return {"type": "ir.actions.act_window_close"}

    def _check_release(self):
        hold = self.hold_ids[:1]
        if self.valid_until and self.valid_until < hold.company_id._ar_today():
            raise UserError(self.env._("The release would have run out already."))
        if (
            self.is_single_order
            and self.currency_id.compare_amounts(self.ceiling, hold.amount) < 0
        ):
            raise UserError(
                self.env._(
                    "%(order)s amounts to %(amount)s: a release up to %(ceiling)s "
                    "would not let it pass.",
                    order=hold.name,
                    amount=self.currency_id.format(hold.amount),
                    ceiling=self.currency_id.format(self.ceiling),
                )
            )
