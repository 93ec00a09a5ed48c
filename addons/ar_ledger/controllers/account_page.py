"""What a customer owes, shown to the customer."""

from odoo import http
from odoo.http import content_disposition, request

from ..models.ar_link import PAGE_PURPOSE
from ..models.ar_statement_report import REPORT

MIME_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}

#: The customer searches for a number or a reference.
MOST_SEARCHED = 100


class AccountPage(http.Controller):
    """The account page: by a signed link, or for who is logged in.

    Nothing here changes anything but the log of the link's uses: mail scanners open
    links too. Wrong, expired, revoked and foreign all get the same answer.
    """

    @http.route(
        "/ar/account/<string:token>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
        readonly=False,
    )
    def show(self, token, search="", **_get):
        """Show the page that a link opens."""
        link, refusal = self._open(token)
        return refusal or self._show(
            link._get_record(), link.company_id, f"/ar/account/{token}", search
        )

    @http.route(
        "/ar/account/<string:token>/invoice/<int:move_id>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
        readonly=False,
    )
    def download(self, token, move_id, **_get):
        """Send the PDF of an invoice that is on the page of a link."""
        link, refusal = self._open(token)
        return refusal or self._send(link._get_record(), link.company_id, move_id)

    @http.route(
        "/ar/account/<string:token>/statement/<any(pdf,xlsx):kind>",
        type="http",
        auth="public",
        website=True,
        methods=["GET"],
        sitemap=False,
        readonly=False,
    )
    def take_along(self, token, kind, **_get):
        """Send the statement behind a link."""
        link, refusal = self._open(token)
        return refusal or self._send_statement(
            link._get_record(), link.company_id, kind
        )

    @http.route(
        "/my/account-page",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        sitemap=False,
    )
    def show_mine(self, search="", **_get):
        """Show the page of who is logged in."""
        contact, company = self._get_mine()
        if not company:
            return self._say_gone()
        return self._show(contact, company, "/my/account-page", search)

    @http.route(
        "/my/account-page/invoice/<int:move_id>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        sitemap=False,
        readonly=False,
    )
    def download_mine(self, move_id, **_get):
        contact, company = self._get_mine()
        if not company:
            return self._say_gone()
        return self._send(contact, company, move_id)

    @http.route(
        "/my/account-page/statement/<any(pdf,xlsx):kind>",
        type="http",
        auth="user",
        website=True,
        methods=["GET"],
        sitemap=False,
        readonly=False,
    )
    def take_mine_along(self, kind, **_get):
        contact, company = self._get_mine()
        if not company:
            return self._say_gone()
        return self._send_statement(contact, company, kind)

    def _open(self, token):
        """Return the valid link with this token, logged, and no answer; or the answer
        to any other."""
        link = request.env["ar.link"]._find(PAGE_PURPOSE, token)
        if not link or not self._is_shown(link):
            return link, self._say_gone()
        if not link._log_use(request.httprequest.remote_addr, "seen"):
            return link, self._say("ar_ledger.account_page_busy", status=429)
        return link, None

    def _is_shown(self, link):
        """Tell whether the contact is still there and the company shows pages."""
        contact = link._get_record()
        return contact and contact.active and link.company_id.ar_account_page_active

    def _get_mine(self):
        """Return the contact who is logged in, and the root company that shows pages,
        with superuser rights; no company where it does not."""
        company = request.env.company.sudo().root_id
        contact = request.env.user.sudo().partner_id
        return contact, company.filtered("ar_account_page_active")

    def _show(self, contact, company, address, search):
        self._speak_to(contact)
        page = request.env["ar.account.page"].sudo()
        values = page._get_values(contact, company, search.strip()[:MOST_SEARCHED])
        return self._say("ar_ledger.account_page", address=address, **values)

    def _send(self, contact, company, move_id):
        page = request.env["ar.account.page"].sudo()
        move = page._get_document(contact, company, move_id)
        if not move:
            return self._say_gone()
        return self._send_file(*move._get_ar_pdf())

    def _send_statement(self, contact, company, kind):
        self._speak_to(contact)
        page = request.env["ar.account.page"].sudo()
        customer = contact.commercial_partner_id
        statement = page._get_statements(customer, company)[customer.id]
        if kind == "xlsx":
            content = page._get_xlsx(statement)
        else:
            reports = request.env["ir.actions.report"].sudo().with_company(company)
            content, _kind = reports._render_qweb_pdf(REPORT, customer.ids)
        return self._send_file(
            page._get_file_name(statement, kind), content, MIME_TYPES[kind]
        )

    def _send_file(self, name, content, mime_type):
        headers = [
            ("Content-Type", mime_type),
            ("Content-Disposition", content_disposition(name)),
        ]
        return self._seal(request.make_response(content, headers))

    def _speak_to(self, contact):
        if contact.lang in dict(request.env["res.lang"].get_installed()):
            request.update_context(lang=contact.lang)

    def _say_gone(self):
        return self._say("ar_ledger.account_page_gone", status=404)

    def _say(self, template, status=200, **values):
        response = request.render(template, values)
        response.status_code = status
        return self._seal(response)

    def _seal(self, response):
        """The address opens the page: it is told to nobody, and kept by nobody."""
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
        return response
