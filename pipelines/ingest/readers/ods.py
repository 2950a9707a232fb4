"""ods: the sheets of OpenDocument, as LibreOffice and WPS write them."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from lxml import etree

from pipelines.errors import FileRefusedError
from pipelines.ingest.readers.grid import Grid
from pipelines.ingest.readers.html import read_number, text_of
from pipelines.ingest.readers.placed import Placed
from pipelines.ingest.readers.spreadsheetml import forget
from pipelines.ingest.readers.zip_members import check_members

_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"
_STYLE = "{urn:oasis:names:tc:opendocument:xmlns:style:1.0}"
_EXTERNAL = "'file:"


def read_ods(path: Path) -> Iterator[Grid]:
    """The sheets of an ods workbook, hidden ones too; an error cell has its error value as text."""
    with zipfile.ZipFile(path) as book:
        check_members(book)
        if b"encryption-data" in book.read("META-INF/manifest.xml"):
            raise FileRefusedError("encrypted_file", "设有密码，无法读取；请去掉密码后重新报送")
        with book.open("content.xml") as content:
            yield from _read_sheets(content)


def _read_sheets(content: IO[bytes]) -> Iterator[Grid]:
    events = etree.iterparse(
        content,
        events=("start", "end"),
        tag=(_STYLE + "style", _TABLE + "table", _TABLE + "table-row"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    sheet, hidden = Placed(), set()
    for event, node in events:
        if event == "start":
            if node.tag == _TABLE + "table":
                sheet = Placed(node.get(_TABLE + "name") or "", covers=False)
                sheet.is_hidden = node.get(_TABLE + "style-name") in hidden
        elif node.tag == _STYLE + "style":
            properties = node.find(_STYLE + "table-properties")
            if properties is not None and properties.get(_TABLE + "display") == "false":
                hidden.add(node.get(_STYLE + "name"))
        elif node.tag == _TABLE + "table-row":
            _add_row(sheet, node)
            forget(node)
        else:
            if not sheet.name.startswith(_EXTERNAL):  # copies of other files' sheets, kept for formulas
                yield sheet.finish()
            forget(node)


def _add_row(sheet: Placed, row: etree._Element) -> None:
    sheet.add_row()
    for cell in row.iterchildren(_TABLE + "table-cell", _TABLE + "covered-table-cell"):
        times, value = _number(cell, "number-columns-repeated"), _read_value(cell)
        across, down = _number(cell, "number-columns-spanned"), _number(cell, "number-rows-spanned")
        if value is None:
            sheet.skip_cells(times)
            continue
        for _ in range(times):
            sheet.add_cell(value, across=across, down=down)
    sheet.repeat_row(_number(row, "number-rows-repeated"))


def _read_value(cell: etree._Element) -> str | float | bool | None:
    kind = cell.get(_OFFICE + "value-type")
    is_error = any(name.endswith("}value-type") and value == "error" for name, value in cell.items())
    if kind in ("float", "percentage", "currency") and not is_error:
        return read_number(cell.get(_OFFICE + "value") or "")
    if kind == "boolean":
        return bool(cell.get(_OFFICE + "boolean-value") == "true")
    if kind == "date":
        return str(cell.get(_OFFICE + "date-value") or "").replace("T", " ") or None
    if kind == "string" and not is_error and (text := cell.get(_OFFICE + "string-value")):
        return str(text)
    return "\n".join(_read_paragraph(p) for p in cell.iterchildren(_TEXT + "p")) or None


def _read_paragraph(paragraph: etree._Element) -> str:
    for blank in paragraph.iter(_TEXT + "s", _TEXT + "tab", _TEXT + "line-break"):
        times = min(int(blank.get(_TEXT + "c") or 1), 1000) if blank.tag == _TEXT + "s" else 1
        blank.tail = (" " if blank.tag != _TEXT + "line-break" else "\n") * times + (blank.tail or "")
    return str(text_of(paragraph))


def _number(node: etree._Element, name: str) -> int:
    return max(int(node.get(_TABLE + name) or 1), 1)
