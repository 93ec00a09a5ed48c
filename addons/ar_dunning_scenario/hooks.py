from odoo.addons.ar_ledger.hooks import forget_foreign_keys, forget_mixin_names

PROMISE_MODELS = ("ar.promise", "ar.payment.plan")


def uninstall_hook(env):
    """Leave nothing behind that Odoo's own uninstall does not know of."""
    names = ["ar_root_dunning_scenario_id", "ar_dunning_active"]
    env["ir.default"].sudo().search([("field_id.name", "in", names)]).unlink()
    _end_promises(env)
    # In this order, so that no row keeps another one from going; what else belongs to
    # the reminders (messages, files, activities) goes with their model.
    env.cr.execute(
        """UPDATE res_company SET ar_dunning_scenario_id = NULL;
           DELETE FROM ar_promise;
           DELETE FROM ar_payment_plan;
           DELETE FROM ar_dunning_reminder;
           DELETE FROM ar_dunning_call_result;
           DELETE FROM ar_dunning_scenario;"""
    )
    for model in ("ar.dunning.reminder", "ar.promise.mixin", *PROMISE_MODELS):
        forget_mixin_names(env, "ar_dunning_scenario", model)
    forget_foreign_keys(env, "ar_dunning_scenario")


def _end_promises(env):
    """End what promises suspend, so that the items are chased again where they were."""
    suspensions = env["ar.suspension"].search([("kind", "=", "promise")])
    suspensions._end(env._("Promises are no longer used"))
    suspensions.write({"source_model": False, "source_id": False})
    activities = env["mail.activity"].sudo().with_context(active_test=False)
    activities.search([("res_model", "in", PROMISE_MODELS)]).unlink()
