"""A record corrected more than once: the last correction counts, whatever came before and in whatever order."""

import pytest

from tests.rejects.desk import mend
from tests.rejects.test_round_trip import records, send


@pytest.fixture(autouse=True)
def _masters(house, masters):
    house.begin_as(masters)


def payments(house):
    return house.records("payments").select("payment_id", "amount_fen").rows()


def mended(house, sheets, name, **cells):
    """A mended workbook laid into the landing zone as csv, to be taken in by the next night."""
    header, *rows = list(mend(sheets, **cells).values())[1]
    text = "\n".join(",".join(f'"{cell or ""}"' for cell in row) for row in (header, *rows))
    (house.landing / "payments" / name).write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize("nights", [("ABC",), ("AB", "C"), ("A", "B", "C")])
def test_of_several_corrections_of_one_record_the_last_counts(nights, house):
    send(house, {"amount": "x"})
    sheets = house.export()
    for names in nights:
        for name in names:
            mended(house, sheets, f"{name}.csv", 付款金额="66", 付款单号=f"P{name}")
        house.night()
    assert payments(house) == [("PC", 6600)]
    assert {state for _, state, _ in records(house)} == {"resolved"}


def test_a_correction_that_is_accepted_late_does_not_replace_a_later_one(house):
    send(house, {"amount": "x"})
    sheets = house.export()
    mended(house, sheets, "A.csv", 付款金额="66", 付款单号="PA", 医疗机构编码="H33028200009")
    house.night()
    mended(house, sheets, "B.csv", 付款金额="66", 付款单号="PB")
    house.land("institutions/b.csv", {"institution_code": "H33028200009"})
    house.night()
    house.night()
    assert payments(house) == [("PB", 6600)]


def test_what_a_correction_had_replaced_stands_again_once_it_is_corrected(house):
    send(house, {}, name="first.csv")
    send(house, {"id": "P2", "amount": "x"}, name="second.csv")
    sheets = house.export()
    house.send_back("payments", mend(sheets, 付款金额="70", 付款单号="P1"))
    assert payments(house) == [("P1", 7000)]
    house.send_back("payments", mend(sheets, 付款金额="70", 付款单号="P3"), "again.xlsx")
    assert payments(house) == [("P1", 6600), ("P3", 7000)]


def test_a_retry_between_counts_nothing_twice(house):
    send(house, {"amount": "x"})
    sheets = house.export()
    house.send_back("payments", mend(sheets, 付款金额="y", 付款单号="PA"))
    house.decide("retry", "1")
    house.send_back("payments", mend(sheets, 付款金额="66", 付款单号="PB"), "b.xlsx")
    house.send_back("payments", mend(sheets, 付款金额="66", 付款单号="PC"), "c.xlsx")
    assert payments(house) == [("PC", 6600)]


def test_an_untouched_row_of_an_old_workbook_is_no_new_version(house):
    send(house, {"place": "H9"}, {"id": "P2", "amount": "x"})
    sheets = house.export()
    house.land("institutions/b.csv", {"institution_code": "H9"})
    send(house, {"place": "H9", "amount": "99"}, name="later.csv")
    house.send_back("payments", sheets)
    assert payments(house) == [("P1", 9900)]
    assert sorted(state for _, state, _ in records(house)) == ["open", "superseded"]


def test_an_untouched_row_does_not_open_a_resolved_record_again(house):
    send(house, {"amount": "x"})
    sheets = house.export()
    house.send_back("payments", mend(sheets, 付款金额="66"))
    house.send_back("payments", sheets, "old.xlsx")
    assert [state for _, state, _ in records(house)] == ["resolved"]


def test_a_number_may_be_shortened_as_lists_print_it(house):
    send(house, {"amount": "x"})
    ((number, _, _),) = records(house)
    house.send_back("payments", mend(house.export(), 退回编号=number[:12], 付款金额="66", 付款单号="P9"))
    assert ([state for _, state, _ in records(house)], payments(house)) == (["resolved"], [("P9", 6600)])


@pytest.mark.parametrize("number", ["--", "无"])
def test_a_number_that_is_a_placeholder_is_none(number, house):
    send(house, {"amount": "x"})
    house.send_back("payments", mend(house.export(), 退回编号=number, 付款金额="66"))
    assert payments(house) == [("P1", 6600)]


@pytest.mark.parametrize("shape", [{"amount": "￥1000.5"}, {"amount": " 1000.500 "}, {"amount": "１０００．５"}, {"no": "1.0"}])
def test_a_discarded_row_sent_again_in_another_shape_stays_discarded(shape, house):
    bad = {"amount": "1000.50", "day": "昨天"}
    send(house, bad)
    house.decide("discard", "P1")
    send(house, bad | shape, name="another.csv")
    assert [state for _, state, _ in records(house)] == ["discarded"]
