"""What a measure is: a rate that people follow, and where they follow it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Place = Literal["headline", "morning", "summary", "trend", "bulletin"]
EVERYWHERE: tuple[Place, ...] = ("headline", "morning", "summary", "trend", "bulletin")
IN_TABLES: tuple[Place, ...] = ("headline", "morning", "summary", "bulletin")
"""Everywhere but in a line through the year: one line a chart is for the first measure of an indicator."""


@dataclass(frozen=True)
class Measure:
    """A rate that people follow.

    `column` is a rate of the report `table` that says of what it is the quotient (`of`): whoever shows the measure for a
    division or for all adds up numerators and denominators of the rows with the values of `where`, and divides once.
    Rows that differ in a column of `apart` are never added up together: each of its values has a figure of its own;
    `first` are the values whose figure stands where there is room for one; of the columns of `own` an institution has one value,
    and on its own page that is shown, whichever it is. `shown` says where people read it.
    """

    code: str
    table: str
    column: str
    title_zh: str
    title_en: str
    where: Mapping[str, str] = field(default_factory=dict)
    apart: tuple[str, ...] = ()
    first: Mapping[str, str] = field(default_factory=dict)
    own: tuple[str, ...] = ()
    shown: tuple[Place, ...] = EVERYWHERE

    def __post_init__(self) -> None:
        if {"summary", "trend"} & set(self.shown) and set(self.first) != set(self.apart):
            raise ValueError(f"measure {self.code}: `first` must have a value of each of {self.apart}")
