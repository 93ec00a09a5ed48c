"""What alerts change on a customer, and that it is taken back in any order."""

import doctest

from hypothesis import given, settings
from hypothesis import strategies as st
from psycopg2 import IntegrityError

from odoo.exceptions import AccessError
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from odoo.addons.ar_risk_alerts.tools import undo as undoing
from odoo.addons.ar_risk_alerts.tools.undo import Act, undo

from .score_common import ScoreCommon

#: An alert opens and sets a value, closes, or a person sets one.
steps = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.integers(0, 4)),
        st.tuples(st.just("close"), st.integers(0, 4)),
        st.tuples(st.just("person"), st.integers(100, 104)),
    ),
    max_size=30,
)


class Customer:
    """A value that alerts and people set, by the rules of ``tools/undo.py``."""

    def __init__(self):
        self.value, self.acts = 99, []

    def open(self, alert):
        if all(act.key != alert for act in self.acts):
            # Two alerts may set the same value.
            self.acts.append(Act(alert, self.value, alert // 2))
            self.value = alert // 2

    def close(self, alert):
        if any(act.key == alert for act in self.acts):
            how = undo(alert, self.acts, self.value)
            changed = {act.key: act for act in how.handed_up}
            self.acts = [
                changed.get(act.key, act) for act in self.acts if act.key != alert
            ]
            self.value = how.value if how.is_set else self.value

    def person(self, value):
        self.value = value


@tagged("post_install", "-at_install")
class TestUndo(BaseCase):
    def test_examples_of_the_docstrings(self):
        self.assertFalse(doctest.testmod(undoing).failed)

    @settings(deadline=None, max_examples=500)
    @given(steps, st.permutations(range(5)))
    def test_at_the_end_the_last_word_of_a_person_stands(self, steps, order):
        customer, last_word = Customer(), 99
        for what, value in steps:
            getattr(customer, what)(value)
            last_word = value if what == "person" else last_word
        for alert in order:
            customer.close(alert)
        self.assertEqual(customer.value, last_word)


@tagged("post_install", "-at_install")
class TestActs(ScoreCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usual, cls.cash = cls.pay_terms_b, cls.pay_terms_a
        cls.at_home = cls.customer.with_company(cls.company)
        cls.at_home.property_payment_term_id = cls.usual

    def terms(self):
        self.env.invalidate_all()
        return self.at_home.property_payment_term_id

    def change_terms(self):
        self.rule.write({"action": "terms", "payment_term_id": self.cash.id})
        move = self.overdue(1200)
        self.evaluate()
        return move

    def test_terms_change_and_come_back(self):
        move = self.change_terms()
        self.assertEqual(self.terms(), self.cash)
        act = self.open_alert().act_ids
        self.assertRecordValues(
            act,
            [
                {
                    "kind": "terms",
                    "before_name": self.usual.name,
                    "after_name": self.cash.name,
                    "state": "standing",
                }
            ],
        )
        self.pay(move)
        self.recheck()
        self.assertEqual(self.terms(), self.usual)
        self.assertEqual(act.state, "undone")

    def test_who_decides_otherwise_meanwhile_is_right(self):
        move = self.change_terms()
        act = self.open_alert().act_ids
        third = self.usual.copy()
        self.at_home.property_payment_term_id = third
        self.pay(move)
        self.recheck()
        self.assertEqual(self.terms(), third)
        self.assertEqual(act.state, "kept")

    def test_not_while_credit_only_observes(self):
        self.company.ar_credit_limit_mode = "observe"
        self.change_terms()
        self.assertTrue(self.open_alert())
        self.assertEqual(self.terms(), self.usual)

    def test_a_run_later_does_not_act_twice(self):
        self.change_terms()
        self.evaluate()
        self.assertEqual(len(self.open_alert().act_ids), 1)

    def test_a_scenario_is_assigned_and_taken_back(self):
        scenario = self.env["ar.dunning.scenario"].create(
            {"name": "Strict", "company_id": self.company.id}
        )
        self.rule.write({"action": "scenario", "scenario_id": scenario.id})
        move = self.overdue(1200)
        self.evaluate()
        self.env.invalidate_all()
        self.assertEqual(self.at_home.ar_dunning_scenario_id, scenario)
        self.pay(move)
        self.recheck()
        self.assertFalse(self.at_home.ar_dunning_scenario_id)

    def test_an_activity_for_the_owner(self):
        self.rule.write(
            {
                "action": "activity",
                "owner_kind": "user",
                "user_id": self.user_manager.id,
            }
        )
        move = self.overdue(1200)
        self.evaluate()
        alert = self.open_alert()
        self.assertEqual(alert.activity_ids.user_id, self.user_manager)
        self.assertIn("1,200.00", alert.activity_ids.note)
        self.pay(move)
        self.recheck()
        self.assertFalse(alert.activity_ids)

    def test_cash_only_orders_paid_in_advance_go(self):
        """Hold orders means cash only: who pays the order in advance gets it."""
        self.rule.action = "hold_orders"
        self.grant(amount=100000)
        self.overdue(1200)
        self.evaluate()
        order = self.order(100)
        self.assertEqual(
            [each.code for each in order._get_credit_violations()], ["risk_alert"]
        )
        self.assertFalse(
            order._find_beyond_cover(
                lambda cover: order._get_credit_violations(), 100.0, {order.id: 100.0}
            )
        )

    def test_a_rule_says_what_it_sets(self):
        for action in ("terms", "scenario"):
            with (
                self.subTest(action),
                mute_logger("odoo.sql_db"),
                self.assertRaises(IntegrityError),
                self.cr.savepoint(),
            ):
                self.rule.action = action
                self.env.flush_all()

    def test_on_record(self):
        self.change_terms()
        act = self.open_alert().act_ids
        for user in (self.user_own, self.user_collector, self.user_manager):
            for operation in ("create", "write", "unlink"):
                with self.subTest(user=user.login, op=operation):
                    self.assertFalse(act.with_user(user).has_access(operation))
        with self.assertRaises(AccessError):
            act.sudo().state = "undone"
