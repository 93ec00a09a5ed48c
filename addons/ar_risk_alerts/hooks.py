"""What Odoo's own uninstall leaves to the addon."""

from odoo.addons.ar_ledger.hooks import forget_foreign_keys, forget_mixin_names


def uninstall_hook(env):
    """Free what alerts stopped, take back what they changed, and remove them with all
    that hangs on them."""
    alerts = env["ar.risk.alert"].search([])
    alerts._close("switched_off")
    alerts.unlink()
    env.cr.execute("UPDATE res_company SET ar_risk_new_class_id = NULL")
    forget_mixin_names(env, "ar_risk_alerts", "ar.risk.alert")
    forget_foreign_keys(env, "ar_risk_alerts")
