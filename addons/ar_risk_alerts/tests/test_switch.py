from contextlib import contextmanager

from odoo.tests import Form, tagged

from ..hooks import uninstall_hook
from .common import RiskCommon


@tagged("post_install", "-at_install")
class TestSwitch(RiskCommon):
    two_companies = True

    def test_off_means_no_stage_no_alert_no_query(self):
        self.env["res.company"].search([]).ar_risk_active = False
        move = self.overdue()
        queries = []
        with contextmanager(self._patchExecute)(queries):
            self.pay(move, 100)
            self.recheck()
            self.assertFalse(self.customer.ar_risk_alert_ids)
        self.assertTrue(queries)
        ours = ('"ar_risk_alert"', '"ar_risk_rule"', " ar_risk_alert")
        self.assertFalse([q for q in queries if any(name in str(q) for name in ours)])
        self.run_night()
        self.assertFalse(self.alerts())
        self.assertFalse(self.env["ar.run"].search([("stage", "=", "alerts")]))

    def test_each_company_for_itself(self):
        self.switch_on(
            self.company_b, ar_ledger_active=True, ar_credit_limit_mode="hold"
        )
        self.overdue(company=self.company_b)
        self.run_night()
        self.assertFalse(self.alerts(), "switched off in company B")
        self.switch_on(self.company_b, ar_risk_active=True)
        self.evaluate(company=self.company_b)
        alert = self.open_alert()
        self.assertEqual(alert.company_id, self.company_b)
        stops = self.env["ar.credit.hold"]._get_customer_stops(
            self.customer, self.company, "customer_deliveries"
        )
        self.assertFalse(stops, "company A goes on delivering")
        self.company.ar_risk_active = False
        self.assertEqual(alert.state, "open")

    def test_off_frees_what_was_stopped(self):
        self.overdue()
        self.evaluate()
        alert = self.open_alert()
        self.company.ar_risk_active = False
        self.assertEqual((alert.state, alert.close_reason), ("closed", "switched_off"))
        self.assertEqual(self.hold(alert).state, "cleared")

    def test_uninstalling_frees_what_was_stopped(self):
        self.overdue()
        self.evaluate()
        alert = self.open_alert()
        hold = self.hold(alert)
        uninstall_hook(self.env(su=True))
        self.assertFalse(alert.exists())
        self.assertEqual(hold.state, "cleared")

    def test_branches_follow_their_root(self):
        branch = self.new_branch()
        self.assertTrue(branch.ar_risk_active)

    def test_set_in_the_settings(self):
        settings = self.env["res.config.settings"].create({})
        settings.ar_risk_active = False
        settings.execute()
        self.assertFalse(self.company.ar_risk_active)

    def test_customer_form_opens_for_every_role(self):
        self.overdue()
        self.evaluate()
        for user in (self.user_own, self.user_viewer, self.user_manager):
            with self.subTest(user.login):
                form = Form(self.customer.with_user(user))
                self.assertTrue(form.ar_risk_active)
