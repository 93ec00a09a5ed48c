"""What a customer owes, shown to the customer."""

from odoo import http
from odoo.http import content_disposition, request

from ..models.ar_link import PAGE_PURPOSE

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
        link = self._open(token)
        if not link:
            return self._say_gone()
        return self._show(
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
        link = self._open(token)
        if not link:
            return self._say_gone()
        return self._send(link._get_record(), link.company_id, move_id)

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

    def _open(self, token):
        """Return the valid link with this token, logged; an empty set for any other."""
        nothing = request.env["ar.link"]
        link = nothing._find(PAGE_PURPOSE, token)
        if not link or not link._log_use(request.httprequest.remote_addr, "seen"):
            return nothing
        contact = link._get_record()
        is_there = contact and contact.active and link.company_id.ar_account_page_active
        return link if is_there else nothing

    def _get_mine(self):
        """Return the contact who is logged in, and the root company that shows pages,
        with superuser rights; no company where it does not."""
        company = request.env.company.sudo().root_id
        contact = request.env.user.sudo().partner_id
        return contact, company.filtered("ar_account_page_active")

    def _show(self, contact, company, address, search):
        if contact.lang in dict(request.env["res.lang"].get_installed()):
            request.update_context(lang=contact.lang)
        page = request.env["ar.account.page"].sudo()
        values = page._get_values(contact, company, search.strip()[:MOST_SEARCHED])
        return self._say("ar_ledger.account_page", address=address, **values)

    def _send(self, contact, company, move_id):
        page = request.env["ar.account.page"].sudo()
        move = page._get_document(contact, company, move_id)
        if not move:
            return self._say_gone()
        name, content, kind = move._get_ar_pdf()
        response = request.make_response(
            content,
            [
                ("Content-Type", kind),
                ("Content-Disposition", content_disposition(name)),
            ],
        )
        return self._seal(response)

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
