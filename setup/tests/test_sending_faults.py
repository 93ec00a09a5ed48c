"""Never twice, never lost: mail servers that misbehave, and processes that are killed.

Counted where it matters, at the mail server: by Message-ID, and by customer, each of
whom has one item at one step.
"""

import asyncio
import os
import random
import signal
import time
from collections import Counter
from contextlib import ExitStack

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP
from environment import build, templates
from environment.test_run import temporary_clone
from sending import DELIVER, NIGHT, Company, Inbox, mail_server

BOOKS = """
from dateutil.relativedelta import relativedelta
from odoo import Command

company = env.company
company.write({
    "email": "books@company.example",
    "ar_ledger_active": True,
    "ar_dunning_active": True,
    "ar_dunning_start_date": False,
    "ar_dunning_scenario_id": env.ref(
        "ar_dunning_scenario.ar_dunning_scenario_standard").id,
    "ar_dunning_hour_from": 0,
    "ar_dunning_hour_to": 24,
})
due = company._ar_today() - relativedelta(days=20)
partners = env["res.partner"].create([
    {"name": name, "email": f"{name}@example.com", "is_company": True}
    for name in NAMES
])
moves = env["account.move"].create([{
    "move_type": "out_invoice",
    "partner_id": partner.id,
    "invoice_date": due,
    "invoice_date_due": due,
    "invoice_payment_term_id": False,
    "invoice_line_ids": [Command.create(
        {"name": "Goods", "price_unit": 100, "tax_ids": False})],
} for partner in partners])
moves.action_post()
env.cr.commit()
"""
#: The quarter of an hour is over.
AGAIN = """
env.cr.execute("UPDATE ar_dunning_message SET next_attempt = now() - interval '1 day'"
               " WHERE next_attempt IS NOT NULL")
env.cr.commit()
"""
#: Says when it begins to send, so that the blow can fall meanwhile.
LOUD_DELIVER = 'print("SENDING", flush=True)\n' + DELIVER


class Misbehaving(SMTP):
    """Does to each addressee what the address says, until told to behave."""

    async def smtp_DATA(self, arg):
        addressees = self.envelope.rcpt_tos
        if self.event_handler.angry and "drop@example.com" in addressees:
            await self.push("354 Go on")
            await self._reader.read(200)
            self.transport.abort()
            return
        await super().smtp_DATA(arg)


class Peer(Inbox):
    angry: bool = True

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        answers = {"later@example.com": "451 Later", "never@example.com": "550 No"}
        if self.angry and address in answers:
            return answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        slow = self.angry and "slow@example.com" in envelope.rcpt_tos
        await asyncio.sleep(3 if slow else 0.05)
        return await super().handle_DATA(server, session, envelope)

    def counts(self):
        """How often each customer and each Message-ID arrived."""
        customers = Counter(to.split("@")[0] for tos, _mail in self.mails for to in tos)
        ids = Counter(mail["Message-ID"] for _tos, mail in self.mails)
        return customers, ids


class MisbehavingController(Controller):
    def factory(self):
        return Misbehaving(self.handler, **self.SMTP_kwargs)


@pytest.fixture(scope="module")
def new_company():
    """Return a company with overdue customers of the given names, planned."""
    with build.prepared() as environment:
        template = templates.suite(environment)

        def prepare(stack, inbox, names, controller=Controller):
            clone = stack.enter_context(
                temporary_clone(environment, "faults", template)
            )
            port = stack.enter_context(mail_server(inbox, controller))
            company = Company(environment, clone, port)
            company.run(BOOKS.replace("NAMES", repr(names)))
            company.run(NIGHT)
            return company

        yield prepare


@pytest.fixture
def stack():
    with ExitStack() as stack:
        yield stack


def messages(company):
    """The state, reason and next attempt of each customer's message."""
    rows = company.rows(
        "SELECT p.name, m.state, coalesce(m.failure_code, ''),"
        " m.next_attempt IS NOT NULL FROM ar_dunning_message m"
        " JOIN res_partner p ON p.id = m.commercial_partner_id"
    )
    return {name: tuple(rest) for name, *rest in (row.split("|") for row in rows)}


def test_mail_server_that_misbehaves(new_company, stack):
    peer = Peer()
    names = ["fine", "later", "never", "drop", "slow", "also"]
    company = new_company(stack, peer, names, MisbehavingController)
    company.run(DELIVER)
    assert messages(company) == {
        "fine": ("sent", "", "f"),
        "also": ("sent", "", "f"),
        "slow": ("sent", "", "f"),
        "later": ("failed", "refused", "t"),
        "never": ("failed", "refused", "f"),
        "drop": ("uncertain", "broken", "f"),
    }
    peer.angry = False
    company.run(DELIVER)
    assert "later" not in peer.counts()[0], "not before its time"
    company.run(AGAIN + DELIVER, DELIVER)
    customers, ids = peer.counts()
    assert customers == Counter(["fine", "also", "slow", "later"])
    assert set(ids.values()) == {1}


def test_no_mail_server(new_company, stack):
    peer = Peer()
    company = new_company(stack, peer, ["one", "two"])
    port, company.port = company.port, 1
    company.run(DELIVER)
    assert set(messages(company).values()) == {("failed", "connect", "t")}
    company.port = port
    company.run(AGAIN + DELIVER)
    assert set(messages(company).values()) == {("sent", "", "f")}
    assert set(peer.counts()[0].values()) == {1}


@pytest.mark.parametrize("kills", [10, pytest.param(50, marks=pytest.mark.slow)])
def test_killed_at_random_moments(new_company, stack, kills):
    seed = int(os.environ.get("SEED") or random.randrange(10**6))
    print(f"SEED={seed}")
    moments = random.Random(seed)
    peer = Peer()
    names = [f"customer{number}" for number in range(4 * kills)]
    company = new_company(stack, peer, names)
    for _kill in range(kills):
        process = company.start(LOUD_DELIVER)
        assert any("SENDING" in line for line in process.stdout)
        time.sleep(moments.uniform(0, 4))
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    for _rest in range(kills):
        company.run(DELIVER, DELIVER)
        if "queued" not in {state for state, *_more in messages(company).values()}:
            break
    customers, ids = peer.counts()
    assert set(ids.values()) == {1}, f"SEED={seed}"
    assert set(customers.values()) == {1}, f"SEED={seed}"
    found = messages(company)
    assert set(found) == set(names)
    states = {name: state for name, (state, *_rest) in found.items()}
    arrived = set(customers)
    sent = {name for name in names if states[name] == "sent"}
    uncertain = {name for name in names if states[name] == "uncertain"}
    assert sent <= arrived, f"SEED={seed}"
    assert arrived <= sent | uncertain, f"SEED={seed}"
    assert sent | uncertain == set(names), f"SEED={seed}"
    assert len(uncertain) <= kills
    print(f"sent {len(sent)}, uncertain {len(uncertain)}, arrived {len(arrived)}")
