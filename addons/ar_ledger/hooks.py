def uninstall_hook(env):
    """Leave nothing behind that Odoo's own uninstall does not know of."""
    names = ["ar_root_collector_id", "ar_root_risk_class_id", "ar_ledger_active"]
    env["ir.default"].sudo().search([("field_id.name", "in", names)]).unlink()
