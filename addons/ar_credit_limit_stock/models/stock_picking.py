from contextlib import contextmanager
from contextvars import ContextVar

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from odoo.addons.ar_credit_limit.tools.outermost import put_outermost
from odoo.addons.ar_credit_limit.tools.violation import join_sentences

from .stock_picking_check import at_counter

#: The transfers that passed the check of the validation that is running: a set of
#: (database, transfer id, ids of who owes). It lives in the server, so no client can
#: forge it.
_passed = ContextVar("ar_deliveries_passed", default=frozenset())


class StockPicking(models.Model):
    _inherit = "stock.picking"

    ar_delivery_state = fields.Selection(
        [
            ("none", "Not held"),
            ("held", "Held"),
            ("released", "Released"),
        ],
        string="Credit",
        default="none",
        readonly=True,
        copy=False,
        groups="base.group_user",
        help="Whether the customer's deliveries are stopped. Set when they are stopped "
        "or let go, not when somebody tries to validate.",
    )
    ar_delivery_warning = fields.Text(
        string="Why Held",
        compute="_compute_ar_delivery_warning",
        groups="base.group_user",
    )
    ar_delivery_advice = fields.Text(
        string="Credit Warning",
        compute="_compute_ar_delivery_warning",
        groups="base.group_user",
        help="What the policy warns of without holding the transfer.",
    )

    _ar_delivery_state_idx = models.Index(
        "(ar_delivery_state) WHERE ar_delivery_state = 'held'"
    )

    def _register_hook(self):
        """Held transfers are taken out before any other addon works on them."""
        super()._register_hook()
        put_outermost(self, "button_validate", "_validate_deliverable")
        if hasattr(self, "_create_picking_from_pos_order_lines"):
            put_outermost(
                self, "_create_picking_from_pos_order_lines", "_hand_over_at_counter"
            )

    @api.depends_context("uid", "lang")
    @api.depends("ar_delivery_state", "state")
    def _compute_ar_delivery_warning(self):
        found = self._get_stoppable()._find_delivery_violations()
        held = self._get_told_by_picking(found, is_holding=True)
        warned = self._get_told_by_picking(found, is_holding=False)
        for picking in self:
            sentences = [join_sentences(held.get(picking.id, []))]
            if sentences[0] and picking._leaves_reservation():
                sentences.append(self.env._("Its goods are not reserved meanwhile."))
            picking.ar_delivery_warning = "\n".join(sentences)
            picking.ar_delivery_advice = join_sentences(warned.get(picking.id, []))

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if vals.get("ar_delivery_state", "none") != "none":
                self._refuse_delivery_state()
        # Given explicitly: a default out of the context would count otherwise.
        return super().create(
            [{**vals, "ar_delivery_state": "none"} for vals in vals_list]
        )

    def write(self, vals):
        if "ar_delivery_state" in vals:
            self._refuse_delivery_state()
        result = super().write(vals)
        if not {"partner_id", "sale_id"}.isdisjoint(vals):
            self._mark_new_deliveries()
        return result

    @api.model
    def _refuse_delivery_state(self):
        raise AccessError(
            self.env._(
                "Whether a delivery is held follows from its customer: it cannot be "
                "written."
            )
        )

    def _validate_deliverable(self, proceed):
        """Stand before every extension of ``button_validate``.

        :param proceed: callable(pickings), the rest of ``button_validate``
        :raise UserError: nothing but held transfers was asked for; the reasons
        """
        violations = self._get_delivery_violations_by_picking()
        held = self.filtered(lambda picking: violations.get(picking.id))
        deliverable = self - held
        if held and not deliverable:
            raise UserError(held._get_held_text(violations))
        with deliverable._passing_delivery():
            if not held:
                return proceed(self)
            result = proceed(deliverable._detach_from_batch(held))
        held._note_set_aside()
        return self._notify_held_deliveries(held._get_held_text(violations), result)

    def _note_set_aside(self):
        """Core writes on all transfers of a batch that it transferred them."""
        if self.env.context.get("batches_to_validate"):
            text = self.env._("Held for credit: not transferred with the batch.")
            self._message_log_batch(bodies=dict.fromkeys(self.ids, text))

    @contextmanager
    def _passing_delivery(self):
        passed = {picking._get_delivery_pass() for picking in self._get_stoppable()}
        token = _passed.set(_passed.get() | passed)
        try:
            yield
        finally:
            _passed.reset(token)

    def _get_delivery_pass(self):
        self.ensure_one()
        customers = frozenset(self._get_delivery_customers().ids)
        return self.env.cr.dbname, self.id, customers

    def _hand_over_at_counter(self, proceed):
        """Stand around the transfers that the point of sale makes and does at once."""
        token = at_counter.set(True)
        try:
            return proceed(self)
        finally:
            at_counter.reset(token)

    def _detach_from_batch(self, held):
        """A batch is done without the held transfers, as core does with empty ones."""
        detached = self.env.context.get("pickings_to_detach")
        if detached is None:
            return self
        return self.with_context(pickings_to_detach=[*detached, *held.ids])

    def _get_held_text(self, violations):
        return "\n".join(
            f"{picking.name}: {join_sentences(violations[picking.id])}"
            for picking in self
            if picking.id in violations
        )

    def _notify_held_deliveries(self, text, result):
        following = result if isinstance(result, dict) else None
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning",
                "sticky": True,
                "title": self.env._("Held for credit, the others are done"),
                "message": text,
                "next": following or {"type": "ir.actions.act_window_close"},
            },
        }

    def _action_done(self):
        """The guard of every other path."""
        passed = _passed.get()
        stoppable = self._get_stoppable()
        violations = stoppable.filtered(
            lambda picking: picking._get_delivery_pass() not in passed
        )._get_delivery_violations_by_picking()
        held = self.filtered(lambda picking: violations.get(picking.id))
        if held:
            raise UserError(held._get_held_text(violations))
        observed = self._get_observed()._find_delivery_violations()
        result = super()._action_done()
        self._log_observed(observed)
        return result

    @api.model
    def _log_observed(self, observed):
        """Put on record which transfers would have been held."""
        events = [
            {
                "kind": "credit_observed",
                "partner": picking._get_delivery_customers()[:1],
                "company": picking.company_id.root_id,
                "text": f"{picking.name}: {violation.sentence}",
                "figures": violation.figures,
                "source": picking,
            }
            for picking, violations in observed.items()
            for violation in violations
            if violation.action == "hold"
        ]
        if events:
            self.env["ar.event"]._log_many(events)

    def _mark_new_deliveries(self):
        Hold = self.env["ar.credit.hold"]
        self.filtered(
            lambda picking: (
                picking.company_id._holds_orders()
                and (
                    Hold._has_delivery_stops(picking.company_id.root_id.id)
                    or picking.company_id.root_id._checks_transfers()
                )
            )
        )._mark_delivery_state()

    def _mark_delivery_state(self):
        """Write on open transfers whether they are stopped."""
        violations = self._get_delivery_violations_by_picking()
        held = self.filtered(lambda picking: violations.get(picking.id))
        held._set_delivery_state("held")
        (self - held).filtered(
            lambda picking: picking.ar_delivery_state == "held"
        )._set_delivery_state("released")

    def _set_delivery_state(self, state):
        """Write past our own ``write``, which refuses it to everybody."""
        changed = self.filtered(lambda picking: picking.ar_delivery_state != state)
        if changed:
            super(StockPicking, changed.sudo()).write({"ar_delivery_state": state})
            changed._follow_reservation()

    def _is_marked_held(self):
        self.ensure_one()
        picking = self.sudo()
        return picking.ar_delivery_state == "held" and picking.state not in (
            "done",
            "cancel",
        )

    def _leaves_reservation(self):
        """Return whether the goods of this transfer are left to others."""
        self.ensure_one()
        return self.company_id._gives_back_reservation() and self._is_marked_held()

    def _follow_reservation(self):
        """Where the company wants it so, give the goods of held transfers back and
        reserve them again when they are let go."""
        concerned = self.filtered(
            lambda picking: picking.company_id._gives_back_reservation()
        )
        leaving = concerned.filtered(lambda picking: picking._is_marked_held())
        leaving._give_back_reservation()
        (concerned - leaving)._reserve_again()

    def _give_back_reservation(self):
        """As core's ``do_unreserve``, which refuses where a part is done already; what
        is picked stays picked."""
        moves = self.sudo().move_ids.filtered(
            lambda move: move.state not in ("draft", "done", "cancel")
        )
        reserved = moves.filtered(lambda move: move.quantity and not move.picked)
        reserved.ar_reservation_given_back = True
        moves._do_unreserve()

    def _reserve_again(self):
        moves = self.sudo().move_ids
        given_back = moves.filtered("ar_reservation_given_back")
        given_back.ar_reservation_given_back = False
        moves.filtered(
            lambda move: (
                move.state in ("confirmed", "waiting", "partially_available")
                and not move.picked
                and (move in given_back or move._should_assign_at_confirm())
            )
        )._action_assign()
