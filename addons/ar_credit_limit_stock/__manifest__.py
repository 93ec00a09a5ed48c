{
    "name": "Credit Holds on Deliveries",
    "summary": "Outgoing transfers of a stopped customer wait, with the reason",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Odoo Receivables contributors",
    "website": "https://github.com/odoo-receivables/odoo-receivables",
    "license": "LGPL-3",
    "development_status": "Alpha",
    "depends": ["ar_credit_limit", "sale_stock"],
    "data": [
        "views/res_config_settings_views.xml",
        "views/sale_order_views.xml",
        "views/stock_picking_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["ar_credit_limit_stock/static/tests/tours/*.js"],
    },
    "auto_install": True,
}
