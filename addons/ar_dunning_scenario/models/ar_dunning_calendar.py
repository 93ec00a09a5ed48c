import pytz

from odoo import api, fields, models
from odoo.tools import SQL


class ArDunningCalendar(models.Model):
    """On which days customers of a country are written to and called."""

    _name = "ar.dunning.calendar"
    _description = "Working Days of Customers by Country"
    _order = "company_id, country_id"
    _rec_name = "country_id"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company.root_id,
        domain="[('parent_id', '=', False)]",
        index=True,
        ondelete="cascade",
    )
    country_id = fields.Many2one("res.country", required=True, ondelete="cascade")
    calendar_id = fields.Many2one(
        "resource.calendar",
        string="Working Days",
        required=True,
        domain="[('company_id', 'in', (False, company_id))]",
        ondelete="cascade",
        help="Its days off for everybody are the public holidays of the country.",
    )

    _country_unique = models.UniqueIndex(
        "(company_id, country_id)", "This country has its working days already."
    )

    @api.model
    def _get_calendar_sql(self) -> SQL:
        """Return which calendar's days a customer is contacted on: the customer's own,
        else that of the country, else the company's; NULL is every day.

        ``customer`` is the commercial partner, ``company`` the root company.
        """
        return SQL(
            """COALESCE(
                customer.ar_dunning_calendar_id,
                (SELECT of_country.calendar_id FROM ar_dunning_calendar of_country
                  WHERE of_country.company_id = company.id
                    AND of_country.country_id = customer.country_id),
                company.ar_dunning_calendar_id)"""
        )

    @api.model
    def _get_of_customers(self, company, customers):
        """Return {commercial partner id: resource.calendar} for a root company."""
        self.env.flush_all()
        rows = self.env.execute_query(
            SQL(
                """SELECT customer.id, %s
                     FROM res_partner customer, res_company company
                    WHERE customer.id = ANY(%s) AND company.id = %s""",
                self._get_calendar_sql(),
                customers.ids,
                company.id,
            )
        )
        calendars = self.env["resource.calendar"].sudo()
        return {
            partner_id: calendars.browse(calendar_id)
            for partner_id, calendar_id in rows
        }


def get_timezone(partner, default):
    """Return the time zone in which a customer works.

    Odoo gives a contact the zone of whoever entered it, so the country is asked first;
    where it has several zones, the contact's own counts if it is one of them.

    :param partner: res.partner
    :param str default: for customers without a country
    """
    zones = pytz.country_timezones.get(partner.country_id.code or "", ())
    if not zones:
        return default
    return next((zone for zone in (partner.tz, default) if zone in zones), zones[0])
