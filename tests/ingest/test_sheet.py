"""Rows that are data, and rows that are not."""

import json

import pytest

from tests.ingest.files import LOT, LOTS, names, read_csv

LINES = "医疗机构编码,付款单号,收款企业编码,付款日期,付款金额\n"


def test_title_rows_count_as_lines(tmp_path):
    assert names(read_csv(tmp_path, f"2020年批次\n\n{LOTS}L1,甲,{LOT}")) == {4: "L1"}


@pytest.mark.parametrize("blank", ["", ",,,,", '"",,,,""', " ,　, , ,\t"])
def test_blank_rows_are_no_data(blank, tmp_path):
    assert names(read_csv(tmp_path, f"{LOTS}{blank}\nL1,甲,{LOT}{blank}\n")) == {3: "L1"}


def test_repeated_headers_are_no_data(tmp_path):
    assert names(read_csv(tmp_path, f"{LOTS}L1,甲,{LOT}{LOTS}L2,乙,{LOT}")) == {2: "L1", 4: "L2"}


@pytest.mark.parametrize(
    "total",
    ["合计,,,,66.00", "小 计,,,,66", ",,本页小计：,,66", '"总计",,,,"1,066.00"', "累计,,", "合计：66.00,,,,"],
)
def test_total_rows_are_no_data(total, tmp_path):
    rows = read_csv(tmp_path, f"{LINES}H1,P1,E1,2020-06-01,66\n{total}\n", "payments")
    assert names(rows, "payment_id") == {2: "P1"}


@pytest.mark.parametrize("line", ["H1,P2,合计,2020-06-01,66", "合计医院,P2,E1,2020-06-01,66"])
def test_word_for_total_in_a_row_with_its_key_is_data(line, tmp_path):
    assert names(read_csv(tmp_path, f"{LINES}{line}\n", "payments"), "payment_id") == {2: "P2"}


def test_unknown_columns_are_kept_with_their_row(tmp_path):
    rows = read_csv(tmp_path, LOTS.replace("\n", ",备注,备注\n") + f"L1,甲,{LOT[:-1]},一,\n")
    assert json.loads(rows[0]["_extra"]) == {"备注": "一", "备注 (c6)": ""}
