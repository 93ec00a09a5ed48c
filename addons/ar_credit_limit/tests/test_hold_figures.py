from datetime import date

from odoo.exceptions import AccessError
from odoo.tests import Form, HttpCase, JsonRpcException, tagged

from ..tools.violation import Violation
from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestHoldFigures(CreditCommon):
    def test_held_value(self):
        first, second = self.held(1500.0), self.held(1800.0)
        holds = first.ar_credit_hold_id | second.ar_credit_hold_id
        self.assertEqual(holds.mapped("held_amount"), [1500.0, 1800.0])
        holds[0].with_user(self.user_manager)._release("Fine")
        holds[1].with_user(self.user_manager)._refuse("No")
        self.assertEqual(holds.mapped("held_amount"), [0.0, 1800.0])
        ((total,),) = self.env["ar.credit.hold"]._read_group(
            [("id", "in", holds.ids)], aggregates=["held_amount:sum"]
        )
        self.assertEqual(total, 1800.0)

    def test_hours_to_decision(self):
        """By a person only, and to the first decision only."""
        by_person, by_itself = self.held(1500.0), self.held(1600.0)
        with self.at("2026-03-03 12:00:00"):
            hold = by_person.ar_credit_hold_id
            hold.with_user(self.user_manager)._refuse("No")
            self.assertEqual(hold.decision_hours, 36.0)
        with self.at("2026-03-04"):
            hold.with_user(self.user_manager)._release("Well")
            self.assertEqual(hold.decision_hours, 36.0)
            by_itself.ar_credit_hold_id._clear("Paid")
            self.assertFalse(by_itself.ar_credit_hold_id.first_decided_on)

    def test_released_unchanged(self):
        def smaller(order):
            order.order_line.price_unit = 1400.0

        for name, change, ceiling, expected in (
            ("as held", lambda order: None, None, True),
            ("smaller order", smaller, None, False),
            ("higher ceiling", lambda order: None, 1600.0, False),
        ):
            with self.subTest(name):
                order = self.held(1500.0)
                change(order)
                hold = order.ar_credit_hold_id
                hold.with_user(self.user_manager)._release("Fine", ceiling=ceiling)
                self.assertEqual(hold.is_released_unchanged, expected)
                self.assertEqual(hold.unchanged_share, float(expected))

    def test_actions_and_views_open(self):
        self.held(1500.0)
        for xmlid in ("ar_credit_hold_action", "ar_credit_hold_action_figures"):
            action = self.env["ir.actions.act_window"]._for_xml_id(
                f"ar_credit_limit.{xmlid}"
            )
            for view_id, view_type in action["views"]:
                with self.subTest(xmlid, view=view_type):
                    holds = self.env["ar.credit.hold"].with_user(self.user_viewer)
                    self.assertTrue(holds.get_view(view_id, view_type)["arch"])

    def test_managers_are_told_where_wanted(self):
        for wanted in (False, True):
            self.company.ar_credit_tell_managers = wanted
            hold = self.held(1500.0).ar_credit_hold_id
            told = self.env["mail.message"].search(
                [
                    ("model", "=", "ar.credit.hold"),
                    ("res_id", "=", hold.id),
                    ("partner_ids", "in", self.user_manager.partner_id.ids),
                ]
            )
            with self.subTest(wanted=wanted):
                self.assertEqual(bool(told), wanted)

    def test_salesperson_is_told_that_a_release_ran_out(self):
        order = self.held(1500.0)
        hold = order.ar_credit_hold_id
        hold.with_user(self.user_manager)._release("Fine", valid_until=date(2026, 3, 3))
        order.activity_ids.unlink()
        with self.at("2026-03-04"):
            self.run_night()
            self.assertEqual(order.activity_ids.user_id, self.salesperson)
            self.assertIn("run out", order.activity_ids.note)


@tagged("post_install", "-at_install")
class TestHoldBadInput(CreditCommon):
    two_companies = True

    def stop(self, partner, scope="customer_orders"):
        return self.env["ar.credit.hold"]._place(
            partner,
            self.company,
            scope,
            [Violation("manual_stop", "Cheque returned", {})],
        )

    def test_customer_becomes_part_of_another(self):
        """The stop of a customer goes along; held orders are judged by who pays now."""
        person = self.new_customer("Person", is_company=False)
        self.grant(person, amount=10.0)
        stop = self.stop(person)
        delivery_stop = self.stop(person, "customer_deliveries")
        held = self.held(500.0, person)
        old = held.ar_credit_hold_id
        person.parent_id = self.other_customer
        self.assertEqual(person.commercial_partner_id, self.other_customer)
        for hold in stop | delivery_stop:
            self.assertEqual(hold.commercial_partner_id, self.other_customer)
            self.assertEqual(hold.state, "held")
        told = self.events("credit_hold", self.other_customer)[:2]
        self.assertIn("goes on there", told[0].text)
        self.assertEqual(set(told.mapped("source_id")), {stop.id, delivery_stop.id})
        self.recheck()
        self.assertEqual(old.state, "cancelled")
        newest = held.ar_credit_hold_id
        self.assertEqual(newest.commercial_partner_id, self.other_customer)
        self.assertEqual(newest.reason_ids.code, "manual_stop")
        stop.with_user(self.user_manager)._release("Not meant for them")
        held.action_confirm()
        self.assertEqual(held.state, "sale")

    def test_held_order_is_free_at_the_new_payer(self):
        person = self.new_customer("Person", is_company=False)
        self.grant(person, amount=10.0)
        held = self.held(500.0, person)
        person.parent_id = self.other_customer
        self.recheck()
        self.assertEqual(held.ar_credit_state, "none")
        held.action_confirm()
        self.assertEqual(held.state, "sale")

    def test_customer_becomes_independent(self):
        contact = self.new_customer(
            "Contact", is_company=False, parent_id=self.customer.id
        )
        stop = self.stop(self.customer)
        contact.parent_id = False
        self.assertEqual(stop.commercial_partner_id, self.customer)
        order = self.order(1.0, contact)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_exemptions_of_a_customer_that_is_none_any_more(self):
        person = self.new_customer("Person", is_company=False)
        order = self.order(500.0, person)
        grant = self.env["ar.credit.exemption"].with_user(self.user_manager)._grant
        whole = grant(person, self.company, "Friend", date(2026, 3, 9))
        single = grant(person, self.company, "Fair", date(2026, 3, 9), order=order)
        person.parent_id = self.other_customer
        self.assertEqual(whole.state, "ended", "the new payer is not exempt")
        self.assertEqual(single.commercial_partner_id, self.other_customer)
        self.assertEqual(single.state, "granted")

    def test_archived_customer(self):
        order = self.held(1500.0)
        stop = self.stop(self.customer)
        self.customer.active = False
        for hold in stop | order.ar_credit_hold_id:
            hold.with_user(self.user_manager)._release("Fine")
            self.assertEqual(hold.state, "released")
        form = Form(stop.with_user(self.user_viewer))
        self.assertEqual(form.state, "released")

    def test_new_order_of_an_archived_customer(self):
        """It is checked like any other."""
        self.customer.active = False
        order = self.order(1500.0)
        order.action_confirm()
        self.assertEqual((order.state, order.ar_credit_state), ("draft", "held"))
        self.confirmed(1000.0)

    def test_grants_of_a_person_who_belongs_to_a_company_for_a_while(self):
        """They stay on record, without effect, and are in force again afterwards."""
        person = self.new_customer("Person", is_company=False)
        grant = self.grant(person, amount=10.0)
        self.grant(self.other_customer, amount=500.0)
        person.parent_id = self.other_customer
        self.assertEqual(grant.commercial_partner_id, person, "it says who it was for")
        self.assertEqual(person.ar_credit_limit, 500.0)
        self.confirmed(500.0, person).action_cancel()
        person.parent_id = False
        self.assertEqual(person.ar_credit_limit, 10.0)
        order = self.order(10.01, person)
        order.action_confirm()
        self.assertEqual(order.ar_credit_state, "held")

    def test_other_company_decides_nothing(self):
        user_b = self.new_user("of_b", "ar_ledger.ar_ledger_group_manager")
        user_b.write(
            {
                "company_ids": [(6, 0, self.company_b.ids)],
                "company_id": self.company_b.id,
            }
        )
        order = self.held(1500.0)
        hold = order.ar_credit_hold_id.with_user(user_b)
        for name, attempt in {
            "release": lambda: hold._release("Mine"),
            "request": lambda: hold._request("Mine"),
            "refuse": lambda: hold._refuse("Mine"),
            "reason": lambda: hold.reason_ids.action_clear(),
            "exempt": lambda: (
                self.env["ar.credit.exemption"]
                .with_user(user_b)
                ._grant(self.customer, self.company, "Mine", date(2026, 3, 9))
            ),
            "stop": lambda: (
                self.env["ar.credit.stop"]
                .with_user(user_b)
                .create({"order_ids": order.ids, "reason": "Mine"})
            ),
            "offer": lambda: (
                self.env["ar.credit.offer"]
                .with_user(user_b)
                .create({"order_id": order.id, "reason": "Mine"})
            ),
        }.items():
            with self.subTest(name), self.assertRaises(AccessError):
                attempt()
        self.assertEqual(order.ar_credit_hold_id.state, "held")


@tagged("post_install", "-at_install")
class TestHoldRpc(HttpCase, CreditCommon):
    """Forged method names, keys and values over RPC."""

    def test_forged(self):
        order = self.held(1500.0)
        hold = order.ar_credit_hold_id
        exemption = (
            self.env["ar.credit.exemption"]
            .with_user(self.user_manager)
            ._grant(self.other_customer, self.company, "Fair", date(2026, 3, 9))
        )
        users = self.salesperson | self.user_viewer | self.user_manager
        users.write({"password": "a real Password 1"})
        self.env.flush_all()
        context = {
            "ar_credit_hold_by_code": True,
            "ar_credit_exemption_by_code": True,
            "default_state": "released",
        }
        for user in users:
            self.authenticate(user.login, "a real Password 1")
            for model, method, args in (
                ("ar.credit.hold", "_release", [hold.ids, "Mine"]),
                ("ar.credit.hold", "_release_or_request", [hold.ids, "Mine"]),
                ("ar.credit.hold", "_clear_by_hand", [hold.ids, [], "Mine"]),
                ("ar.credit.hold", "_confirm_due", [1, 1]),
                ("ar.credit.hold", "write", [hold.ids, {"requester_ids": False}]),
                ("ar.credit.hold.reason", "_reopen", [hold.reason_ids.ids]),
                (
                    "ar.credit.hold.reason",
                    "write",
                    [hold.reason_ids.ids, {"is_cleared_by_hand": True}],
                ),
                ("ar.credit.exemption", "_grant", [1, 1, "Mine", "2026-03-09"]),
                ("ar.credit.exemption", "_end", [exemption.ids, "Mine"]),
                (
                    "ar.credit.exemption",
                    "write",
                    [exemption.ids, {"date_until": "2030-01-01"}],
                ),
                ("ar.credit.exemption", "create", [{"reason": "Mine"}]),
                (
                    "ar.credit.authority",
                    "create",
                    [{"user_id": user.id, "is_unbounded": True}],
                ),
                (
                    "ar.credit.substitute",
                    "create",
                    [
                        {
                            "user_id": self.manager_2.id,
                            "substitute_id": user.id,
                            "date_until": "2026-03-09",
                        }
                    ],
                ),
                ("sale.order", "_hold_by_hand", [order.ids, "Mine"]),
                ("sale.order", "write", [order.ids, {"ar_credit_state": "exempt"}]),
            ):
                with self.subTest(user.login, model=model, method=method):
                    self.refused(model, method, args, context)
        self.env.invalidate_all()
        self.assertEqual((hold.state, order.ar_credit_state), ("held", "held"))
        self.assertEqual(exemption.state, "granted")

    def test_decisions_that_are_none_of_a_salespersons(self):
        order, sold = self.held(1500.0), self.confirmed(600.0)
        change = self.env["ar.credit.change"]._request(
            sold,
            [
                {
                    "order_line_id": sold.order_line.id,
                    "product_id": self.product.id,
                    "quantity": 1.0,
                    "price_unit": 1400.0,
                    "discount": 0.0,
                }
            ],
            "They take it all",
        )
        hold = order.ar_credit_hold_id
        for name, values in (
            ("hold", {"hold_ids": hold.ids, "decision": "release"}),
            ("change", {"change_ids": change.ids, "decision": "approve"}),
        ):
            for user in (self.salesperson, self.user_viewer, self.user_collector):
                wizards = self.env[f"ar.credit.{name}.decide"].with_user(user)
                with self.subTest(user.login, wizard=name):
                    wizard = wizards.create({**values, "reason": "Mine"})
                    with self.assertRaises(AccessError):
                        wizard.action_decide()
        attempts = (
            ("ar.credit.hold", "action_release", [hold.ids]),
            ("ar.credit.hold", "action_refuse", [hold.ids]),
            ("ar.credit.hold.reason", "action_clear", [hold.reason_ids.ids]),
            ("ar.credit.change", "action_approve", [change.ids]),
            ("ar.credit.change", "action_refuse", [change.ids]),
            ("ar.credit.change", "_approve", [change.ids, "Mine"]),
            ("ar.credit.change", "_refuse", [change.ids, "Mine"]),
            ("ar.credit.change", "write", [change.ids, {"state": "approved"}]),
            (
                "ar.credit.change.line",
                "write",
                [change.line_ids.ids, {"price_unit": 9}],
            ),
        )
        users = self.salesperson | self.user_viewer | self.user_collector
        users.write({"password": "a real Password 1"})
        self.env.flush_all()
        for user in users:
            self.authenticate(user.login, "a real Password 1")
            for model, method, args in attempts:
                with self.subTest(user.login, model=model, method=method):
                    self.refused(model, method, args, {})
        self.env.invalidate_all()
        self.assertEqual((hold.state, change.state), ("held", "requested"))
        self.assertEqual(sold.amount_total, 600.0)

    def refused(self, model, method, args, context):
        # Not assertRaises: it would roll back what the server does on its side.
        try:
            self.make_jsonrpc_request(
                f"/web/dataset/call_kw/{model}/{method}",
                {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": {"context": context},
                },
            )
        except JsonRpcException:
            return
        self.fail(f"{model}.{method} was let through")
