from odoo.tests import tagged

from .common import CreditCommon


@tagged("post_install", "-at_install")
class TestQuotationWeight(CreditCommon):
    """A sent quotation that weighs already does not weigh twice as it is confirmed."""

    def test_only_the_rest_of_a_sent_quotation_is_added(self):
        # weight in percent, amount of the quotation, whether it confirms (limit 1,000)
        cases = (
            (0, 1000.0, True),
            (50, 1000.0, True),
            (100, 1000.0, True),
            (50, 1000.01, False),
        )
        for weight, amount, passes in cases:
            with self.subTest(weight=weight, amount=amount), self.cr.savepoint() as sp:
                self.company.ar_exposure_quotation_weight = weight
                order = self.order(amount)
                order.action_quotation_sent()
                self.assertAlmostEqual(self.exposure(), amount * weight / 100, 2)
                self.assertEqual(not order._get_credit_violations(), passes)
                order.with_user(self.salesperson).action_confirm()
                self.assertEqual(order.state == "sale", passes)
                sp.rollback()
                self.env.registry.clear_cache()

    def test_expired_quotations_do_not_weigh(self):
        self.company.ar_exposure_quotation_weight = 100
        order = self.order(700.0, validity_date="2026-03-01")
        order.action_quotation_sent()
        self.assertEqual(self.exposure(), 0.0)
        self.assertEqual(order._get_amount_in_exposure(), 0.0)
