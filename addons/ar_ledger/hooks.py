def uninstall_hook(env):
    """Leave nothing behind that Odoo's own uninstall does not know of."""
    names = ["ar_root_collector_id", "ar_root_risk_class_id", "ar_ledger_active"]
    env["ir.default"].sudo().search([("field_id.name", "in", names)]).unlink()


def forget_mixin_names(env, addon, model):
    """Forget what other addons call the fields that their mixins gave a model of ours.

    Odoo names those after the addon of the mixin and does not take the names back when
    the model goes. For the uninstall hooks of addons whose models inherit mail.thread.
    """
    pattern = f"^(selection|model_inherit)__{model.replace('.', '_')}__"
    env.flush_all()
    env.cr.execute(
        "DELETE FROM ir_model_data WHERE module != %s AND name ~ %s", (addon, pattern)
    )
    env.invalidate_all()
