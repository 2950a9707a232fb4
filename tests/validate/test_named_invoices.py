"""Receipts and payments that name an invoice: leading zeros that were lost, and what brings such a row back."""

import pytest

from tests.validate.good import HOSPITAL

FULL = {"invoice_code": "033002204130", "invoice_no": "00012345"}
RUINED = {"invoice_code": "33002204130", "invoice_no": "12345"}


@pytest.fixture
def invoiced(house):
    """A house in which a receipt names the invoice FULL."""
    house.land_masters()
    house.land("deliveries/a.csv", FULL)
    house.night()
    return house


def reason(house):
    (found,) = house.register().filter(state="open")["reasons"].to_list()
    (only,) = found
    return only


@pytest.mark.parametrize(
    "named",
    [
        RUINED,
        FULL | {"invoice_no": "12345"},
        FULL | {"invoice_code": "33002204130"},
        {"invoice_code": "", "invoice_no": "12345"},
    ],
)
def test_a_number_that_lost_its_zeros_is_rejected_with_the_right_one(invoiced, named):
    invoiced.land("payments/a.csv", named)
    invoiced.night()
    told = reason(invoiced)
    assert (told["code"], told["column"]) == ("lost_zeros", "invoice_code、invoice_no")
    assert "033002204130-00012345" in told["message_zh"]


@pytest.mark.parametrize(
    "named",
    [
        FULL,
        {"invoice_code": "33002204130", "invoice_no": "54321"},
        {"invoice_code": "", "invoice_no": "12345", "payee_code": "E2"},
        {"invoice_code": "", "invoice_no": ""},
    ],
)
def test_what_names_an_invoice_on_file_or_nothing_at_all_is_accepted(invoiced, named):
    invoiced.land("payments/a.csv", named)
    invoiced.night()
    assert (invoiced.keys("payments"), invoiced.states()) == (["1"], [])


@pytest.mark.parametrize("order", [["deliveries", "payments"], ["payments", "deliveries"]])
def test_invoices_of_the_same_night_are_on_file_whatever_the_order_of_files(house, order):
    house.land_masters()
    for n, dataset in enumerate(order):
        house.land(f"{dataset}/1{n}.csv", RUINED if dataset == "payments" else FULL)
    house.night()
    assert (house.keys("payments"), reason(house)["code"]) == ([], "lost_zeros")


def test_a_receipt_is_held_against_invoices_and_a_payment_against_both(house):
    house.land_masters()
    house.land("deliveries/a.csv", RUINED)
    house.land("payments/a.csv", RUINED)
    house.land("invoices/a.csv", FULL)
    house.night()
    assert house.reasons() == ["lost_zeros", "lost_zeros"]


def test_the_row_is_accepted_once_it_comes_with_the_right_number(invoiced):
    invoiced.land("payments/a.csv", RUINED)
    invoiced.night()
    invoiced.land("payments/b.csv", FULL)
    invoiced.night()
    assert (invoiced.keys("payments"), invoiced.states()) == (["1"], [("1", "resolved")])


@pytest.mark.parametrize("change", [{"is_withdrawn": "1"}, {"invoice_code": "", "invoice_no": "20332000000012345671"}])
def test_the_row_is_accepted_by_itself_once_no_such_invoice_is_on_file(invoiced, change):
    invoiced.land("payments/a.csv", RUINED)
    invoiced.night()
    invoiced.land("deliveries/b.csv", FULL | change)
    invoiced.night()
    assert (invoiced.keys("payments"), invoiced.states()) == (["1"], [("1", "resolved")])


def test_a_row_that_is_an_invoice_on_file_as_it_is_lost_nothing(invoiced):
    invoiced.land("deliveries/b.csv", RUINED | {"delivery_id": "D2", "institution_code": HOSPITAL})
    invoiced.land("payments/a.csv", RUINED)
    invoiced.night()
    assert invoiced.keys("payments") == ["1"]
