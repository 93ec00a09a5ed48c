from odoo import api, fields, models
from odoo.tools import SQL

from ..tools.exposure import BUCKETS
from .ar_exposure_item import SOURCES


class ArExposureProjection(models.Model):
    """How the exposure falls due, month by month; what is overdue is due this month.

    Orders are taken as invoiced on their delivery date, or today, under their payment
    terms. One row per customer, company, month and bucket, in the company's currency.
    """

    _name = "ar.exposure.projection"
    _description = "Exposure Projection"
    _auto = False
    _order = "month, id"
    _rec_name = "commercial_partner_id"
    _depends = SOURCES

    commercial_partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    bucket = fields.Selection(list(BUCKETS), readonly=True)
    month = fields.Date(
        readonly=True, help="The first day of the month in which it falls due."
    )
    amount = fields.Monetary(string="Falling Due", readonly=True)

    @property
    def _table_query(self) -> SQL:
        return SQL(
            """SELECT MIN(item.id) AS id, item.commercial_partner_id,
                      item.root_company_id AS company_id,
                      item.company_currency_id AS currency_id,
                      customer.user_id, item.bucket, due.month,
                      SUM(item.amount) AS amount
                 FROM (%(items)s) item
                 JOIN %(todays)s AS today(company_id, date)
                   ON today.company_id = item.root_company_id
                 JOIN res_partner customer ON customer.id = item.commercial_partner_id
           CROSS JOIN LATERAL (VALUES (
                    date_trunc('month', GREATEST(item.date_due, today.date))::date
                )) due(month)
             GROUP BY item.commercial_partner_id, item.root_company_id,
                      item.company_currency_id, customer.user_id, item.bucket,
                      due.month""",
            items=self._get_items_sql(),
            todays=self.env["res.company"]._ar_todays_sql(),
        )

    @api.model
    def _get_items_sql(self) -> SQL:
        return self.env["ar.exposure.item"]._facts_sql(
            [
                "id",
                "commercial_partner_id",
                "root_company_id",
                "company_currency_id",
                "bucket",
                "date_due",
                "amount",
            ]
        )
