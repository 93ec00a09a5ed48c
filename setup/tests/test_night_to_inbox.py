"""From the books, through the night, to the customer's inbox.

Odoo sends nothing inside its own test cases. So here real Odoo processes work on a
clone of the suite's template, and a real SMTP server says what arrived.
"""

import os
import re
import signal
import time

import pytest
from environment import build, templates
from environment.test_run import temporary_clone
from sending import DELIVER, NIGHT, Company, Inbox, mail_server

BOOKS = """
from odoo import Command

env["base.language.install"].create(
    {"lang_ids": [Command.set(env.ref("base.lang_fr").ids)], "overwrite": True}
).lang_install()
company = env.company
company.write({
    "email": "books@company.example",
    "ar_ledger_active": True,
    "ar_dunning_active": True,
    "ar_dunning_start_date": False,
    "ar_dispute_active": True,
    "ar_dunning_scenario_id": env.ref(
        "ar_dunning_scenario.ar_dunning_scenario_standard").id,
    "ar_dunning_hour_from": 0,
    "ar_dunning_hour_to": 24,
})


def customer(name, lang, **values):
    return env["res.partner"].create(
        {"name": name, "lang": lang, "is_company": True, **values})


def invoice(partner, amount, age):
    due = company._ar_today() - relativedelta(days=age)
    move = env["account.move"].create({
        "move_type": "out_invoice",
        "partner_id": partner.id,
        "invoice_date": due - relativedelta(days=30),
        "invoice_date_due": due,
        "invoice_payment_term_id": False,
        "invoice_line_ids": [Command.create(
            {"name": "Goods", "price_unit": amount, "tax_ids": False})],
    })
    move.action_post()
    return move


english = customer("Harbour Ltd", "en_US", email="harbour@example.com")
french = customer("Auberge du Lac", "fr_FR", email="auberge@example.com")
silent = customer("No Address", "en_US")
disputing = customer("Quarrel & Sons", "en_US", email="quarrel@example.com")
invoice(english, 1250, age=20)
invoice(english, 99, age=6)
invoice(french, 2400.5, age=20)
invoice(silent, 10, age=20)
disputed, kept = invoice(disputing, 777, age=20), invoice(disputing, 55, age=20)
receivable = disputed.line_ids.filtered(lambda l: l.display_type == "payment_term")
env["ar.dispute"]._open(receivable, env["ar.dispute.reason"].search([], limit=1))
print("DISPUTED", disputed.name, "KEPT", kept.name)
env.cr.commit()
"""
BOOKS = "from dateutil.relativedelta import relativedelta\n" + BOOKS
ONE_MORE = """
partner = env["res.partner"].search([("email", "=", "harbour@example.com")])
partner.copy({"name": "Late Riser", "email": "late@example.com"})
for move in env["account.move"].search([("partner_id", "=", partner.id)], limit=1):
    move.copy({
        "partner_id": env["res.partner"].search([("name", "=", "Late Riser")]).id,
        "invoice_date": move.invoice_date, "invoice_date_due": move.invoice_date_due,
    }).action_post()
env["ar.run"].search([("stage", "=", "dunning")]).unlink()
env["ar.run"]._run_night()
env.cr.commit()
"""


@pytest.fixture(scope="module")
def inbox():
    return Inbox()


@pytest.fixture(scope="module")
def company(inbox):
    with build.prepared() as environment:
        template = templates.suite(environment)
        clone = temporary_clone(environment, "inbox", template)
        with mail_server(inbox) as port, clone as name:
            yield Company(environment, name, port)


@pytest.fixture(scope="module")
def numbers(company, inbox):
    """The morning after: books, night, and two workers delivering at the same time."""
    printed = company.run(BOOKS)
    company.run(NIGHT)
    assert not inbox.mails, "the night itself sends nothing"
    company.run(DELIVER, DELIVER)
    return re.search(r"DISPUTED (\S+) KEPT (\S+)", printed).groups()


def text_of(mail):
    """The words of a mail's HTML body, with plain spaces."""
    html = mail.get_body(("html",)).get_content()
    words = re.sub(r"<[^>]+>|&nbsp;|[\u202f\xa0]", " ", html).replace("\ufeff", "")
    return " ".join(words.split())


def test_one_mail_each_and_no_other(numbers, inbox):
    addressees = sorted(addressee for to, _mail in inbox.mails for addressee in to)
    assert addressees == [
        "auberge@example.com",
        "harbour@example.com",
        "quarrel@example.com",
    ]
    ids = {mail["Message-ID"] for _to, mail in inbox.mails}
    assert len(ids) == 3


def test_what_is_sent_and_what_is_not_stands_on_a_row(numbers, company):
    assert company.states() == {
        "Harbour Ltd": "sent",
        "Auberge du Lac": "sent",
        "Quarrel & Sons": "sent",
        "No Address": "failed",
    }
    sent = company.rows(
        "SELECT count(*) FROM ar_dunning_reminder r JOIN mail_message m"
        " ON m.message_id = r.smtp_message_id WHERE r.state = 'sent'"
    )
    assert sent == ["3"], "every mail that left is kept"


@pytest.mark.parametrize(
    ("address", "subject", "words"),
    [
        (
            "harbour@example.com",
            "overdue invoices",
            ["Please ignore this message", "Total to pay", "1,250.00", "1,349.00"],
        ),
        (
            "auberge@example.com",
            "factures échues",
            ["Veuillez ne pas tenir compte", "Total à payer", "Échéance", "2 400,50"],
        ),
    ],
)
def test_in_the_language_of_the_customer(numbers, inbox, address, subject, words):
    (mail,) = inbox.to(address)
    assert subject in mail["Subject"]
    assert "books@company.example" in mail["From"]
    text = text_of(mail)
    assert [word for word in words if word not in text] == []


def test_invoices_are_attached(numbers, inbox):
    (mail,) = inbox.to("harbour@example.com")
    files = list(mail.iter_attachments())
    assert len(files) == 2
    for file in files:
        assert file.get_content_type() == "application/pdf"
        assert file.get_filename().endswith(".pdf")
        assert file.get_content().startswith(b"%PDF")


def test_disputed_invoice_is_not_asked_for(numbers, inbox):
    disputed, kept = numbers
    (mail,) = inbox.to("quarrel@example.com")
    text = text_of(mail)
    assert kept in text and "55.00" in text
    assert disputed not in text and "777" not in text
    assert len(list(mail.iter_attachments())) == 1


def test_second_run_of_the_day_sends_nothing(numbers, company, inbox):
    before = len(inbox.mails)
    company.run(NIGHT + DELIVER)
    assert len(inbox.mails) == before


def test_killed_while_sending_is_told_and_not_repeated(numbers, company, inbox):
    """The mail server has the message and never answers; the process is killed."""
    company.run(ONE_MORE)
    inbox.silent = True
    process = company.start(DELIVER)
    deadline = time.monotonic() + 60
    while not inbox.to("late@example.com") and time.monotonic() < deadline:
        time.sleep(0.1)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    inbox.silent = False
    assert company.states()["Late Riser"] == "sending"
    company.run(DELIVER, DELIVER)
    assert company.states()["Late Riser"] == "uncertain"
    assert len(inbox.to("late@example.com")) == 1
