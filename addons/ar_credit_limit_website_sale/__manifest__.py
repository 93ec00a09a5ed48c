{
    "name": "Credit Holds in the Shop",
    "summary": "A shop order over the limit waits; its customer reads a polite text",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Odoo Receivables contributors",
    "website": "https://github.com/odoo-receivables/odoo-receivables",
    "license": "LGPL-3",
    "development_status": "Alpha",
    "depends": ["ar_credit_limit", "website_sale"],
    "data": [
        "views/templates.xml",
    ],
    "auto_install": True,
}
