from odoo.tests import HttpCase, tagged

from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon

from .common import SoldCommon


@tagged("post_install", "-at_install")
class TestTours(SoldCommon, DunningCommon, HttpCase):
    """From the complaint to the reminder that asks for the right items, in a real
    browser: salesperson, logistics, accountant."""

    switches = {**DunningCommon.switches, **SoldCommon.switches}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.logistics = cls.new_user("logistics", "ar_ledger.ar_ledger_group_own")
        cls.user_own.group_ids += cls.env.ref("sales_team.group_sale_salesman")
        for user in (cls.logistics, cls.user_own, cls.accountant):
            user.write({"password": user.login})
        cls.customer.write({"name": "Tour Accepted", "email": "a@example.com"})
        cls.other_customer.write({"name": "Tour Rejected", "email": "r@example.com"})
        cls.env["ar.dispute.route"].create(
            {
                "user_id": cls.logistics.id,
                "reason_ids": cls.env.ref("ar_dispute.ar_dispute_reason_quantity").ids,
            }
        )

    def test_from_the_order_to_the_next_night(self):
        rejected = self.invoice(self.other_customer, amount=70, due="2026-02-20")
        undisputed = self.invoice(self.customer, amount=55, due="2026-02-20")
        refused = self.dispute(rejected)
        self.start_tour(
            f"/odoo/sales/{self.order.id}",
            "ar_dispute_salesperson",
            login=self.user_own.login,
        )
        disputes = self.env["ar.dispute"]
        dispute = disputes.search([("line_ids.move_id", "=", self.move.id)])
        self.assertEqual(dispute.user_id, self.logistics)
        self.start_tour(
            "/odoo/customer-disputes",
            "ar_dispute_logistics",
            login=self.logistics.login,
        )
        self.env.invalidate_all()
        self.assertEqual(dispute.answer, "Two pallets stayed on the dock")
        self.start_tour(
            "/odoo/customer-disputes",
            "ar_dispute_accountant_decides",
            login=self.accountant.login,
        )
        self.env.invalidate_all()
        self.assertEqual((dispute.state, dispute.outcome), ("closed", "accepted"))
        self.assertEqual(dispute.credit_note_ids.amount_total, self.move.amount_total)
        self.assertEqual(self.move.amount_residual, 0)
        self.assertEqual(refused.state, "rejected")
        letters = refused.message_ids.filtered(
            lambda message: self.other_customer in message.partner_ids
        )
        self.assertIn("It was signed for", letters.body)
        self.assert_chased("2026-03-03", undisputed)
        self.assert_chased("2026-03-12", undisputed | rejected)

    def assert_chased(self, day, moves):
        """Grace over or not: the night asks for exactly these."""
        with self.at(day):
            self.run_night()
            asked = self.env["ar.dunning.reminder.line"].search(
                [("move_id", "in", (moves | self.move).ids)]
            )
            self.assertEqual(asked.move_id, moves)
