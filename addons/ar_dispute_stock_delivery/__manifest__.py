{
    "name": "Disputes by Carrier",
    "summary": "Disputes know who carried the goods; routing and analysis by carrier",
    "version": "19.0.1.0.0",
    "category": "Accounting/Accounting",
    "author": "Odoo Receivables contributors",
    "website": "https://github.com/odoo-receivables/odoo-receivables",
    "license": "LGPL-3",
    "development_status": "Alpha",
    "depends": ["ar_dispute_sale_stock", "stock_delivery"],
    "data": [
        "views/ar_dispute_views.xml",
        "views/ar_dispute_analysis_views.xml",
        "views/ar_dispute_route_views.xml",
    ],
    "auto_install": True,
}
