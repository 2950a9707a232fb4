"""The reader of text tables reads what is written and fails on what is not found."""

from datetime import date
from decimal import Decimal

import pytest

from tests.spec.check import check
from tests.spec.tables import compare, read_records, read_tables


def test_cells_become_values():
    (row,) = read_records("deliveries\ndelivery_id accepted_on is_gift unit_price\nD1 10-31 yes 1,000.5")["deliveries"]
    assert row["accepted_on"] == date(2020, 10, 31)
    assert row["is_gift"] is True
    assert row["unit_price"] == Decimal("1000.5")


def test_what_is_left_out_is_usual():
    records = read_records("payments payee_code=D2\npayment_id amount\nP1 5")
    assert records["payments"][0]["payee_code"] == "D2"
    assert records["payments"][0]["channel"] == "hospital"
    assert [i["institution_code"] for i in records["institutions"]] == ["H"]


def test_null_is_nothing_and_quotes_are_the_empty_text():
    (row,) = read_records("invoices\ninvoice_no invoice_code batch_no\n1 '' null")["invoices"]
    assert (row["invoice_code"], row["batch_no"]) == ("", None)


def test_bars_part_cells_that_hold_spaces():
    (table,) = read_tables("findings\nrule | message\na | two words\n")
    assert table.rows == [{"rule": "a", "message": "two words"}]


def test_a_row_with_a_missing_cell_is_refused():
    with pytest.raises(ValueError, match="1 cells for the columns"):
        list(read_tables("returns\nreturn_id status\nR1\n"))


def test_an_unknown_column_is_refused():
    with pytest.raises(KeyError):
        read_records("returns\nreturn_id colour\nR1 red\n")


FOUND = [{"id": "A", "rate": 0.75, "on": date(2020, 10, 31)}, {"id": "B", "rate": None, "on": None}]


@pytest.mark.parametrize(
    "text", ["t\nid rate on\nA 75% 10-31\nB null null", "t\nid rate\nB null\nA 3/4", "t id=A\nrate\n0.75", "t id=C\nrate"]
)
def test_what_is_found(text):
    compare(next(read_tables(text)), FOUND)


@pytest.mark.parametrize(
    "text",
    [
        "t\nid\nA",  # a row is left over
        "t\nid\nA\nA",
        "t\nid rate\nA 74%\nB null",
        "t\nid rate\nA 0.7500000001\nB null",
        "t\nid rate\nA null\nB null",
        "t\nid on\nA 10-30\nB null",
        "t id=C\nrate\n1",
    ],
)
def test_what_is_not_found(text):
    with pytest.raises(AssertionError):
        compare(next(read_tables(text)), FOUND)


@pytest.mark.parametrize("policies", ["", "# none of a site"])
def test_a_wrong_row_of_an_indicator_fails(policies):
    expect = "stock_gap\nproduct_code\nNOTHING_OF_THE_KIND"
    with pytest.raises(AssertionError, match="missing"):
        check("stock_gap", "12-31", "deliveries\ndelivery_id\nD1", expect, policies)
