"""Rows of a sheet as they are shown: as cells of HTML, from which the browser also makes the CSV (`assets/csv.js`)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import polars as pl
from markupsafe import Markup, escape

from pipelines.reports.pages.formats import MINUS, MISSING, href, number, yuan
from pipelines.reports.pages.frame import in_both
from pipelines.reports.site.folders import folder_of
from pipelines.reports.site.sheets.sheet import PAGE, Filled, Heading, Kind

_PRICE = re.compile("0{1,2}$")
_LONG_CODE, _SHOWN_OF_CODE = 40, 12
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "'": "&#39;", '"': "&#34;"}
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
_DECIMALS: Mapping[Kind, int] = {"yuan": 2, "quantity": 4, "price": 4, "rate": 2, "days": 1}
_UNGROUPED: tuple[Kind, ...] = ("rate", "days")
_NEAR, _MOST = 1e-6, 1e9
"""So near to half a last digit, and from so many last digits on, a product of doubles may be rounded otherwise than written."""
_FEW = 1000
"""So few rows are written number by number: to look digits up costs more before the first than they do."""


def write_number(value: Any, kind: Kind) -> str:
    """A number as cells show it, no zero with a sign; what is missing is a dash."""
    return MISSING if value is None else _WRITERS[kind](value + 0)


@dataclass(frozen=True)
class Piece:
    """What one page shows of a sheet: `head` and `body` are the rows of its table as HTML, the body as bytes of the file."""

    name: str
    width: int
    head: Markup
    height: int = 0
    body: bytes = b""


def write_pieces(sheet: Filled, pages: Sequence[str], up: str = "") -> dict[str, Piece]:
    """What each of these pages shows of a sheet; `up` leads from all of them to the index.

    Many pages at once: their rows are written column by column.
    """
    frame, head = sheet.rows_of(pages), Markup("".join(map(_mark_up_heading, sheet.columns)))
    found = dict.fromkeys(pages, Piece(sheet.name, len(sheet.columns), head))
    if frame.is_empty():
        return found
    cells = [cell for heading in sheet.columns for cell in _write(frame, heading, up)]
    line = pl.concat_str(_said("<tr>"), *cells, _said("</tr>\n"))
    bodies = frame.select(PAGE, line.alias("line")).group_by(PAGE).agg(pl.len(), pl.col("line").str.join("").cast(pl.Binary))
    for page, height, body in bodies.iter_rows():
        found[page] = Piece(sheet.name, len(sheet.columns), head, height, body)
    return found


def _mark_up_heading(heading: Heading) -> str:
    number = ' class="n"' if heading.is_number else ""
    code = f' data-code="{escape(heading.code_zh)}"' if heading.code else ""
    return f'<th{number}{code} scope="col">{in_both(heading.zh, heading.en)}</th>'


def _write(frame: pl.DataFrame, heading: Heading, up: str) -> list[pl.Expr]:
    """The parts of a column's cells, which stand one behind the other; those of a missing text have the class `x`."""
    value = pl.col(heading.name)
    if heading.code:
        return _mark_up_names(frame, heading, up)
    if heading.kind == "word":
        return [_replaced(frame[heading.name].unique(), value, lambda word: _mark_up_word(word, heading))]
    if not heading.is_number:
        return _mark_up_texts(value.cast(pl.String), heading)
    begin = _said('<td class="n">')
    if heading.mark:
        pairs = zip(frame[heading.name], frame[heading.mark], strict=True)
        begin = pl.lit(pl.Series([f'<td class="n{_draw_bar(*pair)}>' for pair in pairs], dtype=pl.String))
    return [begin, _write_numbers(frame, heading), _said("</td>")]


def _write_numbers(frame: pl.DataFrame, heading: Heading) -> pl.Expr:
    """Numbers as `write_number` does, of which the digits are looked up; those that would not come out alike go through it."""
    name, kind = heading.name, heading.kind
    value = pl.col(name)
    if frame.height < _FEW:
        return _each(frame[name].unique(), value, kind)
    if frame[name].dtype == pl.Int64:
        whole, rest = (value.abs() // 100, value.abs() % 100) if kind == "yuan" else (value.abs(), None)
        sign = _said(MINUS if kind == "yuan" else "-")
        parts: list[pl.Expr] = [pl.when(value < 0).then(sign), *_grouped(whole, frame.select(whole.max()).item())]
        written = pl.concat_str(parts if rest is None else [*parts, _ends(kind).gather(rest)], ignore_nulls=True)
        return pl.when(value.is_null()).then(_said(MISSING)).otherwise(written)
    if kind not in _DECIMALS:
        return _each(frame[name].unique(), value, kind)
    decimals = 10 ** _DECIMALS[kind]
    scaled = (value * 100 if kind == "rate" else value) * decimals
    is_far_from_half = ((scaled - scaled.floor()) - 0.5).abs() > _NEAR
    is_plain = (value >= 0) & is_far_from_half & (scaled < (1000 * decimals - 1 if kind in _UNGROUPED else _MOST))
    others = frame.filter(is_plain.not_().fill_null(True))[name].unique()
    digits = pl.when(is_plain).then(scaled.round().cast(pl.Int64))
    most = frame.select((digits // decimals).max()).item()
    written = pl.concat_str(*_grouped(digits // decimals, most), _ends(kind).gather(digits % decimals), ignore_nulls=True)
    return pl.when(is_plain).then(written).otherwise(_each(others, value, kind)) if len(others) else written


def _grouped(whole: pl.Expr, most: int | None) -> Iterator[pl.Expr]:
    """Whole numbers, none above `most`, in groups of three digits; null where a number has no such group."""
    for power in reversed(range(max(1, -(-len(str(most or 0)) // 3)))):
        here = whole // 1000**power
        place = here % 1000 + pl.when(here >= 1000).then(1000).otherwise(0)
        yield _groups().gather(place if power == 0 else pl.when(here > 0).then(place))


@lru_cache(maxsize=1024)
def _said(text: str) -> pl.Expr:
    return pl.lit(text)


@cache
def _groups() -> pl.Expr:
    """Three digits of a number: the first of it, and with 1000 more those behind others."""
    return pl.lit(pl.Series([*map(str, range(1000)), *(f",{n:03d}" for n in range(1000))]))


@cache
def _ends(kind: Kind) -> pl.Expr:
    """What stands behind the whole part of a number of a kind, by its decimals as one number."""
    decimals, write = 10 ** _DECIMALS[kind], _WRITERS[kind]
    shown = {"yuan": 1, "rate": 1 / 100 / decimals}.get(kind, 1 / decimals)
    texts = [write(n * shown) for n in range(decimals)]
    return pl.lit(pl.Series([text.removeprefix("0") for text in texts]))


def _each(values: pl.Series, value: pl.Expr, kind: Kind) -> pl.Expr:
    """Each of some values as `write_number` does."""
    return _replaced(values, value, lambda one: write_number(one, kind))


def _replaced(values: pl.Series, value: pl.Expr, write: Callable[[Any], str | None]) -> pl.Expr:
    """Each of some values written once; null what is none of them."""
    texts = pl.Series([write(one) for one in values.to_list()], dtype=pl.String)
    return value.replace_strict(values, texts, default=None, return_dtype=pl.String)


def _escaped(text: pl.Expr) -> pl.Expr:
    return text.str.replace_many(list(_ESCAPES), list(_ESCAPES.values()))


def _mark_up_texts(text: pl.Expr, heading: Heading) -> list[pl.Expr]:
    """Texts; of a long code, such as a digest, its beginning, by which it can be asked for."""
    inner, css = _escaped(text), _CLASSES[heading.kind]
    if heading.kind == "code":
        short = _escaped(text.str.head(_SHOWN_OF_CODE))
        long = pl.concat_str(_said('<abbr title="'), inner, _said('">'), short, _said("</abbr>"))
        inner = pl.when(text.str.len_chars() > _LONG_CODE).then(long).otherwise(inner)
    there = pl.concat_str(_said(f'<td class="{css}">'), inner, _said("</td>"))
    return [there.fill_null(f'<td class="{css} x">{MISSING}</td>')]


def _mark_up_names(frame: pl.DataFrame, heading: Heading, up: str) -> list[pl.Expr]:
    """Names, with the code small behind each; both lead to the page of the code where it has one."""
    name, code = pl.col(heading.name), pl.col(heading.code)
    is_named = (name != "") & (name != code)
    text = _escaped(pl.when(is_named).then(name).otherwise(code))
    small = pl.when(is_named).then(pl.concat_str(_said("<small>"), _escaped(code), _said("</small>"))).otherwise(_said(""))
    if heading.link:
        opened = _replaced(frame[heading.code].unique(), code, lambda one: _open_link(heading.link, one, up))
        text = pl.concat_str(opened, text, _said("</a>"))
    there = pl.concat_str(_said('<td class="t">'), text, small, _said("</td>"))
    return [there.fill_null(f'<td class="t x">{MISSING}</td>')]


def _open_link(kind: str, code: str | None, up: str) -> str | None:
    return None if code is None else f'<a href="{up}{_address(kind, code)}">'


@lru_cache(maxsize=1 << 16)
def _address(kind: str, code: str) -> str:
    return str(escape(href([kind, folder_of(code), "index.html"])))


def _mark_up_word(value: str | None, heading: Heading) -> str:
    if value is None:
        return f'<td class="{_CLASSES[heading.kind]} x">{MISSING}</td>'
    zh = escape(heading.words.get(value, value))
    en = escape(heading.words_en.get(value, value.replace("_", " ")))
    return f'<td class="w v-{escape(value)}"><span class="zh">{zh}</span><span class="en">{en}</span></td>'


def _draw_bar(value: float | None, mark: float | None) -> str:
    """Ends the class of the cell, and says in percent how long the bar of a rate and the mark on it are."""
    if value is None or mark is None:
        return '"'
    return f' bar" style="--v:{100 * min(max(value, 0), 1):.1f}%;--t:{100 * mark:.1f}%"'
