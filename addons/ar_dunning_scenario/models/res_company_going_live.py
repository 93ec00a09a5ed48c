from odoo import api, fields, models
from odoo.tools import SQL


class ResCompany(models.Model):
    """How a company goes live: nothing old leaves before somebody has read it."""

    _inherit = "res.company"

    ar_dunning_start_date = fields.Date(
        string="Dunning Starts On",
        help="Nothing is planned before. Items that were due before are read by a "
        "collector before they are asked for the first time. Empty: dunning was "
        "switched on without the wizard.",
    )
    ar_dunning_first_run = fields.Date(
        readonly=True,
        help="The day of the first run; whatever it plans waits for a confirmation.",
    )
    ar_dunning_daily_cap = fields.Integer(
        string="Customers per Day",
        help="At most so many customers are written to or called per day, the largest "
        "and oldest debts first; the others wait. 0: no limit.",
    )

    _dunning_cap_not_negative = models.Constraint(
        "CHECK (ar_dunning_daily_cap >= 0)", "The cap is counted from zero."
    )

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_dunning_start_date",
            "ar_dunning_first_run",
            "ar_dunning_daily_cap",
        ]

    def _begin_ar_dunning(self):
        """Tell whether planning has begun, and remember the day of the first run."""
        self.ensure_one()
        start, today = self.ar_dunning_start_date, self._ar_today()
        if start and today < start:
            return False
        if start and not self.ar_dunning_first_run:
            self.sudo().ar_dunning_first_run = today
        return True

    def _is_ar_first_run(self):
        self.ensure_one()
        first = self.ar_dunning_first_run
        return bool(self.ar_dunning_start_date) and first in (False, self._ar_today())

    def _get_ar_first_contact_sql(self):
        """Return the condition that an ``item`` may only be asked for after somebody
        has read it: in the first run, and old items that were never asked for."""
        self.ensure_one()
        if not self.ar_dunning_start_date:
            return SQL("FALSE")
        if self._is_ar_first_run():
            return SQL("TRUE")
        return SQL(
            "(item.step_done IS NULL AND item.due_date < %s)",
            self.ar_dunning_start_date,
        )
