"""Colleagues (users) and customers with their contacts."""

from odoo import Command

from ..tools import tables

#: The customer whose contact has the portal login.
PORTAL_CUSTOMER = "pennine_catering_ltd"
#: Ranges that the numbering plans keep for fiction; Belgium and Spain have none.
PHONES = {
    "FR": "+33 1 99 00 10 {:02d}",
    "DE": "+49 30 23125 1{:02d}",
    "GB": "+44 20 7946 08{:02d}",
    "US": "+1 617 555 01{:02d}",
}
ADMIN_GROUPS = (
    "account.group_account_manager",
    "sales_team.group_sale_manager",
    "stock.group_stock_manager",
)


def build_people(demo):
    demo.env["res.lang"]._activate_lang("fr_FR")
    _build_users(demo)
    _build_customers(demo)
    _build_portal_user(demo)


def _build_users(demo):
    companies = [Command.set([company.id for company in demo.companies.values()])]
    rows = tables.colleagues()
    users = demo.model("res.users").create(
        [
            {
                "name": row.name,
                "login": row.login,
                "password": row.login,
                "email": f"{row.login}@comptoir-lavigne.example",
                "company_id": demo.companies["eu"].id,
                "company_ids": companies,
                "group_ids": [
                    Command.set(
                        [
                            demo.env.ref(xmlid).id
                            for xmlid in ("base.group_user", *row.groups)
                        ]
                    )
                ],
                "tz": "Europe/Paris",
                "notification_type": "inbox",  # activities are not mailed
            }
            for row in rows
        ]
    )
    demo.users = dict(zip((row.login for row in rows), users, strict=True))
    admin = demo.env.ref("base.user_admin")
    admin.write(
        {
            "group_ids": [Command.link(demo.env.ref(x).id) for x in ADMIN_GROUPS],
            "tz": "Europe/Paris",
            "notification_type": "inbox",
        }
    )
    demo.users["admin"] = admin


def _build_customers(demo):
    rows = tables.customers()
    partners = demo.model("res.partner").create(
        [_customer_values(demo, row, number) for number, row in enumerate(rows)]
    )
    demo.customers = {
        row.key: partner for row, partner in zip(rows, partners, strict=True)
    }
    for key in demo.companies:
        for row in rows:
            partner = demo.customers[row.key].with_company(demo.companies[key])
            partner.property_payment_term_id = demo.terms[row.terms]


def _customer_values(demo, row, number):
    lang = "fr_FR" if row.country == "FR" else "en_US"
    return {
        "name": row.name,
        "is_company": True,
        "street": row.street,
        "zip": row.zip,
        "city": row.city,
        "state_id": demo.state(row.state).id if row.state else False,
        "country_id": demo.country(row.country).id,
        "email": f"accounts@{row.domain}",
        "phone": PHONES.get(row.country, "").format(number),
        "lang": lang,
        "user_id": demo.users[row.salesperson].id,
        "customer_rank": 1,
        "child_ids": [
            Command.create(
                {
                    "name": row.contact,
                    "type": "contact",
                    "email": row.contact_email,
                    "lang": lang,
                }
            )
        ],
    }


def _build_portal_user(demo):
    contact = demo.customers[PORTAL_CUSTOMER].child_ids
    demo.users["customer"] = demo.model("res.users").create(
        {
            "partner_id": contact.id,
            "login": "customer",
            "password": "customer",
            "company_id": demo.companies["eu"].id,
            "company_ids": [Command.set([demo.companies["eu"].id])],
            "group_ids": [Command.set([demo.env.ref("base.group_portal").id])],
        }
    )
