def uninstall_hook(env):
    """Leave nothing behind that Odoo's own uninstall does not know of."""
    env["ar.credit.limit"]._restore_core_values()
    _take_role_from_salespeople(env)
    for model in ("mail.activity", "mail.message", "ir.attachment", "mail.followers"):
        field = "model" if model == "mail.message" else "res_model"
        env[model].sudo().with_context(active_test=False).search(
            [(field, "=", "ar.credit.hold")]
        ).unlink()
    # Other addons' names for what they add to our model stay when the model goes.
    env["ir.model.data"].sudo().search(
        [("module", "!=", "ar_credit_limit"), ("name", "like", "__ar_credit_hold__")]
    ).unlink()


def _take_role_from_salespeople(env):
    salespeople = env.ref("sales_team.group_sale_salesman", raise_if_not_found=False)
    own = env.ref("ar_ledger.ar_ledger_group_own", raise_if_not_found=False)
    if salespeople and own:
        salespeople.implied_ids -= own
