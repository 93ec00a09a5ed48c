import io
import re
from datetime import timedelta
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import fields
from odoo.exceptions import AccessError
from odoo.fields import Command
from odoo.tests import HttpCase, new_test_user, tagged

from odoo.addons.ar_ledger.models import ar_link as link_module
from odoo.addons.ar_ledger.models.ar_link import PAGE_PURPOSE
from odoo.addons.ar_ledger.models.report_ar_ledger_statement import REPORT

from .common import ReceivablesCommon


@tagged("post_install", "-at_install")
class TestAccountPage(ReceivablesCommon, HttpCase):
    """What a customer sees of the account, over HTTP. Today is 2 March 2026."""

    two_companies = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.ar_account_page_active = True
        cls.customer.email = "customer@example.com"
        cls.old = cls.invoice(due="2026-01-15", amount=1250)
        cls.new = cls.invoice(due="2026-03-20", amount=300)
        cls.foreign = cls.invoice(due="2026-02-27", amount=80, currency=cls.eur)
        cls.others = cls.invoice(cls.other_customer, due="2026-02-01", amount=77)

    def issue(self, contact=None, company=None, purpose=PAGE_PURPOSE):
        contact = contact or self.customer
        return self.env["ar.link"]._issue(
            purpose, contact, company or self.company, "customer@example.com", 30
        )

    def open(self, path="", token=None, **query):
        token = token or self.issue()[1]
        self.env.flush_all()
        return self.url_open(f"/ar/account/{token}{path}", **query)

    def page(self, path="", token=None):
        response = self.open(path, token)
        self.assertEqual(response.status_code, 200)
        return response.text

    def rows(self, text):
        return re.findall(r'name="ar_item".*?</tr>', text, re.DOTALL)

    def test_what_is_open_since_when(self):
        self.env["ar.suspension"]._suspend(
            self.receivable_lines(self.foreign), "dispute", "Broken", self.customer
        )
        self.invoice(move_type="out_refund", amount=50)
        text = self.page()
        rows = self.rows(text)
        self.assertEqual(len(rows), 4)
        for number, words in [
            (self.old.name, ["01/15/2026", "46", "1,250.00"]),
            (self.new.name, ["03/20/2026", "300.00"]),
            (self.foreign.name, ["Disputed", "80.00"]),
        ]:
            (row,) = [row for row in rows if f">{number}<" in row]
            for word in words:
                self.assertIn(word, row)
        self.assertNotIn(self.others.name, text)
        self.assertNotIn("77.00", text)
        ageing = self.env["ar.account.page"]._get_values(self.customer, self.company)
        usd, eur = ageing["ageing"]
        self.assertEqual(
            (usd.total, usd.overdue, usd.credit, usd.currency.name),
            (1500, 1250, -50, "USD"),
        )
        self.assertEqual((eur.total, eur.overdue, eur.currency.name), (80, 80, "EUR"))
        self.assertEqual(dict(usd.buckets)["31-60 days"], 1250)

    def test_search(self):
        self.old.ref = "PO-4711"
        self.receivable_lines(self.old).ref = "PO-4711"
        for search, found in [
            ("po-47", [self.old]),
            (self.new.name, [self.new]),
            ("%", []),
            ("'; DROP TABLE res_partner; --", []),
            ("<script>alert(1)</script>", []),
            ("x" * 5000, []),
        ]:
            with self.subTest(search=search[:20]):
                token = self.issue()[1]
                self.env.flush_all()
                response = self.url_open(
                    f"/ar/account/{token}", params={"search": search}
                )
                self.assertEqual(response.status_code, 200)
                rows = self.rows(response.text)
                self.assertEqual(len(rows), len(found))
                self.assertNotIn("<script>alert", response.text)
                for move in found:
                    self.assertIn(move.name, rows[0])

    def test_nothing_open(self):
        nobody = self.new_customer("Nobody")
        text = self.page(token=self.issue(nobody)[1])
        self.assertIn("Nothing is open", text)
        self.assertFalse(self.rows(text))

    def test_what_opens_nothing(self):
        """All that is wrong gets the same answer."""
        link, token = self.issue()
        expired, old_token = self.issue()
        expired._by_code().expires_on = fields.Datetime.now() - timedelta(seconds=1)
        revoked, given_up = self.issue()
        revoked.with_user(self.user_collector).action_revoke()
        archived = self.new_customer("Archived")
        _link, of_archived = self.issue(archived)
        archived.active = False
        _link, of_off = self.issue(company=self.company_b)
        gone = self.new_customer("Gone")
        _link, of_gone = self.issue(gone)
        gone.unlink()
        answers = set()
        for wrong in [
            token[:-1],
            token + "A",
            token.swapcase(),
            "x",
            old_token,
            given_up,
            of_archived,
            of_off,
            of_gone,
        ]:
            for path in "", f"/invoice/{self.old.id}", "/statement/xlsx":
                with self.subTest(wrong=wrong, path=path):
                    response = self.open(path, wrong)
                    self.assertEqual(response.status_code, 404)
                    answers.add(response.text.partition("<main")[2])
                    self.assertNotIn(self.old.name, response.text)
        self.assertEqual(len(answers), 1, "who asks learns nothing")
        self.assertEqual(self.open(token=token).status_code, 200)
        self.company.ar_account_page_active = False
        self.assertEqual(self.open(token=token).status_code, 404)

    def test_documents(self):
        """Only what is on the page can be had."""
        paid = self.invoice(due="2026-02-01")
        self.pay(paid)
        draft = self.invoice(due="2026-02-01")
        draft.button_draft()
        in_b = self.invoice(due="2026-02-01", company=self.company_b)
        self.env["ir.attachment"].create(
            {
                "name": "invoice.pdf",
                "raw": b"%PDF-1.4",
                "mimetype": "application/pdf",
                "res_model": "account.move",
                "res_id": self.old.id,
                "res_field": "invoice_pdf_report_file",
            }
        )
        response = self.open(f"/invoice/{self.old.id}")
        self.assertEqual(response.status_code, 200)
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertEqual(response.content, b"%PDF-1.4")
        for move in paid, draft, in_b, self.others:
            with self.subTest(move.name):
                response = self.open(f"/invoice/{move.id}")
                self.assertEqual(response.status_code, 404)
        self.assertEqual(self.open("/invoice/0").status_code, 404)
        self.assertEqual(self.open("/invoice/x").status_code, 404)

    def test_statement_as_a_workbook(self):
        """What is typed by anybody stays a text."""
        self.receivable_lines(self.old).ref = "=1+1"
        self.invoice(move_type="out_refund", amount=50)
        response = self.open("/statement/xlsx")
        disposition = response.headers["Content-Disposition"]
        self.assertIn("Customer%202026-03-02.xlsx", disposition)
        sheet = load_workbook(io.BytesIO(response.content)).active
        rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}
        self.assertEqual(len(rows), 5)
        number, ref, _date, due, days, currency, amount, mark = rows[self.old.name]
        self.assertEqual((ref, days, currency, amount), ("=1+1", 46, "USD", 1250))
        self.assertEqual(due.date().isoformat(), "2026-01-15")
        self.assertEqual(sheet["B2"].data_type, "s")
        self.assertIn("Credit", [row[7] for row in rows.values()])

    def test_statement_as_a_pdf(self):
        response = self.open("/statement/pdf")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertEqual(self.open("/statement/exe").status_code, 404)
        reports = self.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )
        content, kind = reports._render_qweb_pdf(REPORT, self.customer.ids)
        self.assertEqual((kind, content[:4]), ("pdf", b"%PDF"))

    def test_statements_of_many(self):
        """Constant queries; disputed items are marked, and counted."""
        self.env["ar.suspension"]._suspend(
            self.receivable_lines(self.old), "dispute", "Broken", self.customer
        )
        page = self.env["ar.account.page"]
        many = self.customer | self.other_customer | self.new_customer("Nobody")
        self.env.flush_all()
        page._get_statements(many, self.company)
        counts = []
        for customers in self.customer, many:
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            statements = page._get_statements(customers, self.company)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertEqual(*counts)
        mine = statements[self.customer.id]
        self.assertEqual(sum(row.total for row in mine["ageing"]), 1630)
        item = mine["items"].filtered(lambda i: i.move_id == self.old)
        self.assertEqual(page._get_mark(item), "Disputed")
        self.assertEqual(
            statements[self.other_customer.id]["items"].move_id, self.others
        )
        self.assertFalse(statements[many[2].id]["ageing"])

    def test_who_prints_statements(self):
        report = self.env["report.ar_ledger.statement"]
        values = report.with_user(self.user_viewer)._get_report_values(
            self.customer.ids
        )
        self.assertEqual(len(values["statements"][self.customer.id]["items"]), 3)
        own = report.with_user(self.user_own)._get_report_values(
            (self.customer | self.other_customer).ids
        )["statements"]
        self.assertTrue(own[self.customer.id]["items"])
        self.assertFalse(own[self.other_customer.id]["items"])
        nobody = new_test_user(self.env, "ar_nobody", groups="base.group_user")
        with self.assertRaises(AccessError):
            report.with_user(nobody)._get_report_values(self.customer.ids)

    def test_what_is_empty_keeps_its_column(self):
        """An opening balance has neither a reference nor a date of an invoice."""
        account = self.receivable_lines(self.old).account_id
        entry = self.env["account.move"].create(
            {
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.customer.id,
                            "debit": debit,
                            "credit": credit,
                            "date_maturity": day,
                        }
                    )
                    for debit, credit, day in [
                        (60, 0, "2026-01-31"),
                        (0, 60, "2026-02-28"),
                    ]
                ]
            }
        )
        entry.action_post()
        rows = self.rows(self.page())
        self.assertEqual(len(rows), 5)
        self.assertEqual({row.count("<td") for row in rows}, {4})
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            REPORT, self.customer.ids
        )
        table = html.decode().partition('name="ar_statement_items"')[2]
        body = table.partition("<tbody>")[2].partition("</tbody>")[0]
        self.assertEqual([row.count("<td") for row in body.split("</tr>")[:5]], [6] * 5)

    def test_looking_changes_only_the_log(self):
        link, token = self.issue()
        before = self.env["ar.event"].search_count([])
        self.page(token=token)
        self.env.invalidate_all()
        self.assertEqual(link.use_ids.mapped("kind"), ["seen"])
        self.assertTrue(link.use_ids.address)
        self.assertEqual(self.env["ar.event"].search_count([]), before)
        self.assertEqual(self.open(token=token, data={"a": 1}).status_code, 405)

    def test_used_too_often(self):
        link, token = self.issue()
        with patch.object(link_module, "USES_PER_HOUR", 2):
            statuses = [self.open(token=token).status_code for _time in range(4)]
        self.assertEqual(statuses, [200, 200, 429, 429])
        self.env.invalidate_all()
        self.assertEqual(link.use_ids.mapped("kind"), ["refused", "seen", "seen"])
        self.assertEqual(self.open(token=token).status_code, 200)

    def test_the_address_is_kept_by_nobody(self):
        response = self.open()
        self.assertEqual(response.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(response.headers["Cache-Control"], "no-store")
        self.assertIn("noindex", response.headers["X-Robots-Tag"])

    def test_in_the_language_of_the_contact(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        module = self.env["ir.module.module"].search([("name", "=", "ar_ledger")])
        module._update_translations(["fr_FR"])
        self.customer.lang = "fr_FR"
        text = self.page()
        self.assertIn("Votre compte", text)
        self.assertIn("15/01/2026", text)

    def test_queries_do_not_grow_with_items(self):
        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            page = self.env["ar.account.page"]
            values = page._get_values(self.customer, self.company)
            for item in values["items"]:
                item.read(["ref", "suspension_kind", "amount_residual_currency"])
                self.assertTrue(item.currency_id.name and item.move_id.move_type)
            return self.env.cr.sql_log_count - before

        count()  # warms the caches
        few = count()
        for number in range(15):
            self.invoice(due="2026-02-01", amount=number + 1)
        count()
        self.assertEqual(count(), few)
        self.assertLessEqual(few, 25)

    def test_branches_are_of_the_company(self):
        branch = self.new_branch()
        move = self.invoice(due="2026-02-01", amount=9, company=branch)
        self.assertIn(move.name, self.page())

    def test_contacts_see_the_account_of_their_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Accounts", "parent_id": self.customer.id}
        )
        self.assertEqual(len(self.rows(self.page(token=self.issue(contact)[1]))), 3)

    def test_in_the_portal(self):
        portal = new_test_user(self.env, "ar_portal_page", groups="base.group_portal")
        portal.partner_id.parent_id = self.customer
        self.env.flush_all()
        asked = self.url_open("/my/account-page", allow_redirects=False)
        self.assertEqual(asked.status_code, 303)
        self.authenticate("ar_portal_page", "ar_portal_page")
        text = self.url_open("/my/account-page").text
        self.assertEqual(len(self.rows(text)), 3)
        self.assertIn("/my/account-page", self.url_open("/my/home").text)
        path = "/my/account-page/invoice"
        self.assertEqual(self.url_open(f"{path}/{self.old.id}").status_code, 200)
        self.assertEqual(self.url_open(f"{path}/{self.others.id}").status_code, 404)
        self.company.ar_account_page_active = False
        self.env.flush_all()
        self.assertEqual(self.url_open("/my/account-page").status_code, 404)
        self.assertNotIn("/my/account-page", self.url_open("/my/home").text)

    def test_links_are_issued_where_a_page_is_shown(self):
        url = self.customer._issue_ar_account_url(self.company)
        self.assertIn("/ar/account/", url)
        self.assertFalse(self.customer._issue_ar_account_url(self.company_b))
        self.customer.email = False
        self.assertFalse(self.customer._issue_ar_account_url(self.company))

    def test_forgotten_after_thirteen_months(self):
        old, _token = self.issue()
        old._log_use("127.0.0.1", "seen")
        recent, _token = self.issue()
        now = fields.Datetime.now()
        old._by_code().expires_on = now - timedelta(days=397)
        recent._by_code().expires_on = now - timedelta(days=395)
        self.env["ar.link"]._gc_links()
        self.assertFalse(old.exists())
        self.assertTrue(recent.exists())
        event = self.env["ar.event"].search([("kind", "=", "retention")])
        self.assertIn("1 link", event.text)

    def test_a_part_is_named(self):
        """What is disputed of an item is named; the rest is as due as before."""
        line = self.receivable_lines(self.old)
        suspensions = self.env["ar.suspension"]
        suspensions._suspend(
            line, "pause", "Agreed", self.customer, amounts={line.id: 100}
        )
        suspensions._suspend(
            line, "dispute", "Broken", self.customer, amounts={line.id: 250.5}
        )
        foreign = self.receivable_lines(self.foreign)
        suspensions._suspend(
            foreign, "promise", "Friday", self.customer, amounts={foreign.id: 30}
        )
        text = self.page()
        for number, words in [
            (self.old.name, ["Disputed", "250.50", "46", "days overdue", "1,250.00"]),
            (self.foreign.name, ["Promised", "30.00", "3", "days overdue", "80.00"]),
        ]:
            (row,) = [row for row in self.rows(text) if f">{number}<" in row]
            for word in words:
                self.assertIn(word, row)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            REPORT, self.customer.ids
        )
        self.assertIn("250.50", html.decode())
        sheet = load_workbook(io.BytesIO(self.open("/statement/xlsx").content)).active
        rows = {row[0]: row for row in sheet.iter_rows(values_only=True)}
        self.assertIn("250.50", rows[self.old.name][7])
        self.assertEqual(rows[self.old.name][6], 1250)
