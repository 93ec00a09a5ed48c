from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.promise import is_plan_broken, spread


class ArPaymentPlan(models.Model):
    """What a customer agreed to pay by instalments, each followed as a promise.

    The items are not chased as long as the plan stands. When too many instalments are
    missed, or one is too late, the whole plan is broken and all items are chased again.
    """

    _name = "ar.payment.plan"
    _description = "Payment Plan"
    _inherit = ["ar.promise.mixin"]
    _order = "date_end desc, id desc"

    promise_ids = fields.One2many(
        "ar.promise", "plan_id", string="Instalments", readonly=True
    )
    instalment_count = fields.Integer(
        string="Number of Instalments", readonly=True, aggregator=None
    )
    date_start = fields.Date(string="First Instalment", required=True, readonly=True)
    date_end = fields.Date(string="Last Instalment", required=True, readonly=True)
    next_date = fields.Date(
        string="Next Instalment",
        readonly=True,
        help="The next one that is not paid; empty when the plan came to its end.",
    )
    missed_count = fields.Integer(
        string="Missed",
        readonly=True,
        aggregator=None,
        help="Instalments not, or not wholly, paid by their deadline.",
    )
    missed_max = fields.Integer(
        string="Broken After Missing",
        readonly=True,
        aggregator=None,
        help="The plan is broken when so many instalments were missed. 0: however "
        "many.",
    )
    late_max = fields.Integer(
        string="Broken After Days Late",
        readonly=True,
        aggregator=None,
        help="The plan is broken when an instalment is late by more days. 0: however "
        "late.",
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting for Approval"),
            ("open", "Running"),
            ("kept", "Kept"),
            ("broken", "Broken"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
        help="Waiting: goes beyond the policy, a credit manager decides; the items are "
        "chased on meanwhile.\n"
        "Running: the items are not chased.\n"
        "Kept: all was paid, or credited, and late within the limits at most.\n"
        "Broken: too many instalments were missed, or one was too late.\n"
        "Cancelled: refused, or ended by decision.",
    )

    @api.depends(
        "commercial_partner_id",
        "amount",
        "currency_id",
        "instalment_count",
        "date_end",
    )
    def _compute_display_name(self):
        for plan in self:
            plan.display_name = self.env._(
                "%(customer)s: %(amount)s in %(count)s instalments until %(date)s",
                customer=plan.commercial_partner_id.display_name,
                amount=plan.currency_id.format(plan.amount),
                count=plan.instalment_count,
                date=fields.Date.to_string(plan.date_end),
            )

    @api.depends("state")
    def _compute_can_decide(self):
        return super()._compute_can_decide()

    def action_open_promises(self):
        """Drill down: the instalments."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "ar_dunning_scenario.ar_promise_action"
        )
        action["domain"] = [("plan_id", "=", self.id)]
        action["context"] = {}
        return action

    @api.model
    def _record(self, lines, instalments, *, amounts=None, details=None):
        """Put a payment plan on record; see ``ar.promise._record``.

        :param list instalments: (date, amount) of each
        :param dict amounts: {line id: amount} of the items that the plan covers in part
        :return: the plan
        """
        promises = self.env["ar.promise"]
        promises._check_collector()
        lines = lines.sudo().sorted(
            lambda line: (line.date_maturity or line.date, line)
        )
        self.env["ar.promise.guard"]._serialize(lines)
        amounts = promises._complete_amounts(lines, amounts)
        instalments = sorted(instalments)
        dates = [date for date, _amount in instalments]
        self._check_instalments(lines, amounts, instalments)
        promises._check_can_promise(lines, amounts, dates)
        values = promises._prepare_agreement(lines, sum(amounts.values()), details)
        reasons = promises._get_approval_reasons(lines, values["amount_company"], dates)
        company = lines.company_id.root_id
        values["state"] = "waiting" if reasons else "open"
        plan = self._by_code().create(
            {
                **values,
                "approval_reasons": "\n".join(reasons),
                "instalment_count": len(instalments),
                "date_start": dates[0],
                "date_end": dates[-1],
                "next_date": dates[0],
                "missed_max": company.ar_plan_missed_max,
                "late_max": company.ar_plan_late_max,
            }
        )
        plan._create_instalments(values, lines, amounts, instalments)
        company._remember_ar_promises()
        plan._log(self.env._("Agreed"))
        plan._start()
        return plan.with_env(self.env)

    @api.model
    def _check_instalments(self, lines, amounts, instalments):
        if len(instalments) < 2:
            raise UserError(
                self.env._("A plan has two instalments or more: else record a promise.")
            )
        currency = lines.currency_id[:1]
        total = sum(amount for _date, amount in instalments)
        if currency.compare_amounts(total, sum(amounts.values())):
            raise UserError(
                self.env._(
                    "The instalments come to %(total)s, the chosen items to %(items)s.",
                    total=currency.format(total),
                    items=currency.format(sum(amounts.values())),
                )
            )
        if any(currency.compare_amounts(amt, 0.0) <= 0 for _date, amt in instalments):
            raise UserError(self.env._("Every instalment is more than nothing."))

    def _create_instalments(self, values, lines, amounts, instalments):
        """Make a promise of each instalment, the oldest items in the first ones."""
        promises = self.env["ar.promise"]
        company = self.company_id
        units = 10**self.currency_id.decimal_places
        matched = self.env["ar.promise.line"].sudo()._get_already_matched(lines.ids)
        shares = spread(
            [round(amount * units) for _date, amount in instalments],
            [(line.id, round(amounts[line.id] * units)) for line in lines],
        )
        promises._by_code().create(
            [
                {
                    **values,
                    **promises._prepare_dates(company, date),
                    "plan_id": self.id,
                    "amount": amount,
                    "amount_company": self.currency_id._convert(
                        amount, company.currency_id, company, company._ar_today()
                    ),
                    "line_ids": promises._prepare_lines(
                        lines,
                        {key: part / units for key, part in share.items()},
                        matched,
                    ),
                }
                for (date, amount), share in zip(instalments, shares, strict=True)
            ]
        )

    def _get_lines(self):
        return self.promise_ids.line_ids

    def _get_last_day(self):
        self.ensure_one()
        return max(self.promise_ids.mapped("deadline"), default=self.date_end)

    def _decide(self, reason, **values):
        super()._decide(reason, **values)
        self._set_instalments(values["state"])

    def _set_cancelled(self, reason):
        super()._set_cancelled(reason)
        self._set_instalments("cancelled")

    def _set_instalments(self, state):
        """What is decided about a plan holds for what is not over of it."""
        coming = self.sudo().promise_ids.filtered(
            lambda promise: promise.state in ("waiting", "open")
        )
        coming._by_code().write({"state": state})

    def _evaluate(self):
        return self.sudo().promise_ids._evaluate()

    def _store_verdicts(self, verdicts):
        """Write what the verdicts on the instalments make of the plans.

        :param dict verdicts: {promise id: verdict}
        :return: {plan id: its state before} of those whose state changed
        """
        before = {}
        for plan in self._by_code():
            values = plan._prepare_verdict(verdicts)
            if plan.state != values["state"]:
                before[plan.id] = plan.state
                is_over = values["state"] != "open"
                values["closed_on"] = is_over and plan.company_id._ar_today()
            if any(plan[name] != value for name, value in values.items()):
                plan.write(values)
        return before

    def _prepare_verdict(self, verdicts):
        self.ensure_one()
        units = 10**self.currency_id.decimal_places
        by_date = self.promise_ids.sorted(lambda promise: (promise.date, promise.id))
        found = [verdicts[promise.id] for promise in by_date]
        coming = by_date.filtered(lambda promise: verdicts[promise.id].state == "open")
        if is_plan_broken(found, self.missed_max, self.late_max):
            state = "broken"
        elif all(verdict.is_settled for verdict in found):
            state = "kept"
        else:
            # A plan bears missed instalments till its end, no longer.
            state = "open" if coming else "broken"
        return {
            "amount_paid": sum(verdict.paid for verdict in found) / units,
            "amount_credited": sum(verdict.credited for verdict in found) / units,
            "missed_count": sum(v.state in ("partly", "broken") for v in found),
            "next_date": state == "open" and coming[0].date,
            "state": state,
        }
