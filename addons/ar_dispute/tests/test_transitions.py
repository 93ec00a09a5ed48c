from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..models.ar_dispute_state import TRANSITIONS
from .common import DisputeCommon

ACTIONS = {
    "investigating": "action_investigate",
    "waiting": "action_wait_for_customer",
    "accepted": "action_accept",
    "partly": "action_partly",
    "rejected": "action_reject",
    "closed": "action_close",
}
#: A way to each state, from "new".
WAYS = {
    "new": (),
    "investigating": ("investigating",),
    "waiting": ("waiting",),
    "accepted": ("accepted",),
    "partly": ("investigating", "partly"),
    "rejected": ("waiting", "rejected"),
    "closed": ("rejected", "closed"),
}


@tagged("post_install", "-at_install")
class TestTransitions(DisputeCommon):
    two_companies = True

    def in_state(self, state):
        dispute = self.dispute(self.invoice())
        dispute.write({"answer": "We looked into it", "amount_accepted": 40})
        for step in WAYS[state]:
            getattr(dispute, ACTIONS[step])()
        self.assertEqual(dispute.state, state)
        return dispute

    def test_every_pair_of_states(self):
        for before in TRANSITIONS:
            for after, action in ACTIONS.items():
                dispute = self.in_state(before)
                with self.subTest(before=before, after=after):
                    if after in TRANSITIONS[before]:
                        getattr(dispute, action)()
                        self.assertEqual(dispute.state, after)
                    else:
                        with self.assertRaisesRegex(UserError, "cannot go to"):
                            getattr(dispute, action)()
                        self.assertEqual(dispute.state, before)

    def test_each_change_is_an_event(self):
        dispute = self.in_state("waiting")
        dispute.action_investigate()
        dispute.action_accept()
        dispute.action_close()
        texts = [event.text.split(": ", 1)[1] for event in self.events(dispute)]
        self.assertEqual(
            texts,
            [
                "Dispute opened: Price",
                "New → Waiting (customer)",
                "Waiting (customer) → Investigating",
                "Investigating → Accepted",
                "Accepted → Closed",
            ],
        )

    def test_outcome_says_how_it_ended(self):
        cases = [
            (("accepted", "closed"), "accepted", 100),
            (("partly", "closed"), "partly", 40),
            (("rejected", "closed"), "rejected", 0),
            (("closed",), "withdrawn", 40),
        ]
        for steps, outcome, accepted in cases:
            with self.subTest(outcome):
                dispute = self.in_state("new")
                for step in steps:
                    getattr(dispute, ACTIONS[step])()
                self.assertEqual(dispute.outcome, outcome)
                self.assertEqual(dispute.amount_accepted, accepted)
                self.assertTrue(dispute.closed_on)
                self.assertEqual(bool(dispute.decided_by_id), outcome != "withdrawn")

    def test_the_customer_is_told_why(self):
        dispute = self.dispute(self.invoice())
        for action in ("action_reject", "action_partly", "action_close"):
            for answer in (False, "  "):
                dispute.answer = answer
                with self.subTest(action=action, answer=answer):
                    with self.assertRaisesRegex(UserError, "what the customer is told"):
                        getattr(dispute, action)()
        dispute.action_accept()
        dispute.action_close()

    def test_partly_is_neither_all_nor_nothing(self):
        dispute = self.dispute(self.invoice(amount=100))
        dispute.answer = "20 pieces were broken"
        for amount in (0, 100):
            dispute.amount_accepted = amount
            with self.subTest(amount=amount):
                with self.assertRaisesRegex(UserError, "which part of the disputed"):
                    dispute.action_partly()

    def test_accepted_amount_within_the_disputed_one(self):
        dispute = self.dispute(self.invoice(amount=100), amount=60)
        for amount in (-0.01, 60.01):
            with self.subTest(amount=amount), self.assertRaises(UserError):
                with self.cr.savepoint():
                    dispute.amount_accepted = amount

    def test_decided_by_accountants_worked_by_salespeople(self):
        dispute = self.dispute(self.invoice()).with_user(self.user_own)
        dispute.answer = "I told them so"
        dispute.action_investigate()
        dispute.action_wait_internally()
        for action in (
            "action_accept",
            "action_partly",
            "action_reject",
            "action_close",
        ):
            with self.subTest(action), self.assertRaisesRegex(AccessError, "Only"):
                getattr(dispute, action)()
        self.assertEqual(dispute.state, "waiting")

    def test_nothing_frozen_is_written_by_hand(self):
        dispute = self.dispute(self.invoice())
        cases = [
            {"state": "accepted"},
            {"outcome": "accepted"},
            {"line_ids": [(5,)]},
            {"company_id": self.company_b.id},
            {"commercial_partner_id": self.other_customer.id},
            {"amount_disputed": 1},
            {"decided_by_id": self.user_own.id},
            {"name": "DIS/9"},
        ]
        for user in (self.accountant, self.user_manager):
            for vals in cases:
                with self.subTest(user=user.login, vals=vals):
                    with self.assertRaisesRegex(AccessError, "never by hand"):
                        dispute.with_user(user).write(vals)

    def test_a_decision_stays_as_it_was(self):
        dispute = self.in_state("partly")
        for vals in ({"amount_accepted": 90}, {"answer": "Sorry"}):
            with self.subTest(vals), self.assertRaises(AccessError):
                dispute.write(vals)
        dispute.cause_id = self.cause

    def test_several_at_once_or_none(self):
        disputes = self.in_state("new") | self.in_state("closed")
        with self.assertRaisesRegex(UserError, "cannot go to"):
            disputes.action_investigate()
        self.assertEqual(disputes.mapped("state"), ["new", "closed"])
