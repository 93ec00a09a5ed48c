"""A confirmed order grows only as far as its customer's free credit goes.

Whatever is written to a confirmed order or its lines is done first, by Odoo, with its
own arithmetic. If the order weighs more afterwards, the credit check is asked; if it
says no, the transaction is refused as a whole. One call from outside is one change: a
form that lessens one line and raises another is judged by its sum.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.outermost import put_outermost
from ..tools.violation import join_sentences
from ..tools.within import put_within
from .res_partner import GROUP_OWN

#: What can make an order weigh more, lines apart. The currency follows the pricelist,
#: the rate the date, and nearly all follows the customer.
WATCHED_FIELDS = frozenset(
    {
        "amount_tax",
        "amount_total",
        "amount_untaxed",
        "company_id",
        "currency_id",
        "currency_rate",
        "date_order",
        "fiscal_position_id",
        "partner_id",
        "partner_invoice_id",
        "payment_term_id",
        "pricelist_id",
    }
)

#: Odoo computes them; a client that writes them does not say what an order amounts to.
COMPUTED_AMOUNTS = frozenset(
    {"amount_tax", "amount_total", "amount_untaxed", "currency_rate"}
)

#: What Odoo's own addons do to confirmed orders by themselves is never refused: the
#: cost of a delivery that has left, rewards rearranged, an expense charged on.
TECHNICAL_METHODS = (
    ("sale.order", "_apply_program_reward"),
    ("sale.order", "_update_programs_and_rewards"),
    ("stock.picking", "_add_delivery_cost_to_so"),
    ("account.move.line", "_sale_create_reinvoice_sale_line"),
)


class Weight(NamedTuple):
    """What an order weighs on whom: ``amount`` in the root company's currency, what is
    delivered beyond the order included; ``delivered`` by line, as it was before."""

    amount: float
    customer: Any
    company: Any
    payment_term: Any
    delivered: dict


class Watch:
    """What orders weighed before the change that is running: {order id: Weight}."""

    def __init__(self, cr):
        self.cr = cr
        self.before = {}

    def forget(self, orders):
        for order_id in orders.ids:
            self.before.pop(order_id, None)


#: The change that is running in this call. Server side only: no client can forge it.
_watch = ContextVar("ar_credit_watch", default=None)
_is_exempt = ContextVar("ar_credit_is_exempt", default=False)


@contextmanager
def without_increase_check():
    """Let a change pass that is none of a person, or that was decided on already."""
    token = _is_exempt.set(True)
    try:
        yield
    finally:
        _is_exempt.reset(token)


class SaleOrder(models.Model):
    _inherit = "sale.order"

    ar_credit_change_ids = fields.One2many(
        "ar.credit.change",
        "order_id",
        string="Requested Changes",
        readonly=True,
        groups="base.group_user",
    )
    ar_credit_change_id = fields.Many2one(
        "ar.credit.change",
        string="Requested Change",
        compute="_compute_ar_credit_change_id",
        compute_sudo=True,
        groups="base.group_user",
        help="The newest change of this confirmed order that was requested.",
    )
    ar_change_state = fields.Selection(
        selection=lambda self: self.env["ar.credit.change"]._fields["state"].selection,
        string="Change",
        compute="_compute_ar_credit_change_id",
        compute_sudo=True,
        groups="base.group_user",
    )
    ar_can_request_change = fields.Boolean(
        compute="_compute_ar_can_request_change", groups="base.group_user"
    )

    @api.depends("state", "ar_credit_change_ids.state")
    def _compute_ar_credit_change_id(self):
        confirmed = self.filtered(lambda order: order.state == "sale")
        newest = dict(
            self.env["ar.credit.change"]._read_group(
                [("order_id", "in", confirmed.ids)], ["order_id"], ["id:max"]
            )
            if confirmed.ids
            else []
        )
        for order in self:
            order.ar_credit_change_id = newest.get(order._origin)
            order.ar_change_state = order.ar_credit_change_id.state

    @api.depends("state", "locked", "company_id")
    def _compute_ar_can_request_change(self):
        for order in self:
            order.ar_can_request_change = (
                order.state == "sale"
                and not order.locked
                and order.company_id._has_credit_check()
            )

    def _register_hook(self):
        super()._register_hook()
        for model, method in TECHNICAL_METHODS:
            if model in self.env:
                put_within(self.env[model], method, without_increase_check)
        if hasattr(self, "set_delivery_line"):
            put_outermost(self, "set_delivery_line", "_watch_delivery_line")

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._leave_amounts_to_odoo(vals) for vals in vals_list]
        with self._watch_credit_increase() as watch:
            orders = super().create(vals_list)
            # They were checked as whole orders.
            watch.forget(orders)
        return orders

    @api.model
    def _leave_amounts_to_odoo(self, vals):
        """Return the values of a new order without what Odoo computes of its lines,
        where that is checked."""
        forged = COMPUTED_AMOUNTS & vals.keys()
        if not forged or not self._get_arriving_company(vals)._has_credit_check():
            return vals
        return {name: vals[name] for name in vals.keys() - forged}

    def write(self, vals):
        watched = WATCHED_FIELDS & vals.keys()
        if vals.get("state") == "sale":
            # Confirming sets the date; the check of the confirmation stands for it.
            watched -= {"date_order"}
        if not watched and "order_line" not in vals:
            return super().write(vals)
        with self._watch_credit_increase() as watch:
            if watched:
                self._note_credit_weights(watch, vals.get("state") == "sale")
            result = super().write(vals)
            self._recompute_written_amounts(COMPUTED_AMOUNTS & watched)
        return result

    def action_request_credit_change(self):
        """Open the wizard that carries a change beyond the free credit."""
        self.ensure_one()
        self.env["ar.credit.change"]._check_may_request(self)
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Request Change"),
            "res_model": "ar.credit.change.request",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id},
        }

    def action_open_credit_changes(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_credit_limit.ar_credit_change_action"
        )
        return {**action, "domain": [("order_id", "=", self.id)], "context": {}}

    def _action_cancel(self):
        result = super()._action_cancel()
        self.sudo().ar_credit_change_ids._cancel(self.env._("The order was cancelled"))
        return result

    def _recompute_prices(self):
        with self._watch_credit_increase():
            return super()._recompute_prices()

    def _recompute_taxes(self):
        with self._watch_credit_increase():
            return super()._recompute_taxes()

    def _watch_delivery_line(self, proceed):
        """Somebody chooses a carrier, and may name any price: the new line is judged
        with the old one gone.

        :param proceed: callable(orders), the rest of ``set_delivery_line``
        """
        with self._watch_credit_increase() as watch:
            self._note_credit_weights(watch)
            return proceed(self)

    @contextmanager
    def _watch_credit_increase(self):
        """Watch what orders weigh until the outermost of these calls is over, then
        refuse what has grown too much.

        :raise UserError: an order would exceed its customer's free credit
        """
        watch = _watch.get()
        if watch and watch.cr is self.env.cr:
            yield watch
            return
        watch = Watch(self.env.cr)
        token = _watch.set(watch)
        try:
            yield watch
        finally:
            _watch.reset(token)
        if watch.before:
            self.browse(watch.before)._check_credit_increase(watch.before)

    def _note_credit_weights(self, watch, are_confirmed=False):
        """Remember what the confirmed orders among these weigh, before they change.

        :param bool are_confirmed: all are being confirmed by the very change
        """
        if _is_exempt.get():
            return
        for order in self.sudo():
            if (
                (are_confirmed or order.state == "sale")
                and order.id not in watch.before
                and order.company_id._has_credit_check()
            ):
                watch.before[order.id] = order._get_credit_weight()

    def _recompute_written_amounts(self, names):
        """Quotations, too: they are checked by what Odoo makes of their lines."""
        checked = names and self.filtered(
            lambda order: order.company_id._has_credit_check()
        )
        for name in names:
            self.env.add_to_compute(self._fields[name], checked)

    def _get_credit_weight(self, before=None):
        """Return the :class:`Weight` of this order.

        :param before: the weight before the change. Quantities delivered meanwhile do
            not count as growth
        """
        self.ensure_one()
        lines = self.order_line
        delivered = (
            before.delivered
            if before
            else {line.id: line.qty_delivered for line in lines if line.qty_delivered}
        )
        company = self.company_id.root_id
        beyond = sum(
            line._get_total_beyond_order(delivered.get(line.id, 0.0)) for line in lines
        )
        return Weight(
            self._get_credit_amount()
            + company.currency_id.round(beyond / (self.currency_rate or 1.0)),
            self._get_credit_customers(),
            company,
            self.payment_term_id,
            delivered,
        )

    def _check_credit_increase(self, weights):
        """Refuse what has grown beyond the free credit; what has not leaves more of it
        to what its customer has waiting.

        :param dict weights: {order id: :class:`Weight` before the change}
        """
        confirmed = self.sudo().filtered(lambda order: order.state == "sale")
        grown = confirmed.filtered(lambda order: order._is_grown(weights[order.id]))
        confirmed._recheck_lessened(weights)
        if not grown:
            return
        grown._serialize_credit()
        assessments = grown._assess_credit(
            checkpoint="increase",
            amounts={order.id: order._get_credit_amount() for order in grown},
            weighing={
                order.id: order._get_amount_in_exposure()
                if order.company_id.root_id.sudo().ar_exposure_undelivered
                else weights[order.id].amount
                for order in grown
            },
        )
        over = grown.filtered(lambda order: assessments[order.id].standing)
        refused = over.filtered(lambda order: order.company_id._holds_orders())
        if refused:
            raise refused._prepare_increase_refusal(assessments)
        over._observe(assessments)
        (grown - over)._warn_of_credit(assessments)

    def _recheck_lessened(self, weights):
        """Have the customers looked at again whose confirmed orders weigh less on them
        now: what else of theirs is held may go on.

        :param dict weights: {order id: :class:`Weight` before the change}
        """
        for company, orders in self.grouped(
            lambda order: weights[order.id].company
        ).items():
            if self.env["ar.recheck"]._is_awaited(company):
                lessened = orders.filtered(
                    lambda order: order._is_lessened(weights[order.id])
                )
                customer_ids = {weights[order.id].customer.id for order in lessened}
                self.env["ar.recheck"]._add(customer_ids, company)

    def _is_lessened(self, before):
        """Return whether the change takes something from what its customer owes.

        :param before: :class:`Weight` before the change
        """
        after = self._get_credit_weight(before)
        if (after.customer, after.company) != (before.customer, before.company):
            return True
        return (
            after.company.currency_id.compare_amounts(after.amount, before.amount) < 0
        )

    def _is_grown(self, before):
        """Return whether the change adds to what its customer will owe, or to how long.

        :param before: :class:`Weight` before the change
        """
        after = self._get_credit_weight(before)
        currency = after.company.currency_id
        if currency.compare_amounts(after.amount, 0.0) <= 0:
            return False
        return (
            (after.customer, after.company) != (before.customer, before.company)
            or currency.compare_amounts(after.amount, before.amount) > 0
            or self._is_due_later(before.payment_term, after.payment_term)
        )

    def _is_due_later(self, before, after):
        """Return whether one payment term gives more time than another."""
        if before == after:
            return False
        today = self.company_id._ar_today()

        def last_due(term):
            due_dates = (line._get_due_date(today) for line in term.line_ids)
            return max(due_dates, default=today)

        return last_due(after) > last_due(before)

    def _prepare_increase_refusal(self, assessments):
        """Return the exception that refuses the change, with the reasons for those who
        may know them; ``ar_violations`` on it are all violations, as data."""
        user = self.env.user
        if not user._is_superuser() and not user.has_group(GROUP_OWN):
            message = self.env._(
                "This change is not possible at present. Please ask the salesperson."
            )
        else:
            message = "\n".join(
                self.env._(
                    "%(order)s cannot grow to %(amount)s:\n%(reasons)s",
                    order=order.name,
                    amount=order.company_id.root_id.currency_id.format(
                        order._get_credit_amount()
                    ),
                    reasons=join_sentences(assessments[order.id].standing),
                )
                for order in self
            )
            message += "\n\n" + self.env._(
                "Nothing was changed. Use “Request Change” on the order to ask the "
                "credit managers for it."
            )
        # The client knows UserError by its name: no class of our own.
        refusal = UserError(message)
        refusal.ar_violations = [
            violation for order in self for violation in assessments[order.id].standing
        ]
        return refusal
