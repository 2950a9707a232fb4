"""What a component is: a part of the score that an institution gets for a year; and what is printed beside the score."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.table import Column


@dataclass(frozen=True)
class Component:
    """A part of the yearly assessment score: the quotient of the `measure`, of an institution's sums for the year.

    `code` is its key in the policy parameter `assessment_weights`; without a weight it is listed and weighs nothing. Added
    up are the numerator and denominator of the measure, `excused` (what excuses take off the denominator) and what is
    told `beside` them: of the rows of the measure's table whose `month` lies in the year, or, where that is empty, of
    all rows of the date. `sums` (`module:function`) names what reads them otherwise: from
    `pipelines.engine.indicator.Published`, the year and the last assessment date to rows with `institution_code`.

    `counted_zh` says what counts for the year (`{since}`, `{as_of}`), `told_zh` what is told beside the rate, `missing_zh`
    why there is none, `because_zh` why instead where a sum is not 0.
    """

    code: str
    title_zh: str
    measure: str
    counted_zh: str
    missing_zh: str
    because_zh: Mapping[str, str] = field(default_factory=dict)
    month: str = ""
    excused: str = ""
    beside: tuple[str, ...] = ()
    told_zh: str = ""
    sums: str = ""


@dataclass(frozen=True)
class Added:
    """What an indicator adds to the sums of the `component` of another: rows with `institution_code`, as its `sums` does."""

    component: str
    sums: str


@dataclass(frozen=True)
class Said:
    """A `column` of `assessment_scores`: what it says for each of the `values` of the column `of` of another table. What is not
    listed, or of whom there is no row, is `not_applicable`, or what it says for None.
    """

    column: Column
    of: str
    values: Mapping[Any, str]


@dataclass(frozen=True)
class Judged:
    """What the rows of a report `table`, one for each institution, say beside the score: a `verdict`, and `because` of what.

    `document_zh` says whence it comes. The columns are those of a ledger: a new one needs a revision of the database.
    """

    table: str
    verdict: Said
    because: tuple[Said, ...]
    document_zh: str

    @property
    def columns(self) -> tuple[Column, ...]:
        """Its columns of `assessment_scores`, the verdict last."""
        return tuple(said.column for said in (*self.because, self.verdict))

    def said(self, row: Mapping[str, Any]) -> dict[str, str]:
        """What is said of a row of the table, or of none (`{}`)."""
        return {
            said.column.name: said.values.get(row.get(said.of), said.values.get(None, "not_applicable"))
            for said in (*self.because, self.verdict)
        }
