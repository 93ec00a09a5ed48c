from odoo import api, fields, models
from odoo.exceptions import AccessError


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_dunning_active = fields.Boolean(
        string="Dunning",
        help="Plan reminders every night for this company and its branches, and send "
        "those that are ready.",
    )
    ar_dunning_scenario_id = fields.Many2one(
        "ar.dunning.scenario",
        string="Default Scenario",
        domain="[('company_id', 'in', (False, id))]",
        ondelete="restrict",
        help="For customers without a scenario of their own. Empty: such customers are "
        "not chased.",
    )
    ar_dunning_hour_from = fields.Float(
        string="Send From",
        default=8.0,
        help="Messages leave from this hour on, in the time zone of the customer.",
    )
    ar_dunning_hour_to = fields.Float(
        string="Send Until",
        default=18.0,
        help="Messages leave before this hour, in the time zone of the customer.",
    )

    ar_dunning_calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Days",
        domain="[('company_id', 'in', (False, id))]",
        ondelete="set null",
        help="Steps are taken, and messages leave, on the working days of this "
        "calendar only, for customers without one of their own or their country. "
        "Empty: on every day.",
    )
    ar_dunning_max_contacts = fields.Integer(
        string="Contacts per Week",
        help="At most so many days within a week on which one customer is written to "
        "or called; the rest waits. 0: no limit.",
    )
    ar_dunning_min_days = fields.Integer(
        string="Days Between Contacts",
        help="So many days from one contact of a customer to the next, at least. "
        "0 or 1: every day is possible.",
    )
    ar_dunning_workdays_key = fields.Char(
        readonly=True,
        help="The working days by which the clocks were read. Technical field.",
    )

    _dunning_limits_not_negative = models.Constraint(
        """CHECK (ar_dunning_max_contacts >= 0
                  AND ar_dunning_min_days BETWEEN 0 AND 366)""",
        "Limits of contacts are counted from zero, days between them go up to a year.",
    )
    _dunning_hours_valid = models.Constraint(
        """CHECK (ar_dunning_hour_from >= 0 AND ar_dunning_hour_to <= 24
                  AND ar_dunning_hour_from < ar_dunning_hour_to)""",
        "The hours for sending must lie between 0:00 and 24:00, the first before "
        "the second.",
    )

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_dunning_active",
            "ar_dunning_scenario_id",
            "ar_dunning_hour_from",
            "ar_dunning_hour_to",
            "ar_dunning_calendar_id",
            "ar_dunning_max_contacts",
            "ar_dunning_min_days",
        ]

    @api.constrains("ar_dunning_scenario_id")
    def _check_ar_dunning_scenario(self):
        for company in self:
            company.ar_dunning_scenario_id._check_usable_in(company)

    def write(self, vals):
        was_off = self.filtered(lambda company: not company.ar_dunning_active)
        result = super().write(vals)
        if "ar_dunning_active" in vals and not vals["ar_dunning_active"]:
            self._drop_ar_dunning()
        elif "ar_dunning_active" in vals and "ar_dunning_start_date" not in vals:
            was_off.root_id._start_ar_dunning()
        return result

    def _check_ar_reach(self):
        """Who decides for a root company works in it, or in one of its branches."""
        for company in self - self.env.companies.root_id:
            raise AccessError(
                self.env._(
                    "Switch to %(company)s first: you are not working in it.",
                    company=company.sudo().name,
                )
            )

    def _start_ar_dunning(self):
        """Dunning begins today: what piled up while it was off is read by somebody
        before it leaves."""
        for company in self.sudo():
            company.write(
                {
                    "ar_dunning_start_date": company._ar_today(),
                    "ar_dunning_first_run": False,
                }
            )

    def _drop_ar_dunning(self):
        """Nothing is lost: the items are read again from the books and the history. Nor
        may anything old leave by itself on the day dunning is switched on again."""
        of_roots = [("company_id", "in", self.root_id.ids)]
        self.env["ar.dunning.item"].sudo().search(of_roots).unlink()
        waiting = self.env["ar.dunning.reminder"].sudo()
        waiting = waiting.search(
            [*of_roots, ("state", "=", "ready"), ("mode", "=", "automatic")]
        )
        if waiting:
            reason = self.env._("Dunning was switched off")
            waiting._get_active_lines()._close("cancelled", reason)
            waiting._set_cancelled(reason)

    def _is_ar_dunning_hour(self, timezone, workdays):
        """Tell whether messages may leave now, by the clock of the customer.

        :param str timezone: of the customer
        :param workdays: clock.Workdays of the customer
        """
        self.ensure_one()
        now = self._ar_local_now(timezone)
        hour = now.hour + now.minute / 60
        if not self.ar_dunning_hour_from <= hour < self.ar_dunning_hour_to:
            return False
        return now.date() in workdays

    def _sync_ar_workdays(self):
        """Tell whether working days of customers changed since this was last asked."""
        self.ensure_one()
        items = self.env["ar.dunning.item"].sudo()
        used = items._read_group([("company_id", "=", self.id)], ["calendar_id"])
        calendars = self.env["resource.calendar"].sudo().union(*(c for (c,) in used))
        days = calendars._get_ar_workdays()
        key = " ".join(
            f"{calendar.id}: {sorted(days[calendar.id].weekdays)}"
            f" {sorted(map(str, days[calendar.id].closed))}"
            for calendar in calendars.sorted("id")
        )
        if self.ar_dunning_workdays_key == key:
            return False
        self.sudo().ar_dunning_workdays_key = key
        return True
