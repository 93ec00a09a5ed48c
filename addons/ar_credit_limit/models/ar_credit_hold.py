from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ..tools.violation import Violation

#: Only code that holds this very object can write a hold; a client can forge the key of
#: a context, never the object.
_DECIDE = object()

#: What people may write themselves: the chatter's and the activities' own fields.
OPEN_FIELDS = {
    "activity_ids",
    "message_follower_ids",
    "message_ids",
    "message_main_attachment_id",
}

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
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"

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
        "Cancelled: the order was cancelled, deleted or confirmed all the same, or "
        "another customer pays it.",
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
    requested_on = fields.Datetime(readonly=True)
    request_note = fields.Text(readonly=True)
    is_requested = fields.Boolean(
        string="Release Requested", compute="_compute_is_requested", store=True
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
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
    @api.depends("state", "requester_id")
    def _compute_can_decide(self):
        for hold in self:
            hold.cannot_decide_reason = hold._get_refusal_to_decide()
            hold.can_decide = not hold.cannot_decide_reason

    @api.model_create_multi
    def create(self, vals_list):
        self._check_decided_by_code()
        return super().create(vals_list)

    def write(self, vals):
        if set(vals) - OPEN_FIELDS:
            self._check_decided_by_code()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        self._check_decided_by_code()

    def _check_decided_by_code(self):
        if self.env.context.get("ar_credit_hold_decide") is not _DECIDE:
            raise AccessError(
                self.env._(
                    "A hold is neither made, changed nor deleted by hand: request its "
                    "release, or decide on it."
                )
            )

    def _as_decider(self):
        return self.sudo().with_context(ar_credit_hold_decide=_DECIDE)

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

    @api.model
    def _place(self, partner, company, scope, violations, *, order=None, source=None):
        """Hold an order, or stop all orders or deliveries of a customer.

        An order that is held already keeps its hold, with the reasons of now.

        :param partner: res.partner, any contact of the customer
        :param company: res.company; its root is meant
        :param str scope: ``order``, ``customer_orders`` or ``customer_deliveries``
        :param violations: list of :class:`Violation`
        :param order: sale.order, for the scope ``order``
        :param source: the record that asks for it, if any
        :return: the hold
        """
        return self._place_many(
            [
                {
                    "partner": partner,
                    "company": company,
                    "scope": scope,
                    "violations": violations,
                    "order": order,
                    "source": source,
                }
            ]
        )

    @api.model
    def _place_many(self, demands):
        """Place many holds at once, each a dict of the arguments of :meth:`_place`."""
        known = self._get_open_order_holds(demands)
        self._cancel_of_others(demands, known)
        placed = self.browse()
        fresh = []
        for demand in demands:
            hold = known.get(demand.get("order") and demand["order"].id)
            if hold:
                hold._refresh(demand)
                placed |= hold
            else:
                fresh.append(self._prepare_hold(**demand))
        if fresh:
            decider = self._as_decider().with_context(tracking_disable=True)
            placed |= decider.create(fresh).with_env(self.env)
        placed._log("credit_hold", self.env._("Held"))
        placed._after_change()
        return placed

    @api.model
    def _get_open_order_holds(self, demands):
        order_ids = [demand["order"].id for demand in demands if demand.get("order")]
        if not order_ids:
            return {}
        holds = self.sudo().search(
            [("order_id", "in", order_ids), ("state", "in", STANDING_STATES)],
            order="id",
        )
        return {hold.order_id.id: hold.with_env(self.env) for hold in holds}

    @api.model
    def _cancel_of_others(self, demands, known):
        """End the holds of orders that another customer is to pay now, and take them
        out of the known ones: whose limit is exceeded is on record once more."""
        changed = self.browse()
        for demand in filter(lambda demand: demand.get("order"), demands):
            order_id = demand["order"].id
            customer = demand["partner"].sudo().commercial_partner_id
            hold = known.get(order_id, self.browse()).sudo()
            if hold and hold.commercial_partner_id != customer:
                changed |= known.pop(order_id)
        changed._cancel(self.env._("The order's customer changed"))

    @api.model
    def _prepare_hold(
        self, partner, company, scope, violations, order=None, source=None
    ):
        scopes = dict(self._fields["scope"]._description_selection(self.env))
        customer = partner.sudo().commercial_partner_id
        salesperson = order.user_id if order else customer.user_id
        return {
            "name": order.name if order else scopes[scope],
            "commercial_partner_id": customer.id,
            "company_id": company.root_id.id,
            "scope": scope,
            "order_id": order.id if order else False,
            "user_id": salesperson.id,
            "held_on": fields.Datetime.now(),
            "source_model": source._name if source else False,
            "source_id": source.id if source else False,
            "reason_ids": self._prepare_reasons(violations),
            **self._prepare_figures(violations),
        }

    @api.model
    def _prepare_reasons(self, violations):
        return [
            fields.Command.create(
                {
                    "code": violation.code,
                    "sentence": violation.sentence,
                    "figures": violation.figures,
                }
            )
            for violation in violations
        ]

    @api.model
    def _prepare_figures(self, violations):
        figures = {}
        for violation in violations:
            figures = {**violation.figures, **figures}
        return {
            "amount": figures.get("order", 0.0),
            "exposure": figures.get("exposure", 0.0),
            "credit_limit": figures.get("limit", 0.0),
            "excess": figures.get("excess", 0.0),
        }

    def _refresh(self, demand):
        """Held again: the reasons of now take the place of those of before. A refusal
        stays one."""
        violations = demand["violations"]
        self._as_decider().write(
            {
                "reason_ids": [
                    fields.Command.clear(),
                    *self._prepare_reasons(violations),
                ],
                **self._prepare_figures(violations),
            }
        )

    def _request(self, note):
        """Ask the credit managers for a release.

        :param str note: what the salesperson says for it
        :raise UserError: not held any more
        """
        self.ensure_one()
        self.check_access("read")
        if self.state not in STANDING_STATES:
            raise UserError(
                self.env._("%(document)s is not held any more.", document=self.name)
            )
        self._as_decider().write(
            {
                "state": "held",
                "requester_id": self.env.uid,
                "requested_on": fields.Datetime.now(),
                "request_note": note,
            }
        )
        self._log("credit_hold", self.env._("Release requested: %(note)s", note=note))
        self._schedule_requests(note)

    def _schedule_requests(self, note):
        for manager in self._get_deciders():
            self._as_decider().activity_schedule(
                ACTIVITY_REQUEST,
                user_id=manager.id,
                summary=self.env._("Release %(document)s?", document=self.name),
                note=note,
            )

    def _get_deciders(self):
        """Return the users who are asked for a release. Hook."""
        self.ensure_one()
        managers = self.env.ref(GROUP_MANAGER).sudo().all_user_ids
        return managers.filtered(
            lambda user: (
                user.active
                and not user.share
                and self.company_id in user.company_ids.root_id
                and user != self.env.user
            )
        )

    def _get_refusal_to_decide(self):
        """Return why the user cannot decide on this hold, or False."""
        self.ensure_one()
        if not self.env.user.has_group(GROUP_MANAGER):
            return self.env._("Only credit managers release or refuse what is held.")
        if self.state not in STANDING_STATES:
            return self.env._("%(document)s is not held any more.", document=self.name)
        if self.requester_id == self.env.user:
            return self.env._(
                "You requested the release of %(document)s yourself: another credit "
                "manager has to decide.",
                document=self.name,
            )
        return False

    def _check_may_decide(self):
        if not self.env.user.has_group(GROUP_MANAGER):
            raise AccessError(
                self.env._("Only credit managers release or refuse what is held.")
            )
        self.check_access("read")
        for hold in self:
            if refusal := hold._get_refusal_to_decide():
                raise UserError(refusal)

    @api.private
    def _release(self, reason, valid_until=None, ceiling=None):
        """Let held orders pass, or lift a stop of a customer.

        :param str reason: why, for the record
        :param date valid_until: last day; none: until the order is confirmed
        :param float ceiling: largest amount of the order that passes, in the company's
            currency; none: the amount of the order as it was held
        :raise AccessError: the user is no credit manager
        :raise UserError: not held any more, no reason, or requested by the user
        """
        self._check_may_decide()
        self._check_decision_reason(reason)
        for amount, holds in self.grouped("amount").items():
            holds._decide(
                "released",
                reason,
                valid_until=valid_until,
                ceiling=amount if ceiling is None else ceiling,
            )
        self._set_order_states("released")
        self._after_decision(
            "credit_release",
            self.env._("Released: %(reason)s", reason=reason),
            self.env._("Released: you can confirm it"),
        )

    @api.private
    def _refuse(self, reason):
        """Refuse the release: the order stays held. Parameters as :meth:`_release`."""
        self._check_may_decide()
        self._check_decision_reason(reason)
        self._decide("refused", reason)
        self._after_decision(
            "credit_release",
            self.env._("Release refused: %(reason)s", reason=reason),
            self.env._("Release refused"),
        )

    @api.model
    def _check_decision_reason(self, reason):
        if not (reason or "").strip():
            raise UserError(self.env._("Say why: a decision needs a reason."))

    def _decide(self, state, reason, **vals):
        self._as_decider().write(
            {
                "state": state,
                "decision_reason": reason,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                **vals,
            }
        )

    def _after_decision(self, kind, text, summary):
        self._log(kind, text)
        self._as_decider().activity_feedback([ACTIVITY_REQUEST], feedback=text)
        self._tell_salespeople(summary, text)
        self._after_change()

    def _clear(self, reason, codes=None):
        """End holds whose reasons are gone; nobody decides, so nobody is asked.

        :param str reason: what happened, for the record
        :param codes: only these reasons are gone; none: all
        :return: the holds that ended, none of their reasons being left
        """
        open_holds = self.filtered(
            lambda hold: hold.state in (*STANDING_STATES, "released")
        )
        gone = open_holds.sudo().reason_ids.filtered(
            lambda r: not r.cleared_on and (codes is None or r.code in codes)
        )
        gone.write({"cleared_on": fields.Datetime.now(), "cleared_by_id": self.env.uid})
        ended = open_holds.filtered(
            lambda hold: all(hold.sudo().reason_ids.mapped("cleared_on"))
        )
        if ended:
            ended._decide("cleared", reason)
            ended._set_order_states("none")
            ended._after_decision(
                "credit_hold",
                self.env._("Cleared: %(reason)s", reason=reason),
                self.env._("No longer held: you can confirm it"),
            )
        return ended

    def _cancel(self, reason):
        """End the open holds of orders that are cancelled, deleted or of another
        customer."""
        open_holds = self.sudo().filtered(
            lambda hold: hold.state in (*STANDING_STATES, "released")
        )
        open_holds = open_holds.with_env(self.env)
        if not open_holds:
            return
        open_holds._decide("cancelled", reason)
        open_holds._log("credit_hold", reason)
        open_holds._as_decider().activity_unlink([ACTIVITY_REQUEST])
        open_holds._after_change()

    def _expire(self):
        """Hold again what a release let pass until yesterday and did not pass."""
        self._as_decider().write({"state": "held"})
        self._set_order_states("held")
        self._log("credit_hold", self.env._("The release has run out: held again"))
        self._after_change()

    def _set_order_states(self, state):
        self.sudo().order_id.filtered(
            lambda order: order.state in ("draft", "sent")
        )._set_credit_state(state)

    def _tell_salespeople(self, summary, text):
        """Leave the salesperson of each order something to do."""
        for hold in self.sudo().filtered(
            lambda hold: hold.order_id and hold._get_told_user()
        ):
            hold.order_id.activity_schedule(
                ACTIVITY_TOLD,
                user_id=hold._get_told_user().id,
                summary=summary,
                note=text,
            )

    def _get_told_user(self):
        self.ensure_one()
        return self.requester_id or self.order_id._get_credit_salesperson()

    def _log(self, kind, text):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": kind,
                    "partner": hold.commercial_partner_id,
                    "company": hold.company_id,
                    "text": f"{hold.name}: {text}",
                    "figures": hold._get_figures(),
                    "source": hold,
                }
                for hold in self.sudo()
            ]
        )

    def _get_figures(self):
        self.ensure_one()
        return {
            "reasons": self.reason_ids.mapped("sentence"),
            "amount": self.amount,
            "exposure": self.exposure,
            "limit": self.credit_limit,
            "currency": self.currency_id.name,
            "ceiling": self.ceiling,
            "valid_until": fields.Date.to_string(self.valid_until),
        }

    def _after_change(self):
        """Hook: holds were placed, decided, cleared or cancelled; called once per act
        with all holds of that act."""

    def _get_uncovered(self, amount, violations, limit):
        """Return the violations that a release does not cover.

        :param float amount: of the order now, in the company's currency
        :param violations: list of :class:`Violation` found now
        :param limit: :class:`LimitInForce` of the customer now
        """
        covered = set()
        for hold in self.sudo().filtered(
            lambda h: h._is_release_good_for(amount, limit)
        ):
            covered.update(hold.reason_ids.mapped("code"))
        return [v for v in violations if v.code not in covered]

    def _is_release_good_for(self, amount, limit):
        """Return whether the release still covers: neither run out nor outgrown, nor
        given before the customer's limit was lowered."""
        self.ensure_one()
        today = self.company_id._ar_today()
        return (
            self.state == "released"
            and (not self.valid_until or self.valid_until >= today)
            and self.currency_id.compare_amounts(amount, self.ceiling) <= 0
            and not self._is_overtaken_by(limit)
        )

    def _is_overtaken_by(self, limit):
        return (
            limit.is_checked
            and bool(limit.decided_on and limit.decided_on > self.decided_on)
            and self.currency_id.compare_amounts(limit.amount, self.credit_limit) < 0
        )

    @api.model
    def _get_customer_stops(self, partners, company, scope):
        """Return {commercial partner id: [Violation]} of the stops by hand or by a rule
        that stand on whole customers.

        :param str scope: ``customer_orders`` or ``customer_deliveries``
        """
        if not partners:
            return {}
        holds = self.sudo().search(
            [
                ("commercial_partner_id", "in", partners.ids),
                ("company_id", "=", company.root_id.id),
                ("scope", "=", scope),
                ("state", "in", STANDING_STATES),
            ]
        )
        stops = defaultdict(list)
        for hold in holds:
            stops[hold.commercial_partner_id.id] += [
                Violation(reason.code, reason.sentence, reason.figures or {}, hold)
                for reason in hold.reason_ids
                if not reason.cleared_on
            ]
        return stops

    @api.model
    def _run_nightly(self, run):
        """The stage of the night: what runs out by date runs out.

        :return: 0, nothing is left to do
        """
        company = run.company_id
        today = company._ar_today()
        expired = self.search(
            [
                ("company_id", "=", company.id),
                ("state", "=", "released"),
                ("valid_until", "<", today),
                "|",
                ("order_id", "=", False),
                ("order_id.state", "in", ("draft", "sent")),
            ]
        )
        expired._expire()
        run._count(
            releases_expired=len(expired),
            limits_expired=self.env["ar.credit.limit"]._follow_expired(company),
        )
        return 0

    @api.model
    def _recheck(self, company, partners):
        """Clear the reasons of held orders that do not hold any more. What a credit
        manager released stays released.

        :param company: res.company, a root
        :param partners: res.partner, commercial partners
        """
        holds = self.sudo().search(
            [
                ("company_id", "=", company.id),
                ("commercial_partner_id", "in", partners.ids),
                ("scope", "=", "order"),
                ("state", "in", STANDING_STATES),
                ("order_id.state", "in", ("draft", "sent")),
            ]
        )
        assessments = holds.order_id._assess_credit()
        gone_codes = {
            hold: frozenset(hold.reason_ids.mapped("code"))
            - {v.code for v in assessments[hold.order_id.id].found}
            for hold in holds
        }
        for codes, alike in holds.grouped(gone_codes.get).items():
            if codes:
                alike._clear(self.env._("The reasons are gone"), codes=codes)
