"""Cells that do not say plainly what stands in a row: merged ones, error values, days counted from 1904."""

import io

import pytest
import xlsxwriter
import xlwt

from pipelines.errors import FileRefusedError
from pipelines.ingest.take_in import read_sheets
from schemas.records import RECORDS
from tests.ingest.books import as_xlsb, ods_of, spreadsheetml_of
from tests.ingest.files import rows_of

HEAD = ["医疗机构编码", "付款单号", "收款企业编码", "付款日期", "付款金额"]
"""Of payments: payment_id is B, paid_on D, amount E."""


def read(folder, data, name="a.xlsx"):
    (folder / name).write_bytes(data)
    sheets, _, remarks = read_sheets(folder / name, RECORDS["payments"])
    return [row for sheet in sheets for row in rows_of(sheet, "payments")], remarks


def write(*rows, merged=(), **options):
    """An xlsx; `merged` has ranges whose value stands in their first cell."""
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target, {"in_memory": True, **options})
    page = book.add_worksheet("一")
    for line, row in enumerate([HEAD, *rows]):
        for column, cell in enumerate(row):
            if isinstance(cell, str) and cell.startswith("#"):
                page.write_formula(line, column, "=X!A1", None, cell)
            elif cell is not None:
                page.write(line, column, cell)
    for area, value in dict(merged).items():
        page.merge_range(area, value)
    book.close()
    return target.getvalue()


def test_merged_cells_count_for_every_row_that_they_cover(tmp_path):
    lines = [["H1", f"F{n}", "E1", None, n] for n in (1, 2, 3)]
    rows, _ = read(tmp_path, write(*lines, merged={"D2:D4": "2020-04-05"}))
    assert [(r["_line"], r["paid_on"], r.get("_problem")) for r in rows] == [(n, "2020-04-05", None) for n in (2, 3, 4)]


def test_amount_merged_over_rows_belongs_to_none_of_them(tmp_path):
    lines = [["H1", f"F{n}", "E1", "2020-04-05", None] for n in (1, 2)]
    alone = ["H1", "F3", "E1", "2020-04-05", 7]
    rows, _ = read(tmp_path, write(*lines, alone, merged={"E2:E3": 100}))
    assert [("E2:E3" in (r.get("_problem") or ""), r["amount_fen"]) for r in rows] == [
        (True, "100"),
        (True, "100"),
        (False, "7"),
    ]


def test_record_drawn_over_two_rows_is_one_record(tmp_path):
    cells = {"A2:A3": "H1", "B2:B3": "F1", "C2:C3": "E1", "D2:D3": "2020-04-05", "E2:E3": 100}
    rows, _ = read(tmp_path, write(merged=cells))
    assert [(r["_line"], r["amount_fen"], r.get("_problem")) for r in rows] == [(2, "100", None)]


def test_footer_merged_over_columns_fills_none_of_them(tmp_path):
    rows, _ = read(tmp_path, write(["H1", "F1", "E1", "2020-04-05", 1], merged={"A3:E3": "制表人：张三"}))
    assert all(r.get("payment_id") != "制表人：张三" for r in rows)


def test_error_cell_names_itself(tmp_path):
    good = ["H1", "F2", "E1", "2020-04-05", 1]
    rows, _ = read(tmp_path, write(["H1", "#N/A", "E1", "2020-04-05", "#REF!"], good))
    assert "B2 单元格（付款单号）是错误值 #N/A" in rows[0]["_problem"]
    assert "E2 单元格（付款金额）是错误值 #REF!" in rows[0]["_problem"]
    assert "_problem" not in rows[1]


def xls_with_errors_and_merged_cells():
    book, target = xlwt.Workbook(), io.BytesIO()
    page = book.add_sheet("一")
    for column, name in enumerate(HEAD):
        page.write(0, column, name)
    for line in (1, 2, 3):
        for column, cell in enumerate(["H1", f"F{line}", "E1"]):
            page.write(line, column, cell)
    page.write_merge(1, 2, 3, 3, "2020-04-05")
    page.row(3).set_cell_error(3, 0x2A)
    page.write_merge(1, 2, 4, 4, 100)
    page.write(3, 4, 1)
    book.save(target)
    return target.getvalue()


def cells(names, mark):
    return "".join(mark.format(name) for name in names)


ODS_CELL = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
ODS_MERGED = '<table:table-cell table:number-rows-spanned="2" office:value-type="{}" office:{}="{}"/>'
ODS_ERROR = (
    '<table:table-cell office:value-type="string" office:string-value="" calcext:value-type="error">'
    "<text:p>#N/A</text:p></table:table-cell>"
)
XML_CELL = '<Cell><Data ss:Type="String">{}</Data></Cell>'
SHAPES = {
    "xls": xls_with_errors_and_merged_cells(),
    "html": (
        f"<table><tr>{cells(HEAD, '<td>{}</td>')}</tr>"
        "<tr><td>H1<td>F1<td>E1<td rowspan=2>2020-04-05<td rowspan=2>100</tr><tr><td>H1<td>F2<td>E1</tr>"
        "<tr><td>H1<td>F3<td>E1<td>#N/A<td>1</tr></table>"
    ).encode(),
    "spreadsheetml": spreadsheetml_of(
        f"<Row>{cells(HEAD, XML_CELL)}</Row><Row>{cells(['H1', 'F1', 'E1'], XML_CELL)}"
        '<Cell ss:MergeDown="1"><Data ss:Type="String">2020-04-05</Data></Cell>'
        '<Cell ss:MergeDown="1"><Data ss:Type="Number">100</Data></Cell></Row>'
        f"<Row>{cells(['H1', 'F2', 'E1'], XML_CELL)}</Row><Row>{cells(['H1', 'F3', 'E1'], XML_CELL)}"
        '<Cell><Data ss:Type="Error">#N/A</Data></Cell><Cell><Data ss:Type="Number">1</Data></Cell></Row>'
    ),
    "ods": ods_of(
        f"<table:table-row>{cells(HEAD, ODS_CELL)}</table:table-row>"
        f"<table:table-row>{cells(['H1', 'F1', 'E1'], ODS_CELL)}{ODS_MERGED.format('date', 'date-value', '2020-04-05')}"
        f"{ODS_MERGED.format('float', 'value', '100')}</table:table-row>"
        f"<table:table-row>{cells(['H1', 'F2', 'E1'], ODS_CELL)}<table:covered-table-cell table:number-columns-repeated='2'/>"
        f"</table:table-row><table:table-row>{cells(['H1', 'F3', 'E1'], ODS_CELL)}{ODS_ERROR}"
        "<table:table-cell office:value-type='float' office:value='1'/></table:table-row>"
    ),
}


@pytest.mark.parametrize("kind", SHAPES)
def test_merged_and_error_cells_of_every_kind(kind, tmp_path):
    first, second, third = read(tmp_path, SHAPES[kind], "a.xls")[0]
    assert (first["paid_on"][:10], second["paid_on"][:10]) == ("2020-04-05", "2020-04-05")
    assert "E2:E3" in first["_problem"] and "E2:E3" in second["_problem"]
    assert "D4 单元格（付款日期）是错误值 #N/A" in third["_problem"]


def test_merged_and_error_cells_of_a_binary_workbook(tmp_path):
    rows = [HEAD, ["H1", "F1", "E1", "2020-04-05", 100.0], ["H1", "#N/A", "E1", None, None]]
    first, second = read(tmp_path, as_xlsb(rows, [(1, 2, 3, 3), (1, 2, 4, 4)]))[0]
    assert second["paid_on"] == "2020-04-05" and "E2:E3" in first["_problem"]
    assert "B3 单元格（付款单号）是错误值 #N/A" in second["_problem"]


@pytest.mark.parametrize(
    ("row", "has"),
    [
        ("<td>H1<td>F1<td>2020-04-05<td>100", 4),
        ("<td>H1<td>F1<td>E1<td>2020-04-05<td>1<td>234.5", 6),
        ("<td>H1<td>F1<td>E1<td>2020-04-05<td>100<td>", None),
    ],
)
def test_row_of_a_web_table_with_a_cell_too_few_or_too_many_is_told(row, has, tmp_path):
    data = f"<table><tr>{cells(HEAD, '<th>{}</th>')}</tr><tr>{row}</tr></table>".encode()
    (found,) = read(tmp_path, data, "a.xls")[0]
    assert found.get("_problem") == (has and f"该行有 {has} 个单元格，表头有 5 个，请检查多余或缺少的单元格")


def test_bare_number_of_a_1904_workbook_is_a_day_of_its_own_count(tmp_path):
    rows, _ = read(tmp_path, write(["H1", "F1", "E1", 42494, 42494], date_1904=True))
    assert (rows[0]["paid_on"], rows[0]["amount_fen"]) == ("43956", "42494")


def test_sheet_without_the_required_columns_is_told_and_the_other_read(tmp_path):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    book.add_worksheet("封面").write_row(0, 0, HEAD[:4])
    page = book.add_worksheet("明细")
    page.write_row(0, 0, HEAD)
    page.write_row(1, 0, ["H1", "F1", "E1", "2020-04-05", 1])
    page.hide()
    book.close()
    rows, remarks = read(tmp_path, target.getvalue())
    assert [r["payment_id"] for r in rows] == ["F1"]
    assert "封面" in remarks[0] and "付款金额" in remarks[0]
    assert "明细" in remarks[1] and "隐藏" in remarks[1]


@pytest.mark.parametrize("place", [(1048575, 16383), (0, 16383), (1048575, 40)])
def test_cell_far_away_refuses_this_file_or_leaves_the_data_readable(place, tmp_path):
    target = io.BytesIO()
    book = xlsxwriter.Workbook(target)
    page = book.add_worksheet("一")
    page.write_row(0, 0, HEAD)
    page.write_row(1, 0, ["H1", "F1", "E1", "2020-04-05", 1])
    page.write(*place, "x")
    book.close()
    try:
        assert read(tmp_path, target.getvalue())[0][0]["payment_id"] == "F1"
    except FileRefusedError as error:
        assert "a.xlsx：工作表“一”有单元格远离其余数据" in str(error)


@pytest.mark.parametrize(("down", "across"), [(1048000, 16000), (1048000, 40)])
def test_cell_far_away_in_ods_is_refused_before_the_room_between_is_filled(down, across, tmp_path):
    def row(*cells):
        return f"<table:table-row>{''.join(cells)}</table:table-row>"

    def cell(text):
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    blank_rows = f'<table:table-row table:number-rows-repeated="{down}"><table:table-cell/></table:table-row>'
    blank_cells = f'<table:table-cell table:number-columns-repeated="{across}"/>'
    data = row(*map(cell, HEAD)) + row(*map(cell, ["H1", "F1", "E1", "2020-04-05", 1]))
    with pytest.raises(FileRefusedError, match=r"a.ods：工作表“一”有单元格远离其余数据（直到 [A-Z]+1048003）"):
        read(tmp_path, ods_of(data + blank_rows + row(blank_cells, cell("x"))), "a.ods")
    blanks_only = row(blank_cells) + blank_rows
    assert [r["payment_id"] for r in read(tmp_path, ods_of(data + blanks_only), "b.ods")[0]] == ["F1"]


def test_cell_in_the_last_corner_of_xls_leaves_the_data_readable(tmp_path):
    book, target = xlwt.Workbook(), io.BytesIO()
    page = book.add_sheet("一")
    for line, cells in enumerate([HEAD, ["H1", "F1", "E1", "2020-04-05", 1]]):
        for column, value in enumerate(cells):
            page.write(line, column, value)
    page.write(65535, 255, "x")
    book.save(target)
    assert read(tmp_path, target.getvalue(), "a.xls")[0][0]["payment_id"] == "F1"
