from datetime import date, time

from odoo import api, fields, models
from odoo.tools import SQL, ormcache


class ResCompany(models.Model):
    _inherit = "res.company"

    ar_ledger_active = fields.Boolean(
        string="Receivables Ledger",
        help="Show receivables figures on customers and run the nightly work of the "
        "receivables suite for this company and its branches.",
    )

    ar_account_page_active = fields.Boolean(
        string="Account Page",
        help="Customers see what is open, since when and why, on a page of their own: "
        "by a link in the messages to them, and in the portal.",
    )
    ar_account_page_days = fields.Integer(
        string="Links Are Valid For",
        default=90,
        help="So many days after a message its link opens the page.",
    )

    ar_answer_rest_days = fields.Integer(
        string="Rest After an Answer",
        default=4,
        help="Items about which a customer says to have paid, to be working on it or "
        "not to know them are left alone for so many days, once, until somebody has "
        "looked at the answer. 0: they are chased on at once.",
    )
    ar_answer_pause_days = fields.Integer(
        string="Pause When Accepted",
        default=10,
        help="So many days items are left alone when such an answer is accepted: long "
        "enough for the payment to arrive and be booked.",
    )

    _answer_days_valid = models.Constraint(
        "CHECK (ar_answer_rest_days BETWEEN 0 AND 30"
        " AND ar_answer_pause_days BETWEEN 1 AND 90)",
        "Items rest for 0 to 30 days after an answer, and for 1 to 90 when it is "
        "accepted.",
    )
    _account_page_days_valid = models.Constraint(
        "CHECK (ar_account_page_days BETWEEN 1 AND 396)",
        "Links to the account page are valid for 1 to 396 days.",
    )

    def write(self, vals):
        if "partner_id" in vals:
            self.env.registry.clear_cache()
        return super().write(vals)

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_ledger_active",
            "ar_account_page_active",
            "ar_account_page_days",
            "ar_answer_rest_days",
            "ar_answer_pause_days",
        ]

    @api.model
    @ormcache()
    def _ar_timezones(self) -> dict[int, str]:
        """Map every company's id to its time zone: its partner's, else UTC."""
        everywhere = self.sudo().with_context(active_test=False)
        companies = everywhere.search_fetch([], ["partner_id"])
        return {company.id: company.partner_id.tz or "UTC" for company in companies}

    @api.model
    def _ar_local_now(self, timezone):
        return fields.Datetime.context_timestamp(
            self.with_context(tz=timezone), fields.Datetime.now()
        )

    @api.model
    def _ar_todays(self) -> dict[int, date]:
        """Return today's date of every company, by company id.

        Two companies may stand on two dates at the same moment. No query once the
        time zones are known.
        """
        return {
            company_id: self._ar_local_now(timezone).date()
            for company_id, timezone in self._ar_timezones().items()
        }

    @api.model
    def _ar_todays_sql(self) -> SQL:
        """Return ``VALUES`` rows (company id, today) to be joined in a query."""
        rows = (SQL("(%s, %s::date)", *row) for row in self._ar_todays().items())
        return SQL("(VALUES %s)", SQL(", ").join(rows))

    def _ar_today(self) -> date:
        """Return today's date where this company is.

        The only "today" of the suite: never the user's date nor the server's.
        """
        self.ensure_one()
        return self._ar_local_now(self._ar_timezone()).date()

    def _ar_local_date(self, moment) -> date:
        """Return which day a moment (a datetime in UTC) is on where this company is."""
        self.ensure_one()
        company = self.with_context(tz=self._ar_timezone())
        return fields.Datetime.context_timestamp(company, moment).date()

    def _ar_local_time(self) -> time:
        """Return the time of day where this company is."""
        self.ensure_one()
        return self._ar_local_now(self._ar_timezone()).time()

    def _ar_timezone(self) -> str:
        return self._ar_timezones().get(self.id) or self.sudo().partner_id.tz or "UTC"
