from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..tools.clock import plus

#: What the booked payments made of a promise: figures of the customer's reliability.
DECIDED_STATES = ("kept", "partly", "broken")


class ArPromise(models.Model):
    """The word of a customer: so much of these items will be paid by that day."""

    _name = "ar.promise"
    _description = "Promise to Pay"
    _inherit = ["ar.promise.mixin"]
    _order = "date desc, id desc"

    date = fields.Date(string="Promised For", required=True, readonly=True, index=True)
    deadline = fields.Date(
        required=True,
        readonly=True,
        help="The promised day with the tolerance: the last day in time.",
    )
    plan_id = fields.Many2one(
        "ar.payment.plan",
        readonly=True,
        index="btree_not_null",
        ondelete="cascade",
        help="The payment plan of which this is an instalment.",
    )
    line_ids = fields.One2many(
        "ar.promise.line", "promise_id", string="Promised Items", readonly=True
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting for Approval"),
            ("open", "Open"),
            ("kept", "Kept"),
            ("partly", "Partly Kept"),
            ("broken", "Broken"),
            ("credited", "Credited"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        readonly=True,
        default="open",
        index=True,
        tracking=True,
        help="Waiting: goes beyond the policy, a credit manager decides; the items are "
        "chased on meanwhile.\n"
        "Open: the items are not chased until the deadline.\n"
        "Kept, partly kept, broken: what the booked payments made of it.\n"
        "Credited: credit notes left nothing to pay; neither kept nor broken.\n"
        "Cancelled: refused, or ended by decision.",
    )
    color = fields.Integer(compute="_compute_color")

    _judged_idx = models.Index(
        "(company_id, id) WHERE state NOT IN ('waiting', 'cancelled')"
    )
    _reliability_idx = models.Index(
        "(commercial_partner_id, company_id, date)"
        " WHERE state IN ('kept', 'partly', 'broken')"
    )

    @api.depends("commercial_partner_id", "amount", "currency_id", "date")
    def _compute_display_name(self):
        for promise in self:
            promise.display_name = self.env._(
                "%(customer)s: %(amount)s by %(date)s",
                customer=promise.commercial_partner_id.display_name,
                amount=promise.currency_id.format(promise.amount),
                date=fields.Date.to_string(promise.date),
            )

    @api.depends("state", "date")
    def _compute_color(self):
        """For the calendar: one colour per state."""
        colors = {"open": 4, "kept": 10, "partly": 3, "broken": 1, "waiting": 2}
        for promise in self:
            promise.color = colors.get(promise.state, 0)

    @api.depends("state", "plan_id")
    def _compute_can_decide(self):
        return super()._compute_can_decide()

    def _get_refusal_to_decide(self):
        if self.plan_id:
            return self.env._(
                "%(name)s is an instalment: decide on its plan.", **self._named()
            )
        return super()._get_refusal_to_decide()

    def _check_may_cancel(self):
        super()._check_may_cancel()
        if self.plan_id:
            raise UserError(
                self.env._("An instalment is part of a plan: cancel the plan.")
            )

    def action_open_plan(self):
        self.ensure_one()
        return self.plan_id.get_formview_action()

    def _get_lines(self):
        return self.line_ids

    def _get_last_day(self):
        self.ensure_one()
        return self.deadline

    def _suspend_items(self):
        # A plan suspends the items of its instalments, all until the end.
        return super(
            ArPromise, self.filtered(lambda promise: not promise.plan_id)
        )._suspend_items()

    # -- Recording ---------------------------------------------------------------------

    @api.model
    def _record(self, lines, date, *, amounts=None, details=None):
        """Put a promise on record; it waits for a credit manager where it goes beyond
        the policy.

        The caller made sure that the user may see the items.

        :param lines: account.move.line, open items of one customer and currency
        :param date date: the promised day
        :param dict amounts: {line id: promised amount} of those that are promised in
            part
        :param dict details: ``partner_id``, ``channel``, ``note``, ``reminder_id``
        :return: the promise
        :raise AccessError: the user is no collector
        :raise UserError: with all that speaks against it
        """
        self._check_collector()
        lines = lines.sudo()
        self.env["ar.promise.guard"]._serialize(lines)
        amounts = self._complete_amounts(lines, amounts)
        self._check_can_promise(lines, amounts, [date])
        matched = self.env["ar.promise.line"].sudo()._get_already_matched(lines.ids)
        company = lines.company_id.root_id
        values = self._prepare_agreement(lines, sum(amounts.values()), details)
        reasons = self._get_approval_reasons(lines, values["amount_company"], [date])
        promise = self._by_code().create(
            {
                **values,
                **self._prepare_dates(company, date),
                "line_ids": self._prepare_lines(lines, amounts, matched),
                "state": "waiting" if reasons else "open",
                "approval_reasons": "\n".join(reasons),
            }
        )
        company._remember_ar_promises()
        promise._log(self.env._("Promised"))
        promise._start()
        return promise.with_env(self.env)

    @api.model
    def _complete_amounts(self, lines, amounts):
        """Return {line id: amount} for all lines; what is not said is the whole."""
        amounts = amounts or {}
        return {
            line.id: line.currency_id.round(
                amounts.get(line.id, line.amount_residual_currency)
            )
            for line in lines
        }

    @api.model
    def _prepare_agreement(self, lines, amount, details):
        """Return the values that a promise and a plan have in common."""
        company, currency = lines.company_id.root_id, lines.currency_id
        today = company._ar_today()
        return {
            "commercial_partner_id": lines.partner_id.commercial_partner_id.id,
            "company_id": company.id,
            "currency_id": currency.id,
            "amount": amount,
            "amount_company": currency._convert(
                amount, company.currency_id, company, today
            ),
            "user_id": self.env.uid,
            "recorded_on": fields.Datetime.now(),
            "tolerance_days": company.ar_promise_tolerance_days,
            **(details or {}),
        }

    @api.model
    def _prepare_dates(self, company, date):
        tolerance = company.sudo().ar_promise_tolerance_days
        return {"date": date, "deadline": plus(date, tolerance)}

    @api.model
    def _prepare_lines(self, lines, amounts, matched):
        return [
            fields.Command.create(
                {
                    "line_id": line.id,
                    "move_id": line.move_id.id,
                    "number": line.move_id.name,
                    "due_date": line.date_maturity or line.date,
                    "amount": amounts[line.id],
                    "amount_open": line.amount_residual_currency,
                    "paid_before": matched[line.id],
                }
            )
            for line in lines
            if amounts.get(line.id)
        ]

    # -- What speaks against it --------------------------------------------------------

    @api.model
    def _check_can_promise(self, lines, amounts, dates):
        """:raise UserError: with all that makes the promise impossible"""
        problems = self._get_problems(lines, amounts, dates)
        if problems:
            raise UserError("\n".join(problems))

    @api.model
    def _get_problems(self, lines, amounts, dates):
        """Return the sentences that say why this cannot be promised. Hook."""
        if not lines:
            return [self.env._("Choose what is promised.")]
        company = lines.company_id.root_id
        mixed = self._get_mixture_problems(lines)
        if mixed:
            return mixed
        if not company.ar_dunning_active:
            return [
                self.env._(
                    "Dunning is off in %(company)s: nothing is chased there. Switch it "
                    "on in the settings.",
                    company=company.name,
                )
            ]
        problems = []
        if min(dates) < company._ar_today():
            problems.append(self.env._("Choose a day that is today or later."))
        for line in lines:
            problems += self._get_item_problems(line, amounts[line.id])
        return problems + self._get_promised_already(lines)

    @api.model
    def _get_mixture_problems(self, lines):
        problems = []
        if len(lines.partner_id.commercial_partner_id) != 1:
            problems.append(
                self.env._("One promise is by one customer: choose items of one.")
            )
        if len(lines.company_id.root_id) != 1:
            problems.append(self.env._("Choose items of one company and its branches."))
        if len(lines.currency_id) != 1:
            problems.append(
                self.env._("Choose items of one currency, and promise each apart.")
            )
        return problems

    @api.model
    def _get_item_problems(self, line, amount):
        item, currency = line.move_id.display_name, line.currency_id
        is_claim = line.account_type == "asset_receivable" and line.balance > 0
        if line.parent_state != "posted" or line.reconciled or not is_claim:
            return [self.env._("%(item)s is not open any more.", item=item)]
        if currency.compare_amounts(amount, 0.0) <= 0:
            return [
                self.env._(
                    "%(item)s: promise more than nothing, or take it out.", item=item
                )
            ]
        if currency.compare_amounts(amount, line.amount_residual_currency) > 0:
            return [
                self.env._(
                    "%(item)s: only %(open)s is open.",
                    item=item,
                    open=currency.format(line.amount_residual_currency),
                )
            ]
        return []

    @api.model
    def _get_promised_already(self, lines):
        standing = self.env["ar.promise.line"].sudo()
        standing = standing.search(
            Domain("line_id", "in", lines.ids)
            & Domain("promise_id.state", "in", ("waiting", "open"))
        )
        by_agreement = {}
        for line in standing:
            agreement = line.promise_id.plan_id or line.promise_id
            by_agreement.setdefault(agreement.display_name, set()).add(line.number)
        return [
            self.env._(
                "Promised already: %(items)s (%(promise)s). Cancel that first.",
                items=", ".join(sorted(items)),
                promise=name,
            )
            for name, items in by_agreement.items()
        ]

    @api.model
    def _get_approval_reasons(self, lines, amount, dates):
        """Return the sentences that say why a credit manager has to approve it.

        Hook: call super and append further ones.

        :param lines: account.move.line, what is promised
        :param float amount: all of it, in the company's currency
        :param list dates: the promised days; several are a plan
        """
        company = lines.company_id.root_id
        return [
            reason
            for reason in (
                self._get_horizon_reason(company, dates),
                self._get_amount_reason(company, amount),
                self._get_number_reason(company, lines),
            )
            if reason
        ]

    @api.model
    def _get_horizon_reason(self, company, dates):
        is_plan = len(dates) > 1
        days = (
            company.ar_plan_horizon_days if is_plan else company.ar_promise_horizon_days
        )
        if not days or (max(dates) - company._ar_today()).days <= days:
            return None
        return self.env._(
            "%(date)s is more than %(days)s days away.",
            date=fields.Date.to_string(max(dates)),
            days=days,
        )

    @api.model
    def _get_amount_reason(self, company, amount):
        limit = company.ar_promise_approval_amount
        if not limit or company.currency_id.compare_amounts(amount, limit) <= 0:
            return None
        return self.env._(
            "%(amount)s is more than %(limit)s.",
            amount=company.currency_id.format(amount),
            limit=company.currency_id.format(limit),
        )

    @api.model
    def _get_number_reason(self, company, lines):
        most = company.ar_promise_max_per_item
        if not most:
            return None
        earlier = self.env["ar.promise.line"].sudo()
        earlier = earlier.search(
            Domain("line_id", "in", lines.ids)
            & Domain("promise_id.state", "!=", "cancelled")
        )
        counts = {}
        for line in earlier:
            agreement = line.promise_id.plan_id or line.promise_id
            counts.setdefault(line.number, set()).add(agreement)
        often = sorted(item for item, known in counts.items() if len(known) >= most)
        if not often:
            return None
        return self.env._(
            "Promised %(count)s times or more before: %(items)s.",
            count=most,
            items=", ".join(often),
        )
