"""What Odoo's own install and uninstall leave to the addon."""

from odoo.addons.ar_ledger.hooks import forget_foreign_keys, forget_mixin_names

CONFIGURATION_MODELS = (
    "ar.corrective.action",
    "ar.dispute.route",
    "ar.dispute.reason",
    "ar.dispute.cause",
)


def post_init_hook(env):
    """Give the companies that exist already their own numbering of disputes."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies._create_dispute_sequences()


def uninstall_hook(env):
    """End what disputes suspend, so that the items are chased again where they were,
    and remove our records with all that hangs on them."""
    disputes = env["ar.dispute"].search([])
    disputes._get_undecided()._end("withdrawn")
    disputes._get_suspensions().write({"source_model": False, "source_id": False})
    disputes.unlink()
    for model in CONFIGURATION_MODELS:
        env[model].with_context(active_test=False).search([]).unlink()
    env["ir.sequence"].search([("code", "=", "ar.dispute")]).unlink()
    aliases = env["mail.alias"].search([("alias_model_id.model", "=", "ar.dispute")])
    aliases.unlink()
    for model in ("ar.dispute", "ar.corrective.action"):
        forget_mixin_names(env, "ar_dispute", model)
    forget_foreign_keys(env, "ar_dispute")
