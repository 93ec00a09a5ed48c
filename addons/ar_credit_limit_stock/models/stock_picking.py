from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from odoo.addons.ar_credit_limit.models.res_partner import GROUP_OWN
from odoo.addons.ar_credit_limit.tools.outermost import put_outermost
from odoo.addons.ar_credit_limit.tools.violation import Violation, join_sentences


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

    _ar_delivery_state_idx = models.Index(
        "(ar_delivery_state) WHERE ar_delivery_state = 'held'"
    )

    def _register_hook(self):
        """Held transfers are taken out before any other addon works on them."""
        super()._register_hook()
        put_outermost(self, "button_validate", "_validate_deliverable")

    @api.depends_context("uid", "lang")
    @api.depends("ar_delivery_state", "state")
    def _compute_ar_delivery_warning(self):
        marked = self.filtered(lambda picking: picking.ar_delivery_state == "held")
        violations = marked._get_delivery_violations_by_picking()
        for picking in self:
            picking.ar_delivery_warning = join_sentences(violations.get(picking.id, []))

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
        return super().write(vals)

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
        if not held:
            return proceed(self)
        deliverable = self - held
        if not deliverable:
            raise UserError(held._get_held_text(violations))
        result = proceed(deliverable._detach_from_batch(held))
        return self._notify_held_deliveries(held._get_held_text(violations), result)

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
        violations = self._get_delivery_violations_by_picking()
        held = self.filtered(lambda picking: violations.get(picking.id))
        if held:
            raise UserError(held._get_held_text(violations))
        return super()._action_done()

    def _get_delivery_violations(self):
        """Return what speaks against delivering now. Never raises.

        :return: list of :class:`Violation`; empty where nothing is checked
        """
        self.ensure_one()
        return self._get_delivery_violations_by_picking().get(self.id, [])

    def _get_delivery_violations_by_picking(self):
        """As :meth:`_get_delivery_violations` for many transfers, in one query per root
        company (two where a customer is stopped).

        :return: {picking id: list of :class:`Violation`}, of stopped transfers only
        """
        result = {}
        checked = self._get_stoppable()
        for company, pickings in checked.grouped(
            lambda picking: picking.company_id.root_id
        ).items():
            stops = self.env["ar.credit.hold"]._get_customer_stops(
                pickings._get_delivery_customers(), company, "customer_deliveries"
            )
            for picking in pickings:
                found = stops.get(picking._get_delivery_customers().id, [])
                result[picking.id] = self._get_told_violations(found)
        return {picking_id: found for picking_id, found in result.items() if found}

    @api.model
    def _get_told_violations(self, found):
        """Return what the user may know: reasons hold amounts, and who packs without a
        role in receivables is told only whom to ask."""
        if self.env.user.has_group(GROUP_OWN):
            return [Violation(v.code, v.sentence, {}) for v in found]
        advice = self.env._(
            "Deliveries of this customer are stopped for credit: ask the credit "
            "manager."
        )
        return [Violation(v.code, advice, {}) for v in found[:1]]

    def _get_stoppable(self):
        """Return what leaves to a customer: never returns, receipts, internal
        transfers or a sale at the point of sale."""
        return self.filtered(
            lambda picking: (
                picking.company_id._holds_orders()
                and picking.state not in ("done", "cancel")
                and picking.location_dest_id.usage == "customer"
                and not picking._is_point_of_sale()
            )
        )

    def _is_point_of_sale(self):
        """Return whether the goods are handed over at the counter, already paid."""
        self.ensure_one()
        return "pos_order_id" in self._fields and bool(self.sudo().pos_order_id)

    @api.model
    def _get_stoppable_domain(self, customers, company):
        open_states = Domain("state", "not in", ("done", "cancel"))
        return (
            open_states
            & Domain("company_id", "child_of", company.id)
            & Domain("location_dest_id.usage", "=", "customer")
            & (
                Domain("partner_id.commercial_partner_id", "in", customers.ids)
                | Domain(
                    "sale_id.partner_invoice_id.commercial_partner_id",
                    "in",
                    customers.ids,
                )
            )
        )

    def _get_delivery_customers(self):
        """Return who owes for the goods: the customer that the order invoices, else
        the one that they go to."""
        customers = self.env["res.partner"].sudo()
        for picking in self.sudo():
            payer = picking.sale_id.partner_invoice_id or picking.partner_id
            customers |= payer.commercial_partner_id
        return customers

    def _mark_new_deliveries(self):
        Hold = self.env["ar.credit.hold"]
        self.filtered(
            lambda picking: (
                picking.company_id._holds_orders()
                and Hold._has_delivery_stops(picking.company_id.root_id.id)
            )
        )._mark_delivery_state()

    def _mark_delivery_state(self):
        """Write on open transfers whether their customer is stopped."""
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
