from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.promise import get_dates, split, spread

#: Days or months between two instalments.
PERIODS = {
    "week": {"days": 7},
    "fortnight": {"days": 14},
    "month": {"months": 1},
    "quarter": {"months": 3},
}


class ArPromiseRecord(models.TransientModel):
    """What the customer promises: which items, how much of them, by when, or by which
    instalments."""

    _name = "ar.promise.record"
    _description = "Record a Promise"

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    commercial_partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        readonly=True,
        ondelete="cascade",
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, readonly=True, ondelete="cascade"
    )
    line_ids = fields.One2many("ar.promise.record.line", "wizard_id", string="Items")
    amount = fields.Monetary(
        string="Promised",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="A smaller amount is spread over the items, the oldest first.",
    )
    amount_open = fields.Monetary(string="Open", compute="_compute_amount_open")
    is_plan = fields.Boolean(string="By Instalments")
    date = fields.Date(help="The day of the payment, or of the first instalment.")
    instalment_count = fields.Integer(string="Instalments", default=3)
    period = fields.Selection(
        [
            ("week", "Week"),
            ("fortnight", "Two weeks"),
            ("month", "Month"),
            ("quarter", "Quarter"),
        ],
        string="Every",
        required=True,
        default="month",
        help="The last day of a month stays the last day of the months that follow.",
    )
    instalment_ids = fields.One2many(
        "ar.promise.record.instalment",
        "wizard_id",
        string="Plan",
        compute="_compute_instalment_ids",
        store=True,
        readonly=False,
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Promised By",
        domain="[('commercial_partner_id', '=', commercial_partner_id)]",
        help="The person at the customer's who gives his or her word.",
    )
    channel = fields.Selection(
        selection=lambda self: self.env["ar.promise"]._fields["channel"].selection,
        required=True,
        default="call",
        help="How the customer said so.",
    )
    note = fields.Text(help="In the customer's words, for whoever reads it later.")
    reminder_id = fields.Many2one("ar.dunning.reminder", readonly=True)
    call_result_id = fields.Many2one(
        "ar.dunning.call.result",
        readonly=True,
        help="The call on the reminder ends with it when the promise is recorded.",
    )
    delay_cause = fields.Selection(
        selection=lambda self: (
            self.env["account.move.line"]._fields["ar_delay_cause"].selection
        ),
        string="Cause of Delay",
        help="Why the items are late.",
    )
    approval_text = fields.Text(
        string="Needs an Approval", compute="_compute_approval_text"
    )

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for wizard in self:
            wizard.amount = sum(wizard.line_ids.mapped("amount"))

    @api.depends("line_ids.amount_open")
    def _compute_amount_open(self):
        for wizard in self:
            wizard.amount_open = sum(wizard.line_ids.mapped("amount_open"))

    @api.onchange("amount")
    def _onchange_amount(self):
        units = 10**self.currency_id.decimal_places
        lines = self.line_ids.sorted(lambda line: (line.date_maturity, line.item_id.id))
        items = [(line, round(line.amount_open * units)) for line in lines]
        shares = spread([round(self.amount * units)], items)[0]
        for line in lines:
            line.amount = shares.get(line, 0) / units

    @api.depends("is_plan", "instalment_count", "date", "period", "amount")
    def _compute_instalment_ids(self):
        for wizard in self:
            wizard.instalment_ids = [
                fields.Command.clear(),
                *(
                    fields.Command.create({"date": date, "amount": amount})
                    for date, amount in wizard._get_equal_instalments()
                ),
            ]

    def _get_equal_instalments(self):
        """Return (date, amount) of equal instalments, the remainder on the last."""
        if not self.is_plan or not self.date or self.instalment_count < 2:
            return []
        units = 10**self.currency_id.decimal_places
        step = max(1, round(self.currency_id.rounding * units))
        try:
            amounts = split(round(self.amount * units), self.instalment_count, step)
        except ValueError:
            # Too many for so little: an empty plan says so.
            return []
        dates = get_dates(self.date, self.instalment_count, **PERIODS[self.period])
        return [
            (day, amount / units) for day, amount in zip(dates, amounts, strict=True)
        ]

    @api.depends("line_ids.amount", "date", "amount", "is_plan", "instalment_ids.date")
    def _compute_approval_text(self):
        for wizard in self:
            dates = [date for date in wizard._get_dates() if date]
            lines = wizard._get_chosen().item_id.sudo().line_id
            wizard.approval_text = False
            if lines and dates:
                amount = wizard._get_company_amount()
                wizard.approval_text = "\n".join(
                    self.env["ar.promise"]._get_approval_reasons(lines, amount, dates)
                )

    def _get_company_amount(self):
        company = self.company_id
        return self.currency_id._convert(
            self.amount, company.currency_id, company, company._ar_today()
        )

    def _get_dates(self):
        if self.is_plan:
            return self.instalment_ids.mapped("date")
        return [self.date]

    def _get_chosen(self):
        return self.line_ids.filtered("amount")

    def action_record(self):
        """Put it on record, and tell what follows."""
        self.ensure_one()
        self._check_input()
        chosen = self._get_chosen()
        chosen.item_id.check_access("read")
        lines = chosen.item_id.sudo().line_id
        amounts = {line.item_id.id: line.amount for line in chosen}
        details = self._prepare_details()
        if self.call_result_id:
            self.reminder_id._end_call(self.call_result_id, self.note)
        if self.delay_cause:
            lines._set_ar_delay_cause(self.delay_cause)
        if self.is_plan:
            record = self.env["ar.payment.plan"]._record(
                lines,
                [(part.date, part.amount) for part in self.instalment_ids],
                amounts=amounts,
                details=details,
            )
        else:
            record = self.env["ar.promise"]._record(
                lines, self.date, amounts=amounts, details=details
            )
        return self._notify(record)

    def _check_input(self):
        if not self.date:
            raise UserError(self.env._("Say by which day the customer will pay."))
        if self.is_plan and not self.instalment_ids:
            raise UserError(
                self.env._("There are no instalments: choose two or more of them.")
            )
        contact = self.partner_id.commercial_partner_id
        if contact and contact != self.commercial_partner_id:
            raise UserError(
                self.env._(
                    "%(contact)s does not speak for %(customer)s.",
                    contact=self.partner_id.display_name,
                    customer=self.commercial_partner_id.display_name,
                )
            )
        self.reminder_id.check_access("read")

    def _prepare_details(self):
        return {
            "partner_id": self.partner_id.id,
            "channel": self.channel,
            "note": self.note,
            "reminder_id": self.reminder_id.id,
        }

    def _notify(self, record):
        if record.state == "waiting":
            kind = "warning"
            message = self.env._(
                "Recorded. A credit manager has to approve it; the items are chased "
                "until then."
            )
        else:
            kind = "success"
            message = self.env._(
                "Recorded. What is promised is not chased until %(date)s.",
                date=fields.Date.to_string(record._get_last_day()),
            )
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    @api.model
    def _launch(self, items, is_plan=False, **values):
        """Return the action that opens the wizard on these open items.

        :param items: ar.open.item that the user may see
        :param values: further values of the wizard
        :raise UserError: when they cannot be promised together
        """
        promises = self.env["ar.promise"]
        promises._check_collector()
        items = items.filtered(lambda item: item.amount_residual > 0)
        if not items:
            raise UserError(
                self.env._(
                    "There is nothing to promise: no item is open and unpromised."
                )
            )
        problems = promises._get_mixture_problems(items.sudo().line_id)
        if problems:
            raise UserError("\n".join(problems))
        wizard = self.create({**self._prepare(items), "is_plan": is_plan, **values})
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Payment Plan") if is_plan else self.env._("Promise"),
            "res_model": self._name,
            "res_id": wizard.id,
            "views": [[False, "form"]],
            "target": "new",
        }

    @api.model
    def _prepare(self, items):
        return {
            "company_id": items.root_company_id.id,
            "commercial_partner_id": items.commercial_partner_id.id,
            "currency_id": items.currency_id.id,
            "line_ids": [
                fields.Command.create(
                    {
                        "item_id": item.id,
                        "move_name": item.move_name,
                        "date_maturity": item.date_maturity,
                        "amount_open": item.amount_residual_currency,
                        "amount": item.amount_to_ask,
                    }
                )
                for item in items.sorted(lambda item: (item.date_maturity, item.id))
            ],
        }


class ArPromiseRecordLine(models.TransientModel):
    _name = "ar.promise.record.line"
    _description = "Item to Promise"
    _order = "date_maturity, id"

    wizard_id = fields.Many2one("ar.promise.record", required=True, ondelete="cascade")
    item_id = fields.Many2one("ar.open.item", required=True, readonly=True)
    move_name = fields.Char(string="Number", readonly=True)
    date_maturity = fields.Date(string="Due Date", readonly=True)
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    amount_open = fields.Monetary(string="Open", readonly=True)
    amount = fields.Monetary(
        string="Promised",
        help="Lower it when only a part is promised: the rest goes on being chased. "
        "Nothing: the item is not promised.",
    )


class ArPromiseRecordInstalment(models.TransientModel):
    _name = "ar.promise.record.instalment"
    _description = "Instalment to Promise"
    _order = "date, id"

    wizard_id = fields.Many2one("ar.promise.record", required=True, ondelete="cascade")
    currency_id = fields.Many2one(related="wizard_id.currency_id")
    date = fields.Date(required=True)
    amount = fields.Monetary(required=True)
