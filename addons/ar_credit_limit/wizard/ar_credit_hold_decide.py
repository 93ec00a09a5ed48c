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

    beyond_authority = fields.Text(
        compute="_compute_beyond_authority",
        help="What you cannot release yourself, and who is asked for it.",
    )

    @api.depends("hold_ids", "ceiling", "decision")
    def _compute_beyond_authority(self):
        for wizard in self:
            beyond = wizard.hold_ids.filtered(
                lambda hold, wizard=wizard: (
                    wizard.decision == "release"
                    and hold._get_refusal_to_release(wizard._get_ceiling())
                )
            )
            wizard.beyond_authority = "\n".join(
                self.env._(
                    "%(document)s is beyond your authority: it becomes a request to "
                    "%(deciders)s.",
                    document=hold.name,
                    deciders=", ".join(hold._get_deciders().mapped("name")),
                )
                for hold in beyond
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
        close = {"type": "ir.actions.act_window_close"}
        if self.decision == "refuse":
            self.hold_ids._refuse(self.reason)
            return close
        self._check_release()
        requested = self.hold_ids._release_or_request(
            self.reason, valid_until=self.valid_until, ceiling=self._get_ceiling()
        )
        return requested._notify_requested(close) if requested else close

    def _get_ceiling(self):
        return self.ceiling if self.is_single_order else None

    def _check_release(self):
        hold = self.hold_ids[:1]
        self.hold_ids._check_release_day(self.valid_until)
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
