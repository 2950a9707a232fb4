"""What an indicator is, what it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import polars as pl

from pipelines.lake.parts import AXES
from pipelines.lake.scan_records import parts_of, scan_records
from pipelines.policy.policies import Policies
from schemas.records import RECORDS

Axis = Literal["institution", "product"]
Frame = pl.DataFrame | pl.LazyFrame
Frames = Mapping[str, Frame]
_Rows = Mapping[str, pl.DataFrame]


@dataclass(frozen=True)
class Inputs:
    """What an indicator may see: the records of the run (all of them, one part along an axis, or those that
    some units need), the day it speaks of, and the policy rows.

    `only` names, for datasets of which not all is needed, the values of some columns that a record must have;
    `left` are the sums of the units that are not computed.
    """

    records: Path
    as_of: date
    policies: Policies
    part: int | None = None
    axis: Axis | None = None
    only: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    left: Mapping[str, pl.LazyFrame] | None = None

    def scan(self, dataset: str) -> pl.LazyFrame:
        """The current records of a dataset; columns as in `schemas/records`, with `_file`, `_sheet`, `_line`.

        Of a dataset that is divided along the axis of these inputs, only their part; any other one whole.
        """
        is_other = self.axis is not None and AXES.get(dataset) != self.axis
        return scan_records(
            self.records, dataset, None if is_other else self.part, only=self.only.get(dataset)
        )

    def others(self, name: str) -> pl.LazyFrame | None:
        """The sums of that name of the units that are left as they are; None where all are computed."""
        return self.left[name] if self.left is not None else None

    def only_where(self, dataset: str, values: pl.DataFrame) -> Inputs:
        """The same, of one dataset only the records whose values in these columns occur here."""
        return replace(self, only={**self.only, dataset: values})

    def with_place(self, rows: Frame, dataset: str) -> pl.LazyFrame:
        """Add `_file`, `_sheet`, `_line` of the record that a row speaks of; the row holds its natural key."""
        key = list(RECORDS[dataset].key)
        places = self.scan(dataset).select(*key, "_file", "_sheet", "_line")
        texts = pl.col(c for c in key if c != "line_no").cast(pl.String)
        return rows.lazy().with_columns(texts).join(places, on=key, how="left")

    def parts(self, axis: Axis) -> list[int]:
        """The numbers of the parts along an axis; one where the records lie whole. ValueError where some of
        the datasets lie whole and others divided: their parts could not be told apart.
        """
        names = [name for name, divided_by in AXES.items() if divided_by == axis]
        is_whole = {(self.records / f"{name}.parquet").exists() for name in names}
        if is_whole == {True}:
            return [0]
        numbers = {tuple(parts_of(self.records, name)) for name in names}
        if is_whole == {True, False} or len(numbers) != 1 or numbers == {()}:
            raise ValueError(f"records below {self.records} are not divided alike: {', '.join(names)}")
        return list(numbers.pop())

    def of_part(self, axis: Axis, part: int) -> Inputs:
        """The same, of one part along an axis."""
        return replace(self, axis=axis, part=part)

    def with_policy(self, rows: pl.DataFrame, parameter: str, day: str) -> pl.DataFrame:
        """Add `<parameter>` and `<parameter>_policy_id` as valid on `day` in the row's `jurisdiction_code`."""
        return self.policies.resolve_frame(rows, parameter, day=day, jurisdiction="jurisdiction_code")


@dataclass(frozen=True)
class Published:
    """What was published for a date, for an indicator that judges by it: lists of those to be named, scores of a year.

    `rows(table, condition)`: the rows of a report table that meet an SQL condition, of the divisions asked for where the
    table says of which a row is. `records(institutions)`: the large datasets of these institutions with their heads and
    branches, the small ones whole, as the run that stands read them.
    """

    as_of: date
    policies: Policies
    rows: Callable[[str, str], list[dict[str, Any]]]
    records: Callable[[frozenset[str]], Inputs]


@dataclass(frozen=True, eq=False)  # two of them are never the same; what was found of one can be remembered
class Changes:
    """What lies between the night whose figures stand and this one: the inputs of both, the records that are not
    the same in both, and the sums that were kept.
    """

    then: Inputs
    now: Inputs
    kept: Mapping[str, pl.LazyFrame]
    changed: Callable[[str], pl.DataFrame]

    def records(self, dataset: str, day: str) -> pl.DataFrame:
        """The records that changed, as they were and as they are, and those whose `day` has come (or is to
        come again) since `as_of` moved.
        """
        changed = self.changed(dataset)
        first, last = sorted((self.then.as_of, self.now.as_of))
        if first == last:
            return changed
        dated = self.now.scan(dataset).filter((pl.col(day) > first) & (pl.col(day) <= last))
        return pl.concat([changed, dated.select(changed.columns).collect()])

    @property
    def days(self) -> tuple[date, date]:
        """The two dates of the figures, the earlier first."""
        first, last = sorted((self.then.as_of, self.now.as_of))
        return first, last


@dataclass(frozen=True)
class Carry:
    """How the figures of an indicator are carried from one night to the next.

    `datasets` are those whose changes can be told from unit to unit; a change in another that the indicator reads
    touches every unit. `touched(changes)`: the units whose sums or report rows may differ; one too many is
    harmless. `needed(units, inputs)`: for datasets of which not all is needed to compute these units, the values
    that a record must have (`Inputs.only`). `reached(before, after, changes)`: units that are touched too, because
    the sums of those touched, as they were and as they are, are not the same. `anew` names sums that need not be kept,
    since neither reports nor other units ask for them: of the units touched they are computed as they were, too.
    """

    datasets: tuple[str, ...]
    touched: Callable[[Changes], pl.DataFrame]
    needed: Callable[[pl.DataFrame, Inputs], dict[str, pl.DataFrame]]
    reached: Callable[[_Rows, _Rows, Changes], pl.DataFrame] | None = None
    anew: tuple[str, ...] = ()


@dataclass(frozen=True)
class Indicator:
    """An indicator: what it is called and rests on, which datasets it reads, along which axis they may be divided
    so that each part stands alone, the columns that name a unit (no two parts share one), and its steps.

    `evidence(inputs)` yields row-level frames of one part (or of all records); those that only explain a
    figure are lazy, and nobody pays for them in the night. `sums(evidence, inputs)` adds them up: every frame
    has integer measures (Int64 or Int128), one of them `rows`, and all its other columns are its key, unique,
    with the unit among them. `totals(sums, inputs)` adds up what is counted over units, again with measures and
    keys: linear, so that the totals of some units can be taken away and others added (`add_up`, `taken_away`);
    `grains` names, for each, the columns of its key whose rows belong together.
    `reports(sums, inputs)` makes report tables of sums and totals; only here do rates appear. The rows of a unit or
    of a grain give the same report rows and findings whatever others are there. `findings(reports,
    sums, inputs)` names what falls short; `notes(totals)` what was left out, by name. A figure can always be
    followed back to its rows, for every step sees only what the one before it made.

    With `carry` a night computes the units that it touches and no others; without, all of them.
    """

    code: str
    title_zh: str
    clause: str
    version: int
    reviewed_on: date
    axis: Axis
    reads: tuple[str, ...]
    unit: tuple[str, ...]
    parameters: tuple[str, ...]
    tables: tuple[str, ...]
    evidence: Callable[[Inputs], Frames]
    sums: Callable[[Frames, Inputs], dict[str, pl.DataFrame]]
    reports: Callable[[Frames, Inputs], Frames]
    findings: Callable[[Frames, Frames, Inputs], pl.DataFrame]
    totals: Callable[[Frames, Inputs], dict[str, pl.DataFrame]] = lambda sums, inputs: {}
    grains: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    notes: Callable[[Frames], dict[str, str]] = lambda _: {}
    carry: Carry | None = None
