"""The ways in which orders come in without a person at the form: created as confirmed
orders, signed, paid or checked out by the customer."""

from odoo import api, fields, models

from .ar_credit_hold import ACTIVITY_TOLD

#: A transaction in one of these states is the customer's own part of the payment done.
ACCEPTED_STATES = ("pending", "authorized", "done")


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        """What arrives as a confirmed order, by import or over the API, and is over the
        limit, is not lost: it is created as a quotation, held, and the salesperson is
        told."""
        over = self._get_arriving_over_limit(vals_list)
        orders = super().create(
            [
                {**vals, "state": "draft"} if index in over else vals
                for index, vals in enumerate(vals_list)
            ]
        )
        if over:
            self.browse(orders[index].id for index in sorted(over))._hold_arrived()
        return orders

    @api.model
    def _get_arriving_over_limit(self, vals_list):
        """Return the positions of the values that ask for a confirmed order which the
        check holds. Looked at before anything is created: what confirmed lines set off
        in other addons must not happen for a held order."""
        arriving = {
            index: self._new_arriving(vals)
            for index, vals in enumerate(vals_list)
            if self._is_arriving(vals)
        }
        if not arriving:
            return set()
        orders = self.browse().concat(*arriving.values())
        orders._serialize_credit()
        assessments = orders._assess_credit(together=True)
        return {
            index for index, order in arriving.items() if assessments[order.id].standing
        }

    @api.model
    def _is_arriving(self, vals):
        state = vals.get("state", self.env.context.get("default_state"))
        return state == "sale" and self._get_arriving_company(vals)._holds_orders()

    @api.model
    def _get_arriving_company(self, vals):
        company_id = vals.get("company_id", self.env.context.get("default_company_id"))
        return self.env["res.company"].browse(company_id or self.env.company.id)

    @api.model
    def _new_arriving(self, vals):
        orders = self.with_company(self._get_arriving_company(vals))
        vals = {
            **vals,
            "state": "draft",
            "order_line": self._complete_lines(vals.get("order_line") or []),
        }
        return orders.new(orders._add_missing_default_values(vals))

    @api.model
    def _complete_lines(self, commands):
        """Return the commands with the defaults of new lines, such as their quantity: a
        record in memory gets those of the order alone."""
        lines = self.env["sale.order.line"]
        return [
            (*command[:2], lines._add_missing_default_values(command[2]))
            if command[0] == fields.Command.CREATE
            else command
            for command in commands
        ]

    def _hold_arrived(self):
        """Hold orders that were created as quotations instead of confirmed ones; who
        brought them did not see why, so even their own salesperson is told."""
        held = self._set_aside()
        # What the look ahead got wrong is confirmed as asked.
        passing = self - held
        with passing._passing_credit():
            passing.write({"state": "sale"})
        held.filtered(
            lambda order: order._get_credit_salesperson() == self.env.user
        )._tell_of_hold()

    def _tell_of_hold(self):
        """Leave the salesperson of held orders something to do, once: a further attempt
        to confirm says nothing new while the activity is open."""
        self.filtered(
            lambda order: not order._is_told_of_hold()
        ).sudo().ar_credit_hold_id._tell_salespeople(
            self.env._("Held for credit"),
            self.env._("The order stays a quotation until the reason is gone."),
        )

    def _is_told_of_hold(self):
        self.ensure_one()
        told = self.env.ref(ACTIVITY_TOLD)
        return any(
            activity.activity_type_id == told
            and activity.user_id == self._get_credit_salesperson()
            for activity in self.sudo().activity_ids
        )

    def _get_credit_salesperson(self):
        """Return who is told about this order's hold: its salesperson, else the
        customer's, else the leader of the sales team. Hook."""
        self.ensure_one()
        order = self.sudo()
        return (
            order.user_id
            or order._get_credit_customers().user_id
            or order.team_id.user_id
        ).with_env(self.env)

    def _for_staff(self):
        """Return the orders in a language of the company's people: a customer signs and
        pays in the own one, the reasons of the hold are for those who decide."""
        if not self or self.env.user._is_internal():
            return self
        staff = self[0]._get_credit_salesperson() or self[0].company_id
        return self.with_context(lang=staff.sudo().partner_id.lang)

    def _get_credit_notice(self):
        """Return what the customer reads on a held order that was signed, paid or
        ordered in the shop, or False. It tells no figure and no reason. Hook."""
        self.ensure_one()
        order = self.sudo()
        if order.ar_credit_state != "held" or order.state not in ("draft", "sent"):
            return False
        if "done" in order.transaction_ids.mapped("state"):
            return self.env._(
                "Thank you! Your payment has arrived and stays with this order. We are "
                "reviewing the order and will confirm it as soon as we can; there is "
                "nothing else for you to do."
            )
        if order._is_accepted_by_customer():
            return self.env._(
                "Thank you! We have received your order. We are reviewing it and will "
                "confirm it as soon as we can; there is nothing else for you to do."
            )
        return False

    def _is_accepted_by_customer(self):
        """Return whether the customer has done the own part. Hook."""
        self.ensure_one()
        return bool(self.signed_on) or any(
            tx.state in ACCEPTED_STATES for tx in self.transaction_ids
        )

    def _get_awaited_by_customers(self):
        """Return the orders that were held when their customers had done the own part:
        in plain Odoo these would have had the mail of a confirmed order then."""
        if self.env.context.get("send_email"):
            return self.browse()
        return self.filtered(
            lambda order: (
                (
                    order.ar_credit_state in ("held", "released")
                    or (order.signed_on and order.sudo().ar_credit_hold_ids)
                )
                and order.sudo()._is_accepted_by_customer()
            )
        )

    def _answer_customers(self):
        """Tell customers who wait for it that their orders are confirmed."""
        self.filtered(
            lambda order: order.state == "sale"
        )._send_order_confirmation_mail()
