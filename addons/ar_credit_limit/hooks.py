from odoo.addons.ar_ledger.hooks import forget_foreign_keys, forget_mixin_names

#: Models of ours with a chatter.
THREADS = ("ar.credit.hold", "ar.credit.change")


def uninstall_hook(env):
    """Leave nothing behind that Odoo's own uninstall does not know of."""
    env["ar.credit.limit"]._restore_core_values()
    _take_role_from_salespeople(env)
    for model in ("mail.activity", "mail.message", "ir.attachment", "mail.followers"):
        field = "model" if model == "mail.message" else "res_model"
        env[model].sudo().with_context(active_test=False).search(
            [(field, "in", THREADS)]
        ).unlink()
    for thread in THREADS:
        forget_mixin_names(env, "ar_credit_limit", thread)
    forget_foreign_keys(env, "ar_credit_limit")


def _take_role_from_salespeople(env):
    salespeople = env.ref("sales_team.group_sale_salesman", raise_if_not_found=False)
    own = env.ref("ar_ledger.ar_ledger_group_own", raise_if_not_found=False)
    if salespeople and own:
        salespeople.implied_ids -= own
