"""What Odoo's own uninstall leaves to the addon."""


def uninstall_hook(env):
    """Free what alerts stopped, and remove them with all that hangs on them."""
    alerts = env["ar.risk.alert"].search([])
    alerts._close("switched_off")
    alerts.unlink()
