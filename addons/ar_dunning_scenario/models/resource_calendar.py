from datetime import datetime, time, timedelta

import pytz

from odoo import models
from odoo.fields import Domain

from ..tools import clock

NOON = time(12, 0)


class ResourceCalendar(models.Model):
    _inherit = "resource.calendar"

    def _get_ar_workdays(self):
        """Return {calendar id: clock.Workdays}, and every day for no calendar."""
        days = {False: clock.EVERY_DAY}
        for calendar in self:
            attendances = calendar.attendance_ids.filtered(lambda a: not a.display_type)
            days[calendar.id] = clock.Workdays(
                frozenset(int(day) for day in attendances.mapped("dayofweek")),
                frozenset(calendar._get_ar_closed_days()),
            )
        return days

    def _get_ar_closed_days(self):
        """Return the days off for everybody: those of which a leave covers noon, in the
        time zone of the calendar. Leaves of no calendar are those of a company."""
        self.ensure_one()
        timezone = pytz.timezone(self.tz or "UTC")
        leaves = self.env["resource.calendar.leaves"].search_fetch(
            Domain("resource_id", "=", False)
            & Domain("time_type", "=", "leave")
            & (
                Domain("calendar_id", "=", self.id)
                | Domain("calendar_id", "=", False)
                & Domain("company_id", "in", (False, self.company_id.id))
            ),
            ["date_from", "date_to"],
        )
        return {
            day
            for leave in leaves
            for day in _days_at_noon(
                *(
                    pytz.utc.localize(moment).astimezone(timezone).replace(tzinfo=None)
                    for moment in (leave.date_from, leave.date_to)
                )
            )
        }


def _days_at_noon(start, end):
    """Yield the days whose noon lies between two moments.

    >>> from datetime import datetime
    >>> len(list(_days_at_noon(datetime(2026, 5, 1, 8), datetime(2026, 5, 2, 9))))
    1
    """
    day = start.date()
    while day <= end.date():
        if start <= datetime.combine(day, NOON) <= end:
            yield day
        day += timedelta(days=1)
