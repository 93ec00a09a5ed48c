"""Pages for who holds a signed link."""

from odoo.http import content_disposition, request
from odoo.tools.mimetypes import guess_mimetype

#: How a page behind a link is routed. Reading it writes the log of the link's uses.
BY_LINK = {
    "type": "http",
    "auth": "public",
    "website": True,
    "methods": ["GET"],
    "sitemap": False,
    "readonly": False,
}

#: Files that come with one answer, and their bytes together.
MOST_FILES = 5
MOST_BYTES = 20 * 1024 * 1024
#: What pictures, scans, documents, tables and mails are made of. Told by the content,
#: whatever the name says.
TAKEN_TYPES = (
    "application/pdf",
    "application/msword",
    "application/vnd.ms-excel",
    "application/vnd.oasis.opendocument",
    "application/vnd.openxmlformats-officedocument",
    "image/bmp",
    "image/gif",
    "image/heic",
    "image/jpeg",
    "image/png",
    "image/tiff",
    "image/webp",
    "message/rfc822",
    "text/csv",
    "text/plain",
)
#: What a computer may run although it is made of letters.
NEVER_TAKEN = (
    ".bat",
    ".cmd",
    ".htm",
    ".html",
    ".js",
    ".ps1",
    ".py",
    ".sh",
    ".svg",
    ".vbs",
)


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

    def _take_files(self, field):
        """Return (list of (name, bytes), None) of the files that came in a field of a
        form; (empty list, a sentence) where they are not taken."""
        if (request.httprequest.content_length or 0) > MOST_BYTES:
            size = MOST_BYTES // 1024 // 1024
            return [], request.env._(
                "The files are too big together: at most %(size)s MB.", size=size
            )
        sent = request.httprequest.files.getlist(field)
        sent = [file for file in sent if file.filename]
        if len(sent) > MOST_FILES:
            return [], request.env._(
                "At most %(count)s files can be sent at once.", count=MOST_FILES
            )
        return self._check_files([(file.filename, file.read()) for file in sent])

    def _check_files(self, files):
        for name, content in files:
            if not content or not self._is_taken(name, content):
                return [], request.env._(
                    "%(name)s cannot be taken: send pictures, PDF, documents, tables "
                    "or mails.",
                    name=name[:80],
                )
        return [(name[-100:], content) for name, content in files], None

    def _is_taken(self, name, content):
        is_harmless = not name.lower().endswith(NEVER_TAKEN)
        return is_harmless and guess_mimetype(content).startswith(TAKEN_TYPES)
