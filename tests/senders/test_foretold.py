"""What a check says, the night then does: on the sample's dirty files, on files that failed once, and from night to night."""

import shutil
from pathlib import Path

import pytest

from tests.rejects.desk import mend
from tests.validate.good import HOSPITAL

ROOT = Path(__file__).parents[2]
CASES = sorted((Path(__file__).parent / "cases").glob("*"))
BAD = {"delivery_id": "BAD", "unit_price": "x"}


def test_sample(house):
    shutil.copytree(ROOT / "seeds" / "sample", house.landing)
    house.night()
    assert sum(f.rows_rejected for f in house.checked.files) == house.checked.rejected.height > 100
    assert not house.checked.is_good and house.checked.missing["rows"].sum() > 10
    house.night()
    assert {f.status for f in house.checked.files} == {"skipped", "failed"}


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(house, case):
    shutil.copytree(case, house.landing)
    house.night()


def test_nights_that_build_on_each_other(house):
    house.land("deliveries/a.csv", {}, {"delivery_id": "D2"})
    house.land("returns/a.csv", {}, {"return_id": "R2", "delivery_id": "NOWHERE"})
    house.night()
    assert set(house.checked.missing["target"]) == {"institutions", "products", "deliveries"}
    house.land_masters()
    house.night()  # rows that waited come in with what they refer to
    assert house.keys("returns") == ["R1"]
    house.land("deliveries/b.csv", {"delivery_id": "D1", "batch_no": "NEW"}, {}, {}, {"delivery_id": "D3"})
    house.night()
    house.land("institutions/gone.csv", {"is_withdrawn": "是"})
    house.land("deliveries/c.csv", {"delivery_id": "D4"})
    house.night()
    assert house.checked.missing["value"].to_list() == [HOSPITAL]


def test_same_key_twice_in_a_file_and_lines_without_numbers(house):
    house.land_masters()
    house.land("deliveries/twice.csv", {"delivery_id": "X"}, {"delivery_id": "X", "unit_price": "7"}, {}, {})
    house.land("payments/a.csv", {"line_no": "", "amount": "5"}, {"line_no": "", "amount": "6"}, {"line_no": "", "amount": "5"})
    house.night()
    assert [r[0]["code"] for r in house.checked.rejected["reasons"].to_list()] == ["conflicting_key"] * 2


def test_institutions_that_refer_to_each_other(house):
    house.land(
        "institutions/a.csv",
        {},
        {"institution_code": "H33028200002", "parent_institution_code": HOSPITAL},
        {"institution_code": "H33028200003", "parent_institution_code": "H33028299999"},
        {"institution_code": "H33028200004", "parent_institution_code": "H33028200003"},
    )
    house.night()
    assert house.checked.rejected.height == 2


def test_decisions_count(house):
    house.land_masters()
    bad = {"delivery_id": "WAIVED", "ordered_quantity": "-1"}
    house.land("deliveries/bad.csv", bad, {"delivery_id": "GONE", "ordered_quantity": "-2"})
    house.night()
    house.waive("WAIVED")
    house.decide("discard", "GONE")
    house.land("deliveries/again.csv", bad, {"delivery_id": "GONE", "ordered_quantity": "-2"}, {"delivery_id": "D9"})
    house.night()


def test_mended_workbook(house):
    house.land_masters()
    house.land("deliveries/bad.csv", BAD, BAD | {"delivery_id": "BAD2"})
    house.night()
    sheets = house.export(dataset="deliveries")
    house.send_back("deliveries", mend(sheets, unit_price="6.6"))
    assert house.checked.is_good
    house.send_back("deliveries", mend(sheets, unit_price="7.7", 退回编号="f" * 64), "wrong.xlsx")
    assert house.checked.rejected["reasons"].list.first().struct.field("code").to_list() == ["unknown_number"] * 2
