"""Rows keep what Odoo wrote, but for what is said otherwise."""

import pytest
from benchmark.fill_rows import Rows, as_text, money


@pytest.fixture
def written():
    return []


@pytest.fixture
def rows(written):
    prototypes = {("group", ""): {"id": 7, "note": "100%\tsure", "who": None}}
    facts = {"first_id": {"group": 8}}
    return Rows(None, prototypes, facts, lambda *row: written.append(row))


def test_a_row_is_its_prototype_with_other_values(rows, written):
    rows.put("group", "", id=8)
    assert written == [("group", "8\t100%\\tsure\t\\N")]


def test_a_column_that_odoo_does_not_have_is_refused(rows):
    with pytest.raises(KeyError, match="account_full_reconcile"):
        rows.put("group", "", nothing=1)


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, "\\N"), (True, "t"), (False, "f"), (1.5, "1.5"), ("a\\b\n", "a\\\\b\\n")],
)
def test_values_are_written_as_copy_reads_them(value, text):
    assert as_text(value) == text


@pytest.mark.parametrize(
    ("hundredths", "text"), [(0, "0.00"), (-5, "-0.05"), (123456, "1234.56")]
)
def test_money(hundredths, text):
    assert money(hundredths) == text
