"""Rows that are data, and rows that are not."""

import json

import pytest

from pipelines.ingest.delimited import read_delimited
from pipelines.ingest.headers import find_header
from pipelines.ingest.sheet import find_cell, tell_of
from schemas.records import RECORDS
from tests.ingest.files import LOT, LOTS, names, read_csv, rows_of

LINES = "医疗机构编码,付款单号,收款企业编码,付款日期,付款金额\n"


def test_title_rows_count_as_lines(tmp_path):
    assert names(read_csv(tmp_path, f"2020年批次\n\n{LOTS}L1,甲,{LOT}")) == {4: "L1"}


@pytest.mark.parametrize("blank", ["", ",,,,", '"",,,,""', " ,　, , ,\t", "\u200b,\ufeff,,\u00ad,"])
def test_blank_rows_are_no_data(blank, tmp_path):
    assert names(read_csv(tmp_path, f"{LOTS}{blank}\nL1,甲,{LOT}{blank}\n")) == {3: "L1"}


@pytest.mark.parametrize("unseen", ["", "\ufeff", "\u200b"])
def test_repeated_headers_are_no_data(unseen, tmp_path):
    assert names(read_csv(tmp_path, f"{unseen}{LOTS}L1,甲,{LOT}{LOTS}L2,乙,{LOT}")) == {2: "L1", 4: "L2"}


@pytest.mark.parametrize(
    "total",
    [
        "合计,,,,66.00",
        "小 计,,,,66",
        ",,本页小计：,,66",
        '"总计",,,,"1,066.00"',
        "累计,,",
        "合计：66.00,,,,",
        "合\u200b计,,,,66",
    ],
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


BOTH = "发票代码,发票号码,数电发票号码,行号,销方识别号,购方识别号,开票日期,医保药品编码,数量,价税合计\n"
REST = ",1,S,B,2020-03-01,D,1,6\n"


@pytest.mark.parametrize(
    ("cells", "number"),
    [
        (",,20332000000012345671", "20332000000012345671"),
        ("033002004111,10000001,", "10000001"),
        ("033002004111,10000001,20332000000010000001", "10000001"),
        *(
            (f",{nothing},2033200000001", "2033200000001")
            for nothing in ("--", "-", "/", "无", "NULL", "None", "\\N", " ", "\u200b", "-\ufeff-")
        ),
        (",--,", "--"),
    ],
)
def test_of_several_columns_the_first_filled_in_the_row_counts(cells, number, tmp_path):
    rows = read_csv(tmp_path, BOTH + cells + REST, "invoices")
    assert names(rows, "invoice_no") == {2: number}


def test_several_columns_are_kept_as_sent(tmp_path):
    rows = read_csv(tmp_path, BOTH + ",--,2033" + REST, "invoices")
    assert json.loads(rows[0]["_extra"]) == {"发票号码": "--", "数电发票号码": "2033"}


@pytest.mark.parametrize(("line", "position"), [({"c1": "-\u200b", "c2": "2033"}, 2), ({"c1": "1", "c2": "2"}, 1), ({}, 1)])
def test_cell_to_be_mended_is_the_one_that_counts(line, position):
    header = find_header([BOTH.strip().split(",")], RECORDS["invoices"], "甲.csv")
    assert find_cell(header, "invoice_no", line) == position


def test_columns_that_contradict_each_other_are_told(tmp_path):
    (tmp_path / "file.csv").write_text(BOTH + ",1,2" + REST + ",3,3" + REST + ",4,--" + REST)
    sheets, _ = read_delimited(tmp_path / "file.csv", RECORDS["invoices"])
    (told,) = tell_of(sheets[0], RECORDS["invoices"])
    assert told.startswith("1 行的发票号码、数电发票号码填写不同（如第 2 行：发票号码“1”、数电发票号码“2”）")


FOOTERS = """,,,合计:,1234.50
,,合   计,,1234.50
总计（元）,,,,1234.50
本页小计,,,,1234.50
合计金额：1234.50,,,,
合计1笔,,,,1234.50
慈溪市人民医院合计,,,,66
H1,小计,,,66
制表人：（略）,,审核人：,,
制表人：,张三,打印日期：,2020-06-01,
制表 张三,,审核 李四,,
打印日期 2020-06-01,,,,
共1条记录,,,,
第1页 共2页,,,,
Total,,,,1234.5
SubTotal:,,,,1
小计（1笔）,,,,1
截止日期：2020-05-31,,,,
——以下空白——,,,,
-----,-----,,,
--,--,NULL,无,/
备注：本表数据来源于HIS系统,,,,
本表数据来源于HIS系统,,,,
合计,66
制表人：张三"""


@pytest.mark.parametrize("footer", FOOTERS.splitlines())
def test_footers_are_no_data(footer, tmp_path):
    rows = read_csv(tmp_path, f"{LINES}H1,P1,E1,2020-06-01,66\n{footer}\n", "payments")
    assert names(rows, "payment_id") == {2: "P1"}


def test_footers_that_say_more_than_totals_are_told(tmp_path):
    (tmp_path / "file.csv").write_text(f"{LINES}{FOOTERS}\n")
    sheets, _ = read_delimited(tmp_path / "file.csv", RECORDS["payments"])
    assert tell_of(sheets[0], RECORDS["payments"]) == [
        "第 9 行“H1 小计 66”、第 24 行“本表数据来源于HIS系统”共 2 行是合计、表尾或说明文字，未作为数据读取，请核对"
    ]


@pytest.mark.parametrize(
    "row",
    [
        "H1,,E1,2020-06-01,66,合计",
        "H1,P2,合计,2020-06-01,66,",
        ",P2,,,,备注：补报",
        "慈溪医院,单一号,,,,",
        "H1,,,,,",
        ",,,,66,",
        ",,,2020年5月6日,,",
        ",,E1,,,合计见上表",
        "慈溪医院,,,,六十六元,",
        "总计药业,P2,E1,2020-06-01,66,",
        "无,,E1,2020-06-01,66,",
    ],
)
def test_what_could_be_a_record_is_no_footer(row, tmp_path):
    (tmp_path / "file.csv").write_text(f"{LINES[:-1]},备注\n{row}\n")
    sheets, _ = read_delimited(tmp_path / "file.csv", RECORDS["payments"])
    assert list(names(rows_of(sheets[0], "payments"))) == [2]
    assert tell_of(sheets[0], RECORDS["payments"]) == []


@pytest.mark.parametrize("row", [",华润医药,", "华润医药,9133,", "E1,合计,", ",合计药业,"])
def test_a_name_without_its_code_is_no_footer(row, tmp_path):
    assert len(read_csv(tmp_path, f"企业编码,企业名称,集团编码\n{row}\n", "enterprises")) == 1


def test_repeated_headers_of_two_rows_are_no_data(tmp_path):
    header = "医疗机构编码,付款单号,收款企业编码,付款,\n,,,日期,金额\n"
    rows = read_csv(tmp_path, f"{header}H1,P1,E1,2020-06-01,66\n{header}H1,P2,E1,2020-06-01,66\n", "payments")
    assert names(rows, "payment_id") == {3: "P1", 6: "P2"}
