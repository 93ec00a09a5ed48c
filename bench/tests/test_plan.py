"""The ledger adds up, to the cent and in both currencies, and is always the same."""

from collections import Counter, defaultdict

import pytest
from benchmark import plan

SIZE = plan.Size("test", 100, 8_000, 200)


@pytest.fixture(scope="module")
def ledger():
    return plan.Ledger(SIZE)


def items_of(ledger):
    posted = [each for each in ledger.documents if each.kind != "draft"]
    return [item for owner in posted + ledger.payments for item in owner.items]


def test_same_size_gives_the_same_ledger(ledger):
    again = plan.Ledger(SIZE)
    facts = [
        [
            (document.kind, document.customer, document.day, document.total)
            for document in each.documents
        ]
        for each in (ledger, again)
    ]
    assert facts[0] == facts[1]
    assert len(ledger.documents) == SIZE.invoices


def test_every_customer_buys_and_has_one_currency(ledger):
    customers = {document.customer for document in ledger.documents}
    assert customers == set(range(SIZE.customers))
    assert {plan.currency_of(number) for number in range(1000)} == {0, 1, 2}


def test_all_that_is_to_be_found_occurs(ledger):
    kinds = Counter(document.kind for document in ledger.documents)
    assert all(kinds[kind] for kind in ("invoice", "refund", "draft"))
    assert any(len(document.items) == 2 for document in ledger.documents)
    assert any(document.is_reversed for document in ledger.documents)
    partly = [item for item in items_of(ledger) if 0 < item.residual < item.amount]
    on_account = [item for item in items_of(ledger) if item.residual < 0]
    assert partly and on_account
    assert {order.state for order in ledger.orders} == {"draft", "sent", "sale"}
    assert {group.is_full for group in ledger.groups} == {True, False}


def test_amounts_never_need_rounding(ledger):
    for item in items_of(ledger):
        plan.in_company_currency(item.amount, item.owner.customer)
        plan.in_company_currency(item.residual, item.owner.customer)
    for document in ledger.documents:
        assert document.untaxed * plan.TAX_PERCENT % 100 == 0
        plan.in_company_currency(document.tax, document.customer)
        for line in document.lines:
            plan.in_company_currency(line.untaxed, document.customer)


def test_rounding_is_refused():
    european = next(n for n in range(100) if plan.currency_of(n) == 1)
    assert plan.in_company_currency(8, european) == 10
    with pytest.raises(AssertionError):
        plan.in_company_currency(1, european)


def test_instalments_add_up_to_the_document(ledger):
    for document in ledger.documents:
        sign = -1 if document.kind == "refund" else 1
        assert sum(item.amount for item in document.items) == sign * document.total


def test_residuals_are_what_the_matches_leave(ledger):
    settled = defaultdict(int)
    for match in ledger.matches:
        assert match.amount > 0
        assert match.debit.owner.customer == match.credit.owner.customer
        settled[id(match.debit)] += match.amount
        settled[id(match.credit)] -= match.amount
    for item in items_of(ledger):
        assert item.residual == item.amount - settled[id(item)]
        assert 0 <= item.residual * (1 if item.amount > 0 else -1) <= abs(item.amount)


def test_a_group_is_full_when_nothing_of_it_is_open(ledger):
    still_open = defaultdict(int)
    for match in ledger.matches:
        open_items = abs(match.debit.residual) + abs(match.credit.residual)
        still_open[id(match.group)] += open_items
    for group in ledger.groups:
        assert group.is_full == (not still_open[id(group)])


def test_orders_are_invoiced_by_their_documents(ledger):
    for document in ledger.documents:
        if document.order:
            quantities = [line.quantity for line in document.lines]
            assert document.order.invoiced == quantities
            assert document.order.is_posted == (document.kind == "invoice")
    for order in ledger.orders:
        for line, delivered, invoiced in zip(
            order.lines, order.delivered, order.invoiced, strict=True
        ):
            assert 0 <= delivered <= line.quantity >= invoiced


def test_nothing_happens_after_the_last_day(ledger):
    owners = [*ledger.documents, *ledger.payments, *ledger.orders]
    assert max(owner.day for owner in owners) <= 0
    assert plan.calendar_day(0) == plan.LAST_DAY


def test_fingerprint_follows_the_size():
    digests = {plan.fingerprint(size) for size in plan.SIZES.values()}
    assert len(digests) == len(plan.SIZES)
