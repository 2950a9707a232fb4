"""What a bulletin is made of: listings, each a table with its heads, the same for workbook, page and print."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

Kind = Literal["text", "date", "yuan", "quantity", "rate", "count"]
Cell = str | int | float | Decimal | date | None
Row = Sequence[Cell]


@dataclass(frozen=True)
class Head:
    """A column: its Chinese and English name, and how its values are written. Yuan are decimals, rates quotients."""

    zh: str
    en: str
    kind: Kind


@dataclass(frozen=True)
class Series:
    """What is drawn in one colour: the values of the column at `place`, as bars or as a mark across them."""

    place: int
    colour: str
    is_mark: bool


@dataclass(frozen=True)
class Chart:
    """How the rows of a listing that are no sums are drawn; `kind` as in `schemas.section.Bars`, titles Chinese and English."""

    kind: Literal["rates", "amounts", "shares"]
    series: tuple[Series, ...]
    titles: tuple[str, str]


@dataclass(frozen=True)
class Headline:
    """A figure of all rows together that stands first on the page, and in small a second one with its words (`封顶 {}`)."""

    titles: tuple[str, str]
    value: Cell
    kind: Kind
    words: tuple[str, str] = ("", "")
    beside: Cell = None


@dataclass(frozen=True)
class Listing:
    """A table of a bulletin: `total` rows, read anew by each call of `rows`; `note` (Chinese, English) says what to know.

    A row that `is_sum` is a sum of rows above it; sums stand last.
    """

    name: str
    zh: str
    en: str
    heads: tuple[Head, ...]
    total: int
    rows: Callable[[], Iterable[Row]]
    note: tuple[str, str] = ("", "")
    chart: Chart | None = None
    headline: Headline | None = None


SUM = "合计"


def is_sum(row: Row) -> bool:
    """Whether the row says 合计 in its first two cells: of all, or of a city or province as a whole."""
    return any(isinstance(cell, str) and cell.endswith((SUM, f"{SUM}）")) for cell in row[:2])


def list_rows(
    name: str,
    zh: str,
    en: str,
    heads: Sequence[Head],
    rows: Sequence[Row],
    note: tuple[str, str] = ("", ""),
    chart: Chart | None = None,
    headline: Headline | None = None,
) -> Listing:
    """A listing of rows that are there already."""
    return Listing(name, zh, en, tuple(heads), len(rows), lambda: rows, note, chart, headline)
