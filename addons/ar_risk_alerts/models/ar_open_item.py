from odoo import api, fields, models
from odoo.tools import SQL


class ArOpenItem(models.Model):
    _inherit = "ar.open.item"
    _depends = {
        "ar.payment.habit": ["commercial_partner_id", "company_id", "delays"],
    }

    expected_date = fields.Date(
        string="Expected Payment",
        readonly=True,
        aggregator="min",
        help="When it will be paid, by how this customer paid before. Empty for "
        "credits and while nothing has been paid in the company for a year.",
    )

    @api.model
    def _get_columns(self):
        return {**super()._get_columns(), "expected_date": self._get_expected_sql()}

    @api.model
    def _get_expected_sql(self):
        habits = self.env["ar.payment.habit"]
        due = SQL("COALESCE(line.date_maturity, line.date)")
        delays = habits._get_delays_sql(
            SQL("customer.id"), self._get_root_company_sql()
        )
        return SQL(
            "CASE WHEN line.amount_residual > 0 THEN %s + %s END",
            due,
            habits._get_expected_delay_sql(delays, SQL("today.date - %s", due)),
        )
