"""Rows of a sheet as they are shown: as cells of HTML, and the same as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

import polars as pl
from markupsafe import Markup, escape

from pipelines.reports.pages.formats import MINUS, MISSING, href, number, yuan
from pipelines.reports.site.folders import folder_of
from pipelines.reports.site.sheets.sheet import PAGE, Filled, Heading, Kind
from pipelines.views.plain_cell import plain_cell

_PRICE = re.compile("0{1,2}$")
_LONG_CODE, _SHOWN_OF_CODE = 40, 12
_NOTHING = Markup()
_CLASSES: Mapping[Kind, str] = {"text": "t", "code": "c", "date": "d", "word": "w"}
_WRITERS: Mapping[Kind, Callable[[Any], str]] = {
    "count": number,
    "quantity": lambda value: f"{value:,.4f}".rstrip("0").rstrip(".").replace("-", MINUS),
    "yuan": yuan,
    "price": lambda value: _PRICE.sub("", f"{value:,.4f}").replace("-", MINUS),
    "rate": lambda value: f"{100 * value:.2f}%",
    "points": lambda value: f"{100 * value:+.2f}".replace("-", MINUS),
    "days": lambda value: f"{value:.1f}",
}


def write_number(value: Any, kind: Kind) -> str:
    """A number as cells show it; what is missing is a dash."""
    return MISSING if value is None else _WRITERS[kind](value)


@dataclass(frozen=True)
class Piece:
    """What one page shows of a sheet: `body` is the rows of its table as HTML, `csv` the same as a file."""

    name: str
    columns: Sequence[Heading]
    height: int = 0
    body: Markup = _NOTHING
    csv: str = ""


def write_pieces(sheet: Filled, pages: Sequence[str], up: str = "") -> dict[str, Piece]:
    """What each of these pages shows of a sheet; `up` leads from all of them to the index.

    Many pages at once, because a value is written once for all cells that have it. The CSV has the rows under the Chinese
    headings, in Chinese, numbers without separators, with a BOM: a name and the code beside it are two columns, what is missing
    is empty, and no text is a formula to a spreadsheet.
    """
    found, end = {page: Piece(sheet.name, sheet.columns) for page in pages}, 0
    frame = sheet.frame.filter(pl.col(PAGE).is_in(pages))
    if frame.is_empty():
        return found
    cells, plain = zip(*(_write(frame, heading, up) for heading in sheet.columns), strict=True)
    lines = list(map("".join, zip(*cells, strict=True)))
    records = list(zip(*chain.from_iterable(plain), strict=True))
    head = [h for c in sheet.columns for h in ((c.zh, c.code_zh) if c.code else (c.zh,))]
    for page, height in frame[PAGE].rle().struct.unnest().select("value", "len").iter_rows():
        begin, end = end, end + height
        body = Markup("".join(f"<tr>{line}</tr>\n" for line in lines[begin:end]))
        found[page] = Piece(sheet.name, sheet.columns, height, body, _write_csv(head, records[begin:end]))
    return found


def _write_csv(head: Sequence[str], records: Sequence[tuple[str, ...]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows(records)
    return "\ufeff" + text.getvalue()


def _write(frame: pl.DataFrame, heading: Heading, up: str) -> tuple[list[str], list[list[str]]]:
    """A column's cells, and its one or two columns of the CSV."""
    values = frame[heading.name].to_list()
    if heading.code:
        codes = frame[heading.code].to_list()
        named = list(zip(values, codes, strict=True))
        cells = _each(named, lambda pair: _mark_up_name(pair[0], pair[1], heading.link, up))
        return cells, [_each(named, lambda pair: plain_cell(pair[0] or pair[1])), _each(codes, plain_cell)]
    if not heading.is_number:
        return _each(values, lambda value: _mark_up_text(value, heading)), [
            _each(values, lambda value: plain_cell(heading.words.get(value, value)))
        ]
    texts = _each(values, lambda value: write_number(value, heading.kind))
    if heading.mark:
        bars = _each(list(zip(values, frame[heading.mark].to_list(), strict=True)), lambda pair: _draw_bar(*pair))
        cells = [f'<td class="n{bar}>{text}</td>' for text, bar in zip(texts, bars, strict=True)]
    else:
        cells = _each(texts, lambda text: f'<td class="n">{text}</td>')
    return cells, [_each(texts, lambda text: "" if text == MISSING else text.replace(",", "").replace(MINUS, "-"))]


def _each(values: Sequence[Any], write: Callable[[Any], str]) -> list[str]:
    """Every value written; what repeats is written once."""
    written = {value: write(value) for value in set(values)}
    return [written[value] for value in values]


def _mark_up_text(value: str | None, heading: Heading) -> str:
    """A text; of a long code, such as a digest, its beginning, by which it can be asked for."""
    if heading.kind == "word":
        return _mark_up_word(value, heading)
    text = MISSING if value is None else escape(value)
    if value is not None and heading.kind == "code" and len(value) > _LONG_CODE:
        text = Markup('<abbr title="{}">{}</abbr>').format(value, value[:_SHOWN_OF_CODE])
    return f'<td class="{_CLASSES[heading.kind]}">{text}</td>'


def _mark_up_name(name: str | None, code: str | None, link: str, up: str) -> str:
    if code is None:
        return f'<td class="t">{MISSING}</td>'
    text, small = str(escape(name or code)), f"<small>{escape(code)}</small>" if name and name != code else ""
    if link:
        text = f'<a href="{escape(up + href([link, folder_of(code), "index.html"]))}">{text}</a>'
    return f'<td class="t">{text}{small}</td>'


def _mark_up_word(value: str | None, heading: Heading) -> str:
    if value is None:
        return f'<td class="w">{MISSING}</td>'
    zh = escape(heading.words.get(value, value))
    en = escape(heading.words_en.get(value, value.replace("_", " ")))
    return f'<td class="w v-{escape(value)}"><span class="zh">{zh}</span><span class="en">{en}</span></td>'


def _draw_bar(value: float | None, mark: float | None) -> str:
    """Ends the class of the cell, and says in percent how long the bar of a rate and the mark on it are."""
    if value is None or mark is None:
        return '"'
    return f' bar" style="--v:{100 * min(max(value, 0), 1):.1f}%;--t:{100 * mark:.1f}%"'
