"""HTML tables, as web systems export them under the name of an xls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from lxml import etree

from pipelines.errors import FileRefusedError
from pipelines.ingest.encoding import decode
from pipelines.ingest.readers.grid import Grid
from pipelines.ingest.readers.placed import Placed

_BLANKS = re.compile(r"[ \t\r\n\f\xa0]+")
_SHOWN_NUMBER = re.compile(r"^[^\w]*[\d.,]+(?:[eE][+-]?\d+)?[^\w]*$")
_EXACT = ("x:num", "sdval")
_WIDEST = 32_767
text_of = etree.XPath("string()")


def read_html(path: Path) -> Iterator[Grid]:
    """Every table with rows; one inside another stands by itself.

    A number that Excel or LibreOffice wrote down beside what it shows counts as written down: 1,234.6 may be
    1234.56. Raises FileRefusedError where the last table has no end: the file was cut.
    """
    text = decode(path.read_bytes())[0]
    lower = text.lower()
    if lower.rfind("<table") > lower.rfind("</table"):
        raise FileRefusedError("unreadable_file", "网页表格没有结束标记（</table>），文件不完整；请重新导出")
    found = [table for table in _read_tables(text) if table.name]
    for table in found:
        table.name = table.name if len(found) > 1 else ""
        yield table.finish()


def _read_tables(text: str) -> list[Placed]:
    """Tables in the order in which they end; one without rows has no name."""
    source = BytesIO(text.encode("utf-8", errors="replace"))
    events = etree.iterparse(source, events=("start", "end"), tag=("table", "tr"), html=True, encoding="utf-8", huge_tree=True)
    opened, done, rows = [Placed()], [], 0
    for event, node in events:
        if node.tag == "table":
            if event == "start":
                opened.append(Placed())
            elif len(opened) > 1:
                done.append(opened.pop())
        elif event == "end":
            table = opened[-1]
            table.name = table.name or f"表格{(rows := rows + 1)}"
            table.add_row()
            for cell in node.iterchildren("td", "th"):
                _add_cell(table, cell)
            table.note_width()
            node.clear()
            while node.getprevious() is not None:
                del node.getparent()[0]
    return [*done, *reversed(opened)]


def _add_cell(table: Placed, cell: etree._Element) -> None:
    for line_break in cell.iter("br"):
        line_break.tail = " " + (line_break.tail or "")
    shown = _BLANKS.sub(" ", str(text_of(cell))).strip(" ")
    exact = next((cell.get(name) for name in _EXACT if cell.get(name)), None)
    value: str | float | None = shown or None
    if exact and _SHOWN_NUMBER.match(shown):
        value = read_number(exact)
    table.add_cell(value, across=_span(cell, "colspan"), down=_span(cell, "rowspan"))


def _span(cell: etree._Element, name: str) -> int:
    text = (cell.get(name) or "1").strip()
    return min(max(int(text), 1), _WIDEST) if text.isascii() and text.isdigit() and len(text) < 6 else 1


def read_number(text: str) -> float | str:
    """A number as markup writes it; what is none stays text."""
    try:
        return float(text)
    except ValueError:
        return text
