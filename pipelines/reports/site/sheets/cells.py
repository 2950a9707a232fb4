"""Rows of a sheet as they are shown: as cells of HTML, and the same as CSV."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl
from markupsafe import Markup, escape

from pipelines.reports.pages.formats import MINUS, MISSING, href, number, yuan
from pipelines.reports.site.folders import folder_of
from pipelines.reports.site.sheets.sheet import Heading, Kind
from pipelines.views.plain_cell import plain_cell

_PRICE = re.compile("0{1,2}$")
_LONG_CODE, _SHOWN_OF_CODE = 40, 12
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
    """What one page shows of a sheet; `up` leads from the page to the index."""

    name: str
    columns: Sequence[Heading]
    frame: pl.DataFrame
    up: str = ""
    _written: dict[str, list[str]] = field(default_factory=dict, init=False, repr=False)

    @property
    def height(self) -> int:
        """Number of rows."""
        return self.frame.height

    def html(self) -> Iterator[Markup]:
        """The cells of each row."""
        columns = [self._mark_up(heading) for heading in self.columns]
        return map(Markup, map("".join, zip(*columns, strict=True)))

    def csv(self) -> str:
        """The rows under the Chinese headings, in Chinese, numbers without separators; with a BOM.

        A name and the code beside it are two columns, what is missing is empty, and no text is a formula to a
        spreadsheet.
        """
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow([h for c in self.columns for h in ((c.zh, c.code_zh) if c.code else (c.zh,))])
        writer.writerows(zip(*(plain for c in self.columns for plain in self._write_plain(c)), strict=True))
        return "\ufeff" + text.getvalue()

    def _values(self, name: str) -> list[Any]:
        return self.frame[name].to_list()

    def _write_numbers(self, heading: Heading) -> list[str]:
        """The column as text, the same for both."""
        if heading.name not in self._written:
            values = self._values(heading.name)
            self._written[heading.name] = [write_number(value, heading.kind) for value in values]
        return self._written[heading.name]

    def _mark_up(self, heading: Heading) -> list[str]:
        values = self._values(heading.name)
        if heading.code:
            named = list(zip(values, self._values(heading.code), strict=True))
            return _each(named, lambda pair: _mark_up_name(pair[0], pair[1], heading.link, self.up))
        if heading.kind == "word":
            return _each(values, lambda value: _mark_up_word(value, heading))
        if not heading.is_number:
            start = f'<td class="{_CLASSES[heading.kind]}">'
            return _each(values, lambda value: f"{start}{_mark_up_text(value, heading.kind)}</td>")
        texts = self._write_numbers(heading)
        if heading.mark:
            bars = map(_draw_bar, values, self._values(heading.mark))
            return [f'<td class="n{bar}>{text}</td>' for text, bar in zip(texts, bars, strict=True)]
        return [f'<td class="n">{text}</td>' for text in texts]

    def _write_plain(self, heading: Heading) -> Iterator[list[str]]:
        if heading.is_number:
            texts = self._write_numbers(heading)
            yield ["" if t == MISSING else t.replace(",", "").replace(MINUS, "-") for t in texts]
            return
        values = self._values(heading.name)
        if heading.code:
            codes = self._values(heading.code)
            yield [plain_cell(name or code) for name, code in zip(values, codes, strict=True)]
            yield _each(codes, plain_cell)
        else:
            yield _each(values, lambda value: plain_cell(heading.words.get(value, value)))


def _each(values: Sequence[Any], write: Callable[[Any], str]) -> list[str]:
    """Every value written; what repeats is written once."""
    written = {value: write(value) for value in set(values)}
    return [written[value] for value in values]


def _mark_up_text(value: str | None, kind: Kind) -> str:
    """A text; of a long code, such as a digest, its beginning, by which it can be asked for."""
    if value is None:
        return MISSING
    if kind == "code" and len(value) > _LONG_CODE:
        return Markup('<abbr title="{}">{}</abbr>').format(value, value[:_SHOWN_OF_CODE])
    return escape(value)


def _mark_up_name(name: str | None, code: str | None, link: str, up: str) -> str:
    if code is None:
        return f'<td class="t">{MISSING}</td>'
    text, small = escape(name or code), f"<small>{escape(code)}</small>" if name and name != code else ""
    if link:
        text = Markup('<a href="{}">{}</a>').format(up + href([link, folder_of(code), "index.html"]), text)
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
