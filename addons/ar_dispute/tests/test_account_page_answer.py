from odoo.tests import tagged

from odoo.addons.ar_ledger.tests.answer_common import AnswerCommon

PNG = (
    b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89"
    b"\0\0\0\rIDATx\x9cc\xf8\xff\xff?\0\5\xfe\2\xfe\xdc\xccY\xe7\0\0\0\0IEND\xaeB`\x82"
)


@tagged("post_install", "-at_install")
class TestAnswerDispute(AnswerCommon):
    """“I dispute this” on the account page. Today is 2 March 2026."""

    switches = {
        **AnswerCommon.switches,
        "ar_dunning_active": True,
        "ar_dispute_active": True,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reason = cls.env["ar.dispute.reason"].search([], limit=1)

    def disputes(self):
        return self.env["ar.dispute"].search(
            [("commercial_partner_id", "=", self.customer.id)]
        )

    def test_always_opens(self):
        response = self.send(
            "dispute",
            self.old,
            dispute_reason=self.reason.id,
            dispute_text="<p>Two were broken</p>",
            dispute_amount="250",
            files=[("photo.png", PNG, "image/png")],
        )
        self.assertEqual(response.status_code, 303)
        dispute, answer = self.disputes(), self.answers()
        self.assertEqual((answer.state, answer.dispute_id), ("accepted", dispute))
        self.assertEqual(dispute.amount_disputed, 250)
        self.assertEqual(dispute.reason_id, self.reason)
        self.assertEqual(dispute.description, "<p>Two were broken</p>")
        files = self.env["ir.attachment"].search(
            [("res_model", "=", "ar.dispute"), ("res_id", "=", dispute.id)]
        )
        self.assertEqual((files.name, files.raw), ("photo.png", PNG))
        item = self.items(self.old)
        self.assertEqual(
            (item.suspension_kind, item.amount_suspended), ("dispute", 250)
        )
        page = self.url_open(f"/ar/account/{self.token}").text
        self.assertIn("Disputed", page)
        self.assertNotIn("<p>Two were", page)

    def test_what_is_no_dispute(self):
        for moves, form, words in [
            ([self.old], {}, "Choose what is wrong"),
            ([self.old], {"dispute_reason": "0"}, "Choose what is wrong"),
            ([self.old], {"dispute_reason": "1 OR 1=1"}, "Choose what is wrong"),
            ([], {"dispute_reason": self.reason.id}, "at least one item"),
            (
                [self.old, self.new],
                {"dispute_reason": self.reason.id, "dispute_amount": "5"},
                "choose one item",
            ),
        ]:
            with self.subTest(form=form):
                response = self.send("dispute", *moves, **form)
                self.assertEqual(response.status_code, 422)
                self.assertIn(words, response.text)
        self.assertFalse(self.disputes() | self.disputes())
        self.assertFalse(self.answers())

    def test_disputed_already(self):
        self.send("dispute", self.old, dispute_reason=self.reason.id)
        response = self.send(
            "dispute", self.old, dispute_reason=self.reason.id, dispute_text="Again"
        )
        self.assertEqual(response.status_code, 422)
        self.assertIn("Disputed already", response.text)
        self.assertEqual(len(self.disputes()), 1)

    def test_where_disputes_are_off(self):
        self.company.ar_dispute_active = False
        page = self.url_open(f"/ar/account/{self.token}").text
        self.assertNotIn("ar_kind_dispute", page)
        response = self.send("dispute", self.old, dispute_reason=self.reason.id)
        self.assertEqual(response.status_code, 422)
