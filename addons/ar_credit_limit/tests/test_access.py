from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, JsonRpcException, new_test_user, tagged

from .common import CreditCommon

READABLE = ("ar.credit.limit", "ar.credit.hold", "ar.exposure.item")


@tagged("post_install", "-at_install")
class TestAccess(CreditCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.grant(cls.other_customer, amount=10.0)
        cls.confirmed(100.0)
        cls.confirmed(5.0, cls.other_customer, user_id=False)
        cls.held(2000.0)
        foreign = cls.order(2000.0, cls.other_customer, user_id=False)
        foreign.action_confirm()
        cls.user_b = cls.new_user("of_b", "ar_ledger.ar_ledger_group_manager")
        cls.user_b.write(
            {
                "company_ids": [fields.Command.set(cls.company_b.ids)],
                "company_id": cls.company_b.id,
            }
        )
        cls.contacts_only = cls.new_user("contacts", "base.group_user")
        cls.portal = new_test_user(cls.env, "ar_portal", groups="base.group_portal")
        cls.env.flush_all()

    def test_who_sees_what(self):
        both = self.customer | self.other_customer
        for user, expected in (
            (self.salesperson, self.customer),
            (self.user_viewer, both),
            (self.user_collector, both),
            (self.user_manager, both),
            (self.user_b, self.env["res.partner"]),
        ):
            for model in READABLE:
                with self.subTest(user=user.login, model=model):
                    found = self.env[model].with_user(user).search([])
                    customers = found.sudo().commercial_partner_id
                    self.assertEqual(customers & both, expected)

    def test_without_a_role_nothing(self):
        for user in (self.contacts_only, self.portal):
            for model in (*READABLE, "ar.credit.hold.reason", "ar.recheck"):
                with self.subTest(user=user.login, model=model):
                    with self.assertRaises(AccessError):
                        self.env[model].with_user(user).search_read([])

    def test_nobody_makes_changes_or_deletes_decisions(self):
        decisions = (
            self.env["ar.credit.limit"].search([], limit=1),
            self.env["ar.credit.hold"].search([], limit=1),
        )
        for user in (self.salesperson, self.user_manager, self.env.user):
            for decision in decisions:
                as_user = decision.with_user(user)
                for record in (as_user, as_user.sudo()):
                    with self.subTest(user.login, model=record._name, su=record.env.su):
                        self.assert_cannot_touch(record)

    def assert_cannot_touch(self, record):
        values = {"company_id": self.company_b.id}
        with self.assertRaises(AccessError):
            record.create({**values, "commercial_partner_id": self.customer.id})
        with self.assertRaises(AccessError):
            record.write(values)
        with self.assertRaises(AccessError):
            record.unlink()

    def test_salesperson_reads_own_customers_without_accounting(self):
        Partner = self.env["res.partner"].with_user(self.salesperson)
        own, other = (
            Partner.browse(self.customer.id),
            Partner.browse(self.other_customer.id),
        )
        self.assertEqual(own.ar_exposure, 100.0)
        self.assertEqual(own.ar_credit_available, 900.0)
        self.assertEqual(other.ar_exposure, 0.0)
        self.assertFalse(other.ar_limit_state)
        found = Partner.search([("ar_exposure", ">", 0)])
        self.assertEqual(found & (own | other), own)

    def test_forms_open_for_everybody(self):
        salesman = self.salesperson
        for user in (salesman, self.contacts_only, self.user_viewer):
            with self.subTest(user.login):
                form = Form(self.customer.with_user(user))
                self.assertEqual(form.name, "Customer")
        held = self.env["sale.order"].search([("ar_credit_state", "=", "held")])
        for order in held.filtered(lambda order: order.user_id == salesman):
            form = Form(order.with_user(salesman))
            self.assertEqual(form.ar_credit_state, "held")

    def test_salesperson_of_others_cannot_request(self):
        colleague = self.new_user("colleague", "sales_team.group_sale_salesman")
        hold = self.env["ar.credit.hold"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        with self.assertRaises(AccessError):
            hold.with_user(colleague)._request("Please")
        with self.assertRaises(AccessError):
            hold.order_id.with_user(colleague).action_request_credit_release()

    def test_order_without_salesperson(self):
        """Core shows it to all, figures of a customer are its salesperson's: who takes
        the order over sees its hold."""
        colleague = self.new_user("colleague", "sales_team.group_sale_salesman")
        order = self.held(1500.0)
        order.user_id = False
        as_colleague = order.with_user(colleague)
        self.assertFalse(as_colleague.ar_may_see_hold)
        self.assertTrue(order.with_user(self.salesperson).ar_may_see_hold)
        as_colleague.user_id = colleague
        self.env.invalidate_all()
        self.assertTrue(as_colleague.ar_may_see_hold)
        as_colleague.ar_credit_hold_id._request("Please")
        self.assertEqual(order.ar_credit_hold_id.requester_id, colleague)

    def test_customer_reads_no_credit_in_the_portal(self):
        self.portal.partner_id.commercial_partner_id.credit_limit = 0.0
        order = self.held(1500.0, self.customer)
        order.message_subscribe(self.portal.partner_id.ids)
        order.state = "sent"
        self.portal.partner_id.parent_id = self.customer
        as_portal = order.with_user(self.portal)
        self.assertEqual(as_portal.name, order.name, "the quotation is theirs")
        self.assertFalse(as_portal.partner_credit_warning)
        self.assertIn("over the", order.partner_credit_warning)
        for name in (
            "ar_credit_state",
            "ar_credit_hold_ids",
            "ar_credit_hold_id",
            "ar_release_requested",
        ):
            with self.subTest(name), self.assertRaises(AccessError):
                as_portal.read([name])

    def test_manager_decides_only_in_own_companies(self):
        values = {
            "partner_id": self.customer.id,
            "company_id": self.company.id,
            "reason": "Forged",
        }
        limits = self.env["ar.credit.limit"].with_user(self.user_b)
        wizards = self.env["ar.credit.limit.set"].with_user(self.user_b)
        for name, attempt in {
            "decide": lambda: limits._grant(
                self.customer, self.company, "unchecked", reason="Forged"
            ),
            "form": lambda: wizards.create(values),
            "form, filled in": lambda: wizards.create(
                {**values, "limit_state": "amount", "amount": 9.0}
            ),
            "figures while typing": lambda: wizards.new(values).exposure,
            "limit while typing": lambda: wizards.new(values).amount,
            "moved": lambda: wizards.create(
                {**values, "company_id": self.company_b.id}
            ).write({"company_id": self.company.id}),
        }.items():
            with self.subTest(name), self.assertRaisesRegex(AccessError, "work in"):
                attempt()
        wizard = wizards.create({**values, "company_id": self.company_b.id})
        wizard.action_set()
        newest = self.env["ar.credit.limit"].search([], limit=1)
        self.assertEqual(newest.company_id, self.company_b)

    def test_wizards_tell_nothing_of_others_holds(self):
        hold = self.env["ar.credit.hold"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )
        colleague = self.new_user("colleague_2", "sales_team.group_sale_salesman")
        values = {"hold_id": hold.id, "note": "Please"}
        requests = self.env["ar.credit.hold.request"]
        own = requests.with_user(self.salesperson).create(values)
        self.assertIn("over the credit limit", own.reasons_text)
        with self.assertRaises(AccessError):
            requests.with_user(colleague).create(values)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            requests.with_user(colleague).onchange(
                values, ["hold_id"], {"reasons_text": {}}
            )
        decisions = self.env["ar.credit.hold.decide"].with_user(self.user_b)
        values = {"hold_ids": hold.ids, "decision": "release", "reason": "Forged"}
        with self.assertRaises(AccessError):
            decisions.create(values)
        self.env.invalidate_all()
        with self.assertRaises(AccessError):
            decisions.new(values).ceiling  # noqa: B018


@tagged("post_install", "-at_install")
class TestRpc(HttpCase, CreditCommon):
    """What a client may try with forged arguments."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order_held = cls.held(1500.0)

    def rpc(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def refused(self, *args, **kwargs):
        # Not assertRaises: it would roll back what the server does on its side.
        try:
            self.rpc(*args, **kwargs)
        except JsonRpcException:
            return
        self.fail(f"{args} was let through")

    def test_forged_keys_fields_and_methods(self):
        (self.salesperson | self.user_manager).write({"password": "a real Password 1"})
        order, hold = self.order_held, self.order_held.ar_credit_hold_id
        forged = {
            "ar_credit_hold_by_code": True,
            "ar_credit_limit_by_code": True,
            "ar_credit_passed": [["x", order.id, 1500.0]],
        }
        for user in (self.salesperson, self.user_manager):
            self.authenticate(user.login, "a real Password 1")
            with self.subTest(user.login):
                self.refused(
                    "sale.order", "write", order.ids, {"ar_credit_state": "released"}
                )
                self.refused("sale.order", "write", order.ids, {"state": "sale"})
                self.refused("sale.order", "_set_credit_state", order.ids, "released")
                self.refused("ar.credit.hold", "_release", hold.ids, "Mine")
                self.refused("ar.credit.limit", "_grant", [], 1, 1, "unchecked")
                self.refused(
                    "ar.credit.hold",
                    "write",
                    hold.ids,
                    {"state": "released"},
                    context=forged,
                )
                self.refused(
                    "ar.credit.limit",
                    "create",
                    {"commercial_partner_id": self.customer.id},
                    context=forged,
                )
        self.authenticate(self.salesperson.login, "a real Password 1")
        answer = self.rpc("sale.order", "action_confirm", order.ids, context=forged)
        self.assertEqual(answer["tag"], "display_notification")
        self.assertEqual((order.state, hold.state), ("draft", "held"))

    def test_refused_write_leaves_the_hold_on_record(self):
        """The guard raises, everything is rolled back, the hold is still there."""
        self.salesperson.password = "a real Password 1"
        order = self.order(1700.0)
        self.env.flush_all()
        self.authenticate(self.salesperson.login, "a real Password 1")
        self.refused("sale.order", "write", order.ids, {"state": "sale"})
        self.env.invalidate_all()
        self.assertEqual((order.state, order.ar_credit_state), ("draft", "held"))
        self.assertEqual(order.ar_credit_hold_id.amount, 1700.0)
        self.assertEqual(len(order.ar_credit_hold_ids), 1)
