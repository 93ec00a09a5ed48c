"""Pages for who holds a signed link."""

from odoo.http import content_disposition, request

#: How a page behind a link is routed. Reading it writes the log of the link's uses.
BY_LINK = {
    "type": "http",
    "auth": "public",
    "website": True,
    "methods": ["GET"],
    "sitemap": False,
    "readonly": False,
}


class SealedPage:
    """Answers whose address opens something: it is told to nobody and kept by
    nobody."""

    def _say(self, template, status=200, **values):
        """Return the page of a template."""
        response = request.render(template, values)
        response.status_code = status
        return self._seal(response)

    def _send_file(self, name, content, mime_type):
        """Return a file to be kept."""
        headers = [
            ("Content-Type", mime_type),
            ("Content-Disposition", content_disposition(name)),
        ]
        return self._seal(request.make_response(content, headers))

    def _seal(self, response):
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        response.headers["Cache-Control"] = "no-store"
        return response
