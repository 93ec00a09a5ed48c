from datetime import date

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged
from odoo.tools import html2plaintext

from .mail_server import MailServerCommon


@tagged("post_install", "-at_install")
class TestBooks(MailServerCommon):
    """Nothing is sent while nobody knows who has paid. Today is 2 March 2026."""

    two_companies = True

    def statement_line(self, day, company=None):
        company = company or self.company
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", company.id)], limit=1
        )
        return self.env["account.bank.statement.line"].create(
            {"journal_id": journal.id, "date": day, "payment_ref": "In", "amount": 1}
        )

    def booked(self):
        self.company.invalidate_recordset(["ar_booked_until"])
        return self.company.ar_booked_until

    def test_booked_until(self):
        self.assertFalse(self.booked())
        for book, expected in [
            (lambda: self.statement_line("2026-02-10"), date(2026, 2, 10)),
            (lambda: self.statement_line("2026-02-05"), date(2026, 2, 10)),
            (lambda: self.statement_line("2026-03-09"), date(2026, 2, 10)),
            (
                lambda: self.statement_line("2026-03-01", self.company_b),
                date(2026, 2, 10),
            ),
            (
                lambda: self.pay(self.invoice(), on="2026-02-20"),
                date(2026, 2, 20),
            ),
            (
                lambda: self.company._confirm_ar_books(date(2026, 2, 27)),
                date(2026, 2, 27),
            ),
        ]:
            book()
            self.assertEqual(self.booked(), expected)

    def test_guard(self):
        for days, booked, sent in [
            (5, None, 0),
            (5, "2026-02-24", 0),
            (5, "2026-02-25", 1),
            (0, None, 1),
        ]:
            with self.subTest(days=days, booked=booked):
                self.company.ar_dunning_stale_days = days
                self.company.ar_books_confirmed = booked
                customer = self.new_customer("Customer", email="a@example.com")
                self.invoice(customer, due="2026-02-01")
                reminder = self.prepare(customer)
                self.peer.messages.clear()
                self.deliver()
                received = [to for to, _mail in self.received()]
                self.assertEqual(["a@example.com"] in received, bool(sent))
                self.assertEqual(reminder.state, "sent" if sent else "ready")
                self.assertEqual(bool(reminder.waiting_reason), not sent)
                if not sent:
                    with self.working(), self.assertRaises(UserError):
                        reminder.with_user(self.user_collector).action_send_now()
                    reminder.with_user(self.user_collector)._cancel("Enough")

    def test_the_run_says_so(self):
        self.company.ar_dunning_stale_days = 5
        self.invoice(due="2026-02-01")
        self.run_night()
        run = self.env["ar.run"].search([("stage", "=", "dunning")])
        self.assertEqual(run.state, "done")
        self.assertFalse(self.reminders.search([]), "whom to call is not known either")
        self.assertIn("booked up to", run.errors_text)
        self.company.ar_books_confirmed = "2026-03-01"
        with self.at("2026-03-03"):
            self.run_night()
        self.assertTrue(self.reminders.search([]))

    def test_confirming(self):
        self.company.ar_dunning_stale_days = 5
        books = self.env["ar.dunning.books"]
        for user in self.user_viewer, self.user_collector:
            with self.subTest(user.login), self.assertRaises(AccessError):
                books.with_user(user).create({})
            with self.assertRaises(AccessError):
                self.company.with_user(user)._confirm_ar_books(date(2026, 3, 1))
        manager = books.with_user(self.user_manager)
        wizard = manager.create({"date": "2026-03-03"})
        self.assertIn("more than 5 days", wizard.stale)
        with self.assertRaises(UserError):
            wizard.action_confirm()
        wizard.date = date(2026, 3, 2)
        wizard.action_confirm()
        self.assertEqual(self.company.ar_books_confirmed_by, self.user_manager)
        self.assertFalse(self.company._get_ar_stale_books())
        event = self.env["ar.event"].search([("source_model", "=", "res.company")])
        self.assertEqual(event.user_id, self.user_manager)

    def test_printed_below_the_table(self):
        self.company.ar_books_confirmed = "2026-02-27"
        self.invoice(due="2026-02-01")
        reminder = self.prepare()
        text = html2plaintext(reminder.items_html)
        self.assertIn("02/27/2026", text)
        self.assertIn("if you have already paid", text)

    def test_no_query_when_off(self):
        self.company.ar_dunning_stale_days = 0
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.assertFalse(self.company._get_ar_stale_books())

    def test_only_in_the_company_one_works_in(self):
        manager = self.company_b.with_user(self.user_manager)
        with self.assertRaisesRegex(AccessError, "Company B"):
            manager._confirm_ar_books(date(2026, 3, 1))
        self.assertFalse(self.company_b.ar_books_confirmed)
        wizard = self.env["ar.dunning.going.live"].with_user(self.user_manager)
        wizard = wizard.create({"scenario_id": self.scenario.id})
        wizard.sudo().company_id = self.company_b
        for act in wizard.action_preview, wizard.action_go_live:
            with self.assertRaises(AccessError):
                act()
        self.assertFalse(self.company_b.ar_dunning_active)
