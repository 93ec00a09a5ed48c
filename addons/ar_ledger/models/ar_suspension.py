from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain


class ArSuspension(models.Model):
    """While it lasts, an item or a part of it is not chased and its clock stands still.

    Promises, disputes and pauses create suspensions; every floor asks them here.
    """

    _name = "ar.suspension"
    _description = "Suspension of an Open Item"
    _order = "date_from desc, id desc"

    line_id = fields.Many2one(
        "account.move.line",
        string="Open Item",
        ondelete="set null",
        index="btree_not_null",
    )
    move_name = fields.Char(string="Number", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", index=True, ondelete="restrict"
    )
    company_id = fields.Many2one(
        "res.company", required=True, index=True, ondelete="cascade"
    )
    currency_id = fields.Many2one("res.currency", required=True)
    coverage = fields.Selection(
        [("all", "Whole item"), ("part", "Part of the item")],
        required=True,
        default="all",
    )
    amount = fields.Monetary(help="The suspended part, in the currency of the item.")
    date_from = fields.Date(required=True)
    date_until = fields.Date(
        help="The last suspended day. Empty: until somebody ends it."
    )
    grace_days = fields.Integer(
        help="The clock of the item stands still for so many days more after the end."
    )
    kind = fields.Selection([("pause", "Pause")], required=True, default="pause")
    reason = fields.Char(required=True)
    source_model = fields.Char(readonly=True)
    source_id = fields.Many2oneReference(model_field="source_model", readonly=True)
    state = fields.Selection(
        [("running", "Running"), ("planned", "Planned"), ("ended", "Ended")],
        compute="_compute_state",
        search="_search_state",
    )

    _part_has_amount = models.Constraint(
        "CHECK (coverage = 'all' OR amount > 0)",
        "A part of an item can only be suspended with an amount above zero.",
    )
    _grace_not_negative = models.Constraint(
        "CHECK (grace_days >= 0)", "Grace days cannot be negative."
    )

    @api.depends("date_from", "date_until", "company_id")
    def _compute_state(self):
        todays = self.env["res.company"]._ar_todays()
        for suspension in self:
            today = todays[suspension.company_id.id]
            if suspension.date_until and suspension.date_until < today:
                suspension.state = "ended"
            else:
                running = suspension.date_from <= today
                suspension.state = "running" if running else "planned"

    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.FALSE
        for company_id, today in self.env["res.company"]._ar_todays().items():
            of_company = Domain("company_id", "=", company_id)
            domain |= of_company & Domain.OR(
                self._get_state_domain(state, today) for state in value if state
            )
        return domain

    @api.model
    def _get_state_domain(self, state, today):
        open_ended = Domain("date_until", "=", False)
        not_ended = open_ended | Domain("date_until", ">=", today)
        return {
            "running": not_ended & Domain("date_from", "<=", today),
            "planned": not_ended & Domain("date_from", ">", today),
            "ended": Domain("date_until", "<", today),
        }[state]

    @api.constrains("date_from", "date_until")
    def _check_dates(self):
        for suspension in self:
            until = suspension.date_until
            # One day before the start says: ended on the day it began, never in force.
            if until and until < suspension.date_from - timedelta(days=1):
                raise ValidationError(
                    self.env._("A suspension cannot end before it begins.")
                )

    def action_end(self):
        """End pauses by hand; other kinds end where they came from."""
        if not self.env.user.has_group("ar_ledger.ar_ledger_group_collector"):
            raise AccessError(self.env._("Only collectors end pauses."))
        not_pauses = self.filtered(lambda suspension: suspension.kind != "pause")
        if not_pauses:
            raise ValidationError(
                self.env._(
                    "%(items)s is suspended by a record of its own: end it there.",
                    items=", ".join(not_pauses.mapped("move_name")),
                )
            )
        self._end(self.env._("Ended by hand"))

    @api.model
    def _suspend(self, lines, kind, reason, source, *, date_until=None, amounts=None):
        """Suspend items from today on.

        No access check: the floor that calls has decided that its user may.

        :param lines: account.move.line, open receivable items
        :param str kind: a key of :attr:`kind`
        :param str reason: one sentence for accountants and the customer's timeline
        :param source: the record that asks for it; an empty set for none
        :param date date_until: last suspended day; none: until :meth:`_end`
        :param dict amounts: {line id: amount in the currency of the line} of the lines
            of which only a part is suspended
        :return: the new suspensions, in the order of the lines
        """
        return self._suspend_each(
            [(lines, source, reason)], kind, date_until=date_until, amounts=amounts
        )

    @api.model
    def _suspend_each(self, requests, kind, *, date_until=None, amounts=None):
        """As :meth:`_suspend`, for many sources at once.

        :param requests: list of (lines, source, reason)
        """
        amounts = amounts or {}
        suspensions = self.sudo().create(
            [
                {
                    **self._prepare_suspension(line, amounts.get(line.id)),
                    "kind": kind,
                    "reason": reason,
                    "source_model": source._name if source else False,
                    "source_id": source.id if source else False,
                    "date_until": date_until,
                }
                for lines, source, reason in requests
                for line in lines
            ]
        )
        suspensions._log_begin()
        suspensions._after_change()
        return suspensions.with_env(self.env)

    def _prepare_suspension(self, line, amount):
        return {
            "line_id": line.id,
            "move_name": line.move_id.name,
            "commercial_partner_id": line.partner_id.commercial_partner_id.id,
            "company_id": line.company_id.id,
            "currency_id": line.currency_id.id,
            "coverage": "all" if amount is None else "part",
            "amount": amount or 0.0,
            "date_from": line.company_id._ar_today(),
        }

    def _end(self, reason, *, grace_days=0):
        """End running suspensions: from today on the items are not suspended any more.

        No access check, as in :meth:`_suspend`.

        :param str reason: one sentence for the journal
        :param int grace_days: days from today on which the clock still stands still
        """
        running = self.sudo().filtered(lambda suspension: suspension.state != "ended")
        for company, suspensions in running.grouped("company_id").items():
            yesterday = company._ar_today() - timedelta(days=1)
            suspensions.write({"date_until": yesterday, "grace_days": grace_days})
        running._log_change(self.env._("Suspension ended: %(reason)s", reason=reason))
        running._after_change()

    def _log_begin(self):
        self._log_texts(
            {
                suspension: self.env._(
                    "Suspended: %(reason)s", reason=suspension.reason
                )
                for suspension in self
            }
        )

    def _log_change(self, text):
        self._log_texts(dict.fromkeys(self, text))

    def _log_texts(self, texts):
        self.env["ar.event"]._log_many(
            [
                {
                    "kind": "suspension",
                    "partner": suspension.commercial_partner_id,
                    "company": suspension.company_id,
                    "text": f"{suspension.move_name}: {text}",
                    "figures": suspension._get_figures(),
                    "source": suspension,
                }
                for suspension, text in texts.items()
            ]
        )

    def _get_figures(self):
        self.ensure_one()
        return {
            "item": self.line_id.id,
            "coverage": self.coverage,
            "amount": self.amount,
            "currency": self.currency_id.name,
            "residual": self.line_id.amount_residual_currency,
            "until": fields.Date.to_string(self.date_until),
        }

    def _after_change(self):
        """Hook: suspensions were created or ended. For floors that keep rows of their
        own per item; called once per act with all suspensions of that act."""
