"""SpreadsheetML 2003: the XML tables of Excel, as systems export them under the name of an xls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from lxml import etree

from pipelines.errors import FileRefusedError
from pipelines.ingest.encoding import decode
from pipelines.ingest.readers.grid import Grid
from pipelines.ingest.readers.html import read_number, text_of
from pipelines.ingest.readers.placed import Placed

_SPACE = "{urn:schemas-microsoft-com:office:spreadsheet}"
_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")


def read_spreadsheetml(path: Path) -> Iterator[Grid]:
    """The sheets of the workbook, hidden ones too; an error cell has its error value as text."""
    text = _DECLARATION.sub("", decode(path.read_bytes())[0], count=1)
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise FileRefusedError("unreadable_file", "XML 中含有文档类型或实体定义，不予读取；请另存为 xlsx 后重新报送")
    events = etree.iterparse(
        BytesIO(text.encode("utf-8", errors="replace")),
        events=("start", "end"),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
    )
    sheet, is_1904 = Placed(), False
    for event, node in events:
        name = etree.QName(node).localname
        if event == "start":
            if name == "Worksheet":
                sheet = Placed(node.get(f"{_SPACE}Name") or "")
                sheet.is_1904 = is_1904
            continue
        if name == "Row":
            _add_row(sheet, node)
            forget(node)
        elif name == "Date1904":
            is_1904 = True
        elif name == "Visible":
            sheet.is_hidden = (node.text or "").strip() != "SheetVisible"
        elif name == "Worksheet":
            yield sheet.finish()
            forget(node)


def _add_row(sheet: Placed, row: etree._Element) -> None:
    index = _number(row, "Index", 0)
    sheet.add_row(index - 1 if index else None)
    for cell in row.iterchildren(f"{_SPACE}Cell"):
        place = _number(cell, "Index", 0)
        sheet.add_cell(
            _read_value(cell.find(f"{_SPACE}Data")),
            index=place - 1 if place else None,
            across=_number(cell, "MergeAcross", 0) + 1,
            down=_number(cell, "MergeDown", 0) + 1,
        )
    span = _number(row, "Span", 0)
    if span:
        sheet.repeat_row(span + 1)


def _read_value(data: etree._Element | None) -> str | float | bool | None:
    if data is None:
        return None
    text = str(text_of(data))
    kind = data.get(f"{_SPACE}Type")
    if kind == "Number":
        return read_number(text.strip())
    if kind == "Boolean":
        return text.strip() in ("1", "true")
    if kind == "DateTime":
        return text.strip().replace("T", " ").removesuffix(".000")
    return text or None


def _number(node: etree._Element, name: str, default: int) -> int:
    return int(node.get(f"{_SPACE}{name}") or default)


def forget(node: etree._Element) -> None:
    """What has been read takes no memory."""
    node.clear()
    parent = node.getparent()
    while parent is not None and node.getprevious() is not None:
        del parent[0]
