from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .score_common import ScoreCommon


@tagged("post_install", "-at_install")
class TestClass(ScoreCommon):
    """The class follows the points, unless a credit manager decided otherwise."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ar_risk_sets_class = True

    def bad_payer(self):
        for month in ("08", "09", "10", "11"):
            self.paid(60, due=f"2025-{month}-01")

    def risk_class(self):
        self.env.invalidate_all()
        return self.customer.ar_risk_class_id

    def decide(self, risk_class=None, until="2026-03-10", user=None, reason="Known"):
        return (
            self.env["ar.risk.override"]
            .with_user(user or self.user_manager)
            ._decide(
                self.customer,
                self.company,
                risk_class or self.low,
                reason,
                date.fromisoformat(until) if until else None,
            )
        )

    def test_points_make_the_class(self):
        self.bad_payer()
        self.score_all()
        self.assertEqual(self.risk_class(), self.high)
        event = self.events("class")[0]
        self.assertIn("High risk", event.text)
        self.assertGreaterEqual(event.figures["points"], 65)

    def test_off_by_default(self):
        self.company.ar_risk_sets_class = False
        self.bad_payer()
        self.score_all()
        self.assertFalse(self.risk_class())
        self.assertEqual(self.score().risk_class_id, self.high)

    def test_insolvent_stays_insolvent(self):
        self.company.ar_risk_sets_class = False
        self.customer.ar_risk_class_id = self.insolvent
        self.company.ar_risk_sets_class = True
        self.bad_payer()
        self.score_all()
        self.assertEqual(self.risk_class(), self.insolvent)
        self.assertEqual(self.score().class_source, "kept")

    def test_a_decision_comes_first_and_ends(self):
        self.bad_payer()
        self.score_all()
        self.decide()
        self.assertEqual(self.risk_class(), self.low, "at once")
        self.score_all()
        self.assertEqual(self.risk_class(), self.low)
        self.assertEqual(self.score().class_source, "decision")
        with self.at("2026-03-10"):
            self.score_all()
            self.assertEqual(self.risk_class(), self.low, "the last day")
        with self.at("2026-03-11"):
            self.score_all()
            self.assertEqual(self.risk_class(), self.high)

    def test_ended_by_hand(self):
        self.bad_payer()
        self.score_all()
        override = self.decide()
        override.action_end()
        self.assertEqual(self.risk_class(), self.high)
        self.assertFalse(override.is_running)
        with self.assertRaises(AccessError):
            self.decide().with_user(self.user_collector).action_end()

    def test_the_last_decision_counts(self):
        self.decide(self.low)
        self.decide(self.medium)
        self.assertEqual(self.risk_class(), self.medium)
        running = self.env["ar.risk.override"].search([("is_running", "=", True)])
        self.assertEqual(running.risk_class_id, self.medium)

    def test_set_on_the_customer_is_a_decision(self):
        self.bad_payer()
        self.score_all()
        self.customer.ar_risk_class_id = self.medium
        self.score_all()
        self.assertEqual(self.risk_class(), self.medium)
        override = self.env["ar.risk.override"].search([])
        self.assertEqual(override.date_until, date(2027, 3, 2))
        self.customer.ar_risk_class_id = False
        self.assertEqual(self.risk_class(), self.high, "the score speaks again")

    def test_what_a_decision_needs(self):
        for values in ({"reason": " "}, {"until": "2026-03-01"}, {"until": None}):
            with self.subTest(values), self.assertRaises(UserError):
                self.decide(**values)
        for user in (self.user_own, self.user_viewer, self.user_collector):
            with self.subTest(user.login), self.assertRaises(AccessError):
                self.decide(user=user)

    def test_not_written_by_hand(self):
        override = self.decide()
        for vals in ({"date_until": "2030-01-01"}, {"reason": "Other"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                override.sudo().write(vals)
        with self.assertRaises(AccessError):
            override.sudo().unlink()

    def test_the_button_of_the_customer(self):
        manager = self.customer.with_user(self.user_manager)
        action = manager.action_override_ar_risk_class()
        wizard = Form(
            self.env[action["res_model"]]
            .with_user(self.user_manager)
            .with_context(**action["context"])
        )
        wizard.risk_class_id = self.high
        wizard.reason = "Lost its largest customer"
        wizard.save().action_confirm()
        self.assertEqual(self.risk_class(), self.high)
        history = self.env["ar.risk.override"].search(
            manager.action_open_ar_risk_overrides()["domain"]
        )
        self.assertEqual(history.reason, "Lost its largest customer")
