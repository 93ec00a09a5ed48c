import logging
from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.http import borrow_request
from odoo.modules.registry import Registry
from odoo.tools import SQL
from odoo.tools.sql import column_exists

from ..tools.outermost import put_outermost
from ..tools.violation import join_sentences
from ..tools.within import put_within
from .ar_credit_hold import STANDING_STATES
from .res_partner import GROUP_OWN
from .sale_order_check import Assessment

_logger = logging.getLogger(__name__)

#: The orders that passed the check of the confirmation that is running: a set of
#: (database, order id, amount). It lives in the server, so no client can forge it, and
#: an order whose amount changes on the way is checked again.
_passed = ContextVar("ar_credit_passed", default=frozenset())
#: Whether the point of sale settles orders just now: it takes the money and hands over
#: the goods before it confirms their order.
_is_at_counter = ContextVar("ar_credit_is_at_counter", default=False)


@contextmanager
def settled_at_counter():
    """Let orders pass that are paid and handed over at the point of sale."""
    token = _is_at_counter.set(True)
    try:
        yield
    finally:
        _is_at_counter.reset(token)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    ar_credit_state = fields.Selection(
        [
            ("none", "Not checked"),
            ("ok", "Within limit"),
            ("warning", "Over limit, let pass"),
            ("held", "Held"),
            ("released", "Released"),
            ("exempt", "Exempt"),
        ],
        string="Credit",
        default="none",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="What the credit check said when the order was to be confirmed, and what "
        "was decided since.",
    )
    ar_credit_hold_ids = fields.One2many(
        "ar.credit.hold",
        "order_id",
        string="Holds",
        readonly=True,
        groups="base.group_user",
    )
    ar_credit_hold_id = fields.Many2one(
        "ar.credit.hold",
        string="Credit Hold",
        compute="_compute_ar_credit_hold_id",
        compute_sudo=True,
        groups="base.group_user",
        help="The newest hold of this order.",
    )
    ar_release_requested = fields.Boolean(
        string="Release Requested",
        compute="_compute_ar_credit_hold_id",
        compute_sudo=True,
        groups="base.group_user",
    )
    ar_may_see_hold = fields.Boolean(
        compute="_compute_ar_may_see_hold",
        groups="base.group_user",
        help="A hold tells figures of the customer, not everybody's to know.",
    )

    _ar_credit_state_idx = models.Index(
        "(ar_credit_state) WHERE ar_credit_state IN ('held', 'released', 'warning')"
    )

    def _auto_init(self):
        """Add the column with its value at once, without rewriting every order."""
        if not column_exists(self.env.cr, self._table, "ar_credit_state"):
            self.env.cr.execute(
                SQL(
                    "ALTER TABLE sale_order"
                    " ADD COLUMN ar_credit_state varchar DEFAULT 'none'"
                )
            )
            self.env.cr.execute(
                SQL("ALTER TABLE sale_order ALTER COLUMN ar_credit_state DROP DEFAULT")
            )
        return super()._auto_init()

    def _register_hook(self):
        """Held orders are set aside before any other addon works on them."""
        super()._register_hook()
        put_outermost(self, "action_confirm", "_confirm_within_credit")
        put_outermost(self, "_validate_order", "_validate_within_credit")
        if "pos.order" in self.env:
            put_within(self.env["pos.order"], "sync_from_ui", settled_at_counter)

    @api.depends("ar_credit_state", "ar_credit_hold_ids.state")
    def _compute_ar_credit_hold_id(self):
        touched = self.filtered(lambda o: o.ar_credit_state in ("held", "released"))
        newest = dict(
            self.env["ar.credit.hold"]._read_group(
                [("order_id", "in", touched.ids)], ["order_id"], ["id:max"]
            )
        )
        for order in self:
            hold = self.env["ar.credit.hold"].browse(newest.get(order._origin))
            order.ar_credit_hold_id = hold
            order.ar_release_requested = hold.is_requested

    @api.depends_context("uid")
    @api.depends("ar_credit_hold_id", "user_id")
    def _compute_ar_may_see_hold(self):
        visible = self.ar_credit_hold_id.sudo(False)._filtered_access("read")
        for order in self:
            order.ar_may_see_hold = order.ar_credit_hold_id in visible

    @api.depends_context("uid")
    @api.depends("partner_invoice_id", "currency_rate")
    def _compute_partner_credit_warning(self):
        """Where orders are held, core's banner speaks our text, whether or not core's
        own limit is on; elsewhere, also where we only observe, it is core's. Its
        figures are not for everybody: a customer reads the own quotation, too."""
        ours = self.filtered(lambda order: order.company_id._holds_orders())
        super(SaleOrder, self - ours)._compute_partner_credit_warning()
        may_know = self.env.su or self.env.user.has_group(GROUP_OWN)
        quotations = ours.filtered(
            lambda order: may_know and order.state in ("draft", "sent")
        )
        found = quotations._get_credit_violations_by_order("quotation")
        visible = (
            quotations._get_credit_customers().with_env(self.env)._get_ar_visible()
        )
        for order in ours:
            text = join_sentences(found.get(order.id, []))
            if text and not order._get_credit_customers() <= visible.sudo():
                text = self.env._(
                    "This order would be held for credit. Its customer is not one of "
                    "yours: ask their salesperson or the credit manager."
                )
            order.partner_credit_warning = text

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("ar_credit_state", "none") != "none":
                self._refuse_credit_state()
        # Given explicitly: a default out of the context would count otherwise.
        orders = super().create(
            [{**vals, "ar_credit_state": "none"} for vals in vals_list]
        )
        orders.filtered(lambda order: order.state == "sale")._check_credit()
        return orders

    def write(self, vals):
        if "ar_credit_state" in vals:
            self._refuse_credit_state()
        if vals.get("state") != "sale":
            return super().write(vals)
        confirmed = self.filtered(lambda order: order.state != "sale")
        confirmed._check_credit()
        result = super().write(vals)
        confirmed._end_credit_holds()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_cancel_holds(self):
        self.sudo().ar_credit_hold_ids._cancel(self.env._("The order was deleted"))

    @api.model
    def _refuse_credit_state(self):
        raise AccessError(
            self.env._(
                "The credit state of an order is the outcome of a check or of a "
                "decision: it cannot be written. Request a release instead."
            )
        )

    def action_request_credit_release(self):
        """Ask the credit managers to let this held order pass."""
        self.ensure_one()
        self.check_access("read")
        if self.ar_credit_state != "held" or not self.ar_credit_hold_id:
            raise UserError(self.env._("%(order)s is not held.", order=self.name))
        return self.ar_credit_hold_id.action_request_release()

    def action_open_credit_hold(self):
        self.ensure_one()
        return self.ar_credit_hold_id.get_formview_action()

    def _action_cancel(self):
        counted = self.filtered(lambda order: order._weighs_on_credit())
        result = super()._action_cancel()
        touched = self.filtered(lambda order: order.ar_credit_state != "none")
        touched.sudo().ar_credit_hold_ids._cancel(self.env._("The order was cancelled"))
        touched._set_credit_state("none")
        counted._add_credit_recheck()
        return result

    def _confirmation_error_message(self):
        """The guard of every path that leads to a confirmed order."""
        error = super()._confirmation_error_message()
        return error or self._get_credit_refusal()

    def _confirm_within_credit(self, proceed):
        """Stand before every extension of ``action_confirm``: record the holds, let
        the other orders go on.

        :param proceed: callable(orders), the rest of ``action_confirm``
        :return: the result of ``proceed``, or an action that names the held orders
        """
        awaited = self._get_awaited_by_customers()
        held = self._set_aside()
        passing = self - held
        if held and not passing:
            return held._notify_held()
        with passing._passing_credit():
            result = proceed(passing)
        (awaited & passing)._answer_customers()
        return held._notify_held(result) if held else result

    def _validate_within_credit(self, proceed):
        """As :meth:`_confirm_within_credit`, for signature, payment and shop."""
        passing = self - self._set_aside()
        if passing:
            with passing._passing_credit():
                proceed(passing)

    @contextmanager
    def _passing_credit(self):
        token = _passed.set(_passed.get() | {order._get_pass() for order in self})
        try:
            yield
        finally:
            _passed.reset(token)

    def _get_pass(self):
        self.ensure_one()
        return self.env.cr.dbname, self.id, self.amount_total

    def _get_unpassed(self):
        if _is_at_counter.get():
            return self.browse()
        passed = _passed.get()
        return self.filtered(
            lambda order: (
                order.company_id._has_credit_check() and order._get_pass() not in passed
            )
        )

    def _set_aside(self):
        """Check quotations that are to be confirmed and hold those over the limit.

        :return: the held orders; the others may go on
        """
        asked = self._get_unpassed().filtered(lambda o: o.state in ("draft", "sent"))
        if not asked:
            return self.browse()
        asked = asked._for_staff()
        asked._serialize_credit()
        assessments = asked._assess_credit(together=True)
        refused = asked.filtered(lambda order: assessments[order.id].standing)
        held = refused.filtered(lambda order: order.company_id._holds_orders())
        held._hold(assessments)
        (refused - held)._observe(assessments)
        (asked - refused)._let_pass(assessments)
        return held

    def _serialize_credit(self):
        for company, orders in self.grouped(lambda o: o.company_id.root_id).items():
            self.env["ar.credit.account"].sudo()._serialize(
                orders._get_credit_customers(), company
            )

    def _hold(self, assessments):
        if not self:
            return
        self.env["ar.credit.hold"]._place_many(
            [
                {
                    "partner": order._get_credit_customers(),
                    "company": order.company_id,
                    "scope": "order",
                    "violations": assessments[order.id].standing,
                    "order": order,
                }
                for order in self
            ]
        )
        self._set_credit_state("held")
        # Whoever confirms sees why; a salesperson who does not confirm is told.
        self.filtered(
            lambda order: order._get_credit_salesperson() != self.env.user
        )._tell_of_hold()

    def _end_credit_holds(self):
        """An order that is confirmed all the same, the check being off, only observing
        or without anything to say, waits for nobody."""
        held = self.sudo().filtered(lambda order: order.ar_credit_state == "held")
        if held:
            held.ar_credit_hold_ids.filtered(
                lambda hold: hold.state in STANDING_STATES
            )._cancel(self.env._("The order was confirmed"))
            held._set_credit_state("none")

    def _observe(self, assessments):
        if not self:
            return
        self._end_credit_holds()
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "credit_observed",
                    "partner": order._get_credit_customers(),
                    "company": order.company_id.root_id,
                    "text": f"{order.name}: {violation.sentence}",
                    "figures": violation.figures,
                    "source": order,
                }
                for order in self
                for violation in assessments[order.id].standing
            ]
        )
        self._set_credit_state("warning")

    def _let_pass(self, assessments):
        held_before = self.filtered(lambda order: order.ar_credit_state == "held")
        if held_before:
            held_before.sudo().ar_credit_hold_ids._clear(
                self.env._("The reasons are gone")
            )
        for order in self:
            order._set_credit_state(assessments[order.id].passing_state)
        self._warn_of_credit(assessments)

    def _set_credit_state(self, state):
        """Write the outcome of a check or of a decision: past our own ``write``, which
        refuses it to everybody."""
        for before, orders in self.grouped("ar_credit_state").items():
            if before != state:
                super(SaleOrder, orders.sudo()).write({"ar_credit_state": state})

    def _notify_held(self, result=None):
        """Return the action that tells which orders are held and why."""
        message = "\n".join(
            f"{order.name}: {order.sudo().ar_credit_hold_id.reasons_text}"
            for order in self
        )
        following = result if isinstance(result, dict) else None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Held for credit"),
                "message": message,
                "next": following or {"type": "ir.actions.act_window_close"},
            },
        }

    def _check_credit(self):
        """Refuse what would confirm orders past the entry points: all of them, each of
        those over the limit with its hold on record.

        :raise UserError: an order is over its limit; the holds are recorded
        """
        if refusals := self._get_credit_refusals():
            raise UserError("\n".join(refusals.values()))

    def _get_credit_refusal(self):
        """Return why this order cannot be confirmed, or False, and see to it that the
        hold is on record although the transaction is refused."""
        self.ensure_one()
        return self._get_credit_refusals().get(self.id, False)

    def _get_credit_refusals(self):
        """As :meth:`_get_credit_refusal` for orders that are confirmed at once.

        :return: {order id: why}, without those that can be confirmed
        """
        unpassed = self._get_unpassed().filtered(
            lambda order: order.company_id._holds_orders()
        )
        if not unpassed:
            return {}
        unpassed._serialize_credit()
        # The exposure holds the orders that are confirmed already.
        assessments = unpassed._for_staff()._assess_credit(
            together=all(order.state != "sale" for order in unpassed)
        )
        refusals = {}
        for order in unpassed:
            if violations := assessments[order.id].standing:
                order._for_staff()._hold_after_refusal(violations)
                refusals[order.id] = order._get_refusal_text(violations)
        return refusals

    def _get_refusal_text(self, violations):
        """Return the sentences; a customer reads none of the figures."""
        if not self.env.user._is_internal():
            return self.env._("%(order)s cannot be confirmed yet.", order=self.name)
        return join_sentences(violations)

    def _hold_after_refusal(self, violations):
        """Record the hold outside this transaction: it is refused as a whole, or the
        caller catches the error and goes on."""
        cr = self.env.cr
        dbname, uid, lang = cr.dbname, self.env.uid, self.env.context.get("lang")
        order_id = self.id
        plain = [violation._replace(source=None) for violation in violations]

        def record():
            try:
                # The request is as good as over: nothing may look for it any more.
                with borrow_request(), Registry(dbname).cursor() as own_cr:
                    env = api.Environment(own_cr, uid, {"lang": lang}, su=True)
                    env["sale.order"].browse(order_id).exists()._hold_refused(plain)
            except Exception:
                # The refusal itself stands; the user already sees its reasons.
                _logger.exception("The hold of order %s is not on record", order_id)

        cr.postrollback.add(record)
        cr.postcommit.add(record)

    def _hold_refused(self, violations):
        for order in self.filtered(lambda order: order.state in ("draft", "sent")):
            order._hold({order.id: Assessment(True, violations, violations)})

    def _add_credit_recheck(self):
        for company, orders in self.grouped("company_id").items():
            for root in company._get_counting_roots():
                self.env["ar.recheck"]._add(orders._get_credit_customers().ids, root)
