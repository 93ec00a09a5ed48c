from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestCreditGroup(CreditCommon):
    """Three companies share the limit of their head, 1,000."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.head = cls.customer
        cls.boss = cls.new_user(
            "boss", "ar_ledger.ar_ledger_group_manager,base.group_partner_manager"
        )
        cls.daughter = cls.new_customer("Daughter", user_id=cls.salesperson.id)
        cls.sister = cls.new_customer("Sister", user_id=cls.salesperson.id)
        (cls.daughter | cls.sister).with_user(cls.boss).write(
            {"ar_credit_head_id": cls.head.id}
        )
        cls.all = cls.head | cls.daughter | cls.sister
        cls.env["ar.recheck"].sudo().search([]).unlink()

    def codes(self, amount, partner):
        order = self.order(amount, partner)
        return [violation.code for violation in order._get_credit_violations()]

    def test_what_all_owe_counts(self):
        self.invoice(self.daughter, 300.0)
        self.confirmed(200.0, self.sister)
        for partner, amount, expected in (
            (self.head, 500.0, []),
            (self.head, 500.01, ["over_group_limit"]),
            (self.head, 1000.01, ["over_limit"]),
            (self.daughter, 500.0, []),
            (self.daughter, 500.01, ["over_group_limit"]),
            (self.sister, 1000.01, ["over_group_limit"]),
            (self.other_customer, 99999.0, []),
        ):
            with self.subTest(partner=partner.name, amount=amount):
                self.assertEqual(self.codes(amount, partner), expected)

    def test_own_limit_counts_besides(self):
        self.grant(self.daughter, amount=100.0)
        self.assertEqual(self.codes(100.0, self.daughter), [])
        self.assertEqual(self.codes(100.01, self.daughter), ["over_limit"])
        self.assertEqual(
            self.codes(1100.0, self.daughter), ["over_limit", "over_group_limit"]
        )
        self.grant(self.daughter, state="unchecked")
        self.assertEqual(self.codes(1000.01, self.daughter), ["over_group_limit"])

    def test_states_of_the_head(self):
        for state, expected in (
            ("none", ["over_group_limit"]),
            ("unchecked", []),
        ):
            with self.subTest(state):
                self.grant(self.head, state=state)
                self.assertEqual(self.codes(1.0, self.daughter), expected)

    def test_hold_says_why_with_figures(self):
        self.invoice(self.sister, 700.0)
        order = self.held(400.0, self.daughter)
        hold = order.ar_credit_hold_id
        self.assertEqual(hold.reason_ids.code, "over_group_limit")
        self.assertIn("shares the credit limit of", hold.reasons_text)
        self.assertEqual((hold.credit_limit, hold.excess), (1000.0, 100.0))
        self.assertEqual(hold._get_measures(), {"order": 400.0, "excess": 100.0})
        hold.with_user(self.user_manager)._release("Fine")
        order.with_user(self.salesperson).action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_payment_of_the_sister_clears(self):
        debt = self.invoice(self.sister, 700.0)
        order = self.held(400.0, self.daughter)
        hold = order.ar_credit_hold_id
        self.env["ar.recheck"].sudo().search([]).unlink()
        self.pay(debt)
        queued = self.env["ar.recheck"].sudo().search([]).commercial_partner_id
        self.assertEqual(queued, self.all)
        self.recheck()
        self.assertEqual(hold.state, "cleared")

    def test_confirmed_together_they_leave_less_for_each_other(self):
        orders = self.order(600.0, self.daughter) | self.order(600.0, self.sister)
        orders.with_user(self.salesperson).action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "draft"])

    def test_decisions_of_members_collide(self):
        self.env["ar.credit.account"].sudo().search([]).unlink()
        for partner in (self.daughter, self.sister):
            self.order(1.0, partner).action_confirm()
        accounts = self.env["ar.credit.account"].sudo().search([])
        numbers = {a.commercial_partner_id: a.decision_no for a in accounts}
        self.assertEqual(
            numbers, {self.head: 2, self.daughter: 1, self.sister: 1}, "on the head"
        )

    def test_queries(self):
        def count(partner):
            order = self.order(1.0, partner)
            order._get_credit_violations()
            self.env.invalidate_all()
            order.company_id._has_credit_check()
            order._get_credit_customers()
            before = self.env.cr.sql_log_count
            order._assess_credit()
            return self.env.cr.sql_log_count - before

        alone = count(self.other_customer)
        self.assertEqual(count(self.daughter), alone)
        self.all.write({"ar_credit_head_id": False})
        self.assertEqual(count(self.daughter), alone - 1, "nobody shares a limit")

    def test_figures_on_the_form_and_in_the_list(self):
        self.invoice(self.daughter, 300.0)
        self.invoice(self.sister, 900.0)
        for partner in self.all:
            with self.subTest(partner.name):
                as_user = partner.with_user(self.user_viewer)
                self.assertTrue(as_user.ar_in_credit_group)
                self.assertEqual(as_user.ar_group_exposure, 1200.0)
                self.assertEqual(as_user.ar_group_credit_limit, 1000.0)
                self.assertEqual(as_user.ar_group_credit_available, -200.0)
        self.assertFalse(self.other_customer.ar_in_credit_group)
        action = self.daughter.with_user(self.user_viewer).action_open_ar_group()
        positions = self.env["ar.position"].search(action["domain"])
        self.assertEqual(positions.commercial_partner_id, self.all)
        self.assertEqual(sum(positions.mapped("exposure")), 1200.0)
        of_head = [("credit_head_id", "=", self.head.id)]
        members = self.env["ar.position"].search(of_head).commercial_partner_id
        self.assertEqual(members, self.daughter | self.sister)
        with Form(self.daughter.with_user(self.boss)) as form:
            form.ar_credit_head_id = self.env["res.partner"]
        self.assertFalse(self.daughter.ar_credit_head_id)

    def test_other_company(self):
        company_b = self.company_b
        company_b.ar_credit_limit_mode = "hold"
        user_b = self.new_user("b", "ar_ledger.ar_ledger_group_manager")
        user_b.write({"company_ids": company_b.ids, "company_id": company_b.id})
        self.grant(self.head, amount=50.0, company=company_b, user=user_b)
        daughter = self.daughter.with_company(company_b)
        found = daughter._get_customer_violations(company_b, "confirm", 50.01)
        self.assertEqual([v.code for v in found[daughter.id]], ["over_group_limit"])
        self.assertEqual(self.codes(1000.0, self.daughter), [], "the own limit here")

    def test_who_decides(self):
        clerk = self.new_user(
            "clerk",
            "ar_ledger.ar_ledger_group_collector,base.group_partner_manager",
        )
        shared = {"ar_credit_head_id": self.head.id}
        with self.assertRaisesRegex(AccessError, "Only credit managers"):
            self.other_customer.with_user(clerk).write(shared)
        with self.assertRaisesRegex(AccessError, "Only credit managers"):
            self.env["res.partner"].with_user(clerk).create({"name": "New", **shared})
        # Who changes something else is not asked.
        self.daughter.with_user(clerk).write({"phone": "1", **shared})
        event = self.env["ar.event"].search(
            [("commercial_partner_id", "=", self.daughter.id)], limit=1
        )
        self.assertIn("Shares the limit of", event.text)
        self.assertEqual(event.user_id, self.boss)

    def test_chains_are_refused(self):
        contact = self.new_customer("Ann", is_company=False, parent_id=self.head.id)
        for partner, head, text in (
            (self.head, self.other_customer, "is the head of others"),
            (self.other_customer, self.daughter, "shares nobody else's"),
            (self.other_customer, self.other_customer, "shares nobody else's"),
            (self.other_customer, contact, "is a contact of"),
        ):
            with (
                self.subTest(partner=partner.name, head=head.name),
                self.assertRaisesRegex(ValidationError, text),
                self.env.cr.savepoint(),
            ):
                partner.with_user(self.boss).ar_credit_head_id = head

    def test_the_head_becomes_a_part_of_another(self):
        self.grant(self.other_customer, amount=10.0)
        self.head.write({"is_company": False, "parent_id": self.other_customer.id})
        members = self.daughter | self.sister
        self.assertEqual(members.ar_credit_head_id, self.other_customer)
        self.assertEqual(self.codes(10.01, self.daughter), ["over_group_limit"])

    def test_the_head_becomes_a_part_of_a_member(self):
        self.head.write({"is_company": False, "parent_id": self.daughter.id})
        self.assertFalse(self.daughter.ar_credit_head_id)
        self.assertEqual(self.sister.ar_credit_head_id, self.daughter)

    def merge(self, sources, into):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge((sources | into).ids, into)
        self.env.invalidate_all()

    def test_merging(self):
        self.merge(self.daughter, self.other_customer)
        self.assertEqual(self.other_customer.ar_credit_head_id, self.head)
        self.merge(self.head, self.other_customer)
        self.assertFalse(self.other_customer.ar_credit_head_id, "not the own head")
        self.assertEqual(self.sister.ar_credit_head_id, self.other_customer)
        self.assertEqual(self.codes(1000.01, self.sister), ["over_group_limit"])

    def test_merging_heads(self):
        other_head = self.new_customer("Other Head")
        self.other_customer.ar_credit_head_id = other_head
        self.merge(self.head, self.other_customer)
        self.assertEqual(self.other_customer.ar_credit_head_id, other_head)
        self.assertEqual(self.sister.ar_credit_head_id, other_head, "no chain")
