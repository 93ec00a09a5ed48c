from odoo.tests import Form, tagged

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestSwitch(ReceivablesCommon):
    def test_off_until_switched_on(self):
        company = self.env["res.company"].create({"name": "Fresh"})
        self.assertFalse(company.ar_ledger_active)

    def test_branches_follow_their_root(self):
        branch = self.new_branch()
        self.assertTrue(branch.ar_ledger_active)
        self.company.ar_ledger_active = False
        self.assertFalse(branch.ar_ledger_active)

    def test_set_in_the_settings(self):
        self.company.ar_ledger_active = False
        settings = self.env["res.config.settings"].create({})
        settings.ar_ledger_active = True
        settings.execute()
        self.assertTrue(self.company.ar_ledger_active)

    def test_tab_shows_only_when_on(self):
        for active in (True, False):
            self.company.ar_ledger_active = active
            self.env.invalidate_all()
            with self.subTest(active=active):
                form = Form(self.customer.with_user(self.user_viewer))
                self.assertEqual(form.ar_ledger_active, active)
