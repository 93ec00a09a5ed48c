from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import AccessError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.policy import STANDARD, STANDARD_CHECKS, Check
from .common_policy import PolicyCommon


@tagged("post_install", "-at_install")
class TestPolicy(PolicyCommon):
    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.low = cls.env.ref("ar_ledger.ar_risk_class_low")
        cls.high = cls.env.ref("ar_ledger.ar_risk_class_high")

    def of(self, partner=None, company=None):
        partner = partner or self.customer
        policies = self.env["ar.credit.policy"]._get_policies(
            partner, company or self.company
        )
        return policies[partner.id]

    def limit(self, partner, company=None):
        limits = self.env["ar.credit.limit"]._get_in_force(
            partner, company or self.company
        )
        return limits[partner.id]

    def test_standard_where_no_policy_is(self):
        self.assertEqual(self.of(), STANDARD)
        self.assertEqual(
            [check.code for check in STANDARD.checks], ["over_limit", "manual_stop"]
        )
        for checkpoint, expected in (
            ("quotation", "advise"),
            ("confirm", "hold"),
            ("increase", "hold"),
            ("transfer", None),
        ):
            with self.subTest(checkpoint):
                self.assertEqual(STANDARD_CHECKS[0].get_action(checkpoint), expected)

    def test_new_policy_starts_from_the_standard(self):
        with Form(self.env["ar.credit.policy"]) as form:
            form.risk_class_id = self.high
        self.assertEqual(
            self.env["ar.credit.policy"]._get_rules(self.company.id)[0].checks,
            STANDARD_CHECKS,
        )

    def test_checks_have_names(self):
        policy = self.policy({"code": "bucket_ceiling", "bucket": "overdue"})
        self.assertEqual(
            policy.check_ids.display_name, "Part of the exposure too high: Overdue"
        )
        self.assertEqual(policy.display_name, "All other customers")

    def test_stop_by_hand_is_never_left_out(self):
        self.policy({"code": "overdue_amount"})
        self.assertIn(Check("manual_stop"), self.of().checks)

    def test_class_before_company_before_standard(self):
        of_high = self.policy(risk_class_id=self.high.id)
        self.set_class(self.high)
        self.assertEqual(self.of().policy_id, of_high.id)
        self.assertEqual(self.of(self.other_customer), STANDARD)
        others = self.policy()
        self.assertEqual(self.of().policy_id, of_high.id)
        self.assertEqual(self.of(self.other_customer).policy_id, others.id)
        self.set_class(self.low)
        self.assertEqual(self.of().policy_id, others.id)
        self.assertEqual(self.of(company=self.company_b), STANDARD)
        of_high.unlink()
        others.unlink()
        self.assertEqual(self.of(), STANDARD)

    def test_branches_share_the_policy_of_the_root(self):
        policy = self.policy()
        branch = self.new_branch()
        self.assertEqual(self.of(company=branch).policy_id, policy.id)
        with self.assertRaisesRegex(ValidationError, "root company"):
            self.policy(company=branch)

    def test_change_is_felt_at_once(self):
        policy = self.policy(tolerance_percent=5.0)
        self.assertEqual(self.of().tolerance_percent, 5.0)
        policy.tolerance_percent = 7.0
        self.assertEqual(self.of().tolerance_percent, 7.0)
        policy.check_ids.filtered(lambda c: c.code == "over_limit").at_confirm = "warn"
        self.assertEqual(self.of().checks[0].get_action("confirm"), "warn")
        policy.check_ids.filtered(lambda c: c.code == "over_limit").unlink()
        self.assertNotIn("over_limit", [check.code for check in self.of().checks])

    def test_changes_are_on_record(self):
        policy = self.policy().with_user(self.user_manager)
        self.env.cr.flush()
        policy.write(
            {
                "tolerance_percent": 5.0,
                "check_ids": [
                    fields.Command.create({"code": "days_overdue", "threshold": 30}),
                    fields.Command.create({"code": "review_overdue"}),
                ],
            }
        )
        self.env.cr.flush()
        policy.unlink()
        events = self.env["ar.event"].search([("kind", "=", "credit_policy")])
        self.assertEqual(len(events), 3, "made, changed, deleted")
        self.assertEqual(events.company_id, self.company)
        deleted, changed, _made = events
        self.assertEqual(changed.user_id, self.user_manager)
        self.assertEqual(changed.figures["tolerance_percent"], 5.0)
        self.assertEqual(changed.figures["checks"][2]["threshold"], 30.0)
        self.assertIn("All other customers", deleted.text)

    def test_policies_cost_no_query_once_known(self):
        self.policy(risk_class_id=self.high.id)
        customers = self.customer | self.other_customer
        get = self.env["ar.credit.policy"]._get_policies
        get(customers, self.company)
        with self.assertQueryCount(0):
            get(customers, self.company)

    def test_defaults_of_class_and_company(self):
        self.set_class(self.high)
        by_hand = self.new_customer("Decided")
        self.grant(by_hand, amount=50.0)
        self.set_class(self.high, by_hand)
        classed = self.new_customer("Of the class")
        self.set_class(self.high, classed)
        self.policy(
            risk_class_id=self.high.id, default_limit_state="amount", default_amount=300
        )
        self.policy(default_limit_state="none")
        for partner, expected in (
            (by_hand, ("amount", 50.0, "grant")),
            (classed, ("amount", 300.0, "class")),
            (self.other_customer, ("none", 0.0, "company")),
        ):
            with self.subTest(partner.name):
                limit = self.limit(partner)
                self.assertEqual((limit.state, limit.amount, limit.source), expected)
                self.assertEqual(partner.ar_limit_state, expected[0])
                self.assertEqual(partner.ar_credit_limit, expected[1])
        self.assertEqual(self.limit(classed, self.company_b).source, "none")
        order = self.order(300.01, classed)
        self.assertEqual(self.confirm(order), ("draft", "held"))

    def test_class_without_limit_goes_before_the_company(self):
        self.policy(risk_class_id=self.low.id)
        self.policy(default_limit_state="amount", default_amount=300)
        self.set_class(self.low, self.other_customer)
        self.assertFalse(self.limit(self.other_customer).is_checked)

    def test_back_to_the_default(self):
        self.policy(default_limit_state="amount", default_amount=300)
        self.grant(state="default")
        limit = self.limit(self.customer)
        self.assertEqual((limit.amount, limit.source), (300.0, "company"))
        self.grant(state="unchecked")
        self.assertFalse(self.limit(self.customer).is_checked)

    def test_positions_and_searches_know_the_defaults(self):
        self.set_class(self.high, self.other_customer)
        self.policy(
            risk_class_id=self.high.id, default_limit_state="amount", default_amount=300
        )
        self.invoice(self.other_customer, amount=400.0)
        self.assertRecordValues(
            self.position(self.other_customer),
            [{"limit_state": "amount", "credit_limit": 300.0, "is_over_limit": True}],
        )
        self.grant(self.other_customer, state="default")
        self.assertRecordValues(
            self.position(self.other_customer),
            [{"limit_state": "amount", "credit_limit": 300.0, "is_over_limit": True}],
        )
        quiet = self.new_customer("Quiet", customer_rank=1)
        self.set_class(self.high, quiet)
        found = self.env["res.partner"].search([("ar_limit_state", "=", "amount")])
        self.assertLessEqual(quiet | self.other_customer | self.customer, found)
        over = self.env["res.partner"].search([("ar_credit_available", "<", 0)])
        self.assertIn(self.other_customer, over)
        self.assertNotIn(quiet, over)

    def test_bad_policies_are_refused(self):
        self.policy()
        foreign = self.env["account.payment.method.line"].search(
            [("company_id", "=", self.company_b.id), ("payment_type", "=", "inbound")],
            limit=1,
        )
        high = {"risk_class_id": self.high.id}
        for case, values in {
            "no amount": {"default_limit_state": "amount"},
            "absurd": {"default_limit_state": "amount", "default_amount": 1e20},
            "negative": {"default_limit_state": "amount", "default_amount": -1},
            "method of another company": {
                "required_payment_method_line_id": foreign.id
            },
        }.items():
            with self.subTest(case), self.assertRaises(ValidationError):
                with self.env.cr.savepoint():
                    self.policy(**high, **values)
        for case, values in {
            "twice": {},
            "negative tolerance": {**high, "tolerance_amount": -1.0},
            "more than all": {**high, "tolerance_percent": 101.0},
        }.items():
            with self.subTest(case), self.assertRaises(IntegrityError):
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    self.policy(**values)

    def test_bad_checks_are_refused(self):
        for case, check in {
            "ceiling of nothing": {"code": "bucket_ceiling", "threshold": 5.0},
            "bucket elsewhere": {"code": "over_limit", "bucket": "overdue"},
            "more than all": {"code": "discount", "threshold": 120.0},
        }.items():
            with self.subTest(case), self.assertRaises(ValidationError):
                with self.env.cr.savepoint():
                    self.policy(check)
        for case, checks in {
            "twice": [{"code": "over_limit"}] * 2,
            "negative": [{"code": "overdue_amount", "threshold": -1.0}],
            "negative days": [{"code": "days_overdue", "grace_days": -1}],
        }.items():
            with self.subTest(case), self.assertRaises(IntegrityError):
                with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                    self.policy(*checks)

    def test_who_sees_and_decides(self):
        policy = self.policy()
        user_b = self.new_user("policy_b", "ar_ledger.ar_ledger_group_manager")
        user_b.write(
            {"company_ids": [(6, 0, self.company_b.ids)], "company_id": self.company_b}
        )
        for user, reads, writes in (
            (self.salesperson, False, False),
            (self.user_viewer, True, False),
            (self.user_collector, True, False),
            (self.user_manager, True, True),
            (user_b, False, False),
        ):
            for record in policy | self.env["ar.credit.policy"], policy.check_ids[:1]:
                with self.subTest(user.login, model=record._name):
                    record = record.with_user(user)
                    self.assertEqual(record.has_access("read"), reads)
                    self.assertEqual(record.has_access("write"), writes)
        with self.assertRaises(AccessError):
            policy.with_user(self.user_collector).tolerance_percent = 50.0
