from odoo import api, fields, models
from odoo.tools import SQL


class ArPosition(models.Model):
    _inherit = "ar.position"
    _depends = {
        "ar.promise": [
            "amount_company",
            "commercial_partner_id",
            "company_id",
            "date",
            "state",
        ]
    }

    promise_count = fields.Integer(
        string="Promises That Came to Their End",
        readonly=True,
        help="Kept, partly kept or broken, of those for the last 12 months.",
    )
    promise_reliability = fields.Float(
        string="Promises Kept",
        readonly=True,
        aggregator=None,
        help="Of the promises of the last 12 months that came to their end, the part "
        "that was kept. Nothing is known of customers without any.",
    )
    promise_reliability_amount = fields.Float(
        string="Promised Amount Kept",
        readonly=True,
        aggregator=None,
        help="The same by amount: a broken promise weighs as much as was promised.",
    )

    @api.model
    def _get_columns(self):
        return {
            **super()._get_columns(),
            "promise_count": SQL("COALESCE(promises.decided_count, 0)"),
            "promise_reliability": SQL("promises.reliability"),
            "promise_reliability_amount": SQL("promises.reliability_amount"),
        }

    @api.model
    def _get_joins(self):
        return super()._get_joins() + [
            SQL(
                """LEFT JOIN (%s) promises
                  ON promises.commercial_partner_id = customer.commercial_partner_id
                 AND promises.company_id = customer.company_id""",
                self.env["ar.promise"]._get_reliability_sql(),
            )
        ]

    def action_open_promises(self):
        """Drill down: the promises behind the figures of this row."""
        self.ensure_one()
        customer = self.commercial_partner_id.with_company(self.company_id)
        return customer.action_open_ar_promises()
