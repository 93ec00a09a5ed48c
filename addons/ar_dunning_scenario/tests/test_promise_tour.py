from odoo.tests import HttpCase, tagged

from .promise_common import PromiseCommon


@tagged("post_install", "-at_install")
class TestPromiseTour(PromiseCommon, HttpCase):
    """A collector calls, in a real browser."""

    def test_collector_calls_and_records_a_promise(self):
        user = self.new_user("caller", "account.group_account_invoice")
        user.write({"password": "ar_caller"})
        self.customer.name = "Tour Wholesale"
        self.customer.ar_dunning_scenario_id = self.new_scenario(
            ("call", 1, {"channel": "call", "template_id": False})
        )
        move = self.invoice(amount=1234, due="2026-02-25")
        call = self.prepare()
        url = "/odoo/action-ar_dunning_scenario.ar_dunning_reminder_action"
        self.start_tour(url, "ar_promise_collector", login="ar_caller")
        promise = self.promises.search([])
        self.assertEqual(promise.line_ids.move_id, move)
        self.assertEqual(promise.date, self.on("2026-03-06"))
        self.assertEqual(promise.note, "When their own customer pays")
        self.assertEqual((call.state, promise.state), ("sent", "cancelled"))
