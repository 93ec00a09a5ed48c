def uninstall_hook(env):
    """Leave nothing behind that Odoo's own uninstall does not know of."""
    names = ["ar_root_collector_id", "ar_root_risk_class_id", "ar_ledger_active"]
    env["ir.default"].sudo().search([("field_id.name", "in", names)]).unlink()
    # Messages, files and activities of answers go with their model.
    env.cr.execute("DELETE FROM ar_answer")
    forget_mixin_names(env, "ar_ledger", "ar.answer")
    forget_foreign_keys(env, "ar_ledger")


def forget_foreign_keys(env, addon):
    """Forget the foreign keys of an addon, for its uninstall hook: they go with their
    columns, but Odoo keeps its records about those on models that stay."""
    env.cr.execute(
        """DELETE FROM ir_model_constraint WHERE type = 'f' AND module IN (
               SELECT id FROM ir_module_module WHERE name = %s)""",
        [addon],
    )
    env.invalidate_all(flush=False)


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
