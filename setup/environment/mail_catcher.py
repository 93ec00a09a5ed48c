"""The demo's mailbox: receives all mail by SMTP and shows it in the browser.

Runs with the environment's Python, on this machine's loopback address only. Mails are
kept as files, so they are still there at the next start.
"""

import argparse
import email.policy
import html
import mimetypes
import time
from dataclasses import dataclass
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import quote

LOOPBACK = "127.0.0.1"
# A mail may show what it carries, and load nothing from anywhere.
CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
STYLE = """
* { box-sizing: border-box; }
body { font: 15px system-ui, sans-serif; margin: 2rem auto; max-width: 70rem;
       padding: 0 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ddd; }
iframe { width: 100%; height: 36rem; border: 1px solid #ddd; }
pre { white-space: pre-wrap; border: 1px solid #ddd; padding: 1rem; }
"""


@dataclass(frozen=True)
class Mailbox:
    """Received mails, one file each, named by the order of their arrival."""

    folder: Path

    def add(self, content, recipients):
        """Store a mail as it came, with the addresses it was really sent to."""
        self.folder.mkdir(parents=True, exist_ok=True)
        header = f"X-Delivered-To: {', '.join(recipients)}\r\n".encode()
        path = self.folder / f"{time.time_ns()}.eml"
        partial = path.with_suffix(".partial")
        partial.write_bytes(header + content)
        partial.rename(path)

    def numbers(self):
        """The numbers of all mails, latest first."""
        return sorted((path.stem for path in self.folder.glob("*.eml")), reverse=True)

    def read(self, number):
        """The mail of a number, None when there is none."""
        path = self.folder / f"{number}.eml"
        if not number.isdigit() or not path.is_file():
            return None
        return email.message_from_bytes(path.read_bytes(), policy=email.policy.default)


class Receiver:
    """What aiosmtpd calls for every mail."""

    def __init__(self, mailbox):
        self.mailbox = mailbox

    async def handle_DATA(self, _server, _session, envelope):
        self.mailbox.add(envelope.original_content, envelope.rcpt_tos)
        return "250 Message accepted"


def attachments(mail):
    """The files that a mail carries."""
    return list(mail.iter_attachments())


def file_name(part, position):
    """A name for an attachment, also for one that came without."""
    suffix = mimetypes.guess_extension(part.get_content_type()) or ""
    return part.get_filename() or f"attachment-{position + 1}{suffix}"


def list_page(mailbox):
    rows = "".join(_row(number, mailbox.read(number)) for number in mailbox.numbers())
    empty = "<p>No mail yet. What the demo sends arrives here.</p>"
    heads = "".join(f"<th>{h}</th>" for h in ("Date", "To", "Subject", "Files"))
    table = f"<table><tr>{heads}</tr>{rows}</table>"
    refresh = '<meta http-equiv="refresh" content="10">'
    return page("Mails of the demo", table if rows else empty, refresh)


def _row(number, mail):
    names = [file_name(part, i) for i, part in enumerate(attachments(mail))]
    subject = html.escape(str(mail["Subject"] or "(no subject)"))
    cells = (
        html.escape(str(mail["Date"] or "")),
        html.escape(str(mail["X-Delivered-To"])),
        f'<a href="/mail/{number}">{subject}</a>',
        html.escape(", ".join(names)),
    )
    return "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"


def mail_page(number, mail):
    """One mail: its head, its files, and its text in both forms it may have."""
    heads = "".join(
        f"<tr><th>{name}</th><td>{html.escape(str(mail[name]))}</td></tr>"
        for name in ("Date", "From", "To", "Cc", "X-Delivered-To", "Message-ID")
        if mail[name]
    )
    files = "".join(
        f'<li><a href="/mail/{number}/{position}/{quote(file_name(part, position))}">'
        f"{html.escape(file_name(part, position))}</a></li>"
        for position, part in enumerate(attachments(mail))
    )
    body = f"<table>{heads}</table><ul>{files}</ul>{_written(mail)}"
    body += (
        f'<p><a href="/">All mails</a> · <a href="/mail/{number}/raw">Source</a></p>'
    )
    return page(str(mail["Subject"] or "(no subject)"), body)


def _written(mail):
    """The HTML form, shut in a frame that may run nothing, and the plain text."""
    rich, plain = mail.get_body(("html",)), mail.get_body(("plain",))
    shown = ""
    if rich:
        source = html.escape(_text(rich))
        shown += f'<iframe sandbox srcdoc="{source}"></iframe>'
    if plain:
        shown += f"<pre>{html.escape(_text(plain))}</pre>"
    return shown


def _text(part):
    """The text of a part, as well as it can be read."""
    try:
        return part.get_content()
    except LookupError:  # a charset that nobody knows
        return part.get_payload(decode=True).decode("utf-8", "replace")


def page(title, body, head=""):
    title = html.escape(title)
    return (
        f'<!DOCTYPE html><html lang="en"><meta charset="utf-8">{head}'
        f"<title>{title}</title><style>{STYLE}</style><h1>{title}</h1>{body}</html>"
    )


class Reader(BaseHTTPRequestHandler):
    """Answers the browser: /, /mail/N, /mail/N/raw, /mail/N/POSITION/NAME."""

    mailbox = None

    def do_GET(self):
        parts = self.path.strip("/").split("/")
        if parts == [""]:
            return self._answer(list_page(self.mailbox).encode())
        mail = len(parts) > 1 and parts[0] == "mail" and self.mailbox.read(parts[1])
        if not mail:
            return self.send_error(HTTPStatus.NOT_FOUND)
        if len(parts) == 2:
            return self._answer(mail_page(parts[1], mail).encode())
        if parts[2] == "raw":
            return self._answer(mail.as_bytes(), "text/plain; charset=utf-8")
        return self._answer_file(attachments(mail), parts[2])

    def _answer_file(self, parts, position):
        if not position.isdigit() or int(position) >= len(parts):
            return self.send_error(HTTPStatus.NOT_FOUND)
        part = parts[int(position)]
        content = part.get_payload(decode=True) or part.as_bytes()
        return self._answer(content, part.get_content_type(), download=True)

    def _answer(self, content, kind="text/html; charset=utf-8", download=False):
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Content-Security-Policy", CONTENT_POLICY)
        self.send_header("X-Content-Type-Options", "nosniff")
        if download:
            self.send_header("Content-Disposition", "attachment")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments):
        """Keep the demo's terminal free of a line per request."""


def serve(folder, smtp_port, web_port):
    """Receive and show mails until the process is stopped."""
    from aiosmtpd.controller import Controller

    mailbox = Mailbox(folder)
    Controller(Receiver(mailbox), hostname=LOOPBACK, port=smtp_port).start()
    reader = type("MailboxReader", (Reader,), {"mailbox": mailbox})
    ThreadingHTTPServer((LOOPBACK, web_port), reader).serve_forever()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("smtp_port", type=int)
    parser.add_argument("web_port", type=int)
    options = parser.parse_args()
    try:
        serve(options.folder, options.smtp_port, options.web_port)
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
