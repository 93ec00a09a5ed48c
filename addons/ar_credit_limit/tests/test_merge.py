from datetime import date

from odoo.tests import tagged

from ..tools.violation import Violation
from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestMerge(CreditCommon):
    two_companies = True

    def merge(self, source, target):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((source | target).ids, target, extra_checks=False)
        self.env.invalidate_all()

    def numbers(self, partners):
        accounts = (
            self.env["ar.credit.account"]
            .sudo()
            .search([("commercial_partner_id", "in", partners.ids)])
        )
        return {a.company_id: a.decision_no for a in accounts}

    def test_no_row_is_lost(self):
        twin = self.new_customer("Customer Ltd.")
        self.grant(twin, amount=4000.0)
        self.grant(twin, amount=50.0, company=self.company_b, user=self.env.user)
        held = self.held(9000.0, twin)
        self.confirmed(70.0, twin)
        self.env["ar.recheck"]._add(twin.ids, self.company)
        before = {}
        for model in ("ar.credit.limit", "ar.credit.hold", "ar.event"):
            before[model] = self.env[model].search_count(
                [("commercial_partner_id", "in", (twin | self.customer).ids)]
            )
        of_both = self.numbers(self.customer), self.numbers(twin)
        self.merge(twin, self.customer)
        for model, count in before.items():
            with self.subTest(model):
                after = self.env[model].search_count(
                    [("commercial_partner_id", "=", self.customer.id)]
                )
                self.assertGreaterEqual(after, count)
        self.assertEqual(
            self.numbers(self.customer),
            {
                self.company: of_both[0][self.company] + of_both[1][self.company],
                self.company_b: of_both[1][self.company_b],
            },
        )
        self.assertEqual(held.ar_credit_hold_id.commercial_partner_id, self.customer)
        self.assertIn(
            self.customer,
            self.env["ar.recheck"].sudo().search([]).commercial_partner_id,
        )

    def test_holds_and_exemptions_go_along(self):
        """Stops, holds, exemptions, of both customers: none is lost, all go on."""
        twin = self.new_customer("Customer Ltd.")
        Hold, Exemption = self.env["ar.credit.hold"], self.env["ar.credit.exemption"]
        violation = Violation("manual_stop", "Cheque returned", {})
        scopes = ("customer_orders", "customer_deliveries")
        for customer in twin | self.customer:
            for scope in scopes:
                Hold._place(customer, self.company, scope, [violation])
        order = self.held(1.0, twin)
        grant = Exemption.with_user(self.user_manager)._grant
        for customer in twin | self.customer:
            grant(customer, self.company, "Fair", date(2026, 3, 9))
        grant(twin, self.company, "Fair", date(2026, 3, 9), order=order)
        holds = Hold.search(
            [("commercial_partner_id", "in", (twin | self.customer).ids)]
        )
        exemptions = Exemption.search([])
        states = (holds.mapped("state"), exemptions.mapped("state"))
        self.env["ar.recheck"].sudo().search([]).unlink()
        self.merge(twin, self.customer)
        self.assertEqual(holds.exists(), holds)
        self.assertEqual(exemptions.exists(), exemptions)
        self.assertEqual(holds.commercial_partner_id, self.customer)
        self.assertEqual(exemptions.commercial_partner_id, self.customer)
        self.assertEqual((holds.mapped("state"), exemptions.mapped("state")), states)
        for scope in scopes:
            stops = Hold._get_customer_stops(self.customer, self.company, scope)
            self.assertEqual(len(stops[self.customer.id]), 2)
        queued = self.env["ar.recheck"].sudo().search([])
        self.assertIn(self.customer, queued.commercial_partner_id)

    def test_newest_limit_is_in_force_and_core_follows(self):
        twin = self.new_customer("Customer Ltd.")
        self.grant(twin, amount=4000.0)
        self.merge(twin, self.customer)
        self.assertEqual(self.customer.ar_credit_limit, 4000.0)
        self.assertEqual(self.customer.credit_limit, 4000.0)

    def test_merging_makes_no_decision(self):
        """Core's field is merged by core; that is no limit set by hand."""
        twin = self.new_customer("Customer Ltd.")
        self.grant(twin, amount=4000.0)
        grants = self.env["ar.credit.limit"].search_count([])
        self.merge(twin, self.customer)
        self.assertEqual(self.env["ar.credit.limit"].search_count([]), grants)
