import io
from unittest.mock import patch

from reportlab.pdfgen.canvas import Canvas

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.ar_dunning_scenario.tests.common import DunningCommon
from odoo.addons.iap.tools import iap_tools

from ..hooks import uninstall_hook


def sheet():
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@tagged("post_install", "-at_install")
class TestSnailmail(DunningCommon):
    """Letters by Odoo's postal service, which is made up here."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ar_dunning_scenario_id = cls.new_scenario(
            ("post", 5, {"channel": "snailmail"})
        )

    def setUp(self):
        super().setUp()
        self.posted = []
        self.answer = {"sent": True, "send_id": 7}
        self.startPatcher(
            patch.object(
                type(self.env["ir.actions.report"]),
                "_render_qweb_pdf",
                lambda *_args, **_kwargs: (sheet(), "pdf"),
            )
        )
        # Core's own code does not know every PDF library that Odoo runs with.
        letters = type(self.env["snailmail.letter"])
        for name in ("_overwrite_margins", "_append_cover_page"):
            self.startPatcher(patch.object(letters, name, lambda _letter, pdf: pdf))
        self.startPatcher(patch.object(iap_tools, "iap_jsonrpc", self.service))

    def service(self, _url, params=None, **_kwargs):
        """As the service answers: 200, and what became of each document."""
        if isinstance(self.answer, Exception):
            raise self.answer
        documents = [{**doc, **self.answer} for doc in params["documents"]]
        self.posted += [doc for doc in documents if doc.get("sent")]
        return {"request_code": 200, "request": {"documents": documents}}

    def planned(self, **values):
        customer = self.new_customer(
            "Customer",
            **{
                "street": "1 Road",
                "zip": "1000",
                "city": "Brussels",
                "country_id": self.env.ref("base.be").id,
                **values,
            },
        )
        self.invoice(customer, due="2026-02-01")
        return self.prepare(customer)

    def deliver(self):
        cron = self.env.ref("ar_dunning_scenario.ir_cron_ar_dunning_deliver")
        with self.at("2026-03-02 12:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_posted_once(self):
        reminder = self.planned()
        self.deliver()
        self.deliver()
        (document,) = self.posted
        self.assertEqual(document["address"]["street"], "1 Road")
        self.assertTrue(document["pdf_bin"])
        self.assertEqual(reminder.state, "sent")
        letter = self.env["snailmail.letter"].search(
            [("model", "=", reminder._name), ("res_id", "=", reminder.id)]
        )
        self.assertEqual(letter.state, "sent")

    def test_what_the_service_answers(self):
        for answer, state, code, again in [
            ({"sent": False, "error": "CREDIT_ERROR"}, "failed", "credit", True),
            (
                {"sent": False, "error": "NO_PRICE_AVAILABLE"},
                "failed",
                "provider",
                False,
            ),
            (AccessError("No answer"), "uncertain", "broken", False),
            (iap_tools.InsufficientCreditError("Empty"), "failed", "credit", True),
        ]:
            with self.subTest(answer=answer):
                self.answer = answer
                reminder = self.planned()
                self.deliver()
                message = reminder.outbox_ids
                self.assertEqual((message.state, reminder.state), (state, state))
                self.assertEqual(message.failure_code, code)
                self.assertEqual(bool(message.next_attempt), again)
                left = self.env["snailmail.letter"].search(
                    [("res_id", "=", reminder.id), ("model", "=", reminder._name)]
                )
                self.assertFalse(left, "the service's own action tries nothing again")

    def test_uninstalled(self):
        """Steps become letters; what waits is printed by hand, what was sent stays."""
        sent = self.planned()
        self.deliver()
        waiting = self.planned()
        twice = self.planned()
        twice._create_messages([{"reminder_id": twice.id, "channel": "letter"}])
        nowhere = self.planned(street=False)
        uninstall_hook(self.env)
        step = self.company.ar_dunning_scenario_id.step_ids
        self.assertEqual(step.channel, "letter")
        for reminder, state in [
            (sent, "sent"),
            (waiting, "ready"),
            (twice, "ready"),
            (nowhere, "failed"),
        ]:
            message = reminder.outbox_ids
            self.assertEqual((message.channel, reminder.channel), ("letter",) * 2)
            self.assertEqual(reminder.state, state)
        self.assertTrue(waiting.outbox_ids._is_printable())
        self.assertIn("No letter", nowhere.failure)
        self.assertIn("no longer there", waiting.message_ids[:1].body)

    def test_address(self):
        for values in ({"zip": False}, {"country_id": False}, {"street": False}):
            with self.subTest(values=values):
                reminder = self.planned(**values)
                self.assertEqual(reminder.state, "failed")
                self.assertEqual(reminder.outbox_ids.failure_code, "no_address")
