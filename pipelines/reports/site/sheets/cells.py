"""Rows of a sheet as they are shown: as cells of HTML, from which the browser also makes the CSV (`assets/csv.js`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl
from markupsafe import Markup, escape

from pipelines.reports.pages.formats import MINUS, MISSING, href, number, yuan
from pipelines.reports.pages.frame import in_both
from pipelines.reports.site.folders import folder_of
from pipelines.reports.site.sheets.sheet import PAGE, Filled, Heading, Kind

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
    """What one page shows of a sheet: `head` and `body` are the rows of its table as HTML."""

    name: str
    width: int
    head: Markup
    height: int = 0
    body: Markup = _NOTHING


def write_pieces(sheet: Filled, pages: Sequence[str], up: str = "") -> dict[str, Piece]:
    """What each of these pages shows of a sheet; `up` leads from all of them to the index.

    Many pages at once, because a value is written once for all cells that have it.
    """
    frame, head = sheet.rows_of(pages), Markup("".join(map(_mark_up_heading, sheet.columns)))
    found, end = dict.fromkeys(pages, Piece(sheet.name, len(sheet.columns), head)), 0
    if frame.is_empty():
        return found
    lines = list(map("".join, zip(*(_write(frame, heading, up) for heading in sheet.columns), strict=True)))
    for page, height in frame[PAGE].rle().struct.unnest().select("value", "len").iter_rows():
        begin, end = end, end + height
        body = Markup("".join(f"<tr>{line}</tr>\n" for line in lines[begin:end]))
        found[page] = Piece(sheet.name, len(sheet.columns), head, height, body)
    return found


def _mark_up_heading(heading: Heading) -> str:
    number = ' class="n"' if heading.is_number else ""
    code = f' data-code="{escape(heading.code_zh)}"' if heading.code else ""
    return f'<th{number}{code} scope="col">{in_both(heading.zh, heading.en)}</th>'


def _write(frame: pl.DataFrame, heading: Heading, up: str) -> list[str]:
    """A column's cells; those of a missing text have the class `x`."""
    values = frame[heading.name].to_list()
    if heading.code:
        codes = frame[heading.code].to_list()
        named = list(zip(values, codes, strict=True))
        return _each(named, lambda pair: _mark_up_name(pair[0], pair[1], heading.link, up))
    if not heading.is_number:
        return _each(values, lambda value: _mark_up_text(value, heading))
    write = _WRITERS[heading.kind]
    texts = _each(values, lambda value: MISSING if value is None else write(value))
    if heading.mark:
        bars = _each(list(zip(values, frame[heading.mark].to_list(), strict=True)), lambda pair: _draw_bar(*pair))
        return [f'<td class="n{bar}>{text}</td>' for text, bar in zip(texts, bars, strict=True)]
    return [f'<td class="n">{text}</td>' for text in texts]


def _each(values: Sequence[Any], write: Callable[[Any], str]) -> list[str]:
    """Every value written; what repeats is written once."""
    written = {value: write(value) for value in set(values)}
    return [written[value] for value in values]


def _mark_up_text(value: str | None, heading: Heading) -> str:
    """A text; of a long code, such as a digest, its beginning, by which it can be asked for."""
    if value is None:
        return f'<td class="{_CLASSES[heading.kind]} x">{MISSING}</td>'
    if heading.kind == "word":
        return _mark_up_word(value, heading)
    text = str(escape(value))
    if heading.kind == "code" and len(value) > _LONG_CODE:
        text = f'<abbr title="{text}">{escape(value[:_SHOWN_OF_CODE])}</abbr>'
    return f'<td class="{_CLASSES[heading.kind]}">{text}</td>'


def _mark_up_name(name: str | None, code: str | None, link: str, up: str) -> str:
    if code is None:
        return f'<td class="t x">{MISSING}</td>'
    text, small = str(escape(name or code)), f"<small>{escape(code)}</small>" if name and name != code else ""
    if link:
        text = f'<a href="{up}{_address(link, code)}">{text}</a>'
    return f'<td class="t">{text}{small}</td>'


@lru_cache(maxsize=1 << 16)
def _address(link: str, code: str) -> str:
    return str(escape(href([link, folder_of(code), "index.html"])))


def _mark_up_word(value: str, heading: Heading) -> str:
    zh = escape(heading.words.get(value, value))
    en = escape(heading.words_en.get(value, value.replace("_", " ")))
    return f'<td class="w v-{escape(value)}"><span class="zh">{zh}</span><span class="en">{en}</span></td>'


def _draw_bar(value: float | None, mark: float | None) -> str:
    """Ends the class of the cell, and says in percent how long the bar of a rate and the mark on it are."""
    if value is None or mark is None:
        return '"'
    return f' bar" style="--v:{100 * min(max(value, 0), 1):.1f}%;--t:{100 * mark:.1f}%"'
