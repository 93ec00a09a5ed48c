def uninstall_hook(env):
    """Leave nothing behind that Odoo's own uninstall does not know of."""
    names = ["ar_root_dunning_scenario_id", "ar_dunning_active"]
    env["ir.default"].sudo().search([("field_id.name", "in", names)]).unlink()
