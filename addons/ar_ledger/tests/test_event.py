from odoo.exceptions import AccessError
from odoo.tests import HttpCase, JsonRpcException, tagged
from odoo.tools import mute_logger

from .common import ReceivablesCommon

FORGED_KEYS = (True, "object", {"object": 1})


@tagged("post_install", "-at_install")
class TestEvent(ReceivablesCommon):
    def setUp(self):
        super().setUp()
        self.event = self.env["ar.event"]._log(
            "class",
            self.customer,
            self.company,
            "Now: High risk",
            figures={"total_due": 12.5},
            source=self.customer,
        )

    def test_what_is_kept(self):
        contact = self.new_customer("Ann", is_company=False, parent_id=self.customer.id)
        event = self.env["ar.event"]._log("class", contact, self.company, "Text")
        self.assertEqual(event.commercial_partner_id, self.customer)
        self.assertEqual(event.user_id, self.env.user)
        self.assertEqual(self.event.figures, {"total_due": 12.5})
        self.assertEqual(self.event.action_open_source()["res_id"], self.customer.id)

    def test_no_role_creates_changes_or_deletes(self):
        users = self.user_viewer | self.user_collector | self.user_manager
        for user in users | self.env.ref("base.user_admin") | self.env.user:
            event = self.event.with_user(user).sudo(False)
            for forged in (None, *FORGED_KEYS):
                event = event.with_context(ar_event_by_code=forged)
                with self.subTest(user=user.login, forged=forged):
                    self._assert_append_only(event)

    def test_not_even_the_superuser(self):
        self._assert_append_only(self.event.sudo())

    def test_many_at_once_cost_one_insert(self):
        event = {
            "kind": "class",
            "partner": self.customer,
            "company": self.company,
            "text": "Text",
        }
        self.env["ar.event"]._log_many([event])
        with self.assertQueryCount(2):
            self.env["ar.event"]._log_many([event] * 50)

    def test_changes_of_class_and_collector_are_written_down(self):
        self.customer.ar_risk_class_id = self.env.ref("ar_ledger.ar_risk_class_high")
        self.customer.ar_collector_id = self.user_collector
        events = self.env["ar.event"].search(
            [("commercial_partner_id", "=", self.customer.id)], limit=2
        )
        self.assertEqual(events.mapped("kind"), ["collector", "class"])
        self.assertIn("High risk", events[1].text)

    def test_merged_customers_keep_every_event(self):
        other_event = self.env["ar.event"]._log(
            "class", self.other_customer, self.company, "Now: Low risk"
        )
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (self.customer | self.other_customer).ids, self.customer, False
        )
        self.env.invalidate_all()
        self.assertEqual(other_event.commercial_partner_id, self.customer)
        merge = self.env["ar.event"].search([("kind", "=", "merge")], limit=1)
        self.assertIn("Other Customer", merge.text)

    def _assert_append_only(self, event):
        with self.assertRaises(AccessError):
            event.write({"text": "Nothing happened"})
        with self.assertRaises(AccessError):
            event.unlink()
        with self.assertRaises(AccessError):
            event.create(
                {
                    "date": "2026-01-01",
                    "user_id": self.env.uid,
                    "company_id": self.company.id,
                    "kind": "class",
                    "text": "Invented",
                }
            )


@tagged("post_install", "-at_install")
class TestEventOverRpc(HttpCase):
    """The journal as a client sees it, as administrator, over real HTTP."""

    def setUp(self):
        super().setUp()
        self.event = self.env["ar.event"]._log(
            "class", self.env.user.partner_id, self.env.company, "Now: High risk"
        )
        self.authenticate("admin", "admin")

    def test_rpc_reads_and_nothing_else(self):
        read = self._call("read", [self.event.ids, ["text"]])
        self.assertEqual(read[0]["text"], "Now: High risk")
        values = {
            "date": "2026-01-01",
            "user_id": self.env.uid,
            "company_id": self.env.company.id,
            "kind": "class",
            "text": "Invented",
        }
        calls = [
            ("write", [self.event.ids, {"text": "Nothing happened"}]),
            ("unlink", [self.event.ids]),
            ("create", [[values]]),
            ("copy", [self.event.ids]),
            ("web_save", [self.event.ids, {"text": "Nothing happened"}, {}]),
            ("_log", ["class", False, False, "Invented"]),
            ("_log_many", [[values]]),
        ]
        before = self.env["ar.event"].search_count([])
        for method, args in calls:
            for forged in (None, *FORGED_KEYS):
                with (
                    self.subTest(method=method, forged=forged),
                    mute_logger("odoo.http"),
                    self.assertRaises(JsonRpcException),
                ):
                    self._call(method, args, {"ar_event_by_code": forged})
        self.env.invalidate_all()
        self.assertEqual(self.event.text, "Now: High risk")
        self.assertEqual(self.env["ar.event"].search_count([]), before)

    def _call(self, method, args, context=None):
        return self.make_jsonrpc_request(
            "/web/dataset/call_kw",
            {
                "model": "ar.event",
                "method": method,
                "args": args,
                "kwargs": {"context": context or {}},
            },
        )
