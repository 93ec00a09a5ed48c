from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseWizard(PromiseCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.old = cls.invoice(amount=100, due="2026-01-20")
        cls.new = cls.invoice(amount=200, due="2026-02-20")
        cls.coming = cls.invoice(amount=400, due="2026-04-20")

    def wizard(self, action, user=None):
        wizard = self.env["ar.promise.record"].with_user(user or self.user_collector)
        return Form(wizard.browse(action["res_id"]))

    def launch(self, records, method="action_ar_promise", user=None):
        records = records.with_user(user or self.user_collector)
        return self.wizard(getattr(records, method)(), user)

    def found(self):
        return self.promises.search([("commercial_partner_id", "=", self.customer.id)])

    def test_from_the_customer_all_that_is_overdue(self):
        form = self.launch(self.customer)
        self.assertEqual((form.amount, form.amount_open), (300, 300))
        form.date = "2026-03-10"
        form.note = "By transfer"
        self.assertFalse(form.approval_text)
        result = form.save().action_record()
        self.assertEqual(result["params"]["type"], "success")
        promise = self.found()
        self.assertEqual(promise.line_ids.move_id, self.old | self.new)
        self.assertEqual((promise.amount, promise.note), (300, "By transfer"))
        # What is promised is not offered again.
        form = self.launch(self.customer)
        self.assertEqual(form.amount, 400)

    def test_smaller_amount_goes_to_the_oldest_items(self):
        form = self.launch(self.customer)
        form.amount = 150
        form.date = "2026-03-10"
        form.save().action_record()
        amounts = {line.move_id: line.amount for line in self.found().line_ids}
        self.assertEqual(amounts, {self.old: 100, self.new: 50})

    def test_from_open_items(self):
        form = self.launch(self.items(self.new | self.coming))
        form.date = "2026-03-10"
        form.save().action_record()
        self.assertEqual(self.found().line_ids.move_id, self.new | self.coming)

    def test_items_of_two_customers(self):
        other = self.invoice(self.other_customer, due="2026-02-20")
        with self.assertRaisesRegex(UserError, "one customer"):
            self.launch(self.items(self.new | other))

    def test_it_says_before_that_an_approval_is_needed(self):
        form = self.launch(self.customer)
        form.date = "2026-06-10"
        self.assertIn("30 days", form.approval_text)
        result = form.save().action_record()
        self.assertEqual(result["params"]["type"], "warning")
        self.assertEqual(self.found().state, "waiting")

    def test_plan_of_equal_instalments(self):
        form = self.launch(self.items(self.old), "action_ar_plan")
        form.date = "2026-03-31"
        form.instalment_count = 3
        parts = form.save().instalment_ids.sorted("date")
        self.assertEqual(parts.mapped("amount"), [33.33, 33.33, 33.34])
        self.assertEqual(
            [str(part.date) for part in parts],
            ["2026-03-31", "2026-04-30", "2026-05-31"],
        )
        form.save().action_record()
        plan = self.plans.search([])
        amounts = plan.promise_ids.sorted("date").mapped("amount")
        self.assertEqual(amounts, [33.33, 33.33, 33.34])

    def test_edited_instalments_must_add_up(self):
        form = self.launch(self.items(self.old), "action_ar_plan")
        form.date = "2026-03-31"
        with form.instalment_ids.edit(0) as part:
            part.amount = 50
        wizard = form.save()
        with self.assertRaisesRegex(UserError, "instalments come to"):
            wizard.action_record()

    def test_too_many_instalments(self):
        form = self.launch(self.items(self.old), "action_ar_plan")
        form.date = "2026-03-31"
        form.instalment_count = 10001
        wizard = form.save()
        self.assertFalse(wizard.instalment_ids)
        with self.assertRaisesRegex(UserError, "no instalments"):
            wizard.action_record()

    def test_contact_of_somebody_else(self):
        form = self.launch(self.customer)
        form.date = "2026-03-10"
        wizard = form.save()
        wizard.partner_id = self.other_customer
        with self.assertRaisesRegex(UserError, "does not speak for"):
            wizard.action_record()

    def test_roles(self):
        for user in self.user_own, self.user_viewer:
            for method in "action_ar_promise", "action_ar_plan":
                with self.subTest(user.login, method=method):
                    with self.assertRaises(AccessError):
                        self.launch(self.customer, method, user)

    def test_items_of_another_company_are_not_smuggled_in(self):
        foreign = self.invoice(company=self.company_b, due="2026-02-20")
        form = self.launch(self.customer)
        form.date = "2026-03-10"
        wizard = form.save()
        wizard.line_ids[0].item_id = self.receivable_lines(foreign).id
        with self.assertRaises(AccessError):
            wizard.action_record()

    def test_decisions_by_wizard(self):
        promise = self.promise(self.old, "2026-06-10")
        for user, method, decision, state in [
            (self.user_manager, "action_approve", "approve", "open"),
            (self.user_collector, "action_cancel", "cancel", "cancelled"),
        ]:
            with self.subTest(decision):
                action = getattr(promise.with_user(user), method)()
                wizard = self.env["ar.promise.decide"].with_user(user)
                wizard = wizard.with_context(**action["context"])
                wizard.create({"reason": "Because"}).action_decide()
                self.assertEqual(promise.state, state)
                self.assertIn("Because", self.events(promise).mapped("text")[-1])
