from odoo import api, fields, models
from odoo.tools import SQL


class ArPosition(models.Model):
    _inherit = "ar.position"
    _depends = {
        "ar.dunning.item": [
            "commercial_partner_id",
            "company_id",
            "next_date",
            "wait_until",
        ]
    }

    next_reminder_date = fields.Date(
        string="Next Reminder",
        readonly=True,
        aggregator="min",
        help="When the next step of a scenario is due for one of the items.",
    )

    @api.model
    def _get_columns(self):
        return {
            **super()._get_columns(),
            "next_reminder_date": SQL("dunning.next_reminder_date"),
        }

    @api.model
    def _get_joins(self):
        return super()._get_joins() + [
            SQL(
                """LEFT JOIN (
                    SELECT commercial_partner_id, company_id,
                           MIN(GREATEST(next_date, wait_until))
                               AS next_reminder_date
                      FROM ar_dunning_item
                     WHERE next_date IS NOT NULL
                  GROUP BY commercial_partner_id, company_id
                ) dunning
                  ON dunning.commercial_partner_id = customer.commercial_partner_id
                 AND dunning.company_id = customer.company_id"""
            )
        ]
