from odoo import fields
from odoo.tests import tagged

from odoo.addons.ar_ledger.tests.answer_common import AnswerCommon


@tagged("post_install", "-at_install")
class TestAnswerPromise(AnswerCommon):
    """“I will pay on …” on the account page. Today is 2 March 2026."""

    switches = {**AnswerCommon.switches, "ar_dunning_active": True}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {"ar_promise_horizon_days": 30, "ar_promise_approval_amount": 0}
        )

    def promises(self):
        return self.env["ar.promise"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )

    def test_within_the_policy_it_stands_at_once(self):
        response = self.send("promise", self.old, self.new, promise_day="2026-03-12")
        self.assertEqual(response.status_code, 303)
        answer, promise = self.answers(), self.promises()
        self.assertEqual((answer.state, promise.state), ("accepted", "open"))
        self.assertEqual((promise.amount, promise.channel), (1550, "portal"))
        self.assertEqual(promise.partner_id, self.customer)
        self.assertEqual(fields.Date.to_string(promise.date), "2026-03-12")
        self.assertEqual(self.items(self.old).suspension_kind, "promise")
        page = self.url_open(f"/ar/account/{self.token}").text
        self.assertIn("Promised", page)

    def test_a_part_is_for_the_oldest(self):
        self.send(
            "promise",
            self.old,
            self.new,
            promise_day="2026-03-12",
            promise_amount="1,300",
        )
        amounts = {line.number: line.amount for line in self.promises().line_ids}
        self.assertEqual(amounts, {self.old.name: 1250, self.new.name: 50})

    def test_beyond_the_policy_somebody_decides(self):
        self.send("promise", self.old, promise_day="2026-04-30")
        answer = self.answers()
        self.assertEqual(answer.state, "new")
        self.assertIn("days away", answer.waits_because)
        self.assertFalse(self.promises())
        self.assertFalse(self.items(self.old).suspension_kind, "chased on meanwhile")
        answer.with_user(self.user_collector).action_accept()
        promise = self.promises()
        self.assertEqual(promise.state, "waiting", "a credit manager approves it")

    def test_corrected_to_an_earlier_day(self):
        self.send("promise", self.old, promise_day="2026-04-30")
        answer = self.answers().with_user(self.user_collector)
        answer._correct(
            fields.Date.to_date("2026-03-20"), 1000, answer.line_ids, "Agreed by phone"
        )
        promise = self.promises()
        self.assertEqual((promise.amount, promise.state), (1000, "open"))
        self.assertEqual(promise.user_id, self.user_collector)

    def test_what_is_no_promise(self):
        for form, words in [
            ({}, "Enter the day"),
            ({"promise_day": "2026-03-01"}, "today or later"),
            ({"promise_day": "2026-03-12", "promise_amount": "0"}, "above zero"),
            ({"promise_day": "2026-03-12", "promise_amount": "1251"}, "is open"),
            ({"promise_day": "12/03/2026"}, "year-month-day"),
        ]:
            with self.subTest(form=form):
                response = self.send("promise", self.old, **form)
                self.assertEqual(response.status_code, 422)
                self.assertIn(words, response.text)
        self.assertFalse(self.answers())
        response = self.send("promise", self.old, promise_day="2036-03-12")
        self.assertEqual((response.status_code, self.answers().state), (303, "new"))

    def test_promised_already(self):
        self.send("promise", self.old, promise_day="2026-03-12")
        response = self.send("promise", self.old, promise_day="2026-03-13")
        self.assertEqual(response.status_code, 422)
        self.assertIn("Promised already", response.text)

    def test_where_nothing_is_chased(self):
        self.company.ar_dunning_active = False
        page = self.url_open(f"/ar/account/{self.token}").text
        self.assertNotIn("ar_kind_promise", page)
        response = self.send("promise", self.old, promise_day="2026-03-12")
        self.assertEqual(response.status_code, 422)

    def test_two_clicks_from_the_reminder(self):
        """The link in the mail opens the page with the items and the answer chosen."""
        item = self.item(self.old)
        self.env.flush_all()
        page = self.url_open(
            f"/ar/account/{self.token}", params={"kind": "promise", "items": item}
        ).text
        self.assertRegex(page, rf'(?s)id="ar_item_{item}"[^>]*checked')
        self.assertRegex(page, r'(?s)id="ar_kind_promise"[^>]*checked')
        self.assertFalse(self.answers(), "looking changes nothing")
        for nonsense in "x", "-1", "9" * 40, str(self.item(self.others)):
            response = self.url_open(
                f"/ar/account/{self.token}", params={"kind": "x", "items": nonsense}
            )
            self.assertEqual(response.status_code, 200)
