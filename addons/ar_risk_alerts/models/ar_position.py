from odoo import api, fields, models
from odoo.tools import SQL


class ArPosition(models.Model):
    _inherit = "ar.position"
    _depends = {
        "ar.risk.score": [
            "commercial_partner_id",
            "company_id",
            "confidence",
            "date",
            "points",
        ],
        "ar.payment.habit": ["commercial_partner_id", "company_id", "usual_delay"],
    }

    risk_points = fields.Float(
        readonly=True,
        digits=(5, 1),
        aggregator="avg",
        help="From 0, no risk, to 100. Empty where nothing is known.",
    )
    risk_confidence = fields.Float(
        readonly=True,
        aggregator=None,
        help="How much of what counts is known of this customer.",
    )

    usual_delay = fields.Integer(
        string="Usually Pays After",
        readonly=True,
        aggregator="avg",
        help="Days after the due date, by the payments of the last year. Empty for who "
        "has not paid anything.",
    )

    @api.model
    def _get_columns(self):
        return {
            **super()._get_columns(),
            "risk_points": SQL("score.points"),
            "risk_confidence": SQL("score.confidence"),
            "usual_delay": SQL(
                """(SELECT habit.usual_delay FROM ar_payment_habit habit
                     WHERE habit.company_id = customer.company_id
                       AND habit.commercial_partner_id
                           = customer.commercial_partner_id
                  ORDER BY habit.id DESC LIMIT 1)"""
            ),
        }

    @api.model
    def _get_joins(self):
        # DISTINCT ON, not a flag on the row: merged customers have two last rows.
        return super()._get_joins() + [
            SQL(
                """LEFT JOIN (
                    SELECT DISTINCT ON (company_id, commercial_partner_id)
                           company_id, commercial_partner_id, points, confidence
                      FROM ar_risk_score
                  ORDER BY company_id, commercial_partner_id, date DESC, id DESC
                ) score
                  ON score.commercial_partner_id = customer.commercial_partner_id
                 AND score.company_id = customer.company_id"""
            )
        ]
