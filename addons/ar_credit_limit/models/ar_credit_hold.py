from odoo import api, fields, models
from odoo.exceptions import UserError

#: What people may write themselves: the chatter's and the activities' own fields.
OPEN_FIELDS = frozenset(
    (
        "activity_ids",
        "message_follower_ids",
        "message_ids",
        "message_main_attachment_id",
    )
)

#: States in which a hold stops something: a refused release goes on holding.
STANDING_STATES = ("held", "refused")
GROUP_MANAGER = "ar_ledger.ar_ledger_group_manager"
ACTIVITY_REQUEST = "ar_credit_limit.mail_activity_type_release_request"
ACTIVITY_TOLD = "ar_credit_limit.mail_activity_type_hold_answer"


class ArCreditHold(models.Model):
    """An order that is held, or all orders or deliveries of a customer.

    A hold keeps why it was placed (reasons and figures as they were), who asked for
    its release and who decided. It ends by a release or refusal (a decision of a credit
    manager), by itself when all reasons are gone, or with its order.
    """

    _name = "ar.credit.hold"
    _description = "Credit Hold"
    _inherit = ["ar.record", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"
    _open_fields = OPEN_FIELDS

    name = fields.Char(
        string="Document",
        required=True,
        readonly=True,
        help="The order that is held, or what of the customer is stopped.",
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The root company: its branches share credit limits.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    scope = fields.Selection(
        [
            ("order", "This order"),
            ("customer_orders", "All orders of the customer"),
            ("customer_deliveries", "All deliveries of the customer"),
        ],
        required=True,
        readonly=True,
        default="order",
    )
    order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="set null"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        readonly=True,
        ondelete="set null",
        help="Who is told when the hold ends.",
    )
    state = fields.Selection(
        [
            ("held", "Held"),
            ("released", "Released"),
            ("cleared", "Cleared"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="held",
        tracking=True,
        help="Held: waits for a release or for its reasons to go.\n"
        "Released: a credit manager lets it pass, as far as the release goes.\n"
        "Cleared: all reasons are gone.\n"
        "Refused: a credit manager said no; it goes on holding.\n"
        "Cancelled: the order was cancelled, deleted or confirmed all the same, or is "
        "another customer's or company's now.",
    )
    reason_ids = fields.One2many(
        "ar.credit.hold.reason", "hold_id", string="Reasons", readonly=True
    )
    reasons_text = fields.Text(string="Why", compute="_compute_reasons_text")
    amount = fields.Monetary(
        string="Order Amount", readonly=True, help="In the company's currency."
    )
    exposure = fields.Monetary(
        readonly=True,
        aggregator=None,
        help="What the customer owed, open and ordered, when the hold was placed.",
    )
    credit_limit = fields.Monetary(
        readonly=True, aggregator=None, help="The limit when the hold was placed."
    )
    excess = fields.Monetary(
        string="Over the Limit By",
        readonly=True,
        aggregator=None,
        help="By how much exposure and order exceeded the limit together.",
    )
    held_on = fields.Datetime(readonly=True, required=True)
    age_days = fields.Integer(
        string="Age (days)",
        compute="_compute_age_days",
        help="Days since the hold was placed, until it ended.",
    )
    requester_id = fields.Many2one(
        "res.users", string="Requested By", readonly=True, ondelete="set null"
    )
    requester_ids = fields.Many2many(
        "res.users",
        string="All Who Requested",
        readonly=True,
        help="None of them decides on this hold.",
    )
    requested_on = fields.Datetime(readonly=True)
    request_note = fields.Text(readonly=True)
    is_requested = fields.Boolean(
        string="Release Requested", compute="_compute_is_requested", store=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_for_id = fields.Many2one(
        "res.users",
        string="In Place Of",
        readonly=True,
        ondelete="set null",
        help="Whose authority the substitute used.",
    )
    decided_on = fields.Datetime(readonly=True)
    decision_reason = fields.Char(readonly=True)
    valid_until = fields.Date(
        readonly=True, help="Last day on which the release lets the order pass."
    )
    ceiling = fields.Monetary(
        string="Up To",
        readonly=True,
        aggregator=None,
        help="The release covers the order up to this amount, in the company's "
        "currency. Above it, the order is held again.",
    )
    is_offered = fields.Boolean(
        string="Other Terms Offered",
        readonly=True,
        help="A deposit, a prepayment or cash terms were offered instead of the stop.",
    )
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(
        model_field="source_model",
        string="Placed By Record",
        readonly=True,
        help="What asked for this hold; it is lifted there, or here by hand.",
    )
    can_decide = fields.Boolean(compute="_compute_can_decide")
    cannot_decide_reason = fields.Char(compute="_compute_can_decide")

    _open_customer_idx = models.Index(
        "(commercial_partner_id, company_id)"
        " WHERE state IN ('held', 'refused', 'released')"
    )

    @api.depends("reason_ids.sentence", "reason_ids.cleared_on")
    def _compute_reasons_text(self):
        for hold in self:
            standing = hold.reason_ids.filtered(lambda reason: not reason.cleared_on)
            hold.reasons_text = "\n".join(
                (standing or hold.reason_ids).mapped("sentence")
            )

    @api.depends("requester_id", "state")
    def _compute_is_requested(self):
        for hold in self:
            hold.is_requested = hold.state == "held" and bool(hold.requester_id)

    @api.depends("held_on", "decided_on", "state")
    def _compute_age_days(self):
        now = fields.Datetime.now()
        for hold in self:
            ended_on = now if hold.state == "held" else hold.decided_on or now
            hold.age_days = (ended_on - (hold.held_on or now)).days

    @api.depends_context("uid")
    @api.depends("state", "requester_ids")
    def _compute_can_decide(self):
        for hold in self:
            hold.cannot_decide_reason = hold._get_refusal_to_decide()
            hold.can_decide = not hold.cannot_decide_reason

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "A hold is neither made, changed nor deleted by hand: request its "
            "release, or decide on it."
        )

    def action_request_release(self):
        """Open the note to the credit managers."""
        self.ensure_one()
        self.check_access("read")
        if self.state not in STANDING_STATES:
            raise UserError(
                self.env._("%(document)s is not held any more.", document=self.name)
            )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Release"),
            "res_model": "ar.credit.hold.request",
            "view_mode": "form",
            "target": "new",
            "context": {"default_hold_id": self.id},
        }

    def action_release(self):
        return self._open_decision("release", self.env._("Release"))

    def action_refuse(self):
        return self._open_decision("refuse", self.env._("Refuse"))

    def _open_decision(self, decision, name):
        self._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "ar.credit.hold.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_hold_ids": self.ids,
                "default_decision": decision,
            },
        }

    def action_open_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()

    def action_open_items(self):
        """Drill down: the open items behind the exposure."""
        self.ensure_one()
        customer = self.commercial_partner_id.with_company(self.company_id)
        return customer.action_open_ar_items()

    def action_open_ordered_items(self):
        """Drill down: the orders behind the exposure."""
        self.ensure_one()
        customer = self.commercial_partner_id.with_company(self.company_id)
        return customer.action_open_ar_ordered_items()

    def action_open_source(self):
        """Open what asked for this hold."""
        self.ensure_one()
        if not self.source_model or self.source_model not in self.env:
            return False
        return self.env[self.source_model].browse(self.source_id).get_formview_action()

    def _after_change(self):
        """Hook: holds were placed, decided, cleared or cancelled; called once per act
        with all holds of that act."""
