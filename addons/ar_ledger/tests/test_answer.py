import re
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.ar_ledger.models import ar_link as link_module
from odoo.addons.ar_ledger.models.ar_link import PAGE_PURPOSE

from .answer_common import PDF, AnswerCommon


@tagged("post_install", "-at_install")
class TestAnswer(AnswerCommon):
    def test_paid_with_proof(self):
        """Kept as given; the items rest, the collector is told, accepting pauses."""
        response = self.send(
            "paid",
            self.old,
            paid_day="2026-02-27",
            paid_amount="1,250.00",
            paid_text="<b>By transfer</b>",
            files=[("proof.pdf", PDF, "application/pdf")],
        )
        self.assertEqual(response.status_code, 303)
        answer = self.answers()
        self.assertEqual(
            (answer.kind, answer.state, answer.amount, answer.text),
            ("paid", "new", 1250, "<b>By transfer</b>"),
        )
        self.assertEqual(fields.Date.to_string(answer.day), "2026-02-27")
        self.assertEqual(answer.attachment_ids.mapped("name"), ["proof.pdf"])
        self.assertEqual(answer.attachment_ids.raw, PDF)
        self.assertEqual(answer.line_ids.mapped("number"), [self.old.name])
        self.assertEqual(answer.activity_ids.user_id, self.user_collector)
        rest = self.suspensions(self.old)
        self.assertEqual(fields.Date.to_string(rest.date_until), "2026-03-05")
        answer.with_user(self.user_collector).action_accept()
        self.assertEqual(
            (answer.state, answer.decided_by_id), ("accepted", self.user_collector)
        )
        running = self.suspensions(self.old).filtered(lambda s: s.state == "running")
        self.assertEqual(fields.Date.to_string(running.date_until), "2026-03-11")
        self.assertFalse(answer.activity_ids)
        text = self.url_open(f"/ar/account/{self.token}").text
        self.assertIn("I have paid; noted", text)

    def test_rests_once(self):
        """Who says so again and again is chased on."""
        self.send("in_process", self.old)
        self.answers().with_user(self.user_collector)._refuse("Please pay")
        self.assertFalse(
            self.suspensions(self.old).filtered(lambda s: s.state == "running")
        )
        self.send("in_process", self.old, in_process_text="Still")
        self.assertEqual(len(self.answers()), 2)
        self.assertEqual(len(self.suspensions(self.old)), 1)
        text = self.url_open(f"/ar/account/{self.token}").text
        self.assertIn("is looked at", text)

    def test_refused_with_a_reason(self):
        self.send("not_mine", self.old)
        answer = self.answers()
        wizard = self.env["ar.answer.decide"].with_user(self.user_collector)
        refusal = wizard.create({"answer_id": answer.id, "decision": "refuse"})
        with self.assertRaises(UserError):
            refusal.action_confirm()
        refusal.text = "It is yours: see the <order>"
        refusal.action_confirm()
        self.assertEqual(answer.state, "refused")
        text = self.url_open(f"/ar/account/{self.token}").text
        self.assertIn("not accepted: It is yours: see the &lt;order&gt;", text)
        with self.assertRaises(UserError):
            answer.with_user(self.user_collector).action_accept()

    def test_corrected(self):
        self.send("paid", self.old, self.new, paid_day="2026-02-27")
        answer = self.answers()
        wizard = (
            self.env["ar.answer.decide"]
            .with_user(self.user_collector)
            .create(
                {
                    "answer_id": answer.id,
                    "decision": "correct",
                    "day": "2026-02-26",
                    "line_ids": answer.line_ids[:1].ids,
                    "text": "Only the old one arrived",
                }
            )
        )
        wizard.action_confirm()
        self.assertEqual(answer.state, "corrected")
        self.assertEqual(fields.Date.to_string(answer.day), "2026-02-27")
        self.assertEqual(fields.Date.to_string(answer.decided_day), "2026-02-26")
        self.assertEqual(answer.line_ids.filtered("is_taken").number, self.old.name)
        running = self.env["ar.suspension"].search([("state", "=", "running")])
        self.assertEqual(running.line_id, self.receivable_lines(self.old))

    def test_copy_goes_to_the_address_on_file(self):
        self.send("copy", self.old, copy_text="to evil@example.com please")
        answer = self.answers()
        self.assertEqual(answer.state, "accepted")
        mail = self.env["mail.mail"].search([("email_to", "=", "customer@example.com")])
        self.assertEqual(len(mail), 1)
        self.assertEqual(len(mail.attachment_ids), 1)
        self.assertIn(self.old.name.replace("/", "_"), mail.attachment_ids.name)
        self.assertTrue(mail.attachment_ids.raw)

    def test_received_is_noted(self):
        self.send("received", self.new)
        answer = self.answers()
        self.assertEqual((answer.state, answer.result), ("accepted", "Noted."))
        events = self.env["ar.event"].search([("kind", "=", "answer")])
        self.assertEqual(len(events), 2)

    def test_another_contact(self):
        self.send("contact", contact_name="Eve <i>", contact_email="eve@example.com")
        answer = self.answers()
        self.assertEqual(answer.state, "new")
        answer.with_user(self.user_collector).action_accept()
        contact = self.customer.child_ids
        self.assertEqual((contact.name, contact.email), ("Eve <i>", "eve@example.com"))
        self.assertEqual(contact.type, "invoice")

    def test_the_same_twice_is_one(self):
        for _time in range(2):
            response = self.send("in_process", self.old)
            self.assertEqual(response.status_code, 303)
        self.assertEqual(len(self.answers()), 1)

    def test_what_is_not_taken(self):
        """A clear page, and nothing on record."""
        late = [("x.pdf", PDF, "application/pdf")] * 6
        cases = [
            ("paid", [], {"paid_day": "2026-02-27"}, "at least one item"),
            ("paid", [self.old], {}, "Enter the day"),
            ("paid", [self.old], {"paid_day": "2026-03-03"}, "still to come"),
            ("paid", [self.old], {"paid_day": "27.02.2026"}, "year-month-day"),
            (
                "paid",
                [self.old],
                {"paid_day": "2026-02-27", "paid_amount": "0"},
                "above zero",
            ),
            (
                "paid",
                [self.old],
                {"paid_day": "2026-02-27", "paid_amount": "-5"},
                "above zero",
            ),
            (
                "paid",
                [self.old],
                {"paid_day": "2026-02-27", "paid_amount": "1251"},
                "is open",
            ),
            (
                "paid",
                [self.old],
                {"paid_day": "2026-02-27", "paid_amount": "nan"},
                "number",
            ),
            (
                "paid",
                [self.old],
                {"paid_day": "2026-02-27", "paid_amount": "1e400"},
                "number",
            ),
            ("paid", [self.others], {"paid_day": "2026-02-27"}, "changed meanwhile"),
            ("", [self.old], {}, "Choose what you want"),
            ("refused", [self.old], {}, "Choose what you want"),
            ("in_process", [self.old], {"in_process_text": "x" * 5001}, "too long"),
            ("contact", [], {"contact_name": "Eve"}, "e-mail address"),
            ("not_mine", [self.old], {"files": late}, "At most 5"),
            (
                "not_mine",
                [self.old],
                {"files": [("a.exe", b"MZ" + b"\0" * 90, "image/png")]},
                "cannot be taken",
            ),
            (
                "not_mine",
                [self.old],
                {"files": [("a.html", b"<html><script>", "image/png")]},
                "cannot be taken",
            ),
            (
                "not_mine",
                [self.old],
                {"files": [("a.png", b"", "image/png")]},
                "cannot be taken",
            ),
        ]
        for kind, moves, form, words in cases:
            with self.subTest(kind=kind, form=str(form)[:60]):
                response = self.send(kind, *moves, **form)
                self.assertEqual(response.status_code, 422)
                self.assertIn(words, response.text)
                self.assertNotIn(self.others.name, response.text)
                self.assertFalse(self.answers())
        self.assertFalse(self.answers(self.other_customer))

    def test_what_was_said_stays_in_the_form(self):
        evil = '"><script>alert(1)</script>'
        response = self.send("paid", self.old, paid_text=evil, paid_amount="12")
        self.assertEqual(response.status_code, 422)
        self.assertNotIn("<script>alert", response.text)
        self.assertIn("alert(1)", response.text)
        self.assertRegex(
            response.text, rf'(?s)id="ar_item_{self.item(self.old)}"[^>]*checked'
        )

    def test_too_large(self):
        big = b"%PDF-1.4" + b"0" * (21 * 1024 * 1024)
        response = self.send(
            "not_mine", self.old, files=[("big.pdf", big, "application/pdf")]
        )
        self.assertEqual(response.status_code, 422)
        self.assertIn("at most 20 MB", response.text)
        self.assertFalse(self.answers())

    def test_paid_meanwhile(self):
        item = self.item(self.old)
        self.pay(self.old)
        response = self.send("in_process", items=[item])
        self.assertEqual(response.status_code, 422)
        self.assertIn("has been paid or changed meanwhile", response.text)

    def test_wrong_links_answer_nothing(self):
        archived = self.new_customer("Archived", email="a@example.com")
        _link, of_archived = self.env["ar.link"]._issue(
            PAGE_PURPOSE, archived, self.company, "a@example.com", 30
        )
        archived.active = False
        expired, old = self.env["ar.link"]._issue(
            PAGE_PURPOSE, self.customer, self.company, "c@example.com", 30
        )
        expired._by_code().expires_on = fields.Datetime.now() - timedelta(seconds=1)
        for token in self.token[:-1], "x", of_archived, old:
            with self.subTest(token=token):
                response = self.send("in_process", self.old, token=token)
                self.assertIn(response.status_code, (400, 404))
        self.assertFalse(self.answers())

    def test_without_the_token_of_the_session(self):
        self.env.flush_all()
        response = self.url_open(
            f"/ar/account/{self.token}/answer",
            data={"kind": "in_process", "items": self.item(self.old)},
        )
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.answers())

    def test_too_often(self):
        with patch.object(link_module, "USES_PER_HOUR", 2):
            statuses = [
                self.send("in_process", self.old, in_process_text=str(n)).status_code
                for n in range(3)
            ]
        self.assertIn(statuses[-1], (400, 429))
        self.assertEqual(len(self.answers()), 1)

    def test_in_the_portal(self):
        user = new_test_user(self.env, "portal_answers", groups="base.group_portal")
        user.partner_id.parent_id = self.customer
        stranger = new_test_user(self.env, "portal_other", groups="base.group_portal")
        stranger.partner_id.parent_id = self.other_customer
        for who, status in (user, 303), (stranger, 422):
            self.authenticate(who.login, who.login)
            page = self.url_open("/my/account-page").text
            csrf = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
            response = self.url_open(
                "/my/account-page/answer",
                data={
                    "csrf_token": csrf,
                    "kind": "in_process",
                    "items": self.item(self.old),
                },
                allow_redirects=False,
            )
            self.assertEqual(response.status_code, status)
        self.assertEqual(self.answers().partner_id, user.partner_id)
        self.assertFalse(self.answers(self.other_customer))

    def test_roles(self):
        """Collectors decide; nobody writes by hand."""
        self.send("in_process", self.old)
        answer = self.answers()
        for user in self.user_own, self.user_viewer:
            as_user = answer.with_user(user)
            self.assertEqual(as_user.kind, "in_process")
            for act in (
                as_user.action_accept,
                as_user.action_refuse,
                as_user.action_correct,
            ):
                with self.assertRaises(AccessError):
                    act()
        for values in {"text": "no"}, {"state": "accepted"}, {"line_ids": [(5,)]}:
            with self.assertRaises(AccessError):
                answer.with_user(self.user_manager).write(values)
        with self.assertRaises(AccessError):
            answer.with_user(self.user_manager).unlink()
        with self.assertRaises(AccessError):
            answer.with_user(self.user_manager).copy()
        self.customer.user_id = False
        with self.assertRaises(AccessError):
            answer.with_user(self.user_own).read(["kind"])

    def test_amounts_as_people_write_them(self):
        """What could be read as a hundred times as much is asked for again."""
        self.env["res.lang"]._activate_lang("fr_FR")
        cases = [
            ("en_US", "12.50", 12.5),
            ("en_US", "1,250.00", 1250),
            ("en_US", "1 250", 1250),
            ("en_US", "12,50", None),
            ("en_US", "1,25,0", None),
            ("fr_FR", "12,50", 12.5),
            ("fr_FR", "1 250,00", 1250),
            ("fr_FR", "1\u202f250,00", 1250),
            ("fr_FR", "1.250,00", 1250),
            ("fr_FR", "12.50", 12.5),
            ("fr_FR", "1,250.00", None),
        ]
        for number, (lang, text, amount) in enumerate(cases):
            with self.subTest(lang=lang, text=text), self.rolled_back():
                self.customer.lang = lang
                response = self.send(
                    "paid",
                    self.old,
                    paid_day="2026-02-27",
                    paid_amount=text,
                    paid_text=str(number),
                )
                self.assertEqual(response.status_code, 303 if amount else 422)
                self.assertEqual(self.answers().amount, amount or 0)
