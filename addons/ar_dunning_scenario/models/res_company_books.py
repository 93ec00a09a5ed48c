from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL, format_date


class ResCompany(models.Model):
    """Up to when payments are booked: who has paid is not to be reminded because nobody
    imported the bank statement."""

    _inherit = "res.company"

    ar_dunning_stale_days = fields.Integer(
        string="Payments At Most Days Old",
        help="Nothing is sent while payments are booked up to an older date. 0: not "
        "checked.",
    )
    ar_books_confirmed = fields.Date(
        string="Payments Confirmed Up To",
        readonly=True,
        help="Up to this day an accountant confirmed that all payments are booked.",
    )
    ar_books_confirmed_by = fields.Many2one("res.users", readonly=True)
    ar_books_confirmed_on = fields.Datetime(readonly=True)
    ar_booked_until = fields.Date(
        string="Payments Booked Up To",
        compute="_compute_ar_booked_until",
        help="The latest of: the last line of a bank statement, the last payment of a "
        "customer, the day that an accountant confirmed.",
    )

    _dunning_stale_days_positive = models.Constraint(
        "CHECK (ar_dunning_stale_days BETWEEN 0 AND 366)",
        "How old payments may be is a number of days up to a year, or 0.",
    )

    @api.model
    def _get_company_root_delegated_field_names(self):
        return super()._get_company_root_delegated_field_names() + [
            "ar_dunning_stale_days",
            "ar_books_confirmed",
            "ar_books_confirmed_by",
            "ar_books_confirmed_on",
        ]

    @api.depends("ar_books_confirmed")
    def _compute_ar_booked_until(self):
        dates = self.root_id._get_ar_booked_dates()
        for company in self:
            company.ar_booked_until = dates.get(company.root_id.id)

    def _get_ar_booked_dates(self):
        """Return {root company id: up to when payments are booked, or None}."""
        if not self.ids:
            return {}
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT root.id, GREATEST(
                        root.ar_books_confirmed,
                        (SELECT MAX(move.date)
                           FROM account_bank_statement_line line
                           JOIN account_move move ON move.id = line.move_id
                           JOIN res_company company ON company.id = line.company_id
                          WHERE starts_with(company.parent_path, root.parent_path)
                            AND move.state = 'posted' AND move.date <= today.date),
                        (SELECT MAX(payment.date)
                           FROM account_payment payment
                           JOIN res_company company ON company.id = payment.company_id
                          WHERE starts_with(company.parent_path, root.parent_path)
                            AND payment.partner_type = 'customer'
                            AND payment.payment_type = 'inbound'
                            AND payment.state IN ('in_process', 'paid')
                            AND payment.date <= today.date))
                     FROM res_company root
                     JOIN %(todays)s AS today(company_id, date)
                       ON today.company_id = root.id
                    WHERE root.id = ANY(%(roots)s)""",
                todays=self._ar_todays_sql(),
                roots=self.ids,
            )
        )
        return dict(rows)

    def _get_ar_stale_books(self):
        """Return why nothing may be sent because payments are not booked, or None."""
        self.ensure_one()
        if not self.ar_dunning_stale_days:
            return None
        booked = self.root_id._get_ar_booked_dates()[self.root_id.id]
        oldest = self._ar_today() - timedelta(days=self.ar_dunning_stale_days)
        if booked and booked >= oldest:
            return None
        return self.env._(
            "Nothing is sent: payments of %(company)s are booked up to %(date)s, more "
            "than %(days)s days ago.",
            company=self.name,
            date=format_date(self.env, booked) if booked else "-",
            days=self.ar_dunning_stale_days,
        )

    def _check_ar_books(self):
        for company in self:
            if stale := company._get_ar_stale_books():
                raise UserError(stale)

    def _confirm_ar_books(self, date):
        """An accountant says that all payments up to a day are booked."""
        if not self.env.user.has_group("ar_ledger.ar_ledger_group_manager"):
            raise AccessError(
                self.env._(
                    "Only accounting and credit managers confirm that payments are "
                    "booked."
                )
            )
        self.ensure_one()
        root = self.root_id
        root._check_ar_reach()
        if date > root._ar_today():
            raise UserError(self.env._("This day has not come yet."))
        root.sudo().write(
            {
                "ar_books_confirmed": date,
                "ar_books_confirmed_by": self.env.uid,
                "ar_books_confirmed_on": fields.Datetime.now(),
            }
        )
        self.env["ar.event"]._log(
            "reminder",
            self.env["res.partner"],
            root,
            self.env._(
                "Payments are booked up to %(date)s", date=format_date(self.env, date)
            ),
            source=root,
        )
