"""csv files: encodings, delimiters, broken lines."""

import json
import time

import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.delimited import read_delimited
from schemas.records import RECORDS
from tests.ingest.files import LOT, LOTS, names, read_csv

CHINESE = "批次编码,批次名称,项目类型,药品耗材类别,文号\nL1,第一批,国家,药品,文1\n"


def encoding_of(tmp_path, data):
    (tmp_path / "file.csv").write_bytes(data)
    return read_delimited(tmp_path / "file.csv", RECORDS["lots"])[1]


def refusal(tmp_path, data):
    with pytest.raises(FileRefusedError) as caught:
        read_csv(tmp_path, data)
    return caught.value.code


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_encodings(encoding, tmp_path):
    data = CHINESE.encode(encoding)
    assert names(read_csv(tmp_path, data), "name") == {2: "第一批"}
    assert encoding_of(tmp_path, data) == encoding


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_delimiters(delimiter, tmp_path):
    assert names(read_csv(tmp_path, CHINESE.replace(",", delimiter)), "name") == {2: "第一批"}


def test_the_only_line_of_a_file_may_have_no_end(tmp_path):
    assert names(read_csv(tmp_path, CHINESE + "L2,,,,")) == names(read_csv(tmp_path, CHINESE + "L2,,,,\n"))
    header, line = CHINESE.splitlines()[:2]
    assert names(read_csv(tmp_path, f"{header}\n{line}")) == {2: "L1"}


@pytest.mark.parametrize("newline", ["\r\n", "\r"])
def test_line_ends(newline, tmp_path):
    assert names(read_csv(tmp_path, (CHINESE + "L2,,,,\n").replace("\n", newline))) == {2: "L1", 3: "L2"}


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_undecodable_byte_costs_its_line_only(encoding, tmp_path):
    data = CHINESE.encode(encoding) + b"L2,\xff,,,\n" + "L3,第三批,国家,药品,文3\n".encode(encoding)
    rows = read_csv(tmp_path, data)
    assert [("_problem" in row, row.get("name")) for row in rows] == [(False, "第一批"), (True, None), (False, "第三批")]


def test_cut_character_does_not_turn_utf8_into_nonsense(tmp_path):
    data = (LOTS + "L1,第一批").encode()[:-1] + b",,,\n" + f"L2,第二批,{LOT}".encode()
    assert names(read_csv(tmp_path, data), "name") == {2: None, 3: "第二批"}


def test_nul_costs_its_line_only(tmp_path):
    rows = read_csv(tmp_path, LOTS + f"L1,甲\0,{LOT}L2,乙,{LOT}")
    assert ["NUL" in row.get("_problem", "") for row in rows] == [True, False]


def test_ragged_lines_keep_their_number_and_text(tmp_path):
    rows = read_csv(tmp_path, LOTS + f"L1,甲,{LOT}L2,乙,多,{LOT}\nL3,丙\nL4,丁,{LOT}")
    assert {r["_line"]: r.get("_raw") for r in rows} == {2: None, 3: "L2,乙,多,国家,药品,文1", 5: "L3,丙", 6: None}
    assert "该行有 6 个字段，表头有 5 个" in rows[1]["_problem"]
    assert "该行有 2 个字段" in rows[2]["_problem"]


def test_quoted_fields_hold_delimiters_quotes_and_line_breaks(tmp_path):
    rows = read_csv(tmp_path, LOTS + f'L1,"甲,""乙""\n\n丙",{LOT}L2,丁,{LOT}')
    assert names(rows, "name") == {2: '甲,"乙"\n\n丙', 5: "丁"}


def test_inches_are_no_quotes(tmp_path):
    assert names(read_csv(tmp_path, LOTS + f'L1,5" 针,{LOT}L2,6" 针,{LOT}'), "name") == {2: '5" 针', 3: '6" 针'}


@pytest.mark.parametrize("line", [f'L1,"甲,{LOT}', 'L1,甲,国家,药品,"文1\n', f'L1,"甲"乙,{LOT}'])
def test_stray_quote_costs_its_line_only(line, tmp_path):
    rows = read_csv(tmp_path, LOTS + line + f"L2,乙,{LOT}")
    assert ["引号" in row.get("_problem", "") for row in rows] == [True, False]


def test_two_open_quotes_swallow_nothing_between_them(tmp_path):
    rows = read_csv(tmp_path, LOTS + f'L1,"甲,{LOT}L2,乙,{LOT}L3,"丙,{LOT}')
    assert [(r["_line"], "_problem" in r) for r in rows] == [(2, True), (3, False), (4, True)]


def test_quote_closed_too_far_below_swallows_nothing(tmp_path):
    between = "".join(f"M{n},中,{LOT}" for n in range(60))
    rows = read_csv(tmp_path, LOTS + f'L1,"甲\n{between}乙",{LOT}')
    assert len(rows) == 62


def test_endless_field_is_a_broken_line(tmp_path):
    rows = read_csv(tmp_path, LOTS + f'L1,"{"长" * 140_000}",{LOT}L2,乙,{LOT}')
    assert ["_problem" in row for row in rows] == [True, False]


@pytest.mark.parametrize("data", [b"", b"  \r\n\n"])
def test_empty_file_is_refused(data, tmp_path):
    assert refusal(tmp_path, data) == "empty_file"


@pytest.mark.parametrize("data", [b"\x00", b"PK\x03\x04" + b"x" * 200_000, b"a,b\n1,2\n", b"\xff\xfe", b"\xff" * 9])
def test_file_without_header_is_refused(data, tmp_path):
    assert refusal(tmp_path, data) == "missing_column"


def test_header_alone_is_a_file_without_rows(tmp_path):
    assert read_csv(tmp_path, LOTS) == []


PAID = "医疗机构编码,付款单号,收款企业编码,付款日期,付款金额,发票代码,发票号码,备注\n"
ROW = "H1,FK{},E1,2020-05-06,1234.5,3302204130,10000001"


@pytest.mark.parametrize("blank", ["", ",", ",,", ",,,", ", ,\t", ',"",'])
@pytest.mark.parametrize("end", ["\n", ""])
def test_blank_fields_more_or_fewer_contradict_nothing(blank, end, tmp_path):
    lines = f"{ROW.format(1)}{blank}\n{ROW.format(2)}{blank}{end}"
    rows = read_csv(tmp_path, PAID + lines, "payments")
    assert [(r["payment_id"], r["invoice_no"], "_problem" in r) for r in rows] == [
        ("FK1", "10000001", False),
        ("FK2", "10000001", False),
    ]


@pytest.mark.parametrize("line", [f"{ROW.format(1)},,多", f'{ROW.format(1)},,,"多"', "H1,FK1,E1,2020-05-06", 'H1,"FK1",E1'])
def test_other_fields_more_or_fewer_are_a_problem(line, tmp_path):
    (row,) = read_csv(tmp_path, f"{PAID}{line}\n", "payments")
    assert "个字段，表头有 8 个，请检查" in row["_problem"]


@pytest.mark.parametrize(("note", "problems"), [("", 0), ("急", 1)])
def test_one_short_line_among_many_may_have_lost_a_field(note, problems, tmp_path):
    whole = "".join(f"{ROW.format(n)},{note}\n" for n in range(2, 22))
    rows = read_csv(tmp_path, f"{PAID}{ROW.format(1)}\n{whole}", "payments")
    assert sum("_problem" in row for row in rows) == problems


def test_short_lines_may_be_the_habit_of_a_file(tmp_path):
    rows = read_csv(tmp_path, f"{PAID}{ROW.format(1)},急\n{ROW.format(2)}\n", "payments")
    assert sum("_problem" in row for row in rows) == 0


def test_last_line_that_breaks_off_is_a_problem(tmp_path):
    rows = read_csv(tmp_path, f"{PAID}{ROW.format(1)},\nH1,FK2,E1,2020-05-06,12", "payments")
    assert ["文件在此行中断" in r.get("_problem", "") for r in rows] == [False, True]


@pytest.mark.parametrize("quoted", ['"付款金额\n（元）"', '"付款\r\n\r\n金额"'])
def test_line_breaks_in_a_header(quoted, tmp_path):
    rows = read_csv(tmp_path, f"报表\n{PAID.replace('付款金额', quoted)}{ROW.format(1)},\n", "payments")
    assert names(rows, "amount_fen") == {3 + quoted.count("\n"): "1234.5"}


def test_quote_left_open_in_a_title_hides_no_header(tmp_path):
    assert names(read_csv(tmp_path, f'"报表,"甲"乙\n{LOTS}L1,甲,{LOT}')) == {3: "L1"}


def test_thousands_of_unknown_columns_are_read_in_no_time(tmp_path):
    unknown = [f"x{n}" for n in range(5_000)]
    start = time.perf_counter()
    rows = read_csv(tmp_path, f"{LOTS[:-1]},{','.join(unknown)}\nL1,甲,{LOT[:-1]}{',7' * 5_000}\n")
    assert len(json.loads(rows[0]["_extra"])) == 5_000
    assert time.perf_counter() - start < 3


def test_a_million_columns_are_refused(tmp_path):
    assert refusal(tmp_path, f"{LOTS[:-1]}{',x' * 10**6}\nL1{',' * 10**6}\n".encode()) == "too_many_columns"


def test_few_short_lines_below_a_wide_header_take_no_memory(tmp_path):
    header = LOTS[:-1] + ",x" * 10_000
    rows = read_csv(tmp_path, f"{header}\n" + f"L1,甲,{LOT}" * 20)
    assert ["_problem" in row for row in rows] == [True] * 20
