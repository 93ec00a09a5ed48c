"""Payment terms, articles and their stock."""

from odoo import Command

from ..tools import plan, tables

TERM_NAMES = {
    "net14": "14 days",
    "net30": "30 days",
    "net45": "45 days",
    "net60": "60 days",
    "deposit": "30% on receipt, 70% after 60 days",
}
STOCK = 20000


def build_catalogue(demo):
    _build_terms(demo)
    _build_products(demo)
    for key in demo.companies:
        _fill_stock(demo, key)


def _build_terms(demo):
    terms = demo.env["account.payment.term"].create(
        [
            {
                "name": TERM_NAMES[key],
                "company_id": False,
                "line_ids": [
                    Command.create(
                        {
                            "value": "percent",
                            "value_amount": share * 100,
                            "nb_days": days,
                        }
                    )
                    for share, days in parts
                ],
            }
            for key, parts in plan.TERMS.items()
        ]
    )
    demo.terms = dict(zip(plan.TERMS, terms, strict=True))


def _build_products(demo):
    rows = tables.products()
    taxes = demo.env["account.tax"].browse(
        company.account_sale_tax_id.id for company in demo.companies.values()
    )
    products = demo.model("product.product").create(
        [
            {
                "name": row.name,
                "default_code": row.code,
                "list_price": row.price,
                "standard_price": round(row.price * 0.62, 2),
                "is_storable": True,
                "invoice_policy": "delivery",
                "taxes_id": [Command.set(taxes.ids)],
            }
            for row in rows
        ]
    )
    demo.products = {
        row.code: product for row, product in zip(rows, products, strict=True)
    }


def _fill_stock(demo, key):
    warehouse = _warehouse(demo, key)
    demo.model("stock.quant", key).with_context(inventory_mode=True).create(
        [
            {
                "product_id": product.id,
                "location_id": warehouse.lot_stock_id.id,
                "inventory_quantity": STOCK,
            }
            for product in demo.products.values()
        ]
    ).action_apply_inventory()


def _warehouse(demo, key):
    company = demo.companies[key]
    model = demo.model("stock.warehouse", key)
    values = {"name": company.city, "code": company.city[:3].upper()}
    warehouse = model.search([("company_id", "=", company.id)], limit=1)
    if warehouse:
        warehouse.write(values)
        return warehouse
    return model.create(
        {**values, "company_id": company.id, "partner_id": company.partner_id.id}
    )
