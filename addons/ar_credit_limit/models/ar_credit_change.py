from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from .ar_credit_hold import OPEN_FIELDS
from .sale_order_increase import without_increase_check

#: A change is tried without telling anybody and without ordering goods: it is undone.
TRIAL_CONTEXT = {
    "mail_notrack": True,
    "sale_no_log_for_new_lines": True,
    "skip_procurement": True,
    "tracking_disable": True,
}

ACTIVITY_CHANGE = "ar_credit_limit.mail_activity_type_change_request"
ACTIVITY_TOLD = "ar_credit_limit.mail_activity_type_hold_answer"


class _Measured(Exception):
    """Undoes what was only tried."""


class ArCreditChange(models.Model):
    """A change of a confirmed order that its customer's free credit does not bear.

    It keeps the wanted lines and terms, who wants them and why, and the figures of that
    moment. A credit manager approves it, which makes exactly this change, or refuses
    it.
    """

    _name = "ar.credit.change"
    _description = "Requested Change of an Order"
    _inherit = ["ar.record", "mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _mail_post_access = "read"
    _open_fields = OPEN_FIELDS

    name = fields.Char(
        string="Document",
        required=True,
        readonly=True,
        help="The confirmed order that is to be changed.",
    )
    order_id = fields.Many2one(
        "sale.order", readonly=True, index="btree_not_null", ondelete="set null"
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
        help="Who is to pay after the change.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        ondelete="cascade",
        help="The root company: its branches share credit limits.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    user_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, ondelete="set null"
    )
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="requested",
        tracking=True,
        help="Requested: waits for a credit manager; the order is as it was.\n"
        "Approved: a credit manager let the change be made.\n"
        "Refused: a credit manager said no; the order stays as it was.\n"
        "Cancelled: withdrawn, replaced by a newer request, or the order was "
        "cancelled.",
    )
    line_ids = fields.One2many(
        "ar.credit.change.line", "change_id", string="Wanted Lines", readonly=True
    )
    payment_term_before_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms Before",
        readonly=True,
        ondelete="set null",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Wanted Payment Terms",
        readonly=True,
        ondelete="restrict",
        help="Empty: the payment terms stay as they are.",
    )
    partner_invoice_before_id = fields.Many2one(
        "res.partner",
        string="Invoice Address Before",
        readonly=True,
        ondelete="set null",
    )
    partner_invoice_id = fields.Many2one(
        "res.partner",
        string="Wanted Invoice Address",
        readonly=True,
        ondelete="restrict",
        help="Who is to pay instead. Empty: the invoice address stays as it is.",
    )
    amount_before = fields.Monetary(
        readonly=True, help="The order when the change was requested, taxes included."
    )
    amount = fields.Monetary(
        string="Amount After",
        readonly=True,
        help="The order after the change, taxes included, in the company's currency.",
    )
    growth = fields.Monetary(readonly=True, help="By how much the order would grow.")
    exposure = fields.Monetary(
        string="Exposure After",
        readonly=True,
        aggregator=None,
        help="What the customer would owe after the change, open and ordered.",
    )
    credit_limit = fields.Monetary(
        readonly=True,
        aggregator=None,
        help="The limit when the change was requested.",
    )
    excess = fields.Monetary(
        string="Over the Limit By",
        readonly=True,
        aggregator=None,
        help="By how much the limit would be exceeded after the change.",
    )
    reasons_text = fields.Text(
        string="Why Not",
        readonly=True,
        help="What spoke against the change when it was requested.",
    )
    requester_id = fields.Many2one(
        "res.users", string="Requested By", readonly=True, ondelete="set null"
    )
    requested_on = fields.Datetime(readonly=True, required=True)
    request_note = fields.Text(string="Request", readonly=True)
    order_facts = fields.Json(
        readonly=True, help="The order as it was, to tell whether it changed since."
    )
    is_outdated = fields.Boolean(
        compute="_compute_is_outdated",
        help="The order changed since: the request no longer fits it.",
    )
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="set null")
    decided_on = fields.Datetime(readonly=True)
    decision_reason = fields.Char(readonly=True)
    hold_id = fields.Many2one(
        "ar.credit.hold",
        string="Release",
        readonly=True,
        ondelete="set null",
        help="The release that the approval gave the order, up to the new amount.",
    )
    can_decide = fields.Boolean(compute="_compute_can_decide")
    cannot_decide_reason = fields.Char(compute="_compute_can_decide")
    can_withdraw = fields.Boolean(compute="_compute_can_decide")

    _requested_idx = models.Index("(company_id) WHERE state = 'requested'")

    @api.depends("state", "order_id")
    def _compute_is_outdated(self):
        for change in self:
            change.is_outdated = (
                change.state == "requested" and change.sudo()._has_order_changed()
            )

    @api.depends_context("uid")
    @api.depends("state", "requester_id")
    def _compute_can_decide(self):
        for change in self:
            change.cannot_decide_reason = change._get_refusal_to_decide()
            change.can_decide = not change.cannot_decide_reason
            change.can_withdraw = not change._get_refusal_to_withdraw()

    @api.model
    def _get_by_hand_text(self):
        return self.env._(
            "A requested change is neither made, changed nor deleted by hand: "
            "request it on the order, or decide on it."
        )

    def action_approve(self):
        return self._open_decision("approve", self.env._("Approve"))

    def action_refuse(self):
        return self._open_decision("refuse", self.env._("Refuse"))

    def _open_decision(self, decision, name):
        self._check_may_decide()
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": "ar.credit.change.decide",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_change_ids": self.ids,
                "default_decision": decision,
            },
        }

    def action_withdraw(self):
        """Take a request back."""
        self.check_access("read")
        for change in self:
            if refusal := change._get_refusal_to_withdraw():
                raise UserError(refusal)
        self._cancel(self.env._("Withdrawn by %(user)s", user=self.env.user.name))

    def action_open_order(self):
        self.ensure_one()
        return self.order_id.get_formview_action()

    def action_open_items(self):
        """Drill down: the open items behind the exposure."""
        self.ensure_one()
        customer = self.commercial_partner_id.with_company(self.company_id)
        return customer.action_open_ar_items()

    @api.model
    def _check_may_request(self, order):
        """
        :raise AccessError: the user may not write the order
        :raise UserError: there is nothing to request
        """
        order.check_access("write")
        if order.state != "sale":
            raise UserError(
                self.env._(
                    "%(order)s is not confirmed: just change it.", order=order.name
                )
            )
        if order.locked:
            raise UserError(
                self.env._("%(order)s is locked: unlock it first.", order=order.name)
            )
        if not order.company_id._has_credit_check():
            raise UserError(
                self.env._("No credit is checked here: just change the order.")
            )

    @api.model
    def _request(self, order, lines, note, **terms):
        """Make a change if the free credit bears it, else ask for it.

        :param order: sale.order, confirmed
        :param list lines: values of ``ar.credit.change.line``, one for each line that
            is to be changed or added
        :param str note: what the requester says for it
        :param terms: ids of the wanted ``payment_term_id``, ``partner_invoice_id``
        :return: the request; empty where the change was made at once
        """
        self._check_may_request(order)
        if not lines and not any(terms.values()):
            raise UserError(self.env._("Nothing is to be changed: say what you want."))
        line_ids = {line["order_line_id"] for line in lines if line["order_line_id"]}
        if line_ids - set(order.order_line.ids):
            raise UserError(
                self.env._("Only lines of %(order)s can be changed.", order=order.name)
            )
        terms = {name: value for name, value in terms.items() if value}
        wanted = self.env["ar.credit.change.line"]._prepare_commands(lines)
        values = {**terms, **({"order_line": wanted} if wanted else {})}
        measured = self._measure(order, values)
        if not measured["violations"]:
            order.write(values)
            return self.browse()
        if not (note or "").strip():
            raise UserError(self.env._("Say why: the credit managers need a reason."))
        self._cancel_open_of(order)
        change = self._by_code().create(
            self._prepare_change(order, lines, terms, note, measured)
        )
        change = change.with_env(self.env)
        change._log("credit_hold", self.env._("Change requested: %(note)s", note=note))
        change._schedule_requests()
        return change

    @api.model
    def _measure(self, order, values):
        """Try a change as its requester, with Odoo's own arithmetic, and undo it.

        :return: dict of the ``violations`` found, the ``amount`` of the order and its
            ``customer`` then
        """
        tried = order.with_context(**TRIAL_CONTEXT)
        measured = {"violations": []}
        try:
            with self.env.cr.savepoint():
                try:
                    tried.write(values)
                except UserError as refusal:
                    if not hasattr(refusal, "ar_violations"):
                        raise
                    measured["violations"] = refusal.ar_violations
                measured["amount"] = tried._get_credit_amount()
                measured["customer"] = tried._get_credit_customers().id
                raise _Measured
        except _Measured:
            return measured

    @api.model
    def _prepare_change(self, order, lines, terms, note, measured):
        violations = measured["violations"]
        figures = {}
        for violation in violations:
            figures = {**violation.figures, **figures}
        before = order._get_credit_amount()
        return {
            "name": order.name,
            "order_id": order.id,
            "commercial_partner_id": measured["customer"],
            "company_id": order.company_id.root_id.id,
            "user_id": order.user_id.id,
            "line_ids": [fields.Command.create(line) for line in lines],
            **terms,
            "payment_term_before_id": order.payment_term_id.id,
            "partner_invoice_before_id": order.partner_invoice_id.id,
            "amount_before": before,
            "amount": measured["amount"],
            "growth": measured["amount"] - before,
            "exposure": figures.get("total", 0.0),
            "credit_limit": figures.get("limit", 0.0),
            "excess": figures.get("excess", 0.0),
            "reasons_text": "\n".join(v.sentence for v in violations),
            "requester_id": self.env.uid,
            "requested_on": fields.Datetime.now(),
            "request_note": note,
            "order_facts": self._get_order_facts(order.sudo()),
        }

    @api.model
    def _get_order_facts(self, order):
        """Return what of an order a request relies on, to compare it later."""
        return {
            "state": order.state,
            "terms": [
                order.payment_term_id.id,
                order.partner_invoice_id.commercial_partner_id.id,
                order.currency_id.id,
                order.company_id.root_id.id,
            ],
            "amount": order._get_credit_amount(),
            "lines": {
                str(line.id): [
                    line.product_id.id,
                    line.product_uom_id.id,
                    line.product_uom_qty,
                    line.price_unit,
                    line.discount,
                    sorted(line.tax_ids.ids),
                ]
                for line in order.order_line
                if not line.display_type and not line.is_downpayment
            },
        }

    def _has_order_changed(self):
        self.ensure_one()
        return (
            not self.order_id
            or self._get_order_facts(self.order_id) != self.order_facts
        )

    def _get_docket(self):
        """Return what the rules of holds are asked about, a hold that is not stored:
        who decides on an order decides on its change."""
        self.ensure_one()
        change = self.sudo()
        return self.env["ar.credit.hold"].new(
            {
                "name": change.name,
                "commercial_partner_id": change.commercial_partner_id.id,
                "company_id": change.company_id.id,
                "scope": "order",
                "order_id": change.order_id.id,
                "user_id": change.user_id.id,
                "state": "held",
                "amount": change.amount,
                "exposure": change.exposure,
                "credit_limit": change.credit_limit,
                "excess": change.excess,
                "held_on": change.requested_on,
                "requester_ids": change.requester_id.ids,
            }
        )

    def _get_refusal_to_decide(self):
        """Return why the user cannot decide on this change, or False."""
        self.ensure_one()
        return self._get_refusal_of_others() or self._get_refusal_by_state()

    def _get_refusal_of_others(self):
        """Return why this is not for the user to decide, or False."""
        docket = self._get_docket()
        if docket._has_authority(docket._get_subject()):
            return False
        return docket._get_no_authority_text()

    def _get_refusal_by_state(self):
        if self.state != "requested":
            return self.env._(
                "The change of %(order)s is decided already.", order=self.name
            )
        if self.requester_id == self.env.user:
            return self.env._(
                "You requested the change of %(order)s yourself: another credit "
                "manager has to decide.",
                order=self.name,
            )
        return False

    def _get_refusal_to_withdraw(self):
        self.ensure_one()
        if self.state != "requested":
            return self.env._(
                "The change of %(order)s is decided already.", order=self.name
            )
        if self.env.user not in (self.requester_id | self.user_id):
            return self.env._(
                "Only who requested the change of %(order)s, or its salesperson, "
                "takes it back.",
                order=self.name,
            )
        return False

    def _check_may_decide(self):
        for change in self:
            if refusal := change._get_refusal_of_others():
                raise AccessError(refusal)
        self.check_access("read")
        for change in self:
            if refusal := change._get_refusal_by_state():
                raise UserError(refusal)

    @api.private
    def _approve(self, reason):
        """Make the wanted changes, each as it was requested.

        :param str reason: why, for the record
        :raise AccessError: this is not for the user to decide
        :raise UserError: decided already, requested by the user, no reason, or the
            order is not any more what it was
        """
        self._check_may_decide()
        self.env["ar.credit.hold"]._check_decision_reason(reason)
        figures = {}
        for change in self:
            change._check_fits()
            figures.update(change._get_decision_figures())
            violations = change._apply()
            figures[change.id]["reasons"] = [each.sentence for each in violations]
            hold = change._give_release(violations, reason)
            change._decide("approved", reason, hold_id=hold.id)
        self._after_decision(
            self.env._("Change approved: %(reason)s", reason=reason),
            self.env._("Change approved and made"),
            figures,
        )

    @api.private
    def _refuse(self, reason):
        """Refuse the change: the order stays as it was. As :meth:`_approve`."""
        self._check_may_decide()
        self.env["ar.credit.hold"]._check_decision_reason(reason)
        self._decide("refused", reason)
        self._after_decision(
            self.env._("Change refused: %(reason)s", reason=reason),
            self.env._("Change refused"),
            self._get_decision_figures(),
        )

    def _check_fits(self):
        """
        :raise UserError: the order is not as it was when the change was requested
        """
        if self.sudo()._has_order_changed():
            raise UserError(
                self.env._(
                    "%(order)s changed since this was requested. Refuse it and have "
                    "the change requested anew.",
                    order=self.name,
                )
            )
        if self.sudo().order_id.locked:
            raise UserError(
                self.env._("%(order)s is locked: unlock it first.", order=self.name)
            )

    def _apply(self):
        """Change the order as it was requested.

        :return: list of :class:`Violation` that stand against it, now
        """
        order = self.sudo().order_id.with_company(self.sudo().order_id.company_id)
        payers = order._get_credit_customers() | self.sudo().commercial_partner_id
        self.env["ar.credit.account"].sudo()._serialize(payers, self.company_id)
        with without_increase_check():
            order.write(self.sudo()._get_order_values())
            amount = order._get_credit_amount()
        if self.currency_id.compare_amounts(amount, self.amount):
            raise UserError(
                self.env._(
                    "%(order)s would amount to %(now)s, not to %(requested)s as it was "
                    "requested. Refuse it and have the change requested anew.",
                    order=self.name,
                    now=self.currency_id.format(amount),
                    requested=self.currency_id.format(self.amount),
                )
            )
        assessments = order._assess_credit(
            checkpoint="increase", amounts={order.id: amount}
        )
        return assessments[order.id].found

    def _get_order_values(self):
        self.ensure_one()
        values = {}
        if self.payment_term_id:
            values["payment_term_id"] = self.payment_term_id.id
        if self.partner_invoice_id:
            values["partner_invoice_id"] = self.partner_invoice_id.id
        if self.line_ids:
            values["order_line"] = self.line_ids._get_commands()
        return values

    def _give_release(self, violations, reason):
        """Let the order pass as it is now, up to its new amount.

        :param violations: list of :class:`Violation`; none: nothing is to be released
        :return: the release, a hold
        """
        holds = self.env["ar.credit.hold"]
        if not violations:
            return holds
        change = self.sudo()
        order = change.order_id
        vals = holds._prepare_hold(
            partner=change.commercial_partner_id,
            company=change.company_id,
            scope="order",
            violations=violations,
            order=order,
            source=change,
        )
        vals.update(
            amount=change.amount,
            held_on=change.requested_on,
            requester_id=change.requester_id.id,
            requester_ids=[fields.Command.link(change.requester_id.id)],
            requested_on=change.requested_on,
            request_note=change.request_note,
        )
        decider = holds._by_code().with_context(tracking_disable=True)
        hold = decider.create(vals).with_env(self.env)
        # The hold's own rules have the last word on who may let so much pass.
        hold._release(reason, ceiling=change.amount)
        order._set_credit_state("released")
        return hold

    def _decide(self, state, reason, **vals):
        self._by_code().write(
            {
                "state": state,
                "decision_reason": reason,
                "decided_by_id": self.env.uid,
                "decided_on": fields.Datetime.now(),
                **vals,
            }
        )

    def _after_decision(self, text, summary, figures):
        self._log("credit_release", text, figures)
        self._by_code().activity_feedback([ACTIVITY_CHANGE], feedback=text)
        for change in self.sudo():
            told = change.requester_id or change.user_id
            if change.order_id and told:
                change.order_id.activity_schedule(
                    ACTIVITY_TOLD, user_id=told.id, summary=summary, note=text
                )

    @api.model
    def _cancel_open_of(self, order):
        waiting = order.sudo().ar_credit_change_ids
        waiting._cancel(self.env._("Replaced by a newer request"))

    def _cancel(self, reason):
        """End requests that nobody is to decide on any more."""
        waiting = self.sudo().filtered(lambda change: change.state == "requested")
        waiting = waiting.with_env(self.env)
        if not waiting:
            return
        waiting._decide("cancelled", reason)
        waiting._log("credit_hold", reason)
        waiting._by_code().activity_unlink([ACTIVITY_CHANGE])

    def _schedule_requests(self):
        for manager in self._get_docket()._get_deciders():
            self._by_code().activity_schedule(
                ACTIVITY_CHANGE,
                user_id=manager.id,
                summary=self.env._("Change %(order)s?", order=self.name),
                note=self.request_note,
            )

    def _log(self, kind, text, figures=None):
        figures = figures or {}
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": kind,
                    "partner": change.commercial_partner_id,
                    "company": change.company_id,
                    "text": f"{change.name}: {text}",
                    "figures": figures.get(change.id) or change._get_figures(),
                    "source": change,
                }
                for change in self.sudo()
            ]
        )

    def _get_figures(self):
        self.ensure_one()
        return {
            "reasons": (self.reasons_text or "").splitlines(),
            "amount_before": self.amount_before,
            "amount": self.amount,
            "exposure": self.exposure,
            "limit": self.credit_limit,
            "excess": self.excess,
            "currency": self.currency_id.name,
        }

    def _get_decision_figures(self):
        """Return {change id: what a decision on it keeps of its own moment}, before the
        order is changed; under ``requested``, as it was when it was requested."""
        figures = {}
        for company, changes in self.sudo().grouped("company_id").items():
            moments = changes.commercial_partner_id._get_moment_figures(company)
            for change in changes:
                requested = change._get_figures()
                figures[change.id] = {
                    **requested,
                    **moments[change.commercial_partner_id.id],
                    "requested": {
                        key: requested[key] for key in ("reasons", "exposure", "limit")
                    },
                }
        return figures


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

    def _tell_salespeople(self, summary, text):
        """Of the release that an approved change gives, the change itself tells."""
        others = self.filtered(lambda hold: hold.source_model != "ar.credit.change")
        return super(ArCreditHold, others)._tell_salespeople(summary, text)
