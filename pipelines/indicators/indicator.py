"""What an indicator is, what it is given, and how all of them are found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Literal

import polars as pl

import pipelines.indicators
from pipelines.lake.parts import AXES
from pipelines.lake.scan_records import parts_of, scan_records
from pipelines.policy import Policies
from schemas.records import RECORDS

Axis = Literal["institution", "product"]
Frame = pl.DataFrame | pl.LazyFrame
Frames = Mapping[str, Frame]


@dataclass(frozen=True)
class Inputs:
    """What an indicator may see: the records of the run (all of them, or one part along an axis), the day it
    speaks of, and the policy rows.
    """

    records: Path
    as_of: date
    policies: Policies
    part: int | None = None
    axis: Axis | None = None

    def scan(self, dataset: str) -> pl.LazyFrame:
        """The current records of a dataset; columns as in `schemas/records`, with `_file`, `_sheet`, `_line`.

        Of a dataset that is divided along the axis of these inputs, only their part; any other one whole.
        """
        is_other = self.axis is not None and AXES.get(dataset) != self.axis
        return scan_records(self.records, dataset, None if is_other else self.part)

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
class Indicator:
    """An indicator: what it is called and rests on, along which axis the records may be divided so that each
    part stands alone, and its steps.

    `evidence(inputs)` yields row-level frames of one part (or of all records); those that only explain a
    figure are lazy, and nobody pays for them in the night. `sums(evidence, inputs)` adds them up: every frame
    has integer measures (Int64 or Int128), one of them `rows`, and all its other columns are its key, unique
    in the part. So sums of parts are added (`add_up`), and a table of lines is a frame whose keys occur once.
    `reports(sums, inputs)` makes the whole report tables; only here do rates appear. `findings(reports, sums,
    inputs)` names what falls short; `notes(sums)` what was left out, by name. A figure can always be followed
    back to its rows, for every step sees only what the one before it made.
    """

    code: str
    title_zh: str
    clause: str
    version: int
    reviewed_on: date
    axis: Axis
    parameters: tuple[str, ...]
    tables: tuple[str, ...]
    evidence: Callable[[Inputs], Frames]
    sums: Callable[[Frames, Inputs], dict[str, pl.DataFrame]]
    reports: Callable[[Frames, Inputs], Frames]
    findings: Callable[[Frames, Frames, Inputs], pl.DataFrame]
    notes: Callable[[Frames], dict[str, str]] = lambda _: {}


@cache
def all_indicators() -> dict[str, Indicator]:
    """Every indicator of this package by its code."""
    found: dict[str, Indicator] = {}
    for module in pkgutil.iter_modules(pipelines.indicators.__path__):
        indicator = getattr(importlib.import_module(f"pipelines.indicators.{module.name}"), "INDICATOR", None)
        if isinstance(indicator, Indicator):
            if indicator.code in found:
                raise ValueError(f"two indicators are called {indicator.code}")
            found[indicator.code] = indicator
    return found
