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

    def place(self, en: str) -> int:
        """The position of the column of that English name; ValueError where there is none."""
        return [head.en for head in self.heads].index(en)


SUM = "合计"


def is_sum(row: Row) -> bool:
    """Whether the row says 合计 in its first two cells: of all, or of a city or province as a whole."""
    return any(isinstance(cell, str) and cell.endswith((SUM, f"{SUM}）")) for cell in row[:2])


def list_rows(
    name: str, zh: str, en: str, heads: Sequence[Head], rows: Sequence[Row], note: tuple[str, str] = ("", "")
) -> Listing:
    """A listing of rows that are there already."""
    return Listing(name, zh, en, tuple(heads), len(rows), lambda: rows, note)
