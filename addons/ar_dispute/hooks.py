"""What Odoo's own install and uninstall leave to the addon."""

OWN_MODELS = ("ar.dispute", "ar.dispute.line", "ar.dispute.reason", "ar.dispute.cause")


def post_init_hook(env):
    """Give the companies that exist already their own numbering of disputes."""
    companies = env["res.company"].with_context(active_test=False).search([])
    companies._create_dispute_sequences()


def uninstall_hook(env):
    """Remove what hangs on our records without a foreign key, and the numbering."""
    env["mail.activity"].search([("res_model", "in", OWN_MODELS)]).unlink()
    env["mail.message"].search([("model", "in", OWN_MODELS)]).unlink()
    env["mail.followers"].search([("res_model", "in", OWN_MODELS)]).unlink()
    env["ir.attachment"].search([("res_model", "in", OWN_MODELS)]).unlink()
    env["ir.sequence"].search([("code", "=", "ar.dispute")]).unlink()
