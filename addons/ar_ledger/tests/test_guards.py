"""What every model of the suite has, whichever addon it comes with."""

from odoo.tests import TransactionCase, tagged

#: Vocabularies that all companies share.
SHARED = {
    "ar.dispute.cause",
    "ar.dispute.reason",
    "ar.dunning.call.result",
    "ar.risk.class",
    "ar.risk.outside.source",
}
#: Roles that give nothing of the suite.
OUTSIDERS = ("base.group_user", "base.group_portal", "base.group_public")
OPERATIONS = ("perm_read", "perm_write", "perm_create", "perm_unlink")


@tagged("post_install", "-at_install")
class TestGuards(TransactionCase):
    """Whoever adds a model and forgets to guard it reads so here."""

    def models(self):
        """Return the models of all addons of the suite that are installed."""
        models = [self.env[name] for name in sorted(self.env)]
        return [
            model
            for model in models
            if model._name.startswith("ar.") and not model._abstract
        ]

    def accesses(self, model):
        return self.env["ir.model.access"].search(
            [("model_id.model", "=", model._name)]
        )

    def grants(self, model):
        """Return the accesses that allow anything at all."""
        return self.accesses(model).filtered(
            lambda access: any(access[operation] for operation in OPERATIONS)
        )

    def keeps_companies_apart(self, rule):
        """Return whether no role escapes the rule, whatever it does."""
        return (
            not rule.groups
            and "company_ids" in (rule.domain_force or "")
            and all(rule[operation] for operation in OPERATIONS)
        )

    def test_companies_are_kept_apart(self):
        looked_at = 0
        for model in self.models():
            if model._transient or model._name in SHARED or not self.grants(model):
                continue
            with self.subTest(model._name):
                rules = self.env["ir.rule"].search(
                    [("model_id.model", "=", model._name)]
                )
                self.assertTrue(rules.filtered(self.keeps_companies_apart))
                looked_at += 1
        self.assertGreaterEqual(looked_at, 4, "those of this addon at least")

    def test_nothing_for_outsiders(self):
        outsiders = self.env["res.groups"].concat(*map(self.env.ref, OUTSIDERS))
        for model in self.models():
            for access in self.grants(model):
                with self.subTest(access.name):
                    self.assertTrue(access.group_id, "it is for everybody")
                    self.assertNotIn(access.group_id, outsiders)

    def test_denied_first(self):
        """A row says no to those without a role: not only is there none that says
        yes."""
        for model in self.models():
            if not model._transient:
                with self.subTest(model._name):
                    rows = self.accesses(model)
                    self.assertTrue(rows.filtered(lambda access: not access.group_id))
