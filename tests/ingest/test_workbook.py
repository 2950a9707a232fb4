"""xlsx files: sheets, typed cells, ruined numbers, broken files."""

from datetime import date, datetime

import pytest

from pipelines.errors import FileRefusedError
from tests.ingest.files import names, read_xlsx, write_xlsx

LOTS = ["批次编码", "批次名称", "项目类型", "药品耗材类别", "文号"]
LOT = ["国家", "药品", "文1"]
PAYMENTS = ["institution_code", "payment_id", "payee_code", "paid_on", "amount", "invoice_no"]


def refusal(path):
    with pytest.raises(FileRefusedError) as caught:
        read_xlsx(path)
    assert path.name in str(caught.value)
    return caught.value.code


def test_sheets_without_header_are_listed_and_the_others_read(tmp_path):
    path = write_xlsx(
        tmp_path / "a.xlsx", 空=[], 一=[LOTS, ["L1", "甲", *LOT]], 说明=[["填表说明"]], 二=[LOTS, ["L2", "乙", *LOT]]
    )
    sheets, remarks = read_xlsx(path)
    assert {name: names(rows) for name, rows in sheets.items()} == {"一": {2: "L1"}, "二": {2: "L2"}}
    assert [r.split("“")[1].split("”")[0] for r in remarks] == ["空", "说明"]


def test_titles_blanks_totals_and_repeated_headers(tmp_path):
    rows = [[], ["2020年批次"], LOTS, ["L1", "甲", *LOT], [], LOTS, ["L2", "乙", *LOT], ["合计", None, None, None, 2]]
    assert names(read_xlsx(write_xlsx(tmp_path / "a.xlsx", 一=rows))[0]["一"]) == {4: "L1", 7: "L2"}


def test_typed_cells_become_text(tmp_path):
    cells = ["H1", 12345678, True, date(2020, 4, 5), 1234.5, datetime(2020, 4, 5, 10, 30)]
    (row,) = read_xlsx(write_xlsx(tmp_path / "a.xlsx", 一=[PAYMENTS, cells]), "payments")[0]["一"]
    assert [row[c] for c in ("payment_id", "payee_code", "paid_on", "amount_fen")] == [
        "12345678",
        "true",
        "2020-04-05 00:00:00",
        "1234.5",
    ]


def test_numeric_cell_of_sixteen_digits_is_marked_as_ruined(tmp_path):
    values = [12345678901234567890.0, "12345678901234567890", 123456789012345, 1234567890123456]
    lines = [["H1", f"P{n}", "E1", "2020-06-01", 1, v] for n, v in enumerate(values)]
    rows = read_xlsx(write_xlsx(tmp_path / "a.xlsx", 一=[PAYMENTS, *lines]), "payments")[0]["一"]
    assert [r["invoice_no"] for r in rows] == ["1.2345E+19", "12345678901234567890", "123456789012345", "1.2345E+15"]


def test_formula_noise_beyond_fifteen_digits_is_not_data(tmp_path):
    path = write_xlsx(tmp_path / "a.xlsx", 一=[PAYMENTS, ["H1", "P1", "E1", "2020-06-01", 10.1 * 3]])
    assert read_xlsx(path, "payments")[0]["一"][0]["amount_fen"] == "30.3"


def test_sheet_that_lacks_a_required_column_is_refused(tmp_path):
    assert refusal(write_xlsx(tmp_path / "a.xlsx", 一=[LOTS[:4], ["L1", "甲", "国家", "药品"]])) == "missing_column"


def test_workbook_without_any_header_is_refused(tmp_path):
    assert refusal(write_xlsx(tmp_path / "a.xlsx", 说明=[["填表说明"]])) == "missing_column"


def test_broken_workbooks_are_refused(tmp_path):
    whole = write_xlsx(tmp_path / "a.xlsx", 一=[LOTS, ["L1", "甲", *LOT]]).read_bytes()
    (tmp_path / "cut.xlsx").write_bytes(whole[:-200])
    assert refusal(tmp_path / "cut.xlsx") == "unreadable_file"
