"""The workbook of a bulletin: sheets of listings, the same bytes whenever it is written of the same listings."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from pipelines.reports.bulletin.listing import Cell, Head, Kind, Listing, Row, is_sum
from pipelines.views.plain_cell import plain_cell

SHEET_ROWS = 1_048_576
_LONGEST_CELL = 32_767
_FORMATS: dict[str, str] = {
    "text": "@",
    "date": "yyyy-mm-dd",
    "yuan": "#,##0.00",
    "quantity": "#,##0.####",
    "whole": "#,##0",
    "rate": "0.00%",
    "count": "#,##0",
}
_WIDTHS: dict[Kind, int] = {"text": 20, "date": 12, "yuan": 17, "quantity": 14, "rate": 11, "count": 11}


@dataclass(frozen=True)
class Sheet:
    """A sheet: one listing, whose rows can be filtered, or several short ones below each other."""

    title: str
    listings: Sequence[Listing]


@dataclass(frozen=True)
class Written:
    """Where a listing stands in the workbook: sheet, first and last row of its values (from 0)."""

    sheet: str
    first: int
    last: int


@dataclass
class Book:
    """A workbook in the making; `places` tells where each listing stands, `cut` the files that hold what was cut."""

    book: Any
    heading: str
    folder: Path
    most: int
    formats: dict[str, Any]
    places: dict[str, Written] = field(default_factory=dict)
    cut: list[Path] = field(default_factory=list)


@contextmanager
def open_book(path: Path, heading: str, finished: datetime, most: int = SHEET_ROWS) -> Iterator[Book]:
    """A workbook to be written row by row in bounded memory; it stands at `path` once the block ends well.

    No sheet gets more than `most` rows, heads included. `finished` is the only time that goes into the file.
    """
    with tempfile.TemporaryDirectory(prefix="vbp_book_", dir=path.parent) as scratch:
        partial = Path(scratch) / path.name
        options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "tmpdir": scratch}
        book = xlsxwriter.Workbook(partial, options)
        book.set_properties({"title": heading, "created": finished.replace(tzinfo=None)})
        yield Book(book, heading, path.parent, most, _add_formats(book))
        book.close()
        partial.replace(path)


def _add_formats(book: Any) -> dict[str, Any]:
    font = {"font_name": "Microsoft YaHei", "font_size": 10, "valign": "top"}
    formats = {name: book.add_format(font | {"num_format": text}) for name, text in _FORMATS.items()}
    formats["long"] = book.add_format(font | {"num_format": "@", "text_wrap": True})
    formats["head"] = book.add_format(
        font | {"bold": True, "bg_color": "#DDEBF7", "bottom": 1, "text_wrap": True, "valign": "vcenter"}
    )
    formats["title"] = book.add_format(font | {"bold": True, "font_size": 13})
    formats["note"] = book.add_format(font | {"font_color": "#595959"})
    formats["cut"] = book.add_format(font | {"bold": True, "font_color": "#9C0006", "bg_color": "#FFC7CE"})
    for name in _FORMATS:
        formats[f"sum:{name}"] = book.add_format(font | {"num_format": _FORMATS[name], "bold": True, "top": 1})
    return formats


def write_sheet(made: Book, sheet: Sheet) -> None:
    """Write a sheet. A listing of its own is filtered below a frozen head; where it is longer than the sheet may be, a
    line at the top says how many rows there are and in which csv beside the workbook all of them stand.
    """
    page = made.book.add_worksheet(sheet.title)
    page.hide_gridlines(2)
    page.ignore_errors({"number_stored_as_text": f"A1:XFD{SHEET_ROWS}"})
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    _set_widths(page, sheet.listings)
    line = 0
    is_alone = len(sheet.listings) == 1
    for number, listing in enumerate(sheet.listings):
        kept = min(listing.total, made.most - 3) if is_alone else listing.total
        page.write_string(line, 0, listing.zh if number else f"{listing.zh} · {made.heading}", made.formats["title"])
        if kept < listing.total:
            page.write_string(line + 1, 0, _tell_cut(made, listing, kept), made.formats["cut"])
        else:
            page.write_string(line + 1, 0, _tell_note(listing), made.formats["note"])
        head = line + 2
        page.set_row(head, 30)
        for column, title in enumerate(listing.heads):
            page.write_string(head, column, title.zh, made.formats["head"])
        last = _write_rows(made, page, listing, head + 1, kept)
        made.places[listing.name] = Written(sheet.title, head + 1, last)
        if is_alone:
            page.freeze_panes(head + 1, 0)
            page.repeat_rows(head)
            if kept:
                page.autofilter(head, 0, last, len(listing.heads) - 1)
        line = last + 3


def _write_rows(made: Book, page: Any, listing: Listing, first: int, kept: int) -> int:
    """Write the first `kept` rows, and all of them into a csv where that is not all; return the last line written."""
    line = first - 1
    rows = iter(listing.rows())
    text = None
    try:
        if kept < listing.total:
            path = made.folder / f"{listing.name}.csv"
            text = path.open("w", encoding="utf-8-sig", newline="")
            made.cut.append(path)
            out = csv.writer(text)
            out.writerow([head.zh for head in listing.heads])
        for number, row in enumerate(rows):
            if number < kept:
                line += 1
                _write_row(made.formats, page, line, listing.heads, row)
            if text is not None:
                out.writerow([plain_cell(value) for value in row])
    finally:
        if text is not None:
            text.close()
    return max(line, first)


def _write_row(formats: Mapping[str, Any], page: Any, line: int, heads: Sequence[Head], row: Row) -> None:
    mark = "sum:" if is_sum(row) else ""
    for column, (head, value) in enumerate(zip(heads, row, strict=True)):
        _write_cell(formats, page, line, column, head.kind, value, mark)


def _write_cell(formats: Mapping[str, Any], page: Any, line: int, column: int, kind: Kind, value: Cell, mark: str) -> None:
    match value:
        case None:
            if mark:
                page.write_blank(line, column, None, formats[f"{mark}text"])
        case str():
            # write_string and nothing else: what was sent to us is never a formula of ours
            style = formats["long"] if len(value) > 60 else formats[f"{mark}text"]
            page.write_string(line, column, value[:_LONGEST_CELL], style)
        case date():
            page.write_datetime(line, column, datetime(value.year, value.month, value.day), formats[f"{mark}date"])
        case _:
            name = "whole" if kind == "quantity" and float(value).is_integer() else kind
            page.write_number(line, column, float(value), formats[mark + name])


def _set_widths(page: Any, listings: Sequence[Listing]) -> None:
    widths: dict[int, int] = {}
    for listing in listings:
        for column, head in enumerate(listing.heads):
            widths[column] = max(widths.get(column, 0), _width(head))
    for column, width in widths.items():
        page.set_column(column, column, width)


def _width(head: Head) -> int:
    """Wide enough for values of its kind, and for its title on two lines; a Chinese character is two wide."""
    title = sum(2 if ord(letter) > 255 else 1 for letter in head.zh)
    if head.kind == "text" and head.zh in ("内容", "说明", "消息", "依据", "问题说明"):
        return 70
    return max(_WIDTHS[head.kind], title // 2 + 3)


def _tell_note(listing: Listing) -> str:
    return "；".join(filter(None, (f"共 {listing.total:,} 行", listing.note[0])))


def _tell_cut(made: Book, listing: Listing, kept: int) -> str:
    return f"本表未列全：共 {listing.total:,} 行，这里只有前 {kept:,} 行；全部数据在同一文件夹的 {listing.name}.csv"
