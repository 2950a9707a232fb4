"""A night settled: what is accepted, what waits for its reference, what is done again after a kill."""

import pytest

from schemas.records import RECORDS
from schemas.records.model import BOUNDS
from tests.validate.good import HOSPITAL, OTHER_PRODUCT

BRANCH, WARD = "H33028200002", "H33028200003"


def counts(batch):
    return [(f["path"], f["rows_read"], f["rows_accepted"], f["rows_rejected"], f["rows_duplicate"]) for f in batch.files]


def test_rows_read_are_accepted_rejected_or_repeated(house):
    house.land_masters()
    house.land("payments/a.csv", {}, {}, {"payment_id": "P2", "amount": "x"}, {"payment_id": "P3", "institution_code": "H9"})
    assert counts(house.night())[-1] == ("payments/a.csv", 4, 1, 2, 1)


def test_unknown_reference_is_accepted_once_it_arrives(house):
    house.land("deliveries/a.csv")
    house.night()
    assert (house.keys("deliveries"), house.reasons()) == ([], ["unknown_reference"] * 2)
    house.land("institutions/a.csv")
    house.night()
    assert (house.keys("deliveries"), house.reasons()) == ([], ["unknown_reference"])
    house.land("products/a.csv")
    house.night()
    assert (house.keys("deliveries"), house.states()) == (["D1"], [("D1", "resolved")])


def test_row_accepted_late_keeps_its_place(house):
    house.land("deliveries/a.csv")
    place = house.night().files[0]["seq"]
    house.land_masters()
    house.land("deliveries/00.csv", {"delivery_id": "D2"})
    house.night()
    placed = dict(house.records("deliveries").select("delivery_id", "_file").iter_rows())
    assert placed["D1"] == place < placed["D2"]


def test_row_accepted_late_never_replaces_a_later_version(house):
    house.land_masters()
    house.night()
    house.land("deliveries/a.csv", {"product_code": OTHER_PRODUCT})
    house.night()
    house.land("deliveries/b.csv", {"batch_no": "NEW"})
    house.night()
    house.land("products/b.csv", {"product_code": OTHER_PRODUCT})
    house.night()
    assert house.records("deliveries")["batch_no"].to_list() == ["NEW"]
    assert dict(house.states())["D1"] in ("resolved", "superseded")


def test_of_two_versions_that_waited_the_later_one_stands(house):
    for batch in ("OLD", "NEW"):
        house.land(f"deliveries/{batch}.csv", {"batch_no": batch})
        house.night()
    house.land_masters()
    (house.landing / "deliveries" / "00.csv").unlink()
    house.night()
    assert house.records("deliveries")["batch_no"].to_list() == ["NEW"]
    assert [state for _, state in house.states() if state == "open"] == []


def test_chain_of_waiting_rows_resolves_in_one_night(house):
    for path in ("returns/a.csv", "deliveries/a.csv", "products/a.csv"):
        house.land(path)
        house.night()
    assert house.states() == [("D1", "open"), ("R1", "open")]
    house.land("institutions/a.csv")
    house.night()
    assert (house.keys("returns"), house.keys("deliveries")) == (["R1"], ["D1"])
    assert house.states() == [("D1", "resolved"), ("R1", "resolved")]


def test_reference_of_the_same_night_counts_whatever_the_file_order(house):
    house.land("deliveries/a.csv")
    house.land("products/z.csv")
    house.land("institutions/z.csv")
    house.night()
    assert house.keys("deliveries") == ["D1"]


def test_rejected_reference_is_none(house):
    house.land("products/a.csv", {"units_per_pack": "0"})
    house.land("institutions/a.csv")
    house.land("deliveries/a.csv")
    house.night()
    assert house.reasons() == ["greater_than", "unknown_reference"]


def test_delivery_of_another_institution_is_no_reference(house):
    house.land_masters()
    house.land("institutions/b.csv", {"institution_code": BRANCH})
    house.land("returns/a.csv", {"institution_code": BRANCH})
    house.night()
    assert house.reasons() == ["unknown_reference"]


def test_unknown_company_is_accepted(house):
    house.land_masters()
    house.land("payments/a.csv", {"payee_code": "NEVER HEARD OF"})
    house.night()
    assert house.keys("payments") == ["1"]


def test_unknown_agency_is_accepted(house):
    house.land_masters()
    house.land("prepayments/a.csv", {"agency_code": "NEVER HEARD OF"})
    house.night()
    assert house.keys("prepayments") == ["Y1"]


def test_empty_reference_refers_to_nothing(house):
    house.land("deemed_manufacturers/a.csv", {"product_code": ""})
    house.night()
    assert house.records("deemed_manufacturers").height == 1


def test_bad_row_is_told_of_its_unknown_reference_as_well(house):
    house.land("deliveries/a.csv", {"unit_price": "-1"})
    house.night()
    assert house.reasons() == ["greater_than_or_equal_to", "unknown_reference", "unknown_reference"]


def test_refused_head_takes_its_branches_along(house):
    head, branch, ward = {"ownership": "?"}, {"institution_code": BRANCH}, {"institution_code": WARD}
    house.land(
        "institutions/a.csv", head, branch | {"parent_institution_code": HOSPITAL}, ward | {"parent_institution_code": BRANCH}
    )
    house.night()
    assert (house.keys("institutions"), house.reasons()) == ([], ["unknown_reference", "unknown_reference", "unknown_value"])
    house.land("institutions/b.csv")
    house.night()
    assert house.keys("institutions") == [HOSPITAL, BRANCH, WARD]


def test_institutions_may_name_themselves_or_each_other(house):
    pairs = [(HOSPITAL, BRANCH), (BRANCH, HOSPITAL), (WARD, WARD)]
    rows = [{"institution_code": code, "parent_institution_code": head} for code, head in pairs]
    house.land("institutions/a.csv", *rows)
    house.night()
    assert house.keys("institutions") == [HOSPITAL, BRANCH, WARD]


def test_branch_with_a_refused_new_head_keeps_its_old_version_and_its_own_branches(house):
    branch, ward = {"institution_code": BRANCH}, {"institution_code": WARD, "parent_institution_code": BRANCH}
    house.land("institutions/a.csv", {}, branch | {"name": "OLD"})
    house.night()
    house.land("institutions/b.csv", branch | {"name": "NEW", "parent_institution_code": "H9"}, ward)
    house.night()
    assert house.records("institutions")["name"].to_list() == ["甲医院", "OLD", "甲医院"]


def test_night_without_files_changes_nothing(house):
    house.land_masters()
    batch = house.night()
    assert house.night() == batch


def test_file_that_failed_as_a_whole_is_tried_again(house):
    house.land_masters()
    house.land("lots/b.csv", {"lot_code": "L2"})
    path = house.landing / "lots" / "b.csv"
    whole = path.read_text()
    path.write_text(whole.replace("document_no", "文件名"))
    assert "lots/b.csv" not in [f["path"] for f in house.night().files]
    path.write_text(whole)
    assert [f["path"] for f in house.night().files] == ["lots/b.csv"]


def test_reference_is_looked_up_as_it_is_read_not_as_it_is_written(house):
    house.land_masters()
    house.night()
    house.land("returns/a.csv", {"institution_code": f"'{HOSPITAL}", "delivery_id": " Ｄ１ "})
    house.night()
    assert house.keys("returns") == ["R1"]
    assert house.reasons() == []


@pytest.mark.parametrize(
    ("dataset", "row", "code"),
    [
        ("deliveries", {"received_quantity": "99999999", "unit_price": "9999999"}, "is_an_amount"),
        ("prepayments", {"amount": "-99999999999.99"}, "in_range"),
        ("commitment_adjustments", {"delta_quantity": "-99999999999.9999"}, "in_range"),
    ],
)
def test_a_row_beyond_the_bounds_that_an_earlier_version_accepted_is_found_and_named(house, monkeypatch, dataset, row, code):
    house.land_masters()
    rules = RECORDS[dataset].rules
    monkeypatch.setitem(vars(RECORDS[dataset]), "rules", tuple(r for r in rules if r.name not in BOUNDS))
    house.land(f"{dataset}/z.csv", {RECORDS[dataset].key[-1]: "Z"} | row, {RECORDS[dataset].key[-1]: "Y"})
    house.night()
    assert "Z" in house.keys(dataset)
    monkeypatch.setitem(vars(RECORDS[dataset]), "rules", rules)
    for _ in range(2):
        house.night()
        assert "Y" in house.keys(dataset) and "Z" not in house.keys(dataset)
        assert (house.reasons(), house.states()) == ([code], [("Z", "open")])
    assert house.register().select("source_path", "line_no").rows() == [(f"{dataset}/z.csv", 2)]
