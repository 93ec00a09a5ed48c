from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from .ar_promise import DECIDED_STATES


class Reliability(NamedTuple):
    """How a customer kept the promises of the last 12 months, in one root company.

    ``count`` promises came to their end; ``by_number`` and ``by_amount`` are the parts
    of them that were kept, from 0 to 1.
    """

    count: int = 0
    by_number: float = 0.0
    by_amount: float = 0.0


NO_PROMISES = Reliability()


class ArPromiseReliability(models.Model):
    """How far the word of a customer goes, by what became of it before."""

    _inherit = "ar.promise"

    @api.model
    def _get_reliability_sql(self, where: SQL | None = None) -> SQL:
        """Return one row per customer and root company with promises that came to their
        end in the last 12 months.

        :param where: a further condition on the alias ``promise``
        """
        return SQL(
            """SELECT promise.commercial_partner_id, promise.company_id,
                      COUNT(*) AS decided_count,
                      AVG((promise.state = 'kept')::int)::float AS reliability,
                      (COALESCE(SUM(promise.amount_company)
                                FILTER (WHERE promise.state = 'kept'), 0)
                       / NULLIF(SUM(promise.amount_company), 0))::float
                          AS reliability_amount
                 FROM ar_promise promise
                 JOIN %(todays)s AS today(company_id, date)
                   ON today.company_id = promise.company_id
                WHERE promise.state IN %(decided)s
                  AND promise.date > today.date - INTERVAL '1 year'
                  AND %(where)s
             GROUP BY promise.commercial_partner_id, promise.company_id""",
            todays=self.env["res.company"]._ar_todays_sql(),
            decided=DECIDED_STATES,
            where=where or SQL("TRUE"),
        )

    @api.model
    def _get_reliabilities(self, partners, company):
        """Return {commercial partner id: :class:`Reliability`} of those with promises.

        One query. No access check: callers decide whose figures the user may see.
        """
        if not partners:
            return {}
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                """SELECT fact.commercial_partner_id, fact.decided_count,
                          fact.reliability, fact.reliability_amount
                     FROM (%s) fact""",
                self._get_reliability_sql(
                    SQL(
                        "promise.commercial_partner_id = ANY(%s)"
                        " AND promise.company_id = %s",
                        list(partners.ids),
                        company.root_id.id,
                    )
                ),
            )
        )
        return {partner_id: Reliability(*figures) for partner_id, *figures in rows}
