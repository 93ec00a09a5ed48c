"""Positions whose credit limit is to be reviewed."""

from odoo import api, fields, models
from odoo.tools import SQL


class ArPosition(models.Model):
    _inherit = "ar.position"
    _depends = {
        "ar.credit.limit": ["currency_id", "review_date"],
        "ar.credit.policy": [
            "company_id",
            "default_amount",
            "default_limit_state",
            "risk_class_id",
        ],
        "res.currency.rate": ["company_id", "currency_id", "name", "rate"],
    }

    review_date = fields.Date(
        string="Limit Review",
        readonly=True,
        help="The day on which the credit limit in force is to be looked at again.",
    )
    is_review_due = fields.Boolean(
        string="Review Due",
        readonly=True,
        help="The day of the review is today or has passed.",
    )

    @api.model
    def _get_columns(self):
        return {
            **super()._get_columns(),
            "review_date": SQL("granted.review_date"),
            "is_review_due": SQL(
                "COALESCE(granted.review_date <= review_today.date, FALSE)"
            ),
        }

    @api.model
    def _get_joins(self):
        return super()._get_joins() + [
            SQL(
                "JOIN %s AS review_today(company_id, date)"
                " ON review_today.company_id = customer.company_id",
                self.env["res.company"]._ar_todays_sql(),
            )
        ]
