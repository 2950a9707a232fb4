"""Rejected rows and what becomes of them."""

import json

from tests.validate.good import HOSPITAL, csv_text

BAD = {"amount": "x"}


def payments(house, path, *changes):
    house.land(f"payments/{path}", *changes)
    house.night()


def seen(house):
    return house.register().select("first_seen_run", "last_seen_run", "state", "resolved_run").rows()


def test_a_rejected_row_keeps_its_place_text_and_reasons(house):
    house.land_masters()
    payments(house, "甲/a.csv", {}, {"payment_id": "P2", "amount": "10.555", "备注": "急"})
    (row,) = house.register().to_dicts()
    assert (row["dataset"], row["natural_key"], row["state"]) == ("payments", f"{HOSPITAL}|P2|1", "open")
    assert (row["source_path"], row["sheet"], row["line_no"]) == ("payments/甲/a.csv", "", 3)
    raw = json.loads(row["raw_json"])
    assert (raw["amount"], raw["备注"], raw["payment_id"]) == ("10.555", "急", "P2")
    assert [(r["code"], r["column"], r["value"]) for r in row["reasons"]] == [("bad_number", "amount_fen", "10.555")]


def test_raw_text_stands_under_the_headers_of_the_sender(house):
    house.land_masters()
    path = house.landing / "payments" / "a.csv"
    path.parent.mkdir()
    path.write_text("付款金额,付款单号,医疗机构编码,收款企业编码,付款日期\nx,P1,H1,E1,2020-06-01\nP2,短\n")
    house.night()
    raws = sorted(json.loads(r).get("付款金额", json.loads(r).get("整行")) for r in house.register()["raw_json"])
    assert raws == ["P2,短", "x"]


def test_the_same_bad_row_sent_again_is_one_record(house):
    house.land_masters()
    payments(house, "a.csv", BAD)
    payments(house, "b.csv", BAD, {"payment_id": "P2"})
    assert seen(house) == [("run1", "run2", "open", None)]
    assert house.register()["source_path"].to_list() == ["payments/b.csv"]


def test_the_same_bad_row_in_two_files_of_a_night_is_one_record_and_two_rejected_rows(house):
    house.land_masters()
    house.land("payments/a.csv", BAD)
    house.land("payments/b.csv", BAD, {"payment_id": "P2"})
    batch = house.night()
    assert [f["rows_rejected"] for f in batch.files if f["dataset"] == "payments"] == [1, 1]
    assert house.states() == [("1", "open")]


def test_another_bad_content_is_another_record(house):
    house.land_masters()
    payments(house, "a.csv", BAD)
    payments(house, "b.csv", {"amount": "y"})
    assert house.states() == [("1", "open"), ("1", "open")]


def test_a_waiting_row_is_seen_every_night(house):
    house.land("payments/a.csv")
    house.night()
    house.land("lots/a.csv")
    house.night()
    assert seen(house) == [("run1", "run2", "open", None)]


def test_a_corrected_row_is_resolved_on_a_later_night(house):
    house.land_masters()
    payments(house, "a.csv", BAD)
    payments(house, "b.csv")
    assert seen(house) == [("run1", "run1", "resolved", "run2")]


def test_a_row_corrected_in_a_later_file_of_the_same_night_is_resolved(house):
    house.land_masters()
    house.land("payments/a.csv", BAD)
    house.land("payments/b.csv")
    house.night()
    assert seen(house) == [("run1", "run1", "resolved", "run1")]


def test_a_good_row_before_a_bad_one_resolves_nothing(house):
    house.land_masters()
    payments(house, "a.csv")
    payments(house, "b.csv", BAD)
    assert house.states() == [("1", "open")]
    assert house.records("payments")["amount_fen"].to_list() == [6600]


def test_a_withdrawal_resolves_the_bad_row(house):
    house.land_masters()
    payments(house, "a.csv", BAD)
    payments(house, "b.csv", {"is_withdrawn": "1"})
    assert house.states() == [("1", "resolved")]


def test_a_bad_row_sent_again_after_its_correction_is_open_again(house):
    house.land_masters()
    payments(house, "a.csv", BAD)
    payments(house, "b.csv")
    payments(house, "c.csv", BAD, {"payment_id": "P2"})
    assert seen(house) == [("run1", "run3", "open", None)]


def test_a_row_without_key_stays_open(house):
    house.land_masters()
    payments(house, "a.csv", {"payment_id": ""})
    payments(house, "b.csv")
    assert [state for _, state in house.states()] == ["open"]


def test_rows_of_a_conflict_are_resolved_by_the_right_one(house):
    house.land_masters()
    payments(house, "a.csv", {}, {"amount": "67"})
    assert house.reasons() == ["conflicting_key"] * 2
    payments(house, "b.csv", {"amount": "67"})
    assert house.states() == [("1", "resolved")] * 2


def test_record_id_does_not_depend_on_night_file_or_line(house):
    house.land_masters()
    payments(house, "a.csv", BAD)
    first = house.register()["record_id"].to_list()
    text = csv_text("payments", {"payment_id": "P0"}, BAD)
    (house.landing / "payments" / "b.csv").write_text(text)
    house.night()
    assert house.register()["record_id"].to_list() == first
