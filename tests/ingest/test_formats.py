"""Every kind of file, whatever it is called, gives the same rows."""

from datetime import date

import pytest

from pipelines.errors import FileRefusedError
from pipelines.ingest.take_in import read_sheets
from schemas.records import RECORDS
from tests.ingest.books import KINDS, as_html, as_xlsx, zip_of
from tests.ingest.files import rows_of

HEAD = ["医疗机构编码", "付款单号", "收款企业编码", "付款日期", "付款金额", "发票号码"]
ROWS = [HEAD, ["H1", "F1", "E1", date(2020, 4, 5), 1234.5, "00000012"], ["H1", "F2", "E1", date(2020, 12, 31), -0.05, None]]


def read(path, dataset="payments"):
    sheets, kind, remarks = read_sheets(path, RECORDS[dataset])
    return [row for sheet in sheets for row in rows_of(sheet, dataset)], kind, remarks


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv"])
@pytest.mark.parametrize("kind", KINDS)
def test_kind_is_told_by_content(kind, name, tmp_path):
    (tmp_path / name).write_bytes(KINDS[kind](ROWS))
    first, second = read(tmp_path / name)[0]
    assert (first["amount_fen"], first["invoice_no"], first["payment_id"]) == ("1234.5", "00000012", "F1")
    assert (second["amount_fen"], second.get("invoice_no") or None) == ("-0.05", None)
    assert [first["paid_on"][:10], second["paid_on"][:10]] in (["2020-04-05", "2020-12-31"], ["43926", "44196"])


@pytest.mark.parametrize("is_gbk", [True, False])
def test_zip_names_each_sheet_by_its_file_and_passes_over_what_holds_no_rows(is_gbk, tmp_path):
    members = {
        "b.xlsx": as_xlsx(ROWS),
        "付款/一月.csv": ",".join(HEAD) + "\nH1,F9,E1,2020-04-05,1,1\n",
        "说明.txt": "填表说明",
        "__MACOSX/._b.xlsx": "x",
        ".DS_Store": "x",
        "扫描件.pdf": "%PDF-1.4",
    }
    (tmp_path / "a.zip").write_bytes(zip_of(members, is_gbk=is_gbk))
    sheets, kind, remarks = read_sheets(tmp_path / "a.zip", RECORDS["payments"])
    assert [s.name for s in sheets] == ["b.xlsx/一", "付款/一月.csv"]
    assert kind == "zip(utf-8,xlsx)"
    assert [("扫描件.pdf" in r, "说明.txt" in r) for r in remarks] == [(True, False), (False, True)]


@pytest.mark.parametrize(
    ("inner", "told"),
    [
        (zip_of({"b.csv": "x"}), "压缩包内还有压缩包"),
        (b"Rar!\x1a\x07\x00", "RAR 压缩包"),
        (as_xlsx(ROWS)[:-300], "不是可读取的 xlsx"),
        (",".join(HEAD[:4]).encode(), "缺少必需的列"),
    ],
)
def test_zip_with_a_file_that_is_refused_is_refused_and_names_it(inner, told, tmp_path):
    (tmp_path / "a.zip").write_bytes(zip_of({"good.xlsx": as_xlsx(ROWS), "坏.xlsx": inner}))
    with pytest.raises(FileRefusedError, match=f"a.zip 中的 坏.xlsx：.*{told}"):
        read(tmp_path / "a.zip")


@pytest.mark.parametrize("workbook", [{}, {"[Content_Types].xml": "", "xl/workbook.xml": "<a/>"}])
def test_bomb_is_refused_before_it_is_unpacked(workbook, tmp_path):
    (tmp_path / "a.zip").write_bytes(zip_of({**workbook, "a.csv": bytes(300 * 2**20)}))
    with pytest.raises(FileRefusedError, match="超过上限"):
        read(tmp_path / "a.zip")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"%PDF-1.4", "内容是PDF 文档"),
        (zip_of({"[Content_Types].xml": "", "word/document.xml": ""}), "Word"),
        (b"MIME-Version: 1.0\r\nX: y", "网页"),
        (as_html(ROWS)[:-20], "文件不完整"),
        (b"<?xml version='1.0'?><a/>", "不是 Excel 2003"),
        (b" \n", "文件为空"),
    ],
)
def test_what_cannot_be_read_is_refused_and_told(data, told, tmp_path):
    (tmp_path / "a.xls").write_bytes(data)
    with pytest.raises(FileRefusedError, match=f"a.xls：.*{told}"):
        read(tmp_path / "a.xls")


def test_number_shown_rounded_counts_as_it_was_written_down(tmp_path):
    row = '<tr><td>H1</td><td>F1</td><td>E1</td><td>2020-04-05</td><td x:num="1234.56">￥1,234.6</td></tr>'
    head = "".join(f"<th>{name}</th>" for name in HEAD[:5])
    (tmp_path / "a.xls").write_bytes(f"<table><tr>{head}</tr>{row}</table>".encode())
    assert read(tmp_path / "a.xls")[0][0]["amount_fen"] == "1234.56"
