from odoo.tests import HttpCase, tagged

from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestAccountantTour(DisputeCommon, DunningCommon, HttpCase):
    """The day of an accountant, in a real browser."""

    switches = {**DunningCommon.switches, **DisputeCommon.switches}

    def test_accountant_runs_the_night_and_disputes_an_invoice(self):
        self.accountant.write({"password": "ar_accountant"})
        self.customer.name = "Tour Wholesale"
        disputed = self.invoice(amount=1234, due="2026-02-25")
        other = self.invoice(amount=55, due="2026-02-25")
        self.start_tour("/odoo", "ar_dispute_accountant", login="ar_accountant")
        self.assertTrue(disputed.ar_is_disputed)
        dispute = self.env["ar.dispute"].search(
            [("line_ids.move_id", "=", disputed.id)]
        )
        self.assertEqual(dispute.reason_id, self.reason)
        self.assertEqual(dispute.description, "They agreed on 1,100")
        self.assertFalse(other.ar_is_disputed)
        self.assertFalse(self.item(disputed).next_date)
