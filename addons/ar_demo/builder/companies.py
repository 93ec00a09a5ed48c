"""The two companies: addresses, charts, taxes, bank, exchange rates."""

from datetime import timedelta
from random import Random

from odoo.exceptions import UserError

from ..tools import plan

COMPANIES = {
    "eu": {
        "name": "Comptoir Lavigne",
        "country": "FR",
        "state": "",
        "currency": "EUR",
        "tz": "Europe/Paris",
        "tax": 20.0,
        "tax_group": "VAT",
        "address": {
            "street": "48 rue de Gerland",
            "zip": "69007",
            "city": "Lyon",
            "phone": "+33 4 99 00 12 34",
            "email": "compta@comptoir-lavigne.example",
        },
    },
    "us": {
        "name": "Lavigne Supply Inc.",
        "country": "US",
        "state": "MA",
        "currency": "USD",
        "tz": "America/New_York",
        "tax": 6.25,
        "tax_group": "Sales tax",
        "address": {
            "street": "300 Marginal Way",
            "zip": "02128",
            "city": "Boston",
            "phone": "+1 617 555 0142",
            "email": "receivables@lavigne-supply.example",
        },
    },
}
#: Units of a currency for one euro, around which the rates of the history move.
EURO_RATES = {"USD": 1.09, "GBP": 0.855}


def build_companies(demo):
    demo.env["res.currency"].browse(
        demo.currency(code).id for code in ("EUR", "USD", "GBP")
    ).active = True
    for key, facts in COMPANIES.items():
        company = demo.companies[key] = _company(demo, key, facts)
        _load_chart(demo.env, company)
        _set_pricelist(demo, key)
        _set_taxes(demo, key, facts)
        _set_banks(demo, key)
    admin = demo.env.ref("base.user_admin")
    admin.company_ids = sum(demo.companies.values(), admin.company_ids)
    admin.company_id = demo.companies["eu"]
    demo.start_history()
    _set_rates(demo)


def _company(demo, key, facts):
    country = demo.country(facts["country"])
    values = {
        **facts["address"],
        "name": facts["name"],
        "country_id": country.id,
        "state_id": demo.state(facts["state"]).id if facts["state"] else False,
        "currency_id": demo.currency(facts["currency"]).id,
        "stock_text_confirmation": False,
        "stock_move_email_validation": False,
    }
    if "iap_enrich_auto_done" in demo.env["res.company"]._fields:
        values["iap_enrich_auto_done"] = True  # invented: nothing to look up online
    if key == "eu":
        company = demo.env.ref("base.main_company")
        if company._existing_accounting():
            raise UserError(
                demo.env._(
                    "The demo company needs a database without accounting entries;"
                    " %(company)s has some. Install it in a new database.",
                    company=company.name,
                )
            )
        company.write(values)
    else:
        company = demo.env["res.company"].create(values)
    company.partner_id.write({"tz": facts["tz"], "lang": "en_US"})
    return company


def _load_chart(env, company):
    if not company.chart_template:
        env["account.chart.template"]._load("generic_coa", company, install_demo=False)
    # The generic chart takes every company for an American one.
    company.account_fiscal_country_id = company.country_id


def _set_pricelist(demo, key):
    """The pricelist that came with the company keeps its first currency: follow."""
    company = demo.companies[key]
    pricelists = demo.model("product.pricelist", key)
    pricelists.search([("company_id", "=", company.id)]).write(
        {"name": company.name, "currency_id": company.currency_id.id}
    )


def _set_taxes(demo, key, facts):
    company = demo.companies[key]
    domain = [("company_id", "=", company.id)]
    taxes = demo.model("account.tax", key).search(domain)
    groups = demo.model("account.tax.group", key).search(domain)
    (groups | taxes.tax_group_id).country_id = company.country_id
    taxes.country_id = company.country_id
    label = f"{facts['tax']:g}%"
    domestic = company.account_sale_tax_id | company.account_purchase_tax_id
    domestic.write({"name": label, "invoice_label": label, "amount": facts["tax"]})
    domestic.tax_group_id.name = facts["tax_group"]
    # The others' goods leave with the chart's "Foreign Trade" position, untaxed.
    chart = demo.model("account.chart.template", key)
    position = chart.ref("template_generic_domestic_fiscal_position")
    position.country_id = company.country_id


def _set_banks(demo, key):
    """Payments are entered from the bank's own account: no statement to match."""
    journals = demo.model("account.journal", key).search(
        [("type", "=", "bank"), ("company_id", "=", demo.companies[key].id)]
    )
    for journal in journals:
        journal.inbound_payment_method_line_ids.payment_account_id = (
            journal.default_account_id
        )


def _set_rates(demo):
    """One rate a month for each company and foreign currency."""
    rng = Random(plan.SEED)
    months = plan.HISTORY_DAYS // 30 + 2
    euro = {
        code: [rate * (1 + rng.uniform(-0.02, 0.02)) for _month in range(months)]
        for code, rate in EURO_RATES.items()
    }
    euro["EUR"] = [1.0] * months
    rates = demo.env["res.currency.rate"]
    companies = demo.env["res.company"].union(*demo.companies.values())
    rates.search([("company_id", "in", companies.ids)]).unlink()
    rates.create(
        [
            {
                "name": demo.today - timedelta(days=30 * month),
                "company_id": company.id,
                "currency_id": demo.currency(code).id,
                "rate": values[month] / euro[company.currency_id.name][month],
            }
            for company in companies
            for code, values in euro.items()
            if code != company.currency_id.name
            for month in range(months)
        ]
    )
