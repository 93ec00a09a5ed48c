from odoo.tests import tagged

from odoo.addons.mail.tests.common import MailCommon

from .common import DisputeCommon

MAIL = """\
From: {sender}
To: {to}
Subject: {subject}
Message-ID: <{number}@customer.example>
Content-Type: text/plain; charset=utf-8
{headers}
{body}
"""


@tagged("post_install", "-at_install")
class TestMail(DisputeCommon, MailCommon):
    """Disputes that arrive by e-mail."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._init_mail_gateway()
        cls.company.alias_domain_id = cls.mail_alias_domain
        cls.company._set_dispute_alias("disputes")
        cls.customer.email = "buyer@customer.example"
        cls.number = 0

    def receive(self, subject, body="", sender="buyer@customer.example", **headers):
        type(self).number += 1
        mail = MAIL.format(
            sender=sender,
            to=f"disputes@{self.mail_alias_domain.name}",
            subject=subject,
            body=body,
            number=self.number,
            headers="".join(f"{k}: {v}\n" for k, v in headers.items()),
        )
        before = self.env["ar.dispute"].search([])
        with self.mock_mail_gateway():
            self.env["mail.thread"].message_process(None, mail)
        self.env.invalidate_all()
        return self.env["ar.dispute"].search([]) - before

    def test_about_the_items_it_names(self):
        named, other = self.invoice(), self.invoice()
        dispute = self.receive("Wrong price", f"Your {named.name} is too high.")
        self.assertEqual(dispute.line_ids.move_id, named)
        self.assertEqual(dispute.commercial_partner_id, self.customer)
        self.assertIn("too high", dispute.description)
        self.assertEqual(self.items(named).suspension_kind, "dispute")
        self.assertFalse(self.items(other).suspension_kind)
        self.assertTrue(dispute.message_ids.filtered(lambda m: "too high" in m.body))

    def test_naming_no_item_suspends_nothing(self):
        move = self.invoice()
        dispute = self.receive("Not happy", "The goods were broken.")
        self.assertFalse(dispute.line_ids)
        self.assertFalse(self.items(move).suspension_kind)
        self.assertEqual(dispute.state, "new")
        action = dispute.with_user(self.accountant).action_add_items()
        wizard = self.env["ar.dispute.open"].with_user(self.accountant)
        wizard = wizard.browse(action["res_id"])
        wizard.line_ids.selected = True
        wizard.action_confirm()
        self.assertEqual(dispute.line_ids.move_id, move)
        self.assertEqual(self.items(move).suspension_kind, "dispute")

    def test_a_longer_number_is_another_one(self):
        move = self.invoice()
        dispute = self.receive(f"About {move.name}1")
        self.assertFalse(dispute.line_ids)

    def test_others_items_are_not_touched(self):
        move = self.invoice(self.other_customer)
        dispute = self.receive(f"About {move.name}")
        self.assertFalse(dispute.line_ids)
        self.assertFalse(self.items(move).suspension_kind)

    def test_disputed_and_paid_items_are_left_out(self):
        paid, disputed, free = (self.invoice() for _each in range(3))
        self.pay(paid)
        self.dispute(disputed)
        names = ", ".join((paid | disputed | free).mapped("name"))
        dispute = self.receive("Complaint", names)
        self.assertEqual(dispute.line_ids.move_id, free)

    def test_strangers_are_refused(self):
        self.assertFalse(self.receive("Hi", sender="who@nowhere.example"))

    def test_the_collector_gets_it(self):
        self.customer.ar_collector_id = self.user_collector
        dispute = self.receive("Hello")
        self.assertEqual(dispute.user_id, self.user_collector)

    def test_switched_off_suspends_nothing(self):
        move = self.invoice()
        self.company.ar_dispute_active = False
        dispute = self.receive(f"About {move.name}")
        self.assertFalse(dispute.line_ids)
        self.assertFalse(self.items(move).suspension_kind)

    def test_an_answer_ends_the_wait(self):
        dispute = self.dispute(self.invoice())
        dispute.action_wait_for_customer()
        message = dispute.message_post(
            body="Please send a photo", partner_ids=self.customer.ids
        )
        self.receive("Re: photo", "Here it is", **{"In-Reply-To": message.message_id})
        self.assertEqual(dispute.state, "investigating")

    def test_the_address_is_a_setting(self):
        settings = self.env["res.config.settings"].create({})
        self.assertEqual(settings.ar_dispute_alias_name, "disputes")
        settings.ar_dispute_alias_name = "complaints"
        self.assertEqual(self.company.ar_dispute_alias_id.alias_name, "complaints")
        settings.ar_dispute_alias_name = False
        self.assertFalse(self.company.ar_dispute_alias_id)

    def test_naming_no_item_survives_the_night(self):
        dispute = self.receive("Not happy")
        self.run_night()
        self.assertEqual((dispute.state, dispute.outcome), ("new", False))

    def test_what_the_first_items_say(self):
        """Salesperson and lateness are those of the items, whenever they are added."""
        dispute = self.receive("Not happy")
        move = self.invoice(due="2026-02-01", invoice_user_id=self.user_own.id)
        lines = self.receivable_lines(move)
        dispute.with_user(self.accountant)._add_items(lines)
        self.assertTrue(dispute.is_raised_late)
        self.assertEqual(dispute.salesperson_id, self.user_own)

    def test_forwarded_by_a_colleague(self):
        """The customer is who owes what is named, never the colleague."""
        self.user_collector.partner_id.email = "colleague@company.example"
        mine, other = self.invoice(), self.invoice(self.other_customer)
        cases = [
            (f"Fwd: {mine.name}.", self.customer, mine),
            (f"Fwd: {mine.name} and {other.name}", self.company.partner_id, None),
            ("Fwd: broken", self.company.partner_id, None),
        ]
        for subject, customer, named in cases:
            with self.subTest(subject):
                dispute = self.receive(subject, sender="colleague@company.example")
                self.assertEqual(dispute.commercial_partner_id, customer)
                self.assertEqual(dispute.line_ids.move_id, named or mine.browse())
