from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..tools.violation import Violation
from .test_increase import IncreaseCommon


@tagged("post_install", "-at_install")
class TestChange(IncreaseCommon):
    """The order of 600 is to become one of 1,500; the limit is 1,000."""

    two_companies = True

    def wizard(self, order=None, user=None):
        user = user or self.salesperson
        action = (order or self.sold).with_user(user).action_request_credit_change()
        return Form(
            self.env[action["res_model"]]
            .with_user(user)
            .with_context(**action["context"])
        )

    def request(self, price=250.0, order=None, user=None):
        form = self.wizard(order, user)
        with form.line_ids.edit(0) as line:
            line.price_unit = price
        form.note = "They take it all"
        form.save().action_request()
        return self.newest()

    def newest(self):
        return self.env["ar.credit.change"].search([], limit=1)

    def approve(self, change, user=None, reason="Guarantee received"):
        change.with_user(user or self.user_manager)._approve(reason)

    def requests(self, change):
        kind = self.env.ref("ar_credit_limit.mail_activity_type_change_request")
        return change.activity_ids.filtered(lambda a: a.activity_type_id == kind)

    def test_four_eyes_cannot_be_lent_away(self):
        """A substitute approves nothing in the place of who requested it."""
        self.sold.user_id = self.user_manager
        self.user_manager.group_ids += self.env.ref("sales_team.group_sale_manager")
        self.env["ar.credit.authority"].sudo().create(
            {
                "company_id": self.company.id,
                "user_id": self.user_manager.id,
                "is_unbounded": True,
            }
        )
        self.env["ar.credit.substitute"].sudo().create(
            {
                "user_id": self.user_manager.id,
                "substitute_id": self.user_collector.id,
                "date_from": "2026-03-01",
                "date_until": "2026-03-31",
            }
        )
        change = self.request(user=self.user_manager).with_user(self.user_collector)
        self.assertFalse(change.can_decide)
        with self.assertRaises(AccessError):
            change._refuse("Mine")
        self.sold.user_id = self.salesperson
        other = self.request().with_user(self.user_collector)
        self.assertTrue(other.can_decide)

    def test_request_freezes_what_is_wanted_and_why(self):
        self.invoice(amount=300.0)
        facts = self.facts()
        change = self.request()
        self.assertEqual(self.facts(), facts, "the order is as it was")
        self.assertRecordValues(
            change,
            [
                {
                    "name": self.sold.name,
                    "commercial_partner_id": self.customer.id,
                    "company_id": self.company.id,
                    "user_id": self.salesperson.id,
                    "state": "requested",
                    "amount_before": 600.0,
                    "amount": 1500.0,
                    "growth": 900.0,
                    "exposure": 1800.0,
                    "credit_limit": 1000.0,
                    "excess": 800.0,
                    "requester_id": self.salesperson.id,
                    "request_note": "They take it all",
                    "payment_term_id": False,
                    "partner_invoice_id": False,
                    "is_outdated": False,
                }
            ],
        )
        self.assertIn("over the credit limit", change.reasons_text)
        self.assertRecordValues(
            change.line_ids,
            [
                {
                    "order_line_id": self.line.id,
                    "is_new": False,
                    "product_id": self.product.id,
                    "quantity_before": 6.0,
                    "quantity": 6.0,
                    "price_unit_before": 100.0,
                    "price_unit": 250.0,
                }
            ],
        )
        asked = self.requests(change).user_id
        self.assertLessEqual(self.user_manager | self.manager_2, asked)
        self.assertNotIn(self.user_collector, asked)
        self.assertIn("Change requested", self.events("credit_hold")[:1].text)
        self.assertEqual(self.sold.ar_credit_change_id, change)
        self.assertEqual(self.sold.ar_change_state, "requested")

    def test_wizard_shows_the_total_while_typing(self):
        form = self.wizard()
        self.assertEqual((form.amount_now, form.amount_wanted), (600.0, 600.0))
        with form.line_ids.edit(0) as line:
            line.quantity = 12
            line.discount = 50.0
        self.assertEqual(form.amount_wanted, 600.0)
        with form.line_ids.new() as line:
            line.product_id = self.product
            self.assertEqual(line.price_unit, 100.0)
            line.quantity = 3
        self.assertEqual(form.amount_wanted, 900.0)
        self.assertEqual(self.sold.amount_total, 600.0)

    def test_within_the_free_credit_it_is_made_at_once(self):
        form = self.wizard()
        with form.line_ids.edit(0) as line:
            line.quantity = 10
        form.note = "-"
        result = form.save().action_request()
        self.assertIn("made already", result["params"]["message"])
        self.assertEqual(self.sold.amount_total, 1000.0)
        self.assertFalse(self.sold.ar_credit_change_ids)

    def test_approval_makes_exactly_the_change(self):
        form = self.wizard()
        with form.line_ids.edit(0) as line:
            line.quantity = 11
            line.price_unit = 105.0
            line.discount = 10.0
        with form.line_ids.new() as line:
            line.product_id = self.product
            line.quantity = 2
            line.price_unit = 50.0
        form.note = "They take it all"
        form.save().action_request()
        change = self.newest()
        self.approve(change)
        self.assertEqual(change.state, "approved")
        self.assertRecordValues(
            self.sold.order_line,
            [
                {"product_uom_qty": 11.0, "price_unit": 105.0, "discount": 10.0},
                {"product_uom_qty": 2.0, "price_unit": 50.0, "discount": 0.0},
            ],
        )
        self.assertEqual(self.sold.amount_total, change.amount)
        self.assertEqual(self.sold.ar_credit_state, "released")
        self.assertRecordValues(
            change.hold_id,
            [
                {
                    "state": "released",
                    "order_id": self.sold.id,
                    "ceiling": change.amount,
                    "requester_id": self.salesperson.id,
                    "decided_by_id": self.user_manager.id,
                    "decision_reason": "Guarantee received",
                }
            ],
        )
        self.assertFalse(self.requests(change))
        told = self.sold.activity_ids.filtered(lambda a: a.user_id == self.salesperson)
        self.assertEqual(told.summary, "Change approved and made")
        self.assertIn("Guarantee received", self.events("credit_release")[:1].text)

    def test_approval_covers_up_to_its_amount(self):
        self.approve(self.request())
        self.line.price_unit = 200.0
        self.line.price_unit = 250.0
        self.assert_refused(lambda: self.line.write({"price_unit": 250.01}))

    def test_terms_and_payer(self):
        self.grant(self.other_customer, amount=100.0)
        term = self.new_term("90 days", 90)
        form = self.wizard()
        form.payment_term_id = term
        form.partner_invoice_id = self.other_customer
        form.note = "The mother pays"
        form.save().action_request()
        change = self.newest()
        self.assertEqual(change.commercial_partner_id, self.other_customer)
        self.assertEqual(change.partner_invoice_before_id, self.customer)
        self.assertEqual(change.growth, 0.0)
        self.assertFalse(change.line_ids)
        self.approve(change)
        self.assertEqual(self.sold.payment_term_id, term)
        self.assertEqual(self.sold.partner_invoice_id, self.other_customer)
        self.assertEqual(change.hold_id.commercial_partner_id, self.other_customer)
        self.assertEqual(self.exposure(self.other_customer), 600.0)

    def test_approval_within_authority(self):
        """Who may not release so much approves no change to so much."""
        boss = self.new_user("boss", "ar_ledger.ar_ledger_group_manager")
        rows = self.env["ar.credit.authority"].sudo()
        values = {"company_id": self.company.id}
        rows.create({**values, "user_id": boss.id, "is_unbounded": True})
        rows.create({**values, "user_id": self.user_manager.id, "amount": 1000.0})
        change = self.request()
        facts = self.facts()
        with self.assertRaisesRegex(UserError, "beyond your authority"):
            with self.env.cr.savepoint():
                self.approve(change)
        self.env.invalidate_all()
        self.assertEqual(self.facts(), facts, "the order is as it was")
        self.assertEqual(change.state, "requested")
        with self.assertRaisesRegex(AccessError, "give you none"):
            self.approve(change, self.manager_2)
        self.approve(change, boss)
        self.assertEqual((change.state, self.sold.amount_total), ("approved", 1500.0))

    def test_substitutes_approve_nothing_that_their_lender_requested(self):
        boss = self.new_user(
            "boss",
            "ar_ledger.ar_ledger_group_manager,"
            "sales_team.group_sale_salesman_all_leads",
        )
        self.env["ar.credit.authority"].sudo().create(
            {"company_id": self.company.id, "user_id": boss.id, "is_unbounded": True}
        )
        self.env["ar.credit.substitute"].sudo().create(
            {
                "user_id": boss.id,
                "substitute_id": self.user_collector.id,
                "date_from": "2026-03-02",
                "date_until": "2026-03-02",
            }
        )
        for requester, allowed in ((boss, False), (self.salesperson, True)):
            with self.subTest(requester.login):
                change = self.request(user=requester)
                if not allowed:
                    with self.assertRaises(UserError):
                        self.approve(change, self.user_collector)
                    continue
                self.approve(change, self.user_collector)
                self.assertEqual(change.hold_id.decided_for_id, boss)

    def test_refusal(self):
        change = self.request()
        change.with_user(self.user_manager)._refuse("Two invoices 90 days late")
        self.assertEqual(change.state, "refused")
        self.assertEqual(self.sold.amount_total, 600.0)
        self.assertFalse(self.requests(change))
        told = self.sold.activity_ids.filtered(lambda a: a.user_id == self.salesperson)
        self.assertEqual(told.summary, "Change refused")
        with self.assertRaisesRegex(UserError, "decided already"):
            self.approve(change)

    def test_order_that_changed_meanwhile(self):
        for name, values in {
            "lines": {
                "order_line": [fields.Command.update(self.line.id, {"discount": 5})]
            },
            "terms": {"payment_term_id": self.new_term("5 days", 5).id},
            "payer": {"partner_invoice_id": self.other_customer.id},
        }.items():
            with self.subTest(name):
                change = self.request()
                self.sold.write(values)
                change.invalidate_recordset()
                self.assertTrue(change.is_outdated)
                with self.assertRaisesRegex(UserError, "changed since"):
                    self.approve(change)
                change.with_user(self.user_manager)._refuse("Outdated")

    def test_taxes_that_changed_meanwhile(self):
        tax = self.env["account.tax"].create({"name": "Tax", "amount": 10.0})
        self.line.tax_ids = tax
        change = self.request()
        tax.amount = 20.0
        with self.assertRaisesRegex(UserError, "would amount to"):
            with self.env.cr.savepoint():
                self.approve(change)
        self.assertEqual(self.line.price_unit, 100.0)

    def test_locked_order(self):
        change = self.request()
        self.sold.action_lock()
        with self.assertRaisesRegex(UserError, "locked"):
            self.approve(change)
        with self.assertRaisesRegex(UserError, "locked"):
            self.wizard()
        self.sold.action_unlock()
        self.approve(change)

    def test_other_reasons_of_the_meantime_are_released_too(self):
        change = self.request()
        self.env["ar.credit.hold"]._place(
            self.customer,
            self.company,
            "customer_orders",
            [Violation("manual_stop", "Cheque returned", {})],
        )
        self.grant(amount=900.0)
        self.approve(change)
        self.assertIn("over_limit", change.hold_id.reason_ids.mapped("code"))

    def test_approved_where_the_reason_is_gone(self):
        change = self.request()
        self.grant(amount=5000.0)
        self.approve(change)
        self.assertFalse(change.hold_id)
        self.assertEqual(self.sold.amount_total, 1500.0)

    def test_only_credit_managers_decide(self):
        change = self.request()
        for user in (self.salesperson, self.user_viewer, self.user_collector):
            for decide in ("_approve", "_refuse"):
                with self.subTest(user=user.login, decide=decide):
                    with self.assertRaises(AccessError):
                        getattr(change.with_user(user), decide)("Please")
            with self.assertRaises(AccessError):
                change.with_user(user).action_approve()
        self.assertEqual(change.state, "requested")

    def test_who_requests_does_not_decide(self):
        self.salesperson.group_ids += self.env.ref("ar_ledger.ar_ledger_group_manager")
        change = self.request()
        self.assertNotIn(self.salesperson, self.requests(change).user_id)
        own = change.with_user(self.salesperson)
        self.assertFalse(own.can_decide)
        with self.assertRaisesRegex(UserError, "another credit manager"):
            self.approve(change, self.salesperson)
        self.approve(change, self.manager_2)
        self.assertEqual(change.decided_by_id, self.manager_2)

    def test_a_decision_needs_a_reason(self):
        change = self.request()
        with self.assertRaisesRegex(UserError, "needs a reason"):
            self.approve(change, reason=" ")

    def test_manager_of_another_company(self):
        change = self.request()
        foreign = self.new_user("of_b", "ar_ledger.ar_ledger_group_manager")
        foreign.write(
            {
                "company_ids": [fields.Command.set(self.company_b.ids)],
                "company_id": self.company_b.id,
            }
        )
        with self.assertRaises(AccessError):
            self.approve(change, foreign)
        self.assertFalse(
            self.env["ar.credit.change"].with_user(foreign).search([]), "nor seen"
        )

    def test_withdrawn_replaced_and_cancelled(self):
        first = self.request()
        second = self.request(260.0)
        self.assertEqual(first.state, "cancelled")
        self.assertIn("newer", first.decision_reason)
        with self.assertRaisesRegex(UserError, "takes it back"):
            second.with_user(self.user_manager).action_withdraw()
        second.with_user(self.salesperson).action_withdraw()
        self.assertEqual(second.state, "cancelled")
        third = self.request()
        self.sold.action_cancel()
        self.assertEqual(third.state, "cancelled")
        self.assertFalse(self.requests(first | second | third))

    def test_nothing_to_request(self):
        quotation = self.order(100.0)
        with self.assertRaisesRegex(UserError, "not confirmed"):
            self.wizard(quotation)
        form = self.wizard()
        form.note = "Why not"
        with self.assertRaisesRegex(UserError, "Nothing is to be changed"):
            form.save().action_request()
        with self.assertRaisesRegex(UserError, "Say why"):
            wanted = {
                "order_line_id": self.line.id,
                "product_id": self.product.id,
                "product_uom_id": self.line.product_uom_id.id,
                "quantity": 6,
                "price_unit": 900.0,
                "discount": 0.0,
            }
            self.env["ar.credit.change"]._request(self.sold, [wanted], " ")
        self.company.ar_credit_limit_mode = "off"
        with self.assertRaisesRegex(UserError, "No credit is checked"):
            self.wizard()

    def test_lines_of_another_order(self):
        """The approval writes past access rights: nothing foreign comes in."""
        foreign = self.confirmed(100.0, self.other_customer).order_line
        wizard = (
            self.env["ar.credit.change.request"]
            .with_user(self.salesperson)
            .create({"order_id": self.sold.id, "note": "Mine"})
        )
        wizard.line_ids.write({"order_line_id": foreign.id, "price_unit": 900.0})
        with self.assertRaisesRegex(UserError, "Only lines of"):
            wizard.action_request()

    def test_absurd_amounts(self):
        for values in ({"quantity": -5.0}, {"discount": 100.0}, {"price_unit": -1.0}):
            with self.subTest(values):
                form = self.wizard()
                with form.line_ids.edit(0) as line:
                    for name, value in values.items():
                        line[name] = value
                form.note = "Less"
                form.save().action_request()
                self.assertFalse(self.sold.ar_credit_change_ids)
        self.assertLessEqual(self.sold.amount_total, 0.0)

    def test_salesperson_of_others(self):
        colleague = self.new_user("colleague", "sales_team.group_sale_salesman")
        change = self.request()
        with self.assertRaises(AccessError):
            self.wizard(user=colleague)
        wizards = self.env["ar.credit.change.request"].with_user(colleague)
        with self.assertRaises(AccessError):
            wizards.create({"order_id": self.sold.id, "note": "Mine"})
        with self.assertRaises(AccessError):
            change.with_user(colleague).action_withdraw()
        self.assertFalse(self.env["ar.credit.change"].with_user(colleague).search([]))
        seen = self.env["ar.credit.change"].with_user(self.salesperson).search([])
        self.assertEqual(seen, change)

    def test_wizard_tells_nothing_of_others_changes(self):
        change = self.request()
        colleague = self.new_user("colleague_2", "sales_team.group_sale_salesman")
        values = {"change_ids": change.ids, "decision": "approve", "reason": "Forged"}
        wizards = self.env["ar.credit.change.decide"]
        with self.assertRaises(AccessError):
            wizards.with_user(colleague).create(values)
        own = wizards.with_user(self.salesperson).create(values)
        with self.assertRaises(AccessError):
            own.action_decide()
        self.assertEqual(change.state, "requested")

    def test_without_a_role_nothing(self):
        change = self.request()
        plain = self.new_user("no_role", "base.group_user")
        for record in (change, change.line_ids):
            with self.subTest(record._name), self.assertRaises(AccessError):
                record.with_user(plain).read(["display_name"])

    def test_nobody_makes_changes_or_deletes_it(self):
        change = self.request()
        for user in (self.salesperson, self.user_manager, self.env.user):
            forged = change.with_user(user).with_context(ar_credit_change_by_code=True)
            for record in (forged, forged.sudo()):
                with self.subTest(user.login, su=record.env.su):
                    with self.assertRaises(AccessError):
                        record.write({"state": "approved"})
                    with self.assertRaises(AccessError):
                        record.create({"name": "Forged", "state": "requested"})
                    with self.assertRaises(AccessError):
                        record.unlink()
            with self.subTest(user.login, model="line"), self.assertRaises(AccessError):
                change.line_ids.with_user(user).write({"price_unit": 1.0})

    def test_decision_wizard(self):
        change = self.request().with_user(self.user_manager)
        for action, decision in (
            (change.action_refuse(), "refuse"),
            (change.action_approve(), "approve"),
        ):
            with self.subTest(decision):
                wizard = Form(
                    self.env[action["res_model"]]
                    .with_user(self.user_manager)
                    .with_context(**action["context"])
                )
                self.assertIn("over the credit limit", wizard.reasons_text)
                self.assertEqual(wizard.request_note, "They take it all")
                wizard.reason = "Decided"
                wizard.save()
        wizard.record.action_decide()
        self.assertEqual(change.state, "approved")
        self.assertEqual(self.sold.amount_total, 1500.0)

    def test_views_open(self):
        change = self.request()
        for user in (self.salesperson, self.user_viewer, self.user_manager):
            with self.subTest(user.login):
                form = Form(change.with_user(user))
                self.assertEqual(form.state, "requested")
                for kind in ("list", "search"):
                    change.with_user(user).get_view(view_type=kind)
        form = Form(self.sold.with_user(self.salesperson))
        self.assertTrue(form.ar_can_request_change)
        self.assertEqual(form.ar_change_state, "requested")
        action = self.sold.with_user(self.salesperson).action_open_credit_changes()
        self.assertEqual(self.env["ar.credit.change"].search(action["domain"]), change)

    def test_merged_customers_keep_their_changes(self):
        change = self.request()
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge(
            (self.customer | self.other_customer).ids,
            self.other_customer,
            extra_checks=False,
        )
        self.env.invalidate_all()
        self.assertEqual(change.commercial_partner_id, self.other_customer)
