from unittest.mock import patch

from odoo.tests import tagged

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestThanks(DunningCommon):
    """Who paid what was asked for, is thanked once. Today is 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ladder = cls.new_scenario(
            ("first", 5, {}),
            ("second", 20, {}),
            thank_template_id=cls.env.ref(
                "ar_dunning_scenario.mail_template_thanks"
            ).id,
        )
        cls.customer.ar_dunning_scenario_id = cls.ladder

    def asked(self, **values):
        move = self.invoice(due="2026-02-20", **values)
        self.done(self.prepare(self.customer))
        return move

    def night(self, day):
        """Return the mails that the night of a day writes."""
        before = self.env["mail.mail"].sudo().search([])
        with self.at(day):
            run = self.env["ar.run"].sudo()._ensure_runs(self.company)
            run = run.filtered(lambda r: r.stage == "dunning")
            self.reminders._thank(run)
            self.errors = run.errors_text
        return self.env["mail.mail"].sudo().search([]) - before

    def test_once(self):
        move = self.asked()
        self.assertFalse(self.night("2026-03-03"))
        self.pay(move, on="2026-03-03")
        mail = self.night("2026-03-04")
        self.assertEqual(len(mail), 1)
        self.assertIn("customer@example.com", mail.email_to)
        self.assertFalse(mail.recipient_ids, "nobody has it twice")
        self.assertIn("thank you", mail.subject)
        self.assertIn("books@company.example", mail.email_from)
        self.assertEqual(str(mail.scheduled_date), "2026-03-04 08:00:00")
        self.assertFalse(self.night("2026-03-05"))

    def test_one_for_all_items(self):
        first, second = self.asked(), self.invoice(due="2026-02-20")
        with self.at("2026-03-03"):
            self.done(self.prepare(self.customer))
        self.pay(first, on="2026-03-03")
        self.assertFalse(self.night("2026-03-04"), "something is overdue")
        self.pay(second, on="2026-03-04")
        self.assertEqual(len(self.night("2026-03-05")), 1)
        lines = self.reminders.search([]).line_ids
        self.assertEqual(len(lines.filtered("thanked_on")), 2)

    def test_who_is_not_thanked(self):
        def refunded(move):
            refund = self.invoice(move_type="out_refund", amount=move.amount_total)
            (self.receivable_lines(move) | self.receivable_lines(refund)).reconcile()

        def partly(move):
            self.pay(move, 40, on="2026-03-03")

        def other_overdue(move):
            self.pay(move, on="2026-03-03")
            self.invoice(due="2026-02-28")

        def long_ago(move):
            self.pay(move, on="2026-03-02")

        def taken_back(move):
            self.pay(move, on="2026-03-03")
            self.receivable_lines(move).remove_move_reconcile()

        def no_address(move):
            self.pay(move, on="2026-03-03")
            self.reminders.search([]).email_to = False

        def no_template(move):
            self.pay(move, on="2026-03-03")
            self.ladder.thank_template_id = False

        def not_sent(move):
            self.pay(move, on="2026-03-03")
            self.reminders.search([]).state = "uncertain"

        for act, day in [
            (refunded, "2026-03-04"),
            (partly, "2026-03-04"),
            (other_overdue, "2026-03-04"),
            (long_ago, "2026-03-10"),
            (taken_back, "2026-03-04"),
            (no_address, "2026-03-04"),
            (no_template, "2026-03-04"),
            (not_sent, "2026-03-04"),
        ]:
            with self.subTest(act.__name__), self.rolled_back():
                act(self.asked())
                self.assertFalse(self.night(day))

    def test_not_due_is_no_reason_to_be_silent(self):
        move = self.asked()
        self.invoice(due="2026-04-01")
        self.pay(move, on="2026-03-03")
        self.assertEqual(len(self.night("2026-03-04")), 1)

    def test_broken_text_stops_nobody(self):
        move = self.asked()
        self.pay(move, on="2026-03-03")
        templates = type(self.ladder.thank_template_id)
        broken = patch.object(
            templates, "send_mail_batch", side_effect=ValueError("broken")
        )
        with broken:
            self.assertFalse(self.night("2026-03-04"))
        self.assertIn("broken", self.errors)
        self.assertFalse(self.reminders.search([]).line_ids.thanked_on)

    def test_one_customer_stops_no_other(self):
        third = self.new_customer("Third", email="third@example.com")
        third.ar_dunning_scenario_id = self.ladder
        moves = self.invoice(due="2026-02-20") | self.invoice(third, due="2026-02-20")
        self.done(self.prepare(self.customer, third))
        for move in moves:
            self.pay(move, on="2026-03-03")
        templates = type(self.ladder.thank_template_id)
        send = templates.send_mail_batch

        def send_mail_batch(template, res_ids, **kwargs):
            reminders = self.reminders.browse(res_ids)
            if third in reminders.commercial_partner_id:
                raise ValueError("broken for the third")
            return send(template, res_ids, **kwargs)

        with patch.object(templates, "send_mail_batch", send_mail_batch):
            mail = self.night("2026-03-04")
        self.assertEqual(len(mail), 1)
        self.assertIn("customer@example.com", mail.email_to)
        self.assertIn("broken for the third", self.errors)
        self.assertEqual(len(self.night("2026-03-05")), 1, "tried again")

    def test_many_customers_in_one_go(self):
        """Each gets the own message; five more customers cost no more queries than
        their records."""
        counts = []
        for number in (1, 6):
            moves = self.env["account.move"]
            for index in range(number):
                customer = self.new_customer(
                    f"C{number}{index}", email=f"c{number}{index}@example.com"
                )
                customer.ar_dunning_scenario_id = self.ladder
                moves |= self.invoice(customer, due="2026-02-20")
            self.done(self.prepare(*moves.partner_id))
            for move in moves:
                self.pay(move, on="2026-03-03")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            mails = self.night("2026-03-04")
            counts.append(self.env.cr.sql_log_count - before)
            self.assertEqual(len(mails), number)
            self.assertEqual(len(set(mails.mapped("email_to"))), number)
        self.assertLessEqual(counts[1] - counts[0], 5, counts)

    def test_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.env["ir.module.module"]._load_module_terms(
            ["ar_dunning_scenario"], ["fr_FR"]
        )
        self.customer.lang = "fr_FR"
        move = self.asked()
        self.pay(move, on="2026-03-03")
        self.assertIn("merci", self.night("2026-03-04").subject)
