"""Placing holds: one record per document, with the reasons and figures of now."""

from collections import defaultdict

from odoo import api, fields, models

from .ar_credit_hold import STANDING_STATES


class ArCreditHold(models.Model):
    _inherit = "ar.credit.hold"

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
        demands = self._tell_moment(demands)
        known = self._get_known_order_holds(demands)
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
            decider = self._by_code().with_context(tracking_disable=True)
            placed |= decider.create(fresh).with_env(self.env)
        placed._log("credit_hold", self.env._("Held"))
        placed._tell_managers()
        placed._after_change()
        return placed

    @api.model
    def _tell_moment(self, demands):
        """Return the demands, with the figures of now where no violation tells any, as
        with what a person stops."""
        customers = defaultdict(self.env["res.partner"].sudo().browse)
        for demand in demands:
            if not any("exposure" in each.figures for each in demand["violations"]):
                customer = demand["partner"].sudo().commercial_partner_id
                customers[demand["company"].root_id] |= customer
        moments = {
            (company, customer_id): figures
            for company, of_company in customers.items()
            for customer_id, figures in of_company._get_moment_figures(company).items()
        }
        return [
            {
                **demand,
                "moment": moments.get(
                    (
                        demand["company"].root_id,
                        demand["partner"].sudo().commercial_partner_id.id,
                    )
                ),
            }
            for demand in demands
        ]

    @api.model
    def _get_known_order_holds(self, demands):
        """Return {order id: the hold that stands on it already}; those of orders that
        are another customer's or company's by now end before."""
        owners = {
            demand["order"].id: (
                demand["partner"].sudo().commercial_partner_id,
                demand["company"].root_id,
            )
            for demand in demands
            if demand.get("order")
        }
        if not owners:
            return {}
        holds = self.sudo().search(
            [
                ("order_id", "in", list(owners)),
                ("state", "in", (*STANDING_STATES, "released")),
            ],
            order="id",
        )
        holds -= holds._cancel_left(owners)
        return {
            hold.order_id.id: hold.with_env(self.env)
            for hold in holds
            if hold.state in STANDING_STATES
        }

    def _cancel_left(self, owners):
        """End the holds of orders that another customer is to pay now or that another
        company sells: whose limit is exceeded is on record once more.

        :param dict owners: {order id: (customer, root company) now}
        :return: the holds that ended
        """
        left = self.filtered(lambda hold: not hold._is_of(*owners[hold.order_id.id]))
        sold_elsewhere = left.filtered(
            lambda hold: hold.commercial_partner_id == owners[hold.order_id.id][0]
        )
        sold_elsewhere._cancel(self.env._("The order's company changed"))
        (left - sold_elsewhere)._cancel(self.env._("The order's customer changed"))
        return left

    def _is_of(self, customer, company):
        """Return whether this is a decision on a customer's credit in a root company:
        who releases in one decides nothing for another."""
        self.ensure_one()
        hold = self.sudo()
        return hold.commercial_partner_id == customer and hold.company_id == company

    @api.model
    def _prepare_hold(
        self,
        partner,
        company,
        scope,
        violations,
        order=None,
        source=None,
        moment=None,
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
            **self._prepare_figures(violations, order, moment),
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
    def _prepare_figures(self, violations, order=None, moment=None):
        figures = {}
        for violation in violations:
            figures = {**violation.figures, **figures}
        figures = {**(moment or {}), **figures}
        amount = order._get_credit_amount() if order else 0.0
        return {
            "amount": figures.get("order", amount),
            "exposure": figures.get("exposure", 0.0),
            "credit_limit": figures.get("limit", 0.0),
            "excess": figures.get("excess", 0.0),
        }

    def _tell_managers(self):
        """Tell whoever may decide that something is held, where the company wants it or
        nobody else is told; a request tells them in any case."""
        for hold in self.sudo():
            is_untold = hold.order_id and not hold._get_told_user()
            if hold.company_id.ar_credit_tell_managers or is_untold:
                hold.message_notify(
                    partner_ids=hold.with_env(self.env)._get_deciders().partner_id.ids,
                    subject=self.env._("Held: %(document)s", document=hold.name),
                    body=hold.reasons_text,
                )

    def _move_to(self, customer):
        """Go on with a stop at the customer that the stopped one belongs to now.

        :param customer: res.partner, a commercial partner
        """
        if not self:
            return
        text = self.env._(
            "The customer belongs to %(customer)s now: it goes on there",
            customer=customer.display_name,
        )
        self._by_code().write({"commercial_partner_id": customer.id})
        self._log("credit_hold", text)
        self._after_change()

    def _refresh(self, demand):
        """Held again: the reasons of now take the place of those of before. A refusal
        stays one."""
        violations, order = demand["violations"], demand.get("order")
        reasons = self.sudo().reason_ids
        left = list(reasons)
        commands = []
        for violation in violations:
            known = next((r for r in left if r._answer(violation)), None)
            if known:
                left.remove(known)
                known._refresh(violation)
            else:
                commands += self._prepare_reasons([violation])
        # What was cleared by hand is a decision and stays on record.
        gone = [reason for reason in left if not reason.is_cleared_by_hand]
        commands += [fields.Command.delete(reason.id) for reason in gone]
        self._by_code().write(
            {
                "reason_ids": commands,
                **self._prepare_figures(violations, order, demand.get("moment")),
            }
        )
