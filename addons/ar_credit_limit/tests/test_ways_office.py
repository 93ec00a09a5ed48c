from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .ways import WaysCommon


@tagged("post_install", "-at_install")
class TestWaysOffice(WaysCommon):
    """Everything by which people of the company, or the machine, confirm orders."""

    two_companies = True

    def each(self, over_and_fine=None):
        """Yield every role in every company, with two orders of the salesperson."""
        for company_name, company in self.companies.items():
            for role, user in self.users.items():
                with self.subTest(role=role, company=company_name):
                    yield user, company, *self.over_and_fine(company)

    def acting(self, orders, user, company):
        return orders.with_user(user).with_context(
            allowed_company_ids=company.ids, lang="en_US"
        )

    def test_button_of_the_form(self):
        for user, company, over, fine in self.each():
            self.acting(fine, user, company).action_confirm()
            action = self.acting(over, user, company).action_confirm()
            self.assert_outcome(over, fine, company)
            if company != self.company_b:
                self.assertIn("over the credit limit", action["params"]["message"])
                # Who confirms reads why; the salesperson of another's order is told.
                expected = self.salesperson if user != self.salesperson else None
                self.assertEqual(self.told(over).id, expected and expected.id or False)

    def test_several_of_the_list(self):
        for user, company, over, fine in self.each():
            action = self.acting(over | fine, user, company).action_confirm()
            self.assert_outcome(over, fine, company)
            if company != self.company_b:
                self.assertIn(over.name, action["params"]["message"])
                self.assertNotIn(fine.name, action["params"]["message"])

    def test_orders_of_several_companies_at_once(self):
        pairs = {
            name: self.over_and_fine(company)
            for name, company in self.companies.items()
        }
        orders = self.env["sale.order"].concat(
            *(order for pair in pairs.values() for order in pair)
        )
        orders.action_confirm()
        for name, (over, fine) in pairs.items():
            with self.subTest(name):
                self.assert_outcome(over, fine, self.companies[name])

    def test_server_action(self):
        action = self.env["ir.actions.server"].create(
            {
                "name": "Confirm",
                "model_id": self.env.ref("sale.model_sale_order").id,
                "state": "code",
                "code": "records.action_confirm()",
            }
        )
        for user, company, over, fine in self.each():
            self.acting(action, user, company).with_context(
                active_model="sale.order", active_ids=(over | fine).ids
            ).run()
            self.assert_outcome(over, fine, company)

    def test_server_action_that_writes_the_state(self):
        """It writes, as anybody could: refused as a whole, with the sentence."""
        field = self.env["ir.model.fields"]._get("sale.order", "state")
        action = self.env["ir.actions.server"].create(
            {
                "name": "Make it an order",
                "model_id": self.env.ref("sale.model_sale_order").id,
                "state": "object_write",
                "update_path": "state",
                "update_field_id": field.id,
                "selection_value": field.selection_ids.filtered(
                    lambda option: option.value == "sale"
                ).id,
            }
        )
        for user, company, over, _fine in self.each():
            runner = self.acting(action, user, company).with_context(
                active_model="sale.order", active_id=over.id, active_ids=over.ids
            )
            if company == self.company_b:
                runner.run()
                self.assertEqual(over.state, "sale")
                continue
            with self.assertRaisesRegex(UserError, "over the"), self.savepoint():
                runner.run()
            self.assertEqual(over.state, "draft")

    def test_write_of_the_state(self):
        for user, company, over, fine in self.each():
            self.acting(fine, user, company).write({"state": "sale"})
            both = self.acting(over, user, company)
            if company == self.company_b:
                both.write({"state": "sale"})
                self.assert_outcome(over, fine, company)
                continue
            with self.assertRaisesRegex(UserError, "over the"), self.savepoint():
                both.write({"state": "sale"})
            self.assertEqual((over.state, fine.state), ("draft", "sale"))

    def test_write_on_orders_that_exceed_the_limit_together(self):
        first, second = self.order(600.0), self.order(600.0)
        with self.assertRaisesRegex(UserError, "over the"), self.savepoint():
            (first | second).write({"state": "sale"})
        first.write({"state": "sale"})
        self.assertEqual((first.state, second.state), ("sale", "draft"))

    def savepoint(self):
        return self.env.cr.savepoint()

    def test_scheduled_action(self):
        pairs = {
            name: self.over_and_fine(company)
            for name, company in self.companies.items()
        }
        ids = [order.id for pair in pairs.values() for order in pair]
        job = self.env["ir.cron"].create(
            {
                "name": "Confirm by night",
                "model_id": self.env.ref("sale.model_sale_order").id,
                "state": "code",
                "code": f"model.browse({ids}).filtered("
                "lambda o: o.state == 'draft').action_confirm()",
            }
        )
        for night in ("first", "second"):
            with self.enter_registry_test_mode():
                job.method_direct_trigger()
            self.env.invalidate_all()
            for name, (over, fine) in pairs.items():
                with self.subTest(night=night, company=name):
                    self.assert_outcome(over, fine, self.companies[name])
                    if name != "switched off":
                        self.assertEqual(self.told(over), self.salesperson)
        over = pairs["own"][0]
        self.assertEqual(len(over.activity_ids), 1, "told once, not every night")

    def test_duplicate(self):
        released = self.held(1500.0)
        released.ar_credit_hold_id.with_user(self.user_manager)._release("Once")
        confirmed = self.order(1500.0, company=self.company_b)
        confirmed.action_confirm()
        for user, company, over, fine in self.each():
            self.acting(over, user, company).action_confirm()
            copy_over = self.acting(over, user, company).copy()
            copy_fine = self.acting(fine, user, company).copy()
            self.assertEqual(copy_over.sudo().ar_credit_state, "none")
            self.assertFalse(copy_over.sudo().ar_credit_hold_ids)
            (copy_over | copy_fine).action_confirm()
            self.assert_outcome(copy_over.sudo(), copy_fine.sudo(), company)
        again = released.copy()
        again.action_confirm()
        self.assert_held(again)
        self.assertEqual(released.ar_credit_state, "released", "it was that one")

    def test_arrives_confirmed(self):
        """Created in the state of a confirmed order: the order is not lost, it waits;
        nothing that a confirmed line sets off has happened."""
        for user, company, over, fine in self.each():
            values = [
                {
                    **order.copy_data()[0],
                    "state": "sale",
                    "user_id": self.salesperson.id,
                }
                for order in (over, fine)
            ]
            Orders = self.acting(self.env["sale.order"], user, company)
            new_over, new_fine = Orders.create(values).sudo()
            self.assert_outcome(new_over, new_fine, company)
            if company != self.company_b:
                self.assertEqual(
                    self.told(new_over), self.salesperson, "whoever it was"
                )

    def test_arrive_confirmed_together(self):
        values = [
            {**self.order(600.0).copy_data()[0], "state": "sale"} for _each in range(2)
        ]
        first, second = self.env["sale.order"].create(values)
        self.assertEqual((first.state, second.state), ("sale", "draft"))
        self.assert_held(second, 600.0)

    def test_arrives_confirmed_by_a_default_of_the_context(self):
        values = self.order(1500.0).copy_data()[0]
        values.pop("state", None)
        Orders = self.env["sale.order"].with_context(default_state="sale")
        self.assert_held(Orders.create(values))

    def test_arrives_confirmed_while_observing(self):
        self.company.ar_credit_limit_mode = "observe"
        self.assertEqual(self.order(1500.0, state="sale").state, "sale")

    def test_arrives_where_nothing_is_checked(self):
        values = {"state": "sale", "company_id": self.company_b.id}
        self.company_b._holds_orders()
        with self.assertQueryCount(0):
            self.env["sale.order"]._get_arriving_over_limit([values] * 5)

    def test_arrived_goods_are_not_sent(self):
        self.needs("sale_stock")
        crate = self.env["product.product"].create({"name": "Box", "type": "consu"})
        over = self.order(1500.0, product=crate, state="sale")
        fine = self.order(100.0, product=crate, state="sale")
        self.assert_held(over)
        self.assertFalse(over.picking_ids)
        self.assertTrue(fine.picking_ids)

    def test_nobody_in_charge(self):
        """Without a salesperson of the order, that of the customer is told, else the
        leader of the team."""
        leader = self.users["sales manager"]
        team = self.env["crm.team"].create({"name": "Team", "user_id": leader.id})
        nobodys = self.new_customer("Nobody's")
        self.grant(nobodys, amount=1000.0)
        for partner, expected in ((self.customer, self.salesperson), (nobodys, leader)):
            order = self.order(1500.0, partner, user_id=False, team_id=team.id)
            order.action_confirm()
            self.assertEqual(self.told(order), expected)

    def test_form_shows_the_state(self):
        over, _fine = self.over_and_fine(self.company)
        over.with_user(self.salesperson).action_confirm()
        with Form(over.with_user(self.salesperson)) as form:
            self.assertEqual(form.ar_credit_state, "held")
            form.client_order_ref = fields.Date.to_string(fields.Date.today())
