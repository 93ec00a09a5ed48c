def uninstall_hook(env):
    """Leave nothing behind that Odoo's own uninstall does not know of."""
    env["ar.credit.limit"]._restore_core_values()
    env["ir.default"].sudo().search(
        [("field_id.model", "=like", "ar.credit.%")]
    ).unlink()
    for model in ("mail.activity", "mail.message", "ir.attachment", "mail.followers"):
        field = "model" if model == "mail.message" else "res_model"
        env[model].sudo().with_context(active_test=False).search(
            [(field, "=", "ar.credit.hold")]
        ).unlink()
