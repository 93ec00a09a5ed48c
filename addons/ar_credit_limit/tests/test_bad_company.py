from odoo import fields
from odoo.tests import Form, tagged

from .ways import WaysCommon


class CompanyCommon(WaysCommon):
    """An order, or a form, whose company is switched half way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.branch = cls.companies["branch"]
        cls.manager_there = cls.new_user(
            "manager_there", "ar_ledger.ar_ledger_group_manager"
        )
        cls.manager_there.write(
            {
                "company_ids": [fields.Command.set(cls.other_root.ids)],
                "company_id": cls.other_root.id,
            }
        )

    @classmethod
    def released(cls, amount=1500.0):
        order = cls.held(amount)
        hold = order.ar_credit_hold_id.with_user(cls.user_manager)
        hold._release("Guaranteed here", ceiling=5000.0)
        return order

    def move(self, order, company):
        order.company_id = company
        self.env.flush_all()
        return order.with_company(company)

    def release_there(self, hold):
        there = hold.with_user(self.manager_there)
        there = there.with_context(allowed_company_ids=self.other_root.ids)
        there._release("Fine there")


@tagged("post_install", "-at_install")
class TestOrderElsewhere(CompanyCommon):
    """Who decides in one root company decides nothing for another."""

    def test_release_stays_where_it_was_given(self):
        order = self.released()
        before = order.ar_credit_hold_id
        order = self.move(order, self.other_root)
        order.action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("draft", "held"))
        self.assertEqual(before.state, "cancelled")
        self.assertEqual(before.decision_reason, "The order's company changed")
        hold = order.ar_credit_hold_id
        self.assertRecordValues(
            hold, [{"state": "held", "company_id": self.other_root.id}]
        )
        self.release_there(hold)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_release_goes_to_a_branch(self):
        order = self.released()
        self.move(order, self.branch).action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("sale", "released"))
        self.assertEqual(order.ar_credit_hold_id.state, "released")

    def test_held_order_is_held_anew(self):
        for way in ("confirm", "recheck"):
            with self.subTest(way):
                order = self.held(1500.0)
                before = order.ar_credit_hold_id
                order = self.move(order, self.other_root)
                if way == "confirm":
                    order.action_confirm()
                else:
                    self.env["ar.credit.hold"]._recheck(self.company, self.customer)
                self.assertEqual(before.state, "cancelled")
                self.assertEqual(order.ar_credit_state, "held")
                self.assertEqual(order.ar_credit_hold_id.company_id, self.other_root)

    def test_within_the_limit_there_it_goes(self):
        self.grant(amount=9000.0, company=self.other_root, user=self.env.user)
        order = self.held(1500.0)
        before = order.ar_credit_hold_id
        order = self.move(order, self.other_root)
        self.env["ar.credit.hold"]._recheck(self.company, self.customer)
        self.assertEqual((before.state, order.ar_credit_state), ("cancelled", "none"))
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_stop_by_hand_goes_along(self):
        """What a person stopped gets lost neither by the change nor by a release that
        was given elsewhere."""
        for is_released in (False, True):
            with self.subTest(is_released=is_released):
                order = self.order(100.0)
                before = order._hold_by_hand("Wrong address")
                if is_released:
                    before.with_user(self.user_manager)._release("Address is fine")
                order = self.move(order, self.other_root)
                order.action_confirm()
                self.assertEqual((order.state, before.state), ("draft", "cancelled"))
                hold = order.ar_credit_hold_id
                self.assertEqual(hold.company_id, self.other_root)
                self.assertEqual(hold.reasons_text, "Wrong address")
                self.release_there(hold)
                order.action_confirm()
                self.assertEqual(order.state, "sale")

    def test_requested_change_is_for_its_company(self):
        order = self.confirmed(600.0)
        change = self.env["ar.credit.change"]
        facts = change._get_order_facts(order)
        order = self.env["sale.order"].new(origin=order)
        order.company_id = self.other_root
        self.assertNotEqual(change._get_order_facts(order)["terms"], facts["terms"])


@tagged("post_install", "-at_install")
class TestFormElsewhere(CompanyCommon):
    """A form opened in one company, saved while another one is chosen above."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.decider = cls.users["credit manager"]
        cls.decider.group_ids += cls.quick_ref("account.group_account_readonly")
        cls.decider.group_ids += cls.quick_ref("base.group_partner_manager")

    def opened_here(self, model, **context):
        """Return a new wizard of the decider, opened in the own company."""
        return Form(
            self.env[model]
            .with_user(self.decider)
            .with_context(
                allowed_company_ids=(self.company | self.other_root).ids, **context
            )
        )

    def saved_there(self, wizard):
        return wizard.save().with_context(
            allowed_company_ids=(self.other_root | self.company).ids
        )

    def confirm_both(self, here, there):
        here.action_confirm()
        there.action_confirm()

    def test_banner_follows_the_company_of_the_form(self):
        self.grant(amount=1200.0, company=self.other_root, user=self.env.user)
        user = self.users["sales manager"]
        user.group_ids += self.env.ref("ar_ledger.ar_ledger_group_viewer")
        form = Form(
            self.env["sale.order"]
            .with_user(user)
            .with_context(allowed_company_ids=(self.company | self.other_root).ids)
        )
        form.partner_id = self.customer
        with form.order_line.new() as line:
            line.product_id = self.product
            line.price_unit = 1500.0
        for company, over, limit in (
            # 1,725 with the tax of 15 %.
            (self.company, "725.00 over", 1000.0),
            (self.other_root, "525.00 over", 1200.0),
        ):
            with self.subTest(company.name):
                form.company_id = company
                self.assertIn(over, form.partner_credit_warning)
                self.assertEqual(form.ar_customer_credit_limit, limit)

    def test_limit_is_set_where_the_wizard_was_opened(self):
        wizard = self.opened_here(
            "ar.credit.limit.set", default_partner_id=self.customer.id
        )
        wizard.amount = 1700.0
        wizard.reason = "As agreed"
        self.saved_there(wizard).action_set()
        grant = self.env["ar.credit.limit"].search([], limit=1)
        self.assertEqual((grant.amount, grant.company_id), (1700.0, self.company))

    def test_cores_field_is_of_the_company_that_writes_it(self):
        before = self.customer.ar_credit_limit
        self.customer.with_user(self.decider).with_company(
            self.other_root
        ).credit_limit = 1800.0
        grant = self.env["ar.credit.limit"].search([], limit=1)
        self.assertEqual((grant.amount, grant.company_id), (1800.0, self.other_root))
        self.assertEqual(self.customer.ar_credit_limit, before)

    def test_stop_is_of_the_company_where_the_wizard_was_opened(self):
        wizard = self.opened_here(
            "ar.credit.stop", default_partner_ids=self.customer.ids
        )
        wizard.reason = "Cheque returned"
        self.saved_there(wizard).action_stop()
        stop = self.env["ar.credit.hold"].search([], limit=1)
        self.assertEqual(stop.company_id, self.company)
        over, fine = self.order(10.0), self.order(10.0, company=self.other_root)
        self.confirm_both(over, fine)
        self.assertEqual((over.state, fine.state), ("draft", "sale"))

    def test_exemption_is_of_the_company_where_the_wizard_was_opened(self):
        wizard = self.opened_here(
            "ar.credit.exemption.grant", default_partner_id=self.customer.id
        )
        wizard.date_until = "2026-03-20"
        wizard.reason = "As agreed"
        self.saved_there(wizard).action_grant()
        exemption = self.env["ar.credit.exemption"].search([], limit=1)
        self.assertEqual(exemption.company_id, self.company)
        here, there = self.order(1500.0), self.order(1500.0, company=self.other_root)
        self.confirm_both(here, there)
        self.assertEqual((here.state, there.state), ("sale", "draft"))
