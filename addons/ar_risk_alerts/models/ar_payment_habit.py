import json
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.payment_date import DECILES, LEAST_WAIT, blend
from .ar_risk_figures import YEAR


class Delays(NamedTuple):
    """Days between due date and payment: of a customer, or of everybody."""

    customer_id: int | None
    payments: int
    deciles: list
    mean: float


class ArPaymentHabit(models.Model):
    """How long a customer takes to pay, from the due date: what the expected payment
    dates of the open items are read from.

    Made anew every night; the row without customer is that of all customers together,
    for those who have not paid anything yet.
    """

    _name = "ar.payment.habit"
    _description = "Payment Habit"
    _log_access = False
    _rec_name = "commercial_partner_id"

    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, ondelete="cascade"
    )
    payments = fields.Integer(readonly=True, help="Of the last year.")
    delays = fields.Json(
        readonly=True,
        help="Nine numbers: a tenth of the payments came no later after the due date "
        "than the first, two tenths no later than the second, and so on.",
    )
    usual_delay = fields.Integer(
        string="Usually Pays After",
        readonly=True,
        aggregator="avg",
        help="Days after the due date; half of the payments come no later.",
    )

    _customer_idx = models.Index("(company_id, commercial_partner_id, id DESC)")

    @api.model
    def _learn(self, company):
        """Make the habits of a root company anew, in three statements."""
        own = self._get_habits(company, company._ar_today())
        self.env.cr.execute(
            SQL("DELETE FROM ar_payment_habit WHERE company_id = %s", company.id)
        )
        rows = [(key, count, delays) for key, (count, delays) in own.items()]
        self.env.cr.execute(
            SQL(
                """INSERT INTO ar_payment_habit (company_id, commercial_partner_id,
                       payments, delays, usual_delay)
                SELECT %s, NULLIF(customer_id, 0), payments, delays,
                       (delays ->> 4)::int
                  FROM jsonb_to_recordset(%s::jsonb) AS new(
                       customer_id int, payments int, delays jsonb)""",
                company.id,
                self._to_json(rows),
            )
        )
        self.invalidate_model(flush=False)

    @api.model
    def _to_json(self, rows):
        return json.dumps(
            [
                {"customer_id": key or 0, "payments": count, "delays": delays}
                for key, count, delays in rows
            ]
        )

    @api.model
    def _get_habits(self, company, day):
        """Return {customer id: (payments, deciles)} by what was paid in the year before
        a day; None as customer is everybody. One query."""
        return self._blend(self._read_delays(company, day))

    @api.model
    def _blend(self, rows):
        """Return the habits that rows of :meth:`_read_delays` make."""
        everybodys = next((each.deciles for each in rows if not each.customer_id), None)
        return {
            each.customer_id: (
                each.payments,
                blend(each.deciles, each.payments, everybodys)
                if each.customer_id
                else everybodys,
            )
            for each in rows
            if everybodys
        }

    @api.model
    def _read_delays(self, company, day):
        """Return the :class:`Delays` of each customer and of everybody; one query."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT customer_id, COUNT(*),
                          percentile_disc(%s::float[]) WITHIN GROUP (
                              ORDER BY paid_on - due),
                          AVG(paid_on - due)::float
                     FROM (%s) portion
                    WHERE paid_on > %s
                 GROUP BY GROUPING SETS ((customer_id), ())
                   HAVING COUNT(*) > 0""",
                list(DECILES),
                self.env["ar.risk.figures"]._get_portions_sql(company, day),
                day - YEAR,
            )
        )
        return [Delays(*row) for row in rows]

    @api.model
    def _get_delays_sql(self, customer, company) -> SQL:
        """Return the deciles of a customer, else everybody's, as a scalar sub-query.

        A sub-query, that only who reads the column pays for.
        """
        return SQL(
            """(SELECT ARRAY(SELECT jsonb_array_elements_text(habit.delays)::int)
                  FROM ar_payment_habit habit
                 WHERE habit.company_id = %(company)s
                   AND (habit.commercial_partner_id = %(customer)s
                        OR habit.commercial_partner_id IS NULL)
              ORDER BY habit.commercial_partner_id NULLS LAST, habit.id DESC
                 LIMIT 1)""",
            company=company,
            customer=customer,
        )

    @api.model
    def _get_expected_delay_sql(self, delays, days_late) -> SQL:
        """Return what :func:`tools.payment_date.expected_delay` returns."""
        return SQL(
            """(SELECT CASE
                    WHEN passed.number < %(size)s
                    THEN habit.delays[
                        passed.number + (%(size)s - passed.number) / 2 + 1]
                    ELSE habit.days_late
                         + GREATEST(%(least)s, habit.days_late / 2)
                END
                  FROM (SELECT %(delays)s AS delays, %(days_late)s AS days_late) habit,
               LATERAL (SELECT width_bucket(habit.days_late, habit.delays)
                               AS number) passed
                 WHERE habit.delays IS NOT NULL)""",
            size=len(DECILES),
            least=LEAST_WAIT,
            delays=delays,
            days_late=days_late,
        )
