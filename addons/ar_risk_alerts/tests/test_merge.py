from odoo.tests import tagged

from .common import RiskCommon


@tagged("post_install", "-at_install")
class TestMerge(RiskCommon):
    def merge(self, source, destination):
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((source | destination).ids, destination, extra_checks=False)
        self.env.invalidate_all()

    def test_of_two_open_alerts_one_stays(self):
        self.overdue(1200)
        self.overdue(1500, self.other_customer)
        self.evaluate()
        kept = self.open_alert()
        merged = self.open_alert(self.other_customer)
        merged_hold = self.hold(merged)
        self.merge(self.other_customer, self.customer)
        self.assertEqual(self.open_alert(), kept)
        self.assertEqual((merged.state, merged.close_reason), ("closed", "merged"))
        self.assertEqual(merged.commercial_partner_id, self.customer, "nothing lost")
        self.assertEqual(merged_hold.state, "cleared")
        self.assertEqual(self.hold(kept).state, "held")

    def test_a_lone_alert_goes_with_its_customer(self):
        self.overdue(1500, self.other_customer)
        self.evaluate()
        alert = self.open_alert(self.other_customer)
        self.merge(self.other_customer, self.customer)
        self.assertEqual(self.open_alert(), alert)
        self.assertEqual(alert.state, "open")

    def test_of_two_sources_one_goes_on(self):
        third = self.new_customer("Third")
        self.overdue(1500, self.other_customer)
        self.overdue(1500, third)
        self.evaluate()
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge(
            (self.customer | self.other_customer | third).ids,
            self.customer,
            extra_checks=False,
        )
        self.assertEqual(len(self.open_alert()), 1)
        self.assertEqual(len(self.alerts()), 2)

    def test_closed_alerts_never_collide(self):
        for partner in (self.customer, self.other_customer):
            move = self.overdue(1500, partner)
            self.evaluate()
            self.pay(move)
        self.evaluate()
        self.merge(self.other_customer, self.customer)
        self.assertEqual(self.alerts().mapped("close_reason"), ["resolved"] * 2)
