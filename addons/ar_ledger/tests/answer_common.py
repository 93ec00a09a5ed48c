import re

from odoo.tests import HttpCase

from odoo.addons.ar_ledger.models.ar_link import PAGE_PURPOSE

from .common import ReceivablesCommon

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


class AnswerCommon(ReceivablesCommon, HttpCase):
    """A customer with two open invoices and a link. Today is 2 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "ar_account_page_active": True,
                "ar_answer_rest_days": 4,
                "ar_answer_pause_days": 10,
            }
        )
        cls.customer.write({"email": "customer@example.com", "lang": "en_US"})
        cls.customer.ar_collector_id = cls.user_collector
        cls.old = cls.invoice(due="2026-01-15", amount=1250)
        cls.new = cls.invoice(due="2026-03-20", amount=300)
        cls.others = cls.invoice(cls.other_customer, due="2026-02-01", amount=77)
        _link, cls.token = cls.env["ar.link"]._issue(
            PAGE_PURPOSE, cls.customer, cls.company, "customer@example.com", 30
        )

    def item(self, move):
        return self.receivable_lines(move).id

    def send(self, kind, *moves, token=None, files=(), **form):
        """Post the form as a browser does that has opened the page."""
        self.env.flush_all()
        address = f"/ar/account/{token or self.token}"
        page = self.url_open(address)
        csrf = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        values = {
            "csrf_token": csrf[1] if csrf else "",
            "kind": kind,
            "items": [self.item(move) for move in moves],
            **form,
        }
        answer = self.url_open(
            f"{address}/answer",
            data=values,
            files=[(f"{kind}_files", file) for file in files] or None,
            allow_redirects=False,
        )
        self.env.invalidate_all()
        return answer

    def answers(self, partner=None):
        partner = partner or self.customer
        return self.env["ar.answer"].search(
            [("commercial_partner_id", "=", partner.id)]
        )

    def suspensions(self, move):
        return self.env["ar.suspension"].search([("line_id", "=", self.item(move))])
