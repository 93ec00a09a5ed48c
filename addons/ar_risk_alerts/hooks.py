"""What Odoo's own uninstall leaves to the addon."""

from odoo.addons.ar_ledger.hooks import forget_mixin_names


def uninstall_hook(env):
    """Free what alerts stopped, and remove them with all that hangs on them."""
    alerts = env["ar.risk.alert"].search([])
    alerts._close("switched_off")
    alerts.unlink()
    forget_mixin_names(env, "ar_risk_alerts", "ar.risk.alert")
