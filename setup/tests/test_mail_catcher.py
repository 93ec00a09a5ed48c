"""The demo's mailbox shows what a real SMTP client sent, and nothing else happens."""

import os
import smtplib
import subprocess
import sys
import time
import urllib.error
import urllib.request
from email.message import EmailMessage

import pytest
from environment import addons
from environment.demo import free_port, stop

PDF = b"%PDF-1.4 not really"


@pytest.fixture
def mailbox(tmp_path):
    """The ports (SMTP, web) of a running mailbox."""
    ports = free_port(), free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "environment.mail_catcher", tmp_path, *map(str, ports)],
        env={**os.environ, "PYTHONPATH": str(addons.CLONE / "setup")},
    )
    wait_for(ports[1])
    yield ports
    stop(process)


def wait_for(port):
    for _attempt in range(100):
        try:
            return fetch(port, "/")
        except urllib.error.URLError:
            time.sleep(0.1)
    raise AssertionError("the mailbox did not start")


def fetch(port, path):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return answer.read(), answer.headers


def send(port, subject):
    mail = EmailMessage()
    mail["From"], mail["To"] = "us@example.com", "visible@example.com"
    mail["Subject"] = subject
    mail.set_content("Plain: 10 €")
    mail.add_alternative("<p>Rich <script>alert(1)</script></p>", subtype="html")
    mail.add_attachment(PDF, maintype="application", subtype="pdf", filename="réf.pdf")
    with smtplib.SMTP("127.0.0.1", port) as client:
        client.send_message(mail, to_addrs=["really@example.com"])


def test_mail_is_listed_shown_and_its_file_downloaded(mailbox):
    smtp_port, web_port = mailbox
    assert b"No mail yet" in fetch(web_port, "/")[0]
    send(smtp_port, "Réf <b>42</b>")
    listed = fetch(web_port, "/")[0].decode()
    assert "Réf &lt;b&gt;42&lt;/b&gt;" in listed
    assert "really@example.com" in listed
    assert "réf.pdf" in listed
    path = listed.split('href="')[1].split('"')[0]
    shown, headers = fetch(web_port, path)
    assert "Plain: 10 €" in shown.decode()
    assert "<script>" not in shown.decode()
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    content, headers = fetch(web_port, f"{path}/0/ref.pdf")
    assert content == PDF
    assert headers["Content-Disposition"] == "attachment"
    assert b"visible@example.com" in fetch(web_port, f"{path}/raw")[0]


@pytest.mark.parametrize("path", ["/x", "/mail/1", "/mail/..%2f1", "/mail/a/0/b"])
def test_unknown_addresses_are_not_found(mailbox, path):
    with pytest.raises(urllib.error.HTTPError, match="404"):
        fetch(mailbox[1], path)


def test_a_charset_nobody_knows(mailbox):
    smtp_port, web_port = mailbox
    with smtplib.SMTP("127.0.0.1", smtp_port) as client:
        client.sendmail(
            "us@example.com",
            ["they@example.com"],
            b"Subject: Odd\r\nContent-Type: text/plain; charset=x-none\r\n\r\nHello",
        )
    listed = fetch(web_port, "/")[0].decode()
    path = listed.split('href="')[1].split('"')[0]
    assert b"Hello" in fetch(web_port, path)[0]
