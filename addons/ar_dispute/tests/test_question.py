import re

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged

from .common import DisputeCommon


@tagged("post_install", "-at_install")
class TestQuestion(DisputeCommon, HttpCase):
    """Somebody without a login answers a question through a signed link."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.asked = cls.dispute(cls.invoice(), user_id=cls.user_own.id)

    def ask(self, dispute=None, email="driver@example.com", text="Was it signed for?"):
        action = (dispute or self.asked).action_ask()
        wizard = self.env["ar.dispute.ask"].with_user((dispute or self.asked).env.user)
        wizard.with_context(**action["context"]).create(
            {"email": email, "text": text}
        ).action_confirm()
        mail = self.env["mail.mail"].search([("email_to", "=", email)], limit=1)
        return re.search(r"/ar/question/([\w-]+)", mail.body_html).group(1)

    def page(self, token, **post):
        url = f"/ar/question/{token}"
        if not post:
            return self.url_open(url)
        csrf = re.search(r'name="csrf_token" value="(\w+)"', self.url_open(url).text)
        files = post.pop("files", None)
        data = {**post, "csrf_token": csrf and csrf.group(1)}
        return self.url_open(url, data=data, files=files)

    def question(self):
        return self.asked.question_ids

    def test_asked_and_answered(self):
        token = self.ask()
        self.assertEqual(self.asked.state, "waiting")
        self.assertEqual(self.asked.waiting_for, "internal")
        page = self.page(token)
        self.assertIn("Was it signed for?", page.text)
        self.assertIn(self.asked.name, page.text)
        self.assertEqual(self.asked.state, "waiting", "looking changes nothing")
        done = self.page(
            token,
            text="Yes, by the porter",
            name="Jo",
            files={"files": ("note.txt", b"signed", "text/plain")},
        )
        self.assertIn("has arrived", done.text)
        self.env.invalidate_all()
        question = self.question()
        self.assertEqual(question.answer, "Yes, by the porter")
        self.assertEqual(question.answered_by, "Jo")
        self.assertEqual(self.asked.state, "investigating")
        message = self.asked.message_ids[0] | self.asked.message_ids[1]
        answer = message.filtered("attachment_ids")
        self.assertIn("by the porter", answer.body)
        self.assertEqual(answer.attachment_ids.name, "note.txt")
        self.assertIn(self.user_own.partner_id, answer.partner_ids)
        uses = question.link_id.use_ids
        self.assertEqual(set(uses.mapped("kind")), {"seen", "answered"})
        self.assertTrue(all(uses.mapped("address")))

    def test_only_a_digest_is_kept(self):
        token = self.ask()
        link = self.question().link_id.sudo()
        self.assertNotIn(token, str(link.read()))
        self.assertEqual(len(link.token_hash), 64)

    def test_what_opens_nothing(self):
        token = self.ask()
        for wrong in (token[:-1], token + "A", "x", token.swapcase()):
            with self.subTest(wrong):
                self.assertEqual(self.page(wrong).status_code, 404)

    def test_expired_and_revoked(self):
        token = self.ask()
        self.question().with_user(self.user_collector).action_revoke()
        self.assertEqual(self.page(token).status_code, 404)
        token = self.ask()
        link = self.question()[0].link_id
        link._by_code().write({"expires_on": "2026-03-01 00:00:00"})
        self.assertEqual(self.page(token).status_code, 404)

    def test_too_often(self):
        token = self.ask()
        link = self.question().link_id
        for _each in range(60):
            self.assertTrue(link._log_use("1.2.3.4", "seen"))
        self.assertEqual(self.page(token).status_code, 404)
        self.assertIn("refused", link.use_ids.mapped("kind"))

    def test_posting_needs_the_page(self):
        token = self.ask()
        with self.assertLogs("odoo.http", level="WARNING"):
            response = self.url_open(f"/ar/question/{token}", data={"text": "Hi"})
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.question().answer)

    def test_bad_answers_are_said(self):
        token = self.ask()
        cases = [
            ({"text": "  "}, "write your answer"),
            ({"text": "x" * 10_001}, "too long"),
        ]
        for post, expected in cases:
            with self.subTest(expected):
                self.assertIn(expected, self.page(token, **post).text)
        many = [("files", (f"{n}.txt", b"x", "text/plain")) for n in range(6)]
        self.assertIn("At most 5 files", self.page(token, text="A", files=many).text)
        self.assertFalse(self.question().answer)

    def test_html_stays_text(self):
        token = self.ask(text="<script>alert(1)</script>")
        self.assertNotIn("<script>alert(1)", self.page(token).text)
        self.page(token, text="<b onclick='x()'>bold</b>", name="<i>Jo</i>")
        self.env.invalidate_all()
        body = self.asked.message_ids.filtered(lambda m: "bold" in (m.body or "")).body
        self.assertIn("&lt;b", body)

    def test_a_second_answer_is_kept_too(self):
        token = self.ask()
        for text in ("First", "Second"):
            self.page(token, text=text)
        self.env.invalidate_all()
        self.assertEqual(self.question().answer, "First")
        bodies = " ".join(m.body or "" for m in self.asked.message_ids)
        self.assertIn("Second", bodies)

    def test_decided_meanwhile(self):
        token = self.ask()
        self.asked.action_accept()
        self.page(token, text="Too late?")
        self.env.invalidate_all()
        self.assertEqual(self.asked.state, "accepted")
        self.assertEqual(self.question().answer, "Too late?")

    def test_bad_questions(self):
        cases = [
            ({"email": "nobody"}, "e-mail address of one person"),
            ({"email": "a@b.c, d@e.f"}, "e-mail address of one person"),
            ({"text": "  "}, "Enter the question"),
        ]
        for values, expected in cases:
            with self.subTest(values), self.assertRaisesRegex(UserError, expected):
                self.ask(**values)

    def test_who_asks(self):
        other = self.dispute(self.invoice(self.other_customer))
        for user in (self.user_viewer, self.user_own):
            with self.subTest(user.login), self.assertRaises(AccessError):
                other.with_user(user).action_ask()
        token = self.ask(self.asked.with_user(self.user_own))
        self.assertTrue(token)

    def test_nobody_writes_links(self):
        self.ask()
        link = self.question().link_id
        for user in (self.user_manager, self.accountant):
            with self.subTest(user.login), self.assertRaises(AccessError):
                link.with_user(user).write({"res_id": 1})
        with self.assertRaises(AccessError):
            link.with_user(self.user_own).read(["email"])
