from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain

#: States in which the customer waits for an answer: what is disputed is suspended.
UNDECIDED = ("new", "investigating", "waiting")
DECIDED = ("accepted", "partly", "rejected")

#: States from which a dispute may be looked into again, with a word why.
REOPENABLE = (*DECIDED, "closed")

#: Written by opening, deciding and closing alone, whatever the interface.
FROZEN_FIELDS = frozenset(
    (
        "name",
        "company_id",
        "commercial_partner_id",
        "line_ids",
        "date_opened",
        "amount_disputed",
        "state",
        "outcome",
        "decided_on",
        "decided_by_id",
        "closed_on",
        "waiting_for",
        "is_raised_late",
        "salesperson_id",
        "resolve_days",
        "reopen_count",
        "reminded_on",
        "escalated_on",
    )
)
#: What belongs to the decision: frozen with it.
DECISION_FIELDS = frozenset(("answer", "amount_accepted"))

GROUP_COLLECTOR = "ar_ledger.ar_ledger_group_collector"
ACTIVITY_TYPE = "ar_dispute.mail_activity_type_dispute"


class ArDispute(models.Model):
    """The customer has, or says to have, a good reason not to pay.

    Opening a dispute suspends exactly what is disputed. Deciding it ends the
    suspension with the company's days of grace: the items go on being chased where they
    were.
    """

    _name = "ar.dispute"
    _description = "Customer Dispute"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "priority desc, date_deadline, id desc"

    name = fields.Char(
        string="Number", required=True, readonly=True, copy=False, default="/"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    company_currency_id = fields.Many2one(related="company_id.currency_id")
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    line_ids = fields.One2many(
        "ar.dispute.line", "dispute_id", string="Disputed Items", readonly=True
    )
    line_count = fields.Integer(compute="_compute_line_count", string="Items")
    reason_id = fields.Many2one(
        "ar.dispute.reason",
        required=True,
        ondelete="restrict",
        tracking=True,
        help="What the customer says is wrong.",
    )
    cause_id = fields.Many2one(
        "ar.dispute.cause",
        string="Root Cause",
        ondelete="restrict",
        tracking=True,
        help="Why it went wrong, as found out by the owner. Not what the customer "
        "says: that is the reason.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain=[("share", "=", False)],
        default=lambda self: self.env.user,
        tracking=True,
        index=True,
        help="Finds out what happened, by the deadline.",
    )
    priority = fields.Selection(
        [("0", "Normal"), ("1", "High"), ("2", "Urgent")], default="0"
    )
    date_opened = fields.Date(string="Opened On", required=True, readonly=True)
    date_deadline = fields.Date(
        string="Deadline",
        required=True,
        tracking=True,
        help="The day by which the customer is to have an answer.",
    )
    is_late = fields.Boolean(
        compute="_compute_is_late",
        search="_search_is_late",
        help="Undecided although the deadline has passed.",
    )
    description = fields.Text(help="What the customer says, in the customer's words.")
    answer = fields.Text(
        help="What the customer is told. Needed to reject a dispute, to accept a part "
        "of it or to close it undecided."
    )
    amount_disputed = fields.Monetary(
        string="Disputed",
        currency_field="company_currency_id",
        compute="_compute_amount_disputed",
        store=True,
        help="What was disputed at opening, in company currency.",
    )
    amount_accepted = fields.Monetary(
        string="Accepted",
        currency_field="company_currency_id",
        copy=False,
        help="The part that the customer is right about, in company currency.",
    )
    state = fields.Selection(
        [
            ("new", "New"),
            ("investigating", "Investigating"),
            ("waiting", "Waiting"),
            ("accepted", "Accepted"),
            ("partly", "Partly accepted"),
            ("rejected", "Rejected"),
            ("closed", "Closed"),
        ],
        required=True,
        readonly=True,
        default="new",
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
    )
    waiting_for = fields.Selection(
        [("customer", "customer"), ("internal", "colleague")],
        readonly=True,
        copy=False,
        help="Who has to say something before it goes on.",
    )
    outcome = fields.Selection(
        [
            ("accepted", "Accepted"),
            ("partly", "Partly accepted"),
            ("rejected", "Rejected"),
            ("withdrawn", "Closed undecided"),
            ("settled", "Paid or credited meanwhile"),
        ],
        readonly=True,
        copy=False,
        tracking=True,
    )
    decided_on = fields.Datetime(readonly=True, copy=False)
    decided_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    resolve_days = fields.Integer(
        string="Days to Decide",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="Days from opening to the decision.",
    )
    reopen_count = fields.Integer(
        string="Reopened", readonly=True, copy=False, help="How often, with a reason."
    )
    salesperson_id = fields.Many2one(
        "res.users",
        readonly=True,
        help="Salesperson of the invoice, as it was at opening.",
    )
    product_id = fields.Many2one(
        "product.product",
        tracking=True,
        index="btree_not_null",
        help="What the dispute is about. Filled in where the invoices have one product "
        "only.",
    )
    product_categ_id = fields.Many2one(
        related="product_id.categ_id", string="Product Category", store=True
    )
    is_raised_late = fields.Boolean(
        string="Raised Late",
        readonly=True,
        copy=False,
        help="Raised only after the first of its items was due.",
    )
    escalation_user_id = fields.Many2one(
        "res.users",
        string="Escalated To",
        domain=[("share", "=", False)],
        tracking=True,
        help="Is told when the deadline passes and nothing is decided.",
    )
    question_ids = fields.One2many(
        "ar.dispute.question", "dispute_id", string="Questions", readonly=True
    )
    reminded_on = fields.Date(readonly=True, copy=False)
    escalated_on = fields.Date(readonly=True, copy=False)

    _number_unique = models.UniqueIndex(
        "(company_id, name)", "Two disputes of a company cannot have the same number."
    )

    @api.depends("line_ids")
    def _compute_line_count(self):
        for dispute in self:
            dispute.line_count = len(dispute.line_ids)

    @api.depends("line_ids.amount_disputed_company")
    def _compute_amount_disputed(self):
        for dispute in self:
            dispute.amount_disputed = sum(
                dispute.line_ids.mapped("amount_disputed_company")
            )

    @api.depends("state", "date_deadline", "company_id")
    def _compute_is_late(self):
        todays = self.env["res.company"]._ar_todays()
        for dispute in self:
            today = todays.get(dispute.company_id.id, date.min)
            dispute.is_late = (
                dispute.state in UNDECIDED
                and (dispute.date_deadline or date.max) < today
            )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", UNDECIDED) & Domain.OR(
            Domain("company_id", "=", company_id) & Domain("date_deadline", "<", today)
            for company_id, today in self.env["res.company"]._ar_todays().items()
        )
        matches = Domain.FALSE
        if True in value:
            matches |= late
        if False in value:
            matches |= ~late
        return matches

    @api.constrains("amount_accepted")
    def _check_amount_accepted(self):
        for dispute in self:
            beyond = dispute.company_currency_id.compare_amounts(
                dispute.amount_accepted, dispute.amount_disputed
            )
            if dispute.amount_accepted < 0 or beyond > 0:
                raise ValidationError(
                    self.env._(
                        "Of dispute %(dispute)s at least nothing and at most the "
                        "disputed %(amount)s can be accepted.",
                        dispute=dispute.name,
                        amount=dispute.company_currency_id.format(
                            dispute.amount_disputed
                        ),
                    )
                )

    @api.constrains("user_id")
    def _check_owner(self):
        for dispute in self.filtered("user_id"):
            owner = dispute.user_id.sudo()
            if not owner.has_group("ar_ledger.ar_ledger_group_own"):
                raise ValidationError(
                    self.env._(
                        "%(user)s could not see the dispute: give them a role under "
                        "Receivables on their user form, or choose another owner.",
                        user=owner.name,
                    )
                )
            if dispute.company_id not in owner.company_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s could not see the dispute: allow them "
                        "%(company)s on their user form, or choose another owner.",
                        user=owner.name,
                        company=dispute.company_id.name,
                    )
                )

    def write(self, vals):
        self._check_editable(vals)
        result = super().write(vals)
        if {"user_id", "date_deadline"} & vals.keys():
            self._move_activity()
        if "date_deadline" in vals:
            self._forget_reminders()
        return result

    def _forget_reminders(self):
        """A deadline that was put off is reminded of and escalated anew."""
        ahead = self._get_undecided().filtered(lambda dispute: not dispute.is_late)
        ahead.sudo().write({"reminded_on": False, "escalated_on": False})

    def _check_editable(self, vals):
        """Refuse by any interface what only opening and decisions write."""
        if self.env.su:
            return
        frozen = self._get_frozen_fields() & vals.keys()
        if any(dispute.state not in UNDECIDED for dispute in self):
            frozen |= DECISION_FIELDS & vals.keys()
        if frozen:
            labels = [self._fields[name].string for name in sorted(frozen)]
            raise AccessError(
                self.env._(
                    "%(fields)s: written by opening, deciding and closing the dispute, "
                    "never by hand. Use the buttons of the dispute.",
                    fields=", ".join(labels),
                )
            )

    @api.model
    def _get_frozen_fields(self):
        """Return the names of what nobody writes by hand. Hook: call super, add
        others."""
        return FROZEN_FIELDS

    def action_open_items(self):
        """Show the disputed items, each with its invoice."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dispute.ar_dispute_line_action"
        )
        action["domain"] = [("dispute_id", "=", self.id)]
        action["context"] = {}
        return action

    # -- Journal -----------------------------------------------------------------------

    def _move_activity(self):
        """The activity goes with the owner and the deadline."""
        for dispute in self._get_undecided():
            dispute.activity_reschedule(
                [ACTIVITY_TYPE],
                date_deadline=dispute.date_deadline,
                new_user_id=dispute.user_id.id,
            )

    def _log(self, text):
        self._log_many({dispute: text for dispute in self})

    def _log_many(self, texts):
        """Append an event for each dispute; texts by dispute."""
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "dispute",
                    "partner": dispute.commercial_partner_id,
                    "company": dispute.company_id,
                    "text": f"{dispute.name}: {text}",
                    "figures": dispute._get_figures(),
                    "source": dispute,
                }
                for dispute, text in texts.items()
            ]
        )

    def _get_figures(self):
        self.ensure_one()
        return {
            "disputed": self.amount_disputed,
            "accepted": self.amount_accepted,
            "currency": self.company_currency_id.name,
            "items": self.sudo().line_ids.mapped("move_name"),
        }
