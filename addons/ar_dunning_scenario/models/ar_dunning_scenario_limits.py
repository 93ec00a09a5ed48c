from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.clock import MOST_DAYS


class ArDunningScenario(models.Model):
    """How little is asked for, and how long."""

    _inherit = "ar.dunning.scenario"

    floor_ids = fields.One2many(
        "ar.dunning.floor",
        "scenario_id",
        string="Smallest Amounts",
        copy=True,
        help="Currencies that are not in the list have no floor.",
    )
    amicable_days = fields.Integer(
        string="Amicable Phase",
        help="So many days after the due date (days that stood still do not count) the "
        "steps end and somebody has to decide: plan, dispute, formal notice, doubtful, "
        "write-off, or an extension. 0: no end.",
    )

    _amicable_days_not_negative = models.Constraint(
        f"CHECK (amicable_days BETWEEN 0 AND {MOST_DAYS})",
        "The amicable phase is a number of days, ten years at most.",
    )

    def write(self, vals):
        result = super().write(vals)
        if "amicable_days" in vals:
            items = self.env["ar.dunning.item"].sudo()
            items._mark_changed(SQL("scenario_id = ANY(%s)", self.ids))
        return result

    @api.model
    def _get_floor_join(self, scenario: SQL, currency: SQL) -> SQL:
        """Return the join of the floors as ``floor``."""
        return SQL(
            """LEFT JOIN ar_dunning_floor floor
                 ON floor.scenario_id = %s AND floor.currency_id = %s""",
            scenario,
            currency,
        )
