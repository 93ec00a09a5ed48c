"""What Odoo's own uninstall leaves to the addon."""

OWN_MODELS = ("ar.risk.rule", "ar.risk.alert")


def uninstall_hook(env):
    """Undo what alerts did, and remove what hangs on them without a foreign key."""
    alerts = env["ar.risk.alert"].search([("state", "=", "open")])
    alerts._close("switched_off")
    env["mail.activity"].search([("res_model", "in", OWN_MODELS)]).unlink()
    env["mail.message"].search([("model", "in", OWN_MODELS)]).unlink()
    env["mail.followers"].search([("res_model", "in", OWN_MODELS)]).unlink()
    env["ir.attachment"].search([("res_model", "in", OWN_MODELS)]).unlink()
