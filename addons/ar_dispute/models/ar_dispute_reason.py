from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.exceptions import UserError


class ArDisputeReason(models.Model):
    """What the customer says is wrong. Why it went wrong is the cause."""

    _name = "ar.dispute.reason"
    _description = "Dispute Reason"
    _order = "sequence, id"

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    deadline_days = fields.Integer(
        string="Working Days to Answer",
        default=5,
        help="The customer is to have an answer within so many working days of the "
        "company's calendar.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Default Owner",
        domain=[("share", "=", False)],
        help="Who finds out what happened. Empty: the one who opens the dispute.",
    )
    description = fields.Text(translate=True, help="What to ask for and where to look.")

    _deadline_not_negative = models.Constraint(
        "CHECK (deadline_days >= 0)", "Working days to answer cannot be negative."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_if_unused(self):
        used = (
            self.env["ar.dispute"]
            .sudo()
            .search_count([("reason_id", "in", self.ids)], limit=1)
        )
        if used:
            raise UserError(
                self.env._(
                    "Disputes are filed under this reason. Archive it: it is then not "
                    "offered any more and past disputes keep it."
                )
            )

    def _get_owner(self, company):
        """Return who is asked first: the default owner while able to answer, else the
        one who opens the dispute; nobody where a machine opens it."""
        able = (self.user_id | self.env.user)._ar_can_answer(company)
        return able[:1]

    def _get_deadline(self, company):
        """Return the date by which the customer is to have an answer."""
        return self._get_deadline_in(company, self.deadline_days)

    @api.model
    def _get_holidays(self, company):
        """Return the domain of the days on which the company is closed: core counts
        those of all companies where a holiday names no calendar."""
        companies = [False, *company.sudo().parent_ids.ids]
        return [("time_type", "=", "leave"), ("company_id", "in", companies)]

    @api.model
    def _get_deadline_in(self, company, days):
        """Return the date so many working days from today.

        Counted in working days of the company from tomorrow on; in calendar days when
        its calendar has no working hours.
        """
        today = company._ar_today()
        calendar = company.sudo().resource_calendar_id
        if not calendar or not days:
            return today + timedelta(days=days)
        zone = pytz.timezone(calendar.tz or "UTC")
        tomorrow = zone.localize(datetime.combine(today + timedelta(days=1), time.min))
        planned = calendar.plan_days(
            days, tomorrow, compute_leaves=True, domain=self._get_holidays(company)
        )
        if not planned:
            return today + timedelta(days=days)
        return planned.astimezone(zone).date()
