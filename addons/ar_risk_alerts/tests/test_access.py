from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from .common import RiskCommon

VIEWS = ("kanban", "list", "form", "pivot", "search")


@tagged("post_install", "-at_install")
class TestAccess(RiskCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.customer.user_id = cls.user_own
        cls.overdue(1200)
        cls.overdue(1200, cls.other_customer)
        cls.overdue(1200, company=cls.company_b)
        cls.switch_on(cls.company_b, ar_ledger_active=True, ar_risk_active=True)
        cls.evaluate()
        cls.evaluate(company=cls.company_b)
        customers = cls.customer | cls.other_customer
        alerts = (
            cls.env["ar.risk.alert"]
            .sudo()
            .search([("commercial_partner_id", "in", customers.ids)])
        )
        cls.of_b = alerts.filtered(lambda a: a.company_id == cls.company_b)
        cls.own = (alerts - cls.of_b).filtered(
            lambda a: a.commercial_partner_id == cls.customer
        )
        cls.other = alerts - cls.of_b - cls.own
        cls.user_b = cls.new_user("of_b", "ar_ledger.ar_ledger_group_manager")
        cls.user_b.write(
            {"company_ids": [(6, 0, cls.company_b.ids)], "company_id": cls.company_b.id}
        )
        cls.contacts_only = cls.new_user("contacts", "base.group_user")
        cls.portal = new_test_user(cls.env, login="rp", groups="base.group_portal")

    def test_who_reads_what(self):
        both = self.own | self.other
        for user, expected in (
            (self.user_own, self.own),
            (self.user_viewer, both),
            (self.user_collector, both),
            (self.user_manager, both),
            (self.user_b, self.of_b),
        ):
            with self.subTest(user.login):
                seen = self.env["ar.risk.alert"].with_user(user).search([])
                self.assertEqual(seen.sudo() & (both | self.of_b), expected)

    def test_views_open_for_every_role(self):
        views = [(False, kind) for kind in VIEWS]
        for user in (self.user_own, self.user_viewer, self.user_collector):
            with self.subTest(user.login):
                alerts = self.env["ar.risk.alert"].with_user(user)
                self.assertEqual(set(alerts.get_views(views)["views"]), set(VIEWS))
                form = Form(self.own.with_user(user))
                self.assertEqual(form.commercial_partner_id, self.customer)

    def test_an_owner_sees_the_alert(self):
        self.other.user_id = self.user_own
        self.assertTrue(self.other.with_user(self.user_own).has_access("read"))

    def test_without_a_role_nothing(self):
        for user in (self.contacts_only, self.portal):
            for model in ("ar.risk.alert", "ar.risk.rule"):
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search_read([])

    def test_nobody_makes_changes_or_deletes_alerts_by_hand(self):
        for user in (self.user_own, self.user_collector, self.user_manager):
            alert = self.own.with_user(user)
            for operation in ("create", "unlink"):
                with self.subTest(user=user.login, op=operation):
                    self.assertFalse(alert.has_access(operation))
            for vals in ({"state": "closed"}, {"amount": 0}, {"snoozed_until": False}):
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaises(AccessError):
                        alert.write(vals)
        self.own.with_user(self.user_collector).user_id = self.user_manager

    def test_who_snoozes(self):
        for user, allowed in (
            (self.user_own, False),
            (self.user_viewer, False),
            (self.user_collector, True),
            (self.user_manager, True),
        ):
            with self.subTest(user.login):
                alert = self.own.with_user(user)
                if allowed:
                    alert.action_snooze()
                    continue
                for action in (alert.action_snooze, alert.action_wake):
                    with self.assertRaises(AccessError):
                        action()

    def test_who_closes_frees_deliveries(self):
        self.assertEqual(self.own.hold_state, "held")
        for user, allowed in (
            (self.user_own, False),
            (self.user_viewer, False),
            (self.user_collector, False),
            (self.user_manager, True),
        ):
            with self.subTest(user.login):
                alert = self.own.with_user(user)
                if allowed:
                    alert.action_close()
                    alert._close_by_hand("Known case", False)
                    self.assertEqual(alert.state, "closed")
                else:
                    for action in (
                        alert.action_close,
                        lambda alert=alert: alert._close_by_hand("Known", False),
                    ):
                        with self.assertRaises(AccessError):
                            action()

    def test_a_collector_closes_what_stops_nothing(self):
        self.rule.action = "none"
        customer = self.new_customer("Harmless")
        self.overdue(1200, customer)
        self.evaluate()
        alert = self.open_alert(customer).with_user(self.user_collector)
        alert._close_by_hand("Known case", False)
        self.assertEqual(alert.state, "closed")

    def test_rules_belong_to_credit_managers(self):
        for user, allowed in (
            (self.user_own, False),
            (self.user_collector, False),
            (self.user_manager, True),
        ):
            for operation in ("create", "write", "unlink"):
                with self.subTest(user=user.login, op=operation):
                    rule = self.rule.with_user(user)
                    self.assertEqual(rule.has_access(operation), allowed)

    def test_others_customers_show_no_alerts(self):
        partner = self.other_customer.with_user(self.user_own)
        self.assertFalse(partner.ar_risk_alert_ids)
        self.assertNotIn(
            "ar_risk_alert_ids", partner.with_user(self.contacts_only).fields_get()
        )
