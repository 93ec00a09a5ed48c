{
    "name": "Disputes on Orders and Deliveries",
    "summary": "Disputes raised from orders and transfers, with the order, the signed "
    "delivery and the returns as evidence",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Odoo Receivables contributors",
    "website": "https://github.com/odoo-receivables/odoo-receivables",
    "license": "LGPL-3",
    "development_status": "Alpha",
    "depends": ["ar_dispute", "sale_stock"],
    "data": [
        "views/ar_dispute_views.xml",
        "views/ar_dispute_analysis_views.xml",
        "views/ar_dispute_route_views.xml",
        "views/sale_order_views.xml",
        "views/stock_picking_views.xml",
    ],
    "assets": {
        "web.assets_tests": ["ar_dispute_sale_stock/static/tests/tours/*.js"],
    },
    "auto_install": True,
}
