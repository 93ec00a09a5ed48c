from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestSwitch(CreditCommon):
    two_companies = True

    def test_off_until_switched_on(self):
        company = self.env["res.company"].create({"name": "Fresh"})
        self.assertEqual(company.ar_credit_limit_mode, "off")
        self.assertEqual(self.company_b.ar_credit_limit_mode, "off")

    def test_branches_follow_their_root(self):
        branch = self.new_branch()
        self.assertEqual(branch.ar_credit_limit_mode, "hold")
        self.company.ar_credit_limit_mode = "observe"
        self.assertEqual(branch.ar_credit_limit_mode, "observe")

    def test_set_in_the_settings(self):
        settings = self.env["res.config.settings"].create({})
        settings.ar_credit_limit_mode = "observe"
        settings.execute()
        self.assertEqual(self.company.ar_credit_limit_mode, "observe")

    def test_off_confirms_as_plain_odoo(self):
        self.grant(amount=1.0, company=self.company_b, user=self.env.user)
        order = self.order(5000.0, company=self.company_b)
        self.assertFalse(order.partner_credit_warning)
        self.assertEqual(order._get_credit_violations(), [])
        self.assertIs(order.action_confirm(), True)
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "none"))
        account = self.env["ar.credit.account"].sudo()
        account = account.search([("company_id", "=", self.company_b.id)])
        self.assertEqual(account.decision_no, 1, "the grant's own, not the order's")

    def test_off_speaks_cores_own_text(self):
        self.company_b.account_use_credit_limit = True
        customer = self.customer.with_company(self.company_b)
        customer.credit_limit = 100.0
        order = self.order(500.0, company=self.company_b)
        order = order.with_company(self.company_b)
        self.assertIn("reached its credit limit", order.partner_credit_warning)

    def test_observing_shows_what_odoo_shows(self):
        """Nobody is told anything new while a company only observes."""
        self.company.ar_credit_limit_mode = "observe"
        order = self.order(5000.0)
        for core_warns in (False, True):
            with self.subTest(core_warns=core_warns):
                self.company.account_use_credit_limit = core_warns
                order.invalidate_recordset(["partner_credit_warning"])
                text = order.partner_credit_warning or ""
                self.assertEqual("reached its credit limit" in text, core_warns)
                self.assertNotIn("over the credit limit", text)

    def test_off_leaves_cores_field_to_core(self):
        clerk = self.new_user(
            "clerk", "account.group_account_invoice,base.group_partner_manager"
        )
        self.company.ar_credit_limit_mode = "off"
        grants = self.env["ar.credit.limit"].search_count([])
        self.customer.with_user(clerk).write({"credit_limit": 77.0})
        self.assertEqual(self.customer.credit_limit, 77.0)
        self.assertEqual(self.env["ar.credit.limit"].search_count([]), grants)

    def test_off_adds_no_query(self):
        """The methods of ours that stand in core's way ask the database nothing."""
        order = self.order(500.0, company=self.company_b)
        invoice = self.invoice(company=self.company_b, amount=10.0)
        partials = self.env["account.partial.reconcile"]
        self.env.flush_all()
        order.partner_invoice_id.commercial_partner_id.mapped("name")
        order.order_line.mapped("price_total")
        self.company_b._has_credit_check()
        for name, attempt in {
            "confirm": lambda: order._confirm_within_credit(lambda orders: True),
            "guard": lambda: order._get_credit_refusal(),
            "write": lambda: order._check_credit(),
            "banner": lambda: order._assess_credit(),
            "reconcile": lambda: partials._add_credit_recheck(),
            "recheck": lambda: self.env["ar.recheck"]._add(
                self.customer.ids, self.company_b
            ),
            "items": lambda: self.env["ar.recheck"]._add_lines(invoice.line_ids),
        }.items():
            with self.subTest(name), self.assertQueryCount(0):
                attempt()
