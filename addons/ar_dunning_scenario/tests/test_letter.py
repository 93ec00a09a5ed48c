import base64
import io
from datetime import date
from unittest.mock import patch

from reportlab.pdfgen.canvas import Canvas

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext
from odoo.tools.pdf import PdfReader

from .common import DunningCommon

RENDER = "_render_qweb_pdf"


def sheet():
    out = io.BytesIO()
    canvas = Canvas(out)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@tagged("post_install", "-at_install")
class TestLetter(DunningCommon):
    """Letters are printed in a pile, and sent when somebody posted them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ar_dunning_scenario_id = cls.new_scenario(
            ("write", 5, {"channel": "letter"})
        )
        cls.address = {
            "street": "12 Harbour Road",
            "zip": "1000",
            "city": "Brussels",
            "country_id": cls.env.ref("base.be").id,
        }

    def setUp(self):
        super().setUp()
        self.rendered = []

        def render(reports, _report, ids, **_kwargs):
            self.rendered.append(ids)
            return sheet(), "pdf"

        self.startPatcher(
            patch.object(type(self.env["ir.actions.report"]), RENDER, render)
        )

    def planned(self, **values):
        customer = self.new_customer("Customer", **{**self.address, **values})
        self.move = self.invoice(customer, due="2026-02-01", amount=1250)
        return self.prepare(customer)

    def print(self, reminders):
        letters = reminders.outbox_ids.with_user(self.user_collector)
        action = letters.action_print()
        self.assertIn("res_model", action, reminders.mapped("failure"))
        batches = self.env["ar.dunning.print.batch"].with_user(self.user_collector)
        return batches.browse(action.get("res_id"))

    def test_printed_then_posted(self):
        reminders = self.planned() | self.planned()
        self.assertEqual(set(reminders.mapped("state")), {"ready"})
        batch = self.print(reminders)
        self.assertEqual((batch.letter_count, len(batch.letter_ids)), (2, 2))
        self.assertEqual([len(ids) for ids in self.rendered], [1, 1], "one a call")
        pile = PdfReader(io.BytesIO(base64.b64decode(batch.document)))
        self.assertEqual(len(pile.pages), 2)
        self.assertEqual(set(reminders.mapped("state")), {"ready"}, "not posted yet")
        batch.action_posted()
        self.assertEqual(set(reminders.mapped("state")), {"sent"})
        self.assertEqual(set(reminders.line_ids.mapped("state")), {"done"})
        for reminder in reminders:
            self.assertEqual(len(reminder.message_ids.attachment_ids), 1)
        with self.assertRaises(UserError):
            batch.action_posted()
        with self.assertRaises(UserError):
            self.print(reminders)

    def test_not_by_machine(self):
        reminder = self.planned()
        cron = self.env.ref("ar_dunning_scenario.ir_cron_ar_dunning_deliver")
        with self.at("2026-03-02 12:00:00"), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()
        self.assertEqual(reminder.state, "ready")
        with self.assertRaises(UserError):
            reminder.with_user(self.user_collector).action_send_now()

    def test_what_lies_printed_stays_as_it_is(self):
        """What is posted is what is on record, whatever happened in between."""
        reminder = self.planned()
        batch = self.print(reminder)
        sheet_of = reminder.outbox_ids.letter_id
        collector = reminder.with_user(self.user_collector)
        for values in {"subject": "Other"}, {"body": "<p>Other</p>"}:
            with self.subTest(values), self.assertRaises(UserError):
                collector.write(values)
        self.pay(self.move, 50)
        reminder.commercial_partner_id.street = "13 Elsewhere"
        reminder._recheck()
        reminder._prepare()
        self.assertEqual(reminder.amount_net, 1250)
        self.assertIn("12 Harbour Road", reminder.outbox_ids.address)
        batch.action_posted()
        self.assertEqual(reminder.message_ids.attachment_ids, sheet_of)
        event = self.env["ar.event"].search([("kind", "=", "reminder")], limit=1)
        self.assertEqual(event.figures["amount"], 1250)

    def test_put_back_leaves_no_sheet(self):
        reminder = self.planned()
        self.print(reminder).action_put_back()
        self.assertFalse(
            self.env["ir.attachment"].search(
                [("res_model", "=", reminder._name), ("res_id", "=", reminder.id)]
            )
        )
        self.pay(self.move, 50)
        reminder._recheck()
        self.assertEqual(reminder.amount_net, 1200)

    def test_put_back(self):
        reminder = self.planned()
        batch = self.print(reminder)
        with self.assertRaises(UserError):
            reminder.with_user(self.user_collector).action_print_letters()
        batch.action_put_back()
        self.assertEqual(batch.state, "cancelled")
        self.assertNotEqual(self.print(reminder), batch)

    def test_paid_before_printing_and_before_posting(self):
        early, late = self.planned(), self.planned()
        kept = self.planned()
        self.pay(early.line_ids.move_id)
        batch = self.print(early | late | kept)
        self.assertEqual(early.state, "cancelled")
        self.assertEqual(batch.letter_ids.reminder_id, late | kept)
        self.pay(late.line_ids.move_id)
        late._recheck()
        batch.action_posted()
        self.assertEqual((late.state, kept.state), ("cancelled", "sent"))

    def test_one_that_breaks_does_not_stop_the_others(self):
        good, bad = self.planned(), self.planned()
        render = type(self.env["ir.actions.report"])._render_qweb_pdf

        def break_one(reports, report, ids, **kwargs):
            if bad.outbox_ids.ids == list(ids):
                raise ValueError("no layout")
            return render(reports, report, ids, **kwargs)

        model = type(self.env["ir.actions.report"])
        with patch.object(model, RENDER, break_one):
            batch = self.print(good | bad)
        self.assertEqual(batch.letter_ids.reminder_id, good)
        self.assertEqual(bad.state, "failed")
        self.assertEqual(bad.outbox_ids.failure_code, "document")
        self.assertIn("no layout", bad.failure)

    def test_address(self):
        for values, state, address in [
            ({}, "ready", "12 Harbour Road, 1000 Brussels, Belgium"),
            ({"zip": False, "country_id": False}, "ready", "12 Harbour Road, Brussels"),
            ({"street": False}, "failed", False),
            ({"city": False}, "failed", False),
        ]:
            with self.subTest(values=values):
                reminder = self.planned(**values)
                self.assertEqual(reminder.state, state)
                self.assertEqual(reminder.outbox_ids.address, address)

    def test_words(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        modules = self.env["ir.module.module"]
        modules = modules.search([("name", "=", "ar_dunning_scenario")])
        modules._update_translations(["fr_FR"])
        report = self.env.ref("ar_dunning_scenario.ar_dunning_letter_report")
        for lang, words in [
            ("en_US", ["12 Harbour Road", "Total to pay", "1,250.00", "March"]),
            ("fr_FR", ["12 Harbour Road", "Total à payer", "1 250,00", "mars"]),
        ]:
            with self.subTest(lang):
                message = self.planned(lang=lang).outbox_ids
                html, _kind = report._render_qweb_html(report, message.ids)
                text = html2plaintext(html.decode())
                for space in "\u202f\xa0":
                    text = text.replace(space, " ")
                for word in words:
                    self.assertIn(word, text)

    def test_registered(self):
        self.company.ar_dunning_scenario_id = self.new_scenario(
            ("formal", 5, {"channel": "registered"})
        )
        reminder = self.planned()
        letter = reminder.outbox_ids.with_user(self.user_collector)
        with self.assertRaises(UserError):
            letter.received_on = date(2026, 3, 5)
        batch = self.print(reminder)
        batch.action_posted()
        letter.write({"tracking_number": "RR123", "proof": b"cGRm"})
        self.assertEqual(reminder.state, "sent")
        letter.received_on = date(2026, 3, 5)
        self.assertEqual((letter.state, reminder.state), ("delivered", "delivered"))
        letter.received_on = date(2026, 3, 6)

    def test_only_registered_letters_are_received_on_a_day(self):
        reminder = self.planned()
        self.print(reminder).action_posted()
        with self.assertRaises(UserError):
            reminder.outbox_ids.with_user(self.user_collector).received_on = date(
                2026, 3, 5
            )
        self.assertEqual(reminder.state, "sent")

    def test_who_prints(self):
        letter = self.planned().outbox_ids
        batch = self.print(letter.reminder_id)
        for user in self.user_own, self.user_viewer:
            with self.subTest(user.login):
                self.assertFalse(batch.with_user(user).has_access("read"))
                for method in batch.action_posted, batch.action_put_back:
                    with self.assertRaises(AccessError):
                        getattr(batch.with_user(user), method.__name__)()
                with self.assertRaises(AccessError):
                    letter.with_user(user).action_print()
        with self.assertRaises(AccessError):
            batch.with_user(self.user_manager).write({"state": "posted"})
