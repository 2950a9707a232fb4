"""What an indicator is, what it is given, and how all of them are found."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import polars as pl

import pipelines.indicators
from pipelines.policy import Policies

Frames = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Inputs:
    """What an indicator may see: the records of the run, the day it speaks of, and the policy rows."""

    records: Path
    as_of: date
    policies: Policies

    def scan(self, dataset: str) -> pl.LazyFrame:
        """The current records of a dataset; columns as in `schemas/records`, with `_file`, `_sheet`, `_line`."""
        return pl.scan_parquet(self.records / f"{dataset}.parquet")

    def with_policy(self, rows: pl.DataFrame, parameter: str, day: str) -> pl.DataFrame:
        """Add `<parameter>` and `<parameter>_policy_id` as valid on `day` in the row's `jurisdiction_code`."""
        return self.policies.resolve_frame(rows, parameter, day=day, jurisdiction="jurisdiction_code")


@dataclass(frozen=True)
class Indicator:
    """An indicator: what it is called and rests on, and its three steps.

    `evidence` yields row-level frames; `reports` sums them into the rows of report tables; `findings` names
    what falls short. Every step sees only what the one before it made, so a figure can always be followed
    back to its rows. `notes` counts what was left out, by name.
    """

    code: str
    title_zh: str
    clause: str
    version: int
    reviewed_on: date
    parameters: tuple[str, ...]
    tables: tuple[str, ...]
    evidence: Callable[[Inputs], Frames]
    reports: Callable[[Frames], Frames]
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
