"""A table as it is shown: its columns, and its rows by page."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal

import polars as pl

Kind = Literal["text", "code", "date", "word", "count", "quantity", "yuan", "price", "rate", "points", "days"]
PAGE = "page"
"""The column of a sheet's frame that says on which page a row stands."""
ALL: Final = "all"
"""The page about everything."""

_TEXTS = ("text", "code", "date", "word")


@dataclass(frozen=True)
class Heading:
    """A column as it is shown: its name in the frame, its headings, and how its values are written.

    `code` is a column whose value stands small beside a name and in a column of its own in the CSV, under
    `code_zh`; `link` is the kind of page it leads to. `words` are Chinese for values, `words_en` English where the
    value itself says too little. `mark` is a column of values between
    0 and 1 that is marked on the bar of a rate.
    """

    name: str
    zh: str
    en: str
    kind: Kind
    words: Mapping[str, str] = field(default_factory=dict)
    words_en: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    code_zh: str = ""
    link: str = ""
    mark: str = ""

    @property
    def is_number(self) -> bool:
        """Whether it stands to the right and sorts by size."""
        return self.kind not in _TEXTS


class Paged:
    """Rows that stand on many pages: `frame` is sorted by its column `page`."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.frame = frame

    @cached_property
    def _places(self) -> dict[str, tuple[int, int]]:
        runs = self.frame.with_row_index("at").group_by(PAGE).agg(pl.col("at").min(), pl.len())
        return {page: (at, length) for page, at, length in runs.rows()}

    def rows(self, page: str) -> pl.DataFrame:
        """The rows of one page."""
        return self.frame.slice(*self._places.get(page, (0, 0)))

    def count(self, page: str) -> int:
        """How many rows a page has."""
        return self._places.get(page, (0, 0))[1]

    def rows_of(self, pages: Sequence[str]) -> pl.DataFrame:
        """The rows of several pages, in the order of the frame."""
        runs: list[tuple[int, int]] = []
        for at, length in sorted(self._places[page] for page in pages if page in self._places):
            if runs and sum(runs[-1]) == at:
                at, length = runs[-1][0], runs.pop()[1] + length
            runs.append((at, length))
        if len(runs) == 1:
            return self.frame.slice(*runs[0])
        return pl.concat([self.frame.clear(), *(self.frame.slice(*run) for run in runs)])


class Filled(Paged):
    """A table that stands on many pages: its frame has what its columns show."""

    def __init__(self, name: str, columns: Sequence[Heading], frame: pl.DataFrame) -> None:
        fields = [f for c in columns for f in (c.name, c.code, c.mark) if f]
        super().__init__(frame.select(PAGE, *dict.fromkeys(fields)))
        self.name, self.columns = name, tuple(columns)

    @cached_property
    def head(self) -> str:
        """The digest of its name, and of all that decides how its values are shown."""
        return hashlib.sha256(repr((self.name, self.columns)).encode()).hexdigest()

    @cached_property
    def digests(self) -> dict[str, str]:
        """By page the digest of all that it shows of the sheet."""
        if self.frame.is_empty():
            return {}
        values = pl.concat_str(pl.exclude(PAGE).cast(pl.String).fill_null("\x00"), separator="\x1f")
        found = self.frame.group_by(PAGE, maintain_order=True).agg(values.str.join("\x1e").alias("text"))
        return {page: hashlib.sha256(text.encode()).hexdigest() for page, text in found.iter_rows()}
