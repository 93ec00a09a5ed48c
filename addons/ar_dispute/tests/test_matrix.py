from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import DisputeCommon

#: What each act needs the dispute to be, and who may do it on a dispute of a customer
#: of their own, of somebody else, and of another company.
WORKING = ("action_investigate", "action_wait_for_customer", "action_wait_internally")
DECIDING = ("action_accept", "action_partly", "action_reject", "action_close")


@tagged("post_install", "-at_install")
class TestMatrix(DisputeCommon):
    """Every transition by every role in every company."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.switch_on(cls.company_b, ar_dispute_active=True)
        cls.of_b = cls.invoice(company=cls.company_b)

        own = cls.dispute(cls.invoice())
        other = cls.dispute(cls.invoice(cls.other_customer))
        of_b = (
            cls.env["ar.dispute"]
            .with_company(cls.company_b)
            ._open(cls.receivable_lines(cls.of_b), cls.reason)
        )
        for dispute in (own, other, of_b):
            dispute.sudo().write(
                {"answer": "So", "amount_accepted": 40, "user_id": False}
            )
        cls.disputes = {"own": own, "other": other, "of_b": of_b}

    def test_undecided(self):
        salespeople = {(action, "own") for action in WORKING}
        everything = {
            (action, whose)
            for action in (*WORKING, *DECIDING)
            for whose in ("own", "other")
        }
        cases = [
            (self.user_own, salespeople),
            (self.user_viewer, set()),
            (self.user_collector, everything),
            (self.user_manager, everything),
            (self.accountant, everything),
        ]
        for user, allowed in cases:
            for action in (*WORKING, *DECIDING):
                for whose in ("own", "other", "of_b"):
                    with (
                        self.subTest(user=user.login, action=action, whose=whose),
                        self.rolled_back(),
                    ):
                        dispute = self.disputes[whose].with_user(user)
                        self.check(dispute, action, (action, whose) in allowed)

    def test_decided(self):
        for user, may in (
            (self.user_own, False),
            (self.user_viewer, False),
            (self.user_collector, True),
            (self.accountant, True),
        ):
            for action in ("action_close", "action_reopen"):
                with self.subTest(user=user.login, action=action), self.rolled_back():
                    dispute = self.disputes["own"]
                    dispute.sudo().action_reject()
                    self.check(dispute.with_user(user), action, may)

    def check(self, dispute, action, is_allowed):
        before = dispute.sudo().state
        if not is_allowed:
            with self.assertRaises(AccessError):
                getattr(dispute, action)()
            self.assertEqual(dispute.sudo().state, before)
            return
        getattr(dispute, action)()
        if action != "action_reopen":
            self.assertNotEqual(dispute.sudo().state, before)
