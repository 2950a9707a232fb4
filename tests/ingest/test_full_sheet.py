"""A sheet as large as Excel makes them, five million cells: taken in within three GiB, and told of as probably cut."""

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from pipelines.ingest.workbook import SHEET_LIMIT
from tests.ingest.files import write_xlsx

COLUMNS = ["lot_code", "name", "program", "category", "document_no"]
CELL = '<c t="inlineStr"><is><t>{}</t></is></c>'
HEAD = "<row>" + "".join(CELL.format(name) for name in COLUMNS) + "</row>"
ROW = "<row>" + "".join(CELL.format(cell) for cell in ("L%d", "第四批", "国家", "药品", "国办发〔2019〕2号")) + "</row>"
TAKE_IN = """
import json, resource, sys
from pathlib import Path
from pipelines.ingest.discover import discover
from pipelines.ingest.take_in import take_in
from pipelines.store.local import Local
folder, kept = Path(sys.argv[1]), Local(Path(sys.argv[1]))
(file,) = discover(folder / "landing", frozenset())
taken = take_in(file, folder / "landing", kept.below("archive"), kept.at("text.parquet"))
used = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
peak = used * (1 if sys.platform == "darwin" else 1024)
print(json.dumps({"rows": taken.rows_read, "remarks": taken.remarks, "peak": peak}))
"""


def write_full_sheet(path: Path) -> None:
    """A workbook whose sheet is written by hand, a million rows in a second: no library is that quick."""
    small = write_xlsx(path.with_name("small.xlsx"), 一=[COLUMNS])
    with zipfile.ZipFile(small) as template, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        for name in template.namelist():
            if name != "xl/worksheets/sheet1.xml":
                book.writestr(name, template.read(name))
        with book.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>')
            sheet.write(HEAD.encode())
            for start in range(1, SHEET_LIMIT, 10_000):
                rows = range(start, min(start + 10_000, SHEET_LIMIT))
                sheet.write("".join([ROW % n for n in rows]).encode())
            sheet.write(b"</sheetData></worksheet>")
    small.unlink()


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    folder = tmp_path_factory.mktemp("full")
    (folder / "landing" / "lots").mkdir(parents=True)
    write_full_sheet(folder / "landing" / "lots" / "all.xlsx")
    done = subprocess.run(
        [sys.executable, "-c", TAKE_IN, str(folder)], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.thorough
def test_five_million_cells_are_taken_in_within_three_gib(taken):
    assert taken["rows"] * len(COLUMNS) > 5_000_000
    assert taken["peak"] < 3 * 2**30


@pytest.mark.thorough
def test_a_sheet_cut_at_the_last_row_of_excel_is_taken_in_and_told(taken):
    assert taken["rows"] == SHEET_LIMIT - 1
    assert taken["remarks"] == ["lots/all.xlsx：工作表“一”已达 Excel 行数上限 1048576，可能被截断，请核对"]
