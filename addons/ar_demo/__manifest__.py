{
    "name": "Receivables Demo Company",
    "summary": "A wholesaler with two companies and 18 months of history to try",
    "version": "19.0.1.0.0",
    "development_status": "Alpha",
    "category": "Hidden",
    "author": "Odoo Receivables contributors",
    "website": "https://github.com/odoo-receivables/odoo-receivables",
    "license": "LGPL-3",
    "depends": [
        "contacts",
        "sale_management",
        "ar_credit_limit_stock",
        "ar_risk_alerts",
    ],
    "post_init_hook": "post_init_hook",
}
