"""What an explained figure is made of, and how the tables that can be explained are found."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Protocol, overload

import polars as pl

from pipelines.engine.indicator import Frame, Inputs
from schemas.policies import PolicyRow

Record = dict[str, Any]
"""A row as plain values: column → value."""

PLACE = ("_file", "_sheet", "_line")
LEFT_OUT = "left_out"
"""A column of evidence: why a row does not count, in Chinese; null where it does. Sums leave such rows out, and explanations
list them apart.
"""


@dataclass(frozen=True)
class Line:
    """A source row in an explanation: dataset, number of the file in the order of upserts, sheet, line; its natural
    key; what it is here (收货, 退货 …); what it says (Chinese title → value); `reasons` why it does not count.
    """

    dataset: str
    file: int
    sheet: str
    line: int
    key: Record
    role: str
    facts: Record
    reasons: tuple[str, ...] = ()

    @property
    def place(self) -> tuple[int, str, int]:
        """File, sheet and line: what identifies a source row."""
        return self.file, self.sheet, self.line


class Later(Sequence[Line]):
    """Lines that are looked for when somebody first asks for one: to say what else there is takes longest."""

    def __init__(self, find: Callable[[], Iterable[Line]]) -> None:
        self._find = find

    @cached_property
    def _lines(self) -> tuple[Line, ...]:
        return tuple(self._find())

    @overload
    def __getitem__(self, at: int) -> Line: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Line]: ...
    def __getitem__(self, at: int | slice) -> Line | Sequence[Line]:
        return self._lines[at]

    def __len__(self) -> int:
        return len(self._lines)


@dataclass(frozen=True)
class Step:
    """One column of the figure: the formula in words, the formula with its numbers put in, and the value that comes
    out of the listed rows, as the table prints it. A rate without a denominator is None and says why.
    """

    column: str
    formula: str
    numbers: str
    value: Any


@dataclass(frozen=True)
class Explanation:
    """A figure led back to its rows.

    `concerned` says whose rows these are: datasets, each with the codes that its columns hold. Whoever explains uses
    it to find the rows of the same parties that do not stand: rejected, replaced or withdrawn ones.
    """

    steps: tuple[Step, ...]
    policies: tuple[PolicyRow, ...]
    lines: tuple[Line, ...]
    left_out: Sequence[Line]
    notes: tuple[str, ...] = ()
    concerned: tuple[tuple[str, Mapping[str, frozenset[str]]], ...] = ()


@dataclass(frozen=True)
class Scope:
    """Which records a figure hangs on: those of some institutions, or of some products; None means of all."""

    institutions: frozenset[str] | None = frozenset()
    products: frozenset[str] | None = frozenset()


class Versions(Protocol):
    """Every accepted version of every record of a dataset, as a past run saw the lake."""

    def __call__(self, dataset: str) -> pl.LazyFrame:
        """Columns of the dataset with `_file`, `_sheet`, `_line`."""


Key = Mapping[str, str]
Explain = Callable[[Key], Explanation | None]
Near = tuple[str, ...] | Callable[[Record, Inputs], Frame]
"""Which rows of a table may list a record: those whose key has its values in these columns (any row, of none), or has what
stands in a row of this table, in the columns that it shares with the key.
"""


@dataclass(frozen=True)
class Explained:
    """A report table that can be explained.

    `open(inputs)` takes the records that a row hangs on and returns the function that explains it by its key (column → text;
    None where no such row comes out). These are those of the institution or product (the indicator's axis) that the key names,
    itself or by the key of a record; where it names none, all, or what `scope(key, versions)` says.
    `defaults` holds what a key may leave out. A record that is part of a row of another table of the indicator by way of a
    record of the dataset `through` is part of the rows that list the latter.
    `lists`: the datasets of which its rows list records, counted or left out, and which rows may list one; None where it is what
    stands in the evidence of the indicator, at its place. With `rule` it explains not the table's rows but the
    findings of that rule, each made of several rows: the key is what its subject names, and a step's column one of the table.
    """

    table: str
    indicator: str
    open: Callable[[Inputs], Explain]
    scope: Callable[[Key, Versions], Scope] | None = None
    defaults: Mapping[str, str] = field(default_factory=dict)
    through: str = ""
    lists: Mapping[str, Near] | None = None
    rule: str = ""
