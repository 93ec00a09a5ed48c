"""What a customer owes, shown to the customer."""

from odoo import http
from odoo.http import request

from ..models.ar_link import PAGE_PURPOSE
from ..models.report_ar_ledger_statement import REPORT
from .sealed_page import BY_LINK, SealedPage

#: How the page of who is logged in is routed.
BY_LOGIN = {**BY_LINK, "auth": "user"}
MINE = "/my/account-page"
MIME_TYPES = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
#: The customer searches for a number or a reference.
MOST_SEARCHED = 100


class AccountPage(SealedPage, http.Controller):
    """The account page: by a signed link, or for who is logged in.

    Nothing here changes anything but the log of the link's uses: mail scanners open
    links too. Wrong, expired, revoked and foreign all get the same answer.
    """

    @http.route("/ar/account/<string:token>", **BY_LINK)
    def show(self, token, search="", **asked):
        """Show the page that a link opens."""
        refusal, contact, company = self._open(token)
        address = f"/ar/account/{token}"
        return refusal or self._show(contact, company, address, search, asked)

    @http.route("/ar/account/<string:token>/invoice/<int:move_id>", **BY_LINK)
    def download(self, token, move_id, **_get):
        """Send the PDF of an invoice that is on the page of a link."""
        refusal, contact, company = self._open(token)
        return refusal or self._send_invoice(contact, company, move_id)

    @http.route("/ar/account/<string:token>/statement/<any(pdf,xlsx):kind>", **BY_LINK)
    def take_along(self, token, kind, **_get):
        """Send the statement behind a link."""
        refusal, contact, company = self._open(token)
        return refusal or self._send_statement(contact, company, kind)

    @http.route(MINE, **BY_LOGIN)
    def show_mine(self, search="", **asked):
        """Show the page of who is logged in."""
        refusal, contact, company = self._open_mine()
        return refusal or self._show(contact, company, MINE, search, asked)

    @http.route(f"{MINE}/invoice/<int:move_id>", **BY_LOGIN)
    def download_mine(self, move_id, **_get):
        """Send the PDF of an invoice of who is logged in."""
        refusal, contact, company = self._open_mine()
        return refusal or self._send_invoice(contact, company, move_id)

    @http.route(f"{MINE}/statement/<any(pdf,xlsx):kind>", **BY_LOGIN)
    def take_mine_along(self, kind, **_get):
        """Send the statement of who is logged in."""
        refusal, contact, company = self._open_mine()
        return refusal or self._send_statement(contact, company, kind)

    def _open(self, token, use="seen"):
        """Return (None, contact, root company) of a valid link, its use logged; for
        any other the answer to it, twice nothing."""
        link = self._find(token)
        if not link:
            return self._say_gone(), None, None
        if not link._log_use(request.httprequest.remote_addr, use):
            return self._say("ar_ledger.account_page_busy", status=429), None, None
        return None, link._get_record(), link.company_id

    def _find(self, token):
        """Return the valid link that shows a page, or an empty set."""
        link = request.env["ar.link"]._find(PAGE_PURPOSE, token)
        return link.filtered(self._is_shown)

    def _is_shown(self, link):
        """Tell whether the contact is still there and the company shows pages."""
        contact = link._get_record()
        return contact and contact.active and link.company_id.ar_account_page_active

    def _open_mine(self):
        """Return what :meth:`_open` does, for who is logged in."""
        company = request.env.company.sudo().root_id
        if not company.ar_account_page_active:
            return self._say_gone(), None, None
        return None, request.env.user.sudo().partner_id, company

    def _show(self, contact, company, address, search="", asked=None, problem=""):
        """Return the page.

        :param dict asked: what the address says beside it, or the form that comes back
        :param str problem: why the form comes back
        """
        self._speak_to(contact)
        page = request.env["ar.account.page"].sudo()
        values = page._get_values(contact, company, search.strip()[:MOST_SEARCHED])
        values.update(self._read_asked(asked or {}), address=address, problem=problem)
        return self._say("ar_ledger.account_page", 422 if problem else 200, **values)

    def _read_asked(self, asked):
        """Return what of the address or the form the template knows. Hook: call super,
        add yours."""
        return {}

    def _send_invoice(self, contact, company, move_id):
        page = request.env["ar.account.page"].sudo()
        move = page._get_document(contact, company, move_id)
        return self._send_file(*move._get_ar_pdf()) if move else self._say_gone()

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
        name = page._get_file_name(statement, kind)
        return self._send_file(name, content, MIME_TYPES[kind])

    def _speak_to(self, contact):
        if contact.lang in dict(request.env["res.lang"].get_installed()):
            request.update_context(lang=contact.lang)

    def _say_gone(self):
        return self._say("ar_ledger.account_page_gone", status=404)
